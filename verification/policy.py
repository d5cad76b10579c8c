"""What the operator allows, as one frozen value.

Bounds are those of NIST SP 800-63B-4 section 3.1.3 (six digits at least, ten minutes at most, a limit of checks).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .limits import Limits


class Keypress(StrEnum):
    """What proves that a person is on the line before the code is said."""

    DIGITS = "digits"
    ANY = "any"
    OFF = "off"


class Fallback(StrEnum):
    """What follows a call or a text that did not get through: an offer, or one switch to the other channel."""

    OFFER = "offer"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers behind every decision. All times are seconds. Raises ValueError when out of bounds.

    Without `enforce` limits over time only record what they would have refused. `number_rest`: how long an account's
    new number may not approve anything risky.
    """

    countries: frozenset[str] = frozenset({"US"})
    code_length: int = 6
    code_lifetime: int = 300
    max_checks: int = 1
    keypress: Keypress = Keypress.DIGITS
    keypress_tries: int = 2
    fallback: Fallback = Fallback.OFFER
    repeat_spacing: tuple[int, ...] = (30, 60, 120, 300)
    max_deliveries: int = 5
    unknown_patience: int = 40
    silent_patience: int = 60
    answer_again: int = 60
    session_lifetime: int = 1800
    report_pause: int = 3600
    number_rest: int = 86400
    limits: Limits = ()
    enforce: bool = True

    def __post_init__(self) -> None:
        for name, low, high in (
            ("code_length", 6, 10),
            ("code_lifetime", 10, 600),
            ("max_checks", 1, 5),
            ("keypress_tries", 1, 3),
            ("max_deliveries", 1, 5),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be between {low} and {high}")
        if any(pause < 0 for pause in self.repeat_spacing):
            raise ValueError("repeat_spacing must not be negative")

    def spacing(self, deliveries: int) -> int:
        """Seconds that must lie between delivery number `deliveries` and the next one."""
        if not self.repeat_spacing or deliveries < 1:
            return 0
        return self.repeat_spacing[min(deliveries, len(self.repeat_spacing)) - 1]


#: As the article has it: a wrong code ends the verification.
SEED = Policy()

#: For people who mistype: five checks, still within every bound.
PATIENT = replace(SEED, max_checks=5)
