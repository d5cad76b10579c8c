"""Why something was not done.

    Refused
    ├── NumberInvalid            what was typed is no phone number
    ├── CountryNotAllowed        a number, but of a country or kind of line that we do not call
    ├── UsernameInvalid
    ├── BrandInvalid             a name that must not be spoken or texted
    ├── CodeMalformed            no digits, or more than digits; nothing was compared or counted
    ├── NumberSuppressed         its holder asked us never to call or text
    ├── TooSoon                  `wait` seconds until the next delivery is allowed
    ├── TooManyDeliveries        this verification may send no more
    ├── LimitReached             too many sends for one of those who are counted; `wait` seconds until the next
    │   └── BudgetSpent          one of the operator's own: of a country, a block of numbers, the day's minutes or money
    ├── NumberPaused             its holder reported a call; `wait` seconds until the next
    ├── ChecksPaused             too many wrong codes in a row: nothing was compared; `wait` seconds until the next
    │   └── ChecksStopped        only a success or the operator lifts it
    ├── NotEnrolled              no such account, or the number is not (any more) one of its numbers
    ├── NumberTooNew             for something risky; `wait` seconds until the account's new number may approve it
    ├── NotProven                a number is not changed: the old one or the new one was not proven just now
    ├── PaymentInvalid           amount or payee cannot be said
    ├── ActionUnknown            nobody declared this action
    ├── NotForAction             the action does not allow this channel or style
    ├── NotRedeemable            the receipt was redeemed before, or its time is over
    ├── WrongStyle               this verification's code is typed on the phone, so it is not sent or checked otherwise
    ├── NotFound                 no such verification, or not yours
    ├── NotPending               it has ended; `status` says how
    └── NotReached               Twilio refused for certain; `permanent` says whether trying again can help
    Unavailable                  our own side failed (database busy, full or gone); nothing was decided

Errors carry facts. The doors turn them into words.
"""

from enum import StrEnum

from .types import Channel, Scope, VerificationStatus


class VerificationError(Exception):
    """A request that the rules turn down."""


class NumberInvalid(VerificationError):
    """The text is not a phone number."""


class CountryNotAllowed(VerificationError):
    """The number's real region or kind of line is outside the operator's policy."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.region = region


class UsernameProblem(StrEnum):
    """What is wrong with a user name."""

    MISSING = "missing"
    TOO_LONG = "too long"
    CHARACTERS = "characters"


class UsernameInvalid(VerificationError):
    """The user name is missing, too long, or has characters that cannot be seen."""

    def __init__(self, problem: UsernameProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class BrandInvalid(VerificationError):
    """The name could sound like a code, a number or another brand; the message says what it must be."""


class CodeMalformed(VerificationError):
    """The text cannot be a code at all."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a code has {length} digits")
        self.length = length


class NumberSuppressed(VerificationError):
    """The holder of the number asked us to stop."""


class TooSoon(VerificationError):
    """The next delivery of this verification has to wait."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class TooManyDeliveries(VerificationError):
    """The verification has used up its deliveries."""


class LimitReached(VerificationError):
    """Too many sends within a time. `scope` is for the operator; nobody else learns whose activity it was."""

    def __init__(self, scope: Scope, wait: float, rule: str = "") -> None:
        super().__init__(f"{scope.value} {rule}, {wait:.0f} seconds")
        self.scope = scope
        self.rule = rule
        self.wait = wait


class BudgetSpent(LimitReached):
    """Nothing more is sent to a country, a block of numbers, or at all, until some of what was sent is long ago.

    It protects the operator's money, not one person, and the operator was told.
    """


class NumberPaused(VerificationError):
    """Whoever was called did not ask for it, so nothing is sent there for a while."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class ChecksPaused(VerificationError):
    """Too many wrong codes in a row, for the account, the number or the source: a right one is not accepted either."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class ChecksStopped(ChecksPaused):
    """So many that waiting does not help. `wait` is when to ask again: the operator may have lifted it by then."""


class NotEnrolled(VerificationError):
    """No such account, or the number is none of its numbers."""


class NumberTooNew(VerificationError):
    """The account has this number for too short a time to approve something risky with it."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} seconds")
        self.wait = wait


class NotProven(VerificationError):
    """Whoever wants to change a number did not prove the old one and the new one right before."""


class PaymentProblem(StrEnum):
    """What is wrong with a payment."""

    HALF = "half"
    AMOUNT = "amount"
    PAYEE = "payee"


class PaymentInvalid(VerificationError):
    """Amount or payee are not what can be said and bound; `why` says which rule a payee breaks."""

    def __init__(self, problem: PaymentProblem, why: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.why = why


class ActionUnknown(VerificationError):
    """Nobody declared this action."""


class NotForAction(VerificationError):
    """The action does not allow this channel, or this style of call."""


class NotRedeemable(VerificationError):
    """This receipt was redeemed before, or its time is over."""


class WrongStyle(VerificationError):
    """The page shows the code and the phone takes it: a text with it, or a check at the page, would prove nothing."""


class NotFound(VerificationError):
    """Nothing of that name."""


class NotPending(VerificationError):
    """The verification has ended."""

    def __init__(self, status: VerificationStatus) -> None:
        super().__init__(status.value)
        self.status = status


class NotReached(VerificationError):
    """The carrier did not take the delivery, for certain."""

    def __init__(self, channel: Channel, *, permanent: bool, code: int | None) -> None:
        super().__init__(f"{channel.value} refused by the carrier ({code})")
        self.channel = channel
        self.permanent = permanent
        self.code = code


#: What time has to pass for: each has its `wait`, in seconds.
Waiting = TooSoon | LimitReached | NumberPaused | ChecksPaused


class Unavailable(Exception):
    """Our own side failed; nothing was decided and nothing was counted."""
