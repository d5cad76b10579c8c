"""What a decision needs beside the state: the time, the rules and the secret keys."""

from .policy import Policy
from .types import Record
from .values.codes import KeyRing

NO_KEYS = KeyRing(())


class Context(Record, frozen=True):
    """Fixed for one decision. `now` is in seconds since 1970; `keys` may be left out where no code is drawn."""

    now: float
    policy: Policy
    keys: KeyRing = NO_KEYS
