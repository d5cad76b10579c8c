"""The tables in docs/security.md and docs/failure-modes.md, made from the entries."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.adversarial import failure_modes, situations
from tests.adversarial.situations import OPEN, Entry

ROOT = Path(__file__).parent.parent.parent
BEGIN, END = "<!-- the table: make docs -->\n", "<!-- end of the table -->\n"


@dataclass(frozen=True, slots=True)
class Table:
    """One document, its sections by number, the number of cases in each, and the cases."""

    document: Path
    sections: Mapping[str, str]
    counts: Mapping[str, int]
    entries: tuple[Entry, ...]

    def within(self, document: str) -> str:
        """The document with the current table between its markers."""
        before, _, rest = document.partition(BEGIN)
        _, _, after = rest.partition(END)
        return f"{before}{BEGIN}{self}{END}{after}"

    def __str__(self) -> str:
        return "\n".join(self._section(number, title) for number, title in self.sections.items())

    def _section(self, number: str, title: str) -> str:
        rows = "".join(_row(entry) for entry in self.entries if entry.number.startswith(f"{number}."))
        return f"### {number}. {title}\n\n| no. | case | protection | tests |\n|---|---|---|---|\n{rows}"


def _row(entry: Entry) -> str:
    holds = "**missing**" if entry.number in OPEN else entry.holds
    tests = "<br>".join(f"`{test}`" for test in entry.tests)
    return f"| {entry.number} | {entry.title} | {holds} | {tests} |\n"


TABLES = (
    Table(ROOT / "docs" / "security.md", situations.SECTIONS, situations.COUNTS, situations.ENTRIES),
    Table(ROOT / "docs" / "failure-modes.md", failure_modes.SECTIONS, failure_modes.COUNTS, failure_modes.ENTRIES),
)
