"""A call document, read as somebody hears it who knows only what keys and codes sound like."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

SPACED = re.compile(r"[0-9](?:, [0-9])+")


@dataclass(frozen=True, slots=True)
class Script:
    """A call document, as somebody who listens understands it."""

    text: str

    @property
    def said(self) -> list[str]:
        """Its sentences."""
        return [verb.text or "" for verb in ElementTree.fromstring(self.text).iter("Say")]

    @property
    def spaced(self) -> list[str]:
        """All keys and codes in it that are said character by character, in their order."""
        return [found.replace(", ", "") for sentence in self.said for found in SPACED.findall(sentence)]

    @property
    def alone(self) -> str:
        """The digits that are a sentence of their own."""
        return "".join(sentence for sentence in self.said if len(sentence) == 1 and sentence.isdigit())

    @property
    def asked_for(self) -> str | None:
        """The two keys to press, where two are asked for: the first that are said."""
        return next((found for found in self.spaced if len(found) == 2), None)

    @property
    def pair(self) -> str:
        """The two keys to press."""
        assert self.asked_for is not None
        return self.asked_for

    @property
    def codes(self) -> set[str]:
        """The codes that are said whole."""
        return {found for found in self.spaced if len(found) >= 6}
