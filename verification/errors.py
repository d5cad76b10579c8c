"""Why a request was rejected.

    VerificationError
    ├── NumberInvalid            the input is not a phone number
    ├── CountryNotAllowed        the number's country is not called
    │   └── KindNotAllowed       no number of this kind is called or texted: premium rate, personal, toll-free …
    ├── CallsOnly                the number has an extension, which no text can reach
    ├── UsernameInvalid
    ├── BrandInvalid             a name that must not be spoken or texted
    ├── CodeMalformed            not only digits, or none; nothing was compared or counted
    ├── NumberSuppressed         the number opted out of calls and texts
    ├── TooSoon                  `wait` seconds until the next delivery is allowed
    ├── TooManyDeliveries        this verification may send no more
    ├── LimitReached             too many sends for one rate-limit key; `wait` seconds until the next
    │   └── BudgetSpent          a limit of the operator: a country, a number block, the minutes or money of a day
    ├── NumberPaused             the holder reported a call; `wait` seconds until the next
    ├── ChecksPaused             a lockout after failed checks: nothing was compared; `wait` seconds until the next
    │   └── ChecksStopped        only a success or the operator ends it
    ├── NotEnrolled              there is no such account, or it does not have the number
    ├── NumberTooNew             for a risky action; `wait` seconds until the account's new number may approve it
    ├── NotProven                the old or the new number was not proven within the last minutes
    ├── PaymentInvalid           the amount or the payee cannot be spoken
    ├── ActionUnknown            the action is not declared
    ├── NotForAction             the action does not allow this channel or style
    ├── NotRedeemable            the receipt was used before, or has expired
    ├── WrongStyle               the code is typed on the phone, so it is not sent or checked otherwise
    ├── CheckedElsewhere         the code is the application's own, and only the application checks it
    ├── NotFound                 there is no such verification, or it belongs to another service
    ├── NotPending               the verification has ended; `status` says how
    └── NotReached               Twilio certainly rejected the delivery; `permanent`: a retry cannot succeed
    Unavailable                  our own side failed (the store is busy, full or missing); nothing was decided

Errors carry facts. The HTTP layer words them.
"""

from enum import StrEnum

from .types import Channel, Scope, VerificationStatus


class VerificationError(Exception):
    """A request that the rules reject."""


class NumberInvalid(VerificationError):
    pass


class CountryNotAllowed(VerificationError):
    """The number's real region is outside the operator's policy."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.region = region


class KindNotAllowed(CountryNotAllowed):
    """Numbers of this kind charge the caller or the called, or no person answers. `kind` is a word or two."""

    def __init__(self, region: str, kind: str) -> None:
        super().__init__(region)
        self.kind = kind


class CallsOnly(VerificationError):
    """A text to a number with an extension would go to the whole switchboard."""


class UsernameProblem(StrEnum):
    MISSING = "missing"
    TOO_LONG = "too long"
    CHARACTERS = "characters"


class UsernameInvalid(VerificationError):
    """The user name is missing, too long, or has invisible characters."""

    def __init__(self, problem: UsernameProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class BrandInvalid(VerificationError):
    """The name could sound like a code, a number or another brand; the message says what is allowed."""


class CodeMalformed(VerificationError):
    """The text cannot be a code."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a code has {length} digits")
        self.length = length


class NumberSuppressed(VerificationError):
    pass


class TooSoon(VerificationError):
    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class TooManyDeliveries(VerificationError):
    pass


class LimitReached(VerificationError):
    """Too many sends within a time. `scope` is for the operator: another user's activity must not be revealed."""

    def __init__(self, scope: Scope, wait: float, rule: str = "") -> None:
        super().__init__(f"{scope.value} {rule}, {wait:.0f} seconds")
        self.scope = scope
        self.rule = rule
        self.wait = wait


class BudgetSpent(LimitReached):
    """A limit that protects the operator's money, not one person: sends to a country, to a block of numbers, or in
    total.

    The operator is alerted.
    """


class NumberPaused(VerificationError):
    """The holder of the number did not request the last call, so nothing is sent there for a while."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class ChecksPaused(VerificationError):
    """A lockout of the account, the number or the source after failed checks: the right code is rejected, too."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class ChecksStopped(ChecksPaused):
    """A lockout that does not end by itself. `wait` is when to try again, as the operator may end it."""


class NotEnrolled(VerificationError):
    pass


class NumberTooNew(VerificationError):
    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class NotProven(VerificationError):
    """The old number or the new number was not proven right before the change."""


class PaymentProblem(StrEnum):
    HALF = "half"
    AMOUNT = "amount"
    PAYEE = "payee"


class PaymentInvalid(VerificationError):
    """`why` says which rule the payee breaks."""

    def __init__(self, problem: PaymentProblem, why: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.why = why


class ActionUnknown(VerificationError):
    pass


class NotForAction(VerificationError):
    pass


class NotRedeemable(VerificationError):
    pass


class WrongStyle(VerificationError):
    pass


class CheckedElsewhere(VerificationError):
    pass


class NotFound(VerificationError):
    pass


class NotPending(VerificationError):
    def __init__(self, status: VerificationStatus) -> None:
        super().__init__(status.value)
        self.status = status


class NotReached(VerificationError):
    def __init__(self, channel: Channel, *, permanent: bool, code: int | None) -> None:
        super().__init__(f"{channel.value} rejected by the provider ({code})")
        self.channel = channel
        self.permanent = permanent
        self.code = code


#: Errors that end by waiting: each has its `wait`, in seconds.
Waiting = TooSoon | LimitReached | NumberPaused | ChecksPaused


class Unavailable(Exception):
    """Our own side failed; nothing was decided and nothing was counted."""
