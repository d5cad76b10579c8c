"""What a decision needs beside the state: the time, the rules and the secret keys."""

from dataclasses import dataclass

from .policy import Policy
from .values.codes import KeyRing

NO_KEYS = KeyRing(())


@dataclass(frozen=True, slots=True)
class Context:
    """Fixed for one decision. `now` is in seconds since 1970; `keys` may be left out where no code is drawn."""

    now: float
    policy: Policy
    keys: KeyRing = NO_KEYS
