"""A call document as it is heard, without knowledge of the dialogue: sentences, keys to press, and codes."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

SPACED = re.compile(r"[0-9](?:, [0-9])+")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a person hears in one call document."""

    text: str

    @property
    def sentences(self) -> list[str]:
        """Its sentences."""
        return ["".join(verb.itertext()) for verb in ElementTree.fromstring(self.text).iter("Say")]

    @property
    def spaced(self) -> list[str]:
        """All keys and codes that are said character by character, in order."""
        return [digits.replace(", ", "") for sentence in self.sentences for digits in SPACED.findall(sentence)]

    @property
    def alone(self) -> str:
        """The digits that are a sentence of their own."""
        return "".join(sentence for sentence in self.sentences if len(sentence) == 1 and sentence.isdigit())

    @property
    def asked_for(self) -> str | None:
        """The two or three keys to press: the first that are said; None where none are asked for."""
        return next((digits for digits in self.spaced if len(digits) in (2, 3)), None)

    @property
    def keys(self) -> str:
        """The keys to press."""
        assert self.asked_for is not None
        return self.asked_for

    @property
    def codes(self) -> set[str]:
        """The codes that are said whole."""
        return {digits for digits in self.spaced if len(digits) >= 6}
