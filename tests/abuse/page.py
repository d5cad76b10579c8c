"""The table in docs/security.md, made from the entries."""

from pathlib import Path

from tests.abuse.entries import ENTRIES, OPEN, SECTIONS, Entry

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- the table: make docs -->\n", "<!-- end of the table -->\n"


def with_table(document: str) -> str:
    """The document with the table of today between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    """One table for each section."""
    return "\n".join(_section(number, title) for number, title in SECTIONS.items())


def _section(number: str, title: str) -> str:
    rows = "".join(_row(entry) for entry in ENTRIES if entry.number.startswith(f"{number}."))
    return f"### {number}. {title}\n\n| no. | situation | what holds it | tests |\n|---|---|---|---|\n{rows}"


def _row(entry: Entry) -> str:
    holds = "**not there yet**" if entry.number in OPEN else entry.holds
    tests = "<br>".join(f"`{test}`" for test in entry.tests)
    return f"| {entry.number} | {entry.title} | {holds} | {tests} |\n"
