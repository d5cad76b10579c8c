"""Answers that are stored for an `Idempotency-Key`, and returned to a repeated request.

claim --> NewRequest    the first request: do the work, then keep the answer, or release the claim
      --> StoredAnswer  done: return the same answer
      --> InProgress    another request is still working on it
      --> Abandoned     the first request died, as in a crash: the state of `delivery` says how far it got
      --> KeyReused     the key was used for another request
"""

from typing import ClassVar, Protocol

from .types import Record

#: Seconds that a key is stored.
KEY_LIFETIME = 86_400
#: Seconds after which a request cannot be in progress: Twilio has ten, the store fourteen for each write at the worst.
MAX_REQUEST_SECONDS = 45


class Claim(Record, frozen=True, kw_only=True):
    """A request with an idempotency key. `key` is scoped to the client; `delivery` is the sid of a start's delivery."""

    hidden: ClassVar = frozenset({"key", "body"})

    key: str
    body: str
    delivery: str
    at: float


class NewRequest(Record, frozen=True):
    pass


class StoredAnswer(Record, frozen=True):
    hidden: ClassVar = frozenset({"answer"})

    answer: str


class InProgress(Record, frozen=True):
    pass


class Abandoned(Record, frozen=True):
    """The first request died before it answered. This one takes over its claim and reuses its delivery sid."""

    delivery: str


class KeyReused(Record, frozen=True):
    pass


ClaimResult = NewRequest | StoredAnswer | InProgress | Abandoned | KeyReused


class AnswerStore(Protocol):
    """Exact across all workers: of several simultaneous claims, one wins."""

    async def claim(self, claim: Claim) -> ClaimResult:
        """Raises Unavailable."""

    async def keep(self, key: str, answer: str, *, verification: str) -> None:
        """Store the answer of a claim, for as long as its verification is kept."""

    async def release(self, key: str) -> None:
        """Nothing was done, so the same request may be repeated."""
