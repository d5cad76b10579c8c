"""Answers that are stored for an `Idempotency-Key`, and returned to a repeated request.

claim --> NewRequest    the first request: do the work, then keep the answer, or release the claim
      --> StoredAnswer  done: return the same answer
      --> InProgress    another request is still working on it
      --> Abandoned     the first request died, as in a crash: the state of `delivery` says how far it got
      --> KeyReused     the key was used for another request
"""

from dataclasses import dataclass, field
from typing import Protocol

#: Seconds that a key is stored.
KEY_LIFETIME = 86_400
#: Seconds after which a request cannot be in progress: Twilio has ten, the store three for each write.
MAX_REQUEST_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request with an idempotency key. `key` is scoped to the client; `delivery` is the sid of a start's delivery."""

    key: str = field(repr=False)
    body: str = field(repr=False)
    delivery: str
    at: float


@dataclass(frozen=True, slots=True)
class NewRequest:
    pass


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InProgress:
    pass


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The first request died before it answered. This one takes over its claim and reuses its delivery sid."""

    delivery: str


@dataclass(frozen=True, slots=True)
class KeyReused:
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
