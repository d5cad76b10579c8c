"""The code blocks of the documents, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "examples/shop/README.md", "twilio_simulator/README.md"]
DOCUMENTS += sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the document, the line of its fence, what the fence says, and the text."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    def commands(self) -> list[list[str]]:
        """The words of each command, comments left out. In `console` blocks, of the lines behind a prompt."""
        text = re.sub(r"\$\([^)]*\)", "SUBSTITUTED", self.text.replace("\\\n", " "))
        lines = text.splitlines()
        if self.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return [words for line in lines for words in separate(shlex.split(line, comments=True))]


def separate(words: list[str]) -> Iterator[list[str]]:
    """The commands of a line: what stands between `&&`."""
    command: list[str] = []
    for word in [*words, "&&"]:
        if word != "&&":
            command.append(word)
        elif command:
            yield command
            command = []


def blocks(*languages: str) -> list[Block]:
    """All blocks, or those of some languages."""
    found = []
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            found.append(Block(document, text.count("\n", 0, match.start()) + 1, match[1], match[2]))
    return [block for block in found if not languages or block.language in languages]
