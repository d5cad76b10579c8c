"""What a call can say and which keys it takes, before anything is worded. `twiml.call.render` puts it into words.

Values only: this module imports nothing of the project, so the decisions and the wording can both depend on it.
"""

from enum import StrEnum
from typing import ClassVar

from ..types import Record


class CallInput(StrEnum):
    """What happened on the line, as Twilio reports it."""

    ANSWERED = "answered"
    KEYS = "keys"
    SILENCE = "silence"


class MenuKey(StrEnum):
    """The keys of the menu. NEVER is offered after REPORT, and ONE_AT_A_TIME after SLOWER.

    While characters are said one at a time, every key means "next": a person who was asked to press any key must not
    report the call or stop all calls for good by it.
    """

    AGAIN = "1"
    SLOWER = "2"
    ONE_AT_A_TIME = "3"
    TEXT = "4"
    REPORT = "0"
    NEVER = "9"


class GreetingKey(StrEnum):
    """The keys that an inbound caller can press. Each leads to a call back, because a caller ID proves nothing."""

    CALL_BACK = "1"
    PERMISSION = "9"


#: The key that confirms a report or a suppression. No code and no keys to press contain it.
CONFIRM = "*"
#: The key that reports a call that takes the code. No code contains it.
REPORT_STAR = "*"


class KeysFor(StrEnum):
    """What the keys at the gate are for."""

    HEARING = "hearing"
    TYPING = "typing"
    PERMISSION = "permission"


class Confirmation(StrEnum):
    """What a second key confirms: a report, no more calls and texts, or calls and texts again."""

    REPORT = "report"
    NEVER = "never"
    ALLOW = "allow"


class Ending(StrEnum):
    """The last sentence of a call. Each value is the name of its field in `twiml.sentences.EndingWords`."""

    GOODBYE = "goodbye"
    NOTHING_PRESSED = "nothing_pressed"
    WRONG_KEYS = "wrong_keys"
    NO_LONGER_NEEDED = "no_longer_needed"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    TEXT_SENT = "text_sent"
    MACHINE = "machine"
    SORRY = "sorry"
    TYPED_APPROVED = "typed_approved"
    TYPED_WRONG = "typed_wrong"
    CALL_BACK = "call_back"
    CALL_BACK_PERMISSION = "call_back_permission"


class Greet(Record, frozen=True):
    """An inbound call. Every caller hears the same greeting, because a caller ID proves nothing."""


class Announce(Record, frozen=True):
    """Who is calling and why, and how to report the call. The code follows without a key press."""


class AskForAnyKey(Record, frozen=True):
    """Who is calling and why, then any key. `after` is the input that failed; None the first time."""

    after: CallInput | None


class AskForKeys(Record, frozen=True):
    """Who is calling and why, then the keys to press. `after` is the input that failed; None the first time."""

    keys: str
    after: CallInput | None
    to: KeysFor = KeysFor.HEARING


class ReadCode(Record, frozen=True):
    """The code, twice. `opening`: the first time, with the payment before it and the warning after it."""

    hidden: ClassVar = frozenset({"code"})

    code: str
    opening: bool


class ReadSlowly(Record, frozen=True):
    """The code, with a pause after every character."""

    hidden: ClassVar = frozenset({"code"})

    code: str


class ReadCharacter(Record, frozen=True):
    """The character at `position`, counted from 0. A key asks for the next one."""

    hidden: ClassVar = frozenset({"code"})

    code: str
    position: int


class OfferMenu(Record, frozen=True):
    """The menu. `text`: a text message is offered. `text_refused`: one was asked for and cannot be sent now.

    `slowly_heard`: one character at a time is offered instead of the slow reading. `typed`: keys were pressed that are
    none of the menu's, such as a code, so it first says where the code is entered.
    """

    text: bool
    text_refused: bool = False
    slowly_heard: bool = False
    typed: bool = False


class AskToConfirm(Record, frozen=True):
    """What the CONFIRM key will do. Any other key, or none, changes nothing."""

    confirmation: Confirmation


class AskForCode(Record, frozen=True):
    """The page shows the code, the call takes it. `wrong`: the last one was wrong, or incomplete; None at first."""

    length: int
    wrong: bool | None = None


class End(Record, frozen=True):
    """One last sentence, then the call ends. `reference`: what the apology names, eight digits; empty for none."""

    ending: Ending
    reference: str = ""


Prompt = (
    Greet
    | Announce
    | AskForAnyKey
    | AskForKeys
    | AskForCode
    | AskToConfirm
    | ReadCode
    | ReadSlowly
    | ReadCharacter
    | OfferMenu
    | End
)
