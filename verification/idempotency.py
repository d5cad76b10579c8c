"""Answers that are given once more to whoever asks the same thing again: what an `Idempotency-Key` is for.

claim --> New        nobody asked this before: do it, then keep the answer, or release the claim
      --> Kept       done: the same answer
      --> Running    somebody is at it this moment
      --> Left       somebody began and never came back, as after a crash: what became of it, `delivery` tells
      --> OtherBody  the key was used for something else
"""

from dataclasses import dataclass, field
from typing import Protocol

#: Seconds that a key is remembered.
KEY_LIFETIME = 86_400
#: Seconds after which nobody can be at it any more: Twilio gets ten, the code table three for each write.
MAX_REQUEST_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request that names itself. `key` is private to who asks; `delivery` is the sid that a start would use."""

    key: str = field(repr=False)
    body: str = field(repr=False)
    delivery: str
    at: float


@dataclass(frozen=True, slots=True)
class NewRequest:
    """The claim holds."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that was given."""

    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InProgress:
    """Not answered yet."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Not answered, and nobody is at it: the claim is now the one of who asks, under the first one's delivery."""

    delivery: str


@dataclass(frozen=True, slots=True)
class KeyReused:
    """Another request had this key."""


ClaimResult = NewRequest | StoredAnswer | InProgress | Abandoned | KeyReused


class AnswerStore(Protocol):
    """Where answers are kept. Exact for all workers: of those who claim at the same instant one gets it."""

    async def claim(self, claim: Claim) -> ClaimResult:
        """Begin, unless somebody has. Raises Unavailable."""

    async def keep(self, key: str, answer: str, *, verification: str) -> None:
        """The answer of a claim, for as long as the verification that it tells about is kept."""

    async def release(self, key: str) -> None:
        """Nothing was done, so the same may be asked anew."""
