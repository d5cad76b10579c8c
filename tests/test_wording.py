"""Plain words: the terms that the code, the documents and the messages do not use, each with its reason."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("verification", "twiml", "webhooks", "twilio_simulator", "saycode", "examples", "tools", "benchmarks")
#: The sentences that people hear and read are a language's own.
SPOKEN = ROOT / "twiml" / "languages"

PERSON = "name the person: the user, the caller, the operator, an attacker, the application"
METAPHOR = "say what it is"
WORDS = {
    **dict.fromkeys(("whoever", "whomever", "whom", "nobody", "somebody", "everybody", "anybody"), PERSON),
    **dict.fromkeys(("door", "doors", "doorway"), "a route, an endpoint, a handler"),
    **dict.fromkeys(("machine room", "chore", "chores", "hearsay", "lookout", "heed", "heeds", "heeded"), METAPHOR),
    **dict.fromkeys(("mend", "mends", "mended"), "fix"),
    **dict.fromkeys(("audit trail", "code table"), "the audit log; the store or the database"),
    **dict.fromkeys(("discreet", "discreetly", "likeness"), "private; a decoy"),
    **dict.fromkeys(("enrol", "enrolment", "apologised", "recognised"), "American spelling"),
}
PATTERN = re.compile(rf"\b({'|'.join(sorted(map(re.escape, WORDS), key=len, reverse=True))})\b", re.IGNORECASE)


def files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".html", ".js", ".md"} and SPOKEN not in path.parents:
                yield path
    yield from sorted((ROOT / "docs").glob("*.md"))
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", ".env.example"))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers; of a document without its samples of what a program prints."""
    sample = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if path.suffix == ".md" and line.lstrip().startswith("```"):
            sample = not sample
        elif not sample:
            yield number, line


#: Fields of JSON answers and stored values, which others rely on: file and word.
EXCEPTIONS = {
    ("saycode/doctor/findings.py", "mend"),
    ("docs/doctor.md", "mend"),
    ("webhooks/twilio/diagnostics.py", "hearsay"),
    ("saycode/doctor/address.py", "hearsay"),
    ("verification/models.py", "discreet"),
    ("twiml/call.py", "nobody"),
    ("twiml/sentences.py", "nobody"),
}


def violations(path: Path) -> list[str]:
    name = str(path.relative_to(ROOT))
    return [
        f"{name}:{number} {match[0]!r}: {WORDS[match[0].lower()]}"
        for number, line in prose(path)
        for match in PATTERN.finditer(line.replace("_", " "))
        if (name, match[0].lower()) not in EXCEPTIONS
    ]


def test_code_documents_and_messages_use_plain_words() -> None:
    assert [violation for path in files() for violation in violations(path)] == []


def test_a_word_of_the_list_is_found_in_an_identifier_too(tmp_path: Path) -> None:
    path = tmp_path / "part.py"
    path.write_text("def tell_everybody(doorbell: str) -> None:\n", encoding="utf-8")
    assert [PATTERN.findall(line.replace("_", " ")) for _, line in prose(path)] == [["everybody"]]
