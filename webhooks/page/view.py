"""What the page shows, as plain values: the form, and the state of a verification (`code_view`, `ended_view`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from twiml.sentences import PageWords
from twiml.words import Words, fill
from verification.models import Verification
from verification.types import Channel
from verification.values import written_numbers
from verification.values.phone_numbers import PhoneNumber
from verification.values.references import reference, written

from .delivery_status import Button, Tone
from .times import resend_sentence, time_left


class PageState(StrEnum):
    """`data-state` of the page's body."""

    FORM = "form"
    CODE = "code"
    ENDED = "ended"
    WELCOME = "welcome"


class Way(StrEnum):
    """How the code is sent: the values of the form's field `channel`. `KEY` is a call that takes the code."""

    CALL = "call"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    KEY = "key"

    channel: Channel

    def __init__(self, value: str) -> None:
        self.channel = Channel.CALL if value == "key" else Channel(value)


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """A number of the account that a code can go to; `position` is its index among the account's numbers."""

    position: str
    label: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `alert` interrupts a screen reader, `status` and `note` do not.

    `sent_to` is what this browser typed: the number, or in accounts mode the user name. `failed`: the last delivery
    brought no code, so what may work comes before the field for the code. `unfolds`: the buttons are not behind "Didn't
    get the code?". `denied`: such a button was pressed too early. `reference`: a sentence with the verification's.
    `asked_by`: the application that asks for the proof, and the payment that it is for; `onward`: the browser goes back
    to it at once.

    Fields that change with time alone do not count when two views are compared. In seconds: `seconds_left` to the
    deadline, `wait` until the buttons that wait may be pressed, `lockout` until the next check of a code (`alert` says
    so). `refresh_at` is the time of the next change that no event announces, in seconds since 1970.
    """

    state: PageState
    words: Words
    brand: str
    heading: str
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    alert: str = ""
    status: str = ""
    tone: Tone = Tone.LIVE
    note: str = ""
    sent_to: str = ""
    failed: bool = False
    unfolds: bool = False
    denied: bool = False
    tries_left: str = ""
    seconds_left: float = field(default=0, compare=False)
    wait: float = field(default=0, compare=False)
    lockout: float = field(default=0, compare=False)
    refresh_at: float = field(default=inf, compare=False)
    code_length: int = 6
    shown_code: str = ""
    welcome_url: str = ""
    buttons: tuple[Button, ...] = ()
    change: str = ""
    reference: str = ""
    choices: tuple[NumberChoice, ...] = field(default=(), compare=False)
    ask_phone: bool = True
    ways: tuple[Way, ...] = (Way.CALL, Way.SMS)
    asked_by: tuple[str, ...] = field(default=(), compare=False)
    onward: bool = field(default=False, compare=False)

    @property
    def text(self) -> PageWords:
        return self.words.page

    @property
    def title(self) -> str:
        """The title of the tab."""
        title = f"{self.heading} · {self.brand}"
        return fill(self.text.errors.title, title=title) if self.errors else title

    @property
    def label(self) -> str:
        return unbroken(fill(self.text.code.label, length=self.code_length))

    @property
    def time_left(self) -> str:
        return time_left(self.seconds_left, self.text)

    @property
    def pattern(self) -> str:
        """The pattern of the code field, for digits of any script. An incomplete code must not cost a check."""
        return f"(\\P{{Nd}}*\\p{{Nd}}){{{self.code_length}}}\\P{{Nd}}*"

    @property
    def help(self) -> str:
        """The message for a code of the wrong length."""
        return fill(self.text.errors.code_length, length=self.code_length)

    @property
    def pause(self) -> str:
        """When the buttons that wait can be pressed, in words; empty when none waits."""
        waiting = self.wait > 0 and any(button.waits for button in self.buttons)
        return resend_sentence(self.wait, self.text) if waiting else ""


def form(
    words: Words,
    *,
    brand: str,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    alert: str = "",
    ask_phone: bool = True,
    ways: tuple[Way, ...] = (Way.CALL, Way.SMS),
) -> View:
    """The form; without the phone field in accounts mode."""
    return View(
        state=PageState.FORM,
        words=words,
        brand=brand,
        heading=words.page.form.title,
        values={"channel": ways[0].value} | (values or {}),
        errors=errors or {},
        alert=alert,
        ask_phone=ask_phone,
        ways=ways,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewContext:
    """What a page depends on besides the state.

    `waits`: seconds until the next delivery by a channel is allowed; `busy_until`: until when one by a channel would
    change nothing, in seconds since 1970, 0 when it would send. `channels` are those that the operator allows;
    `max_deliveries`: of one verification; `report_pause`: seconds that a reported number is paused.
    """

    brand: str
    sender: str
    now: float
    max_deliveries: int
    waits: Mapping[Channel, float] = field(default_factory=dict)
    busy_until: Mapping[Channel, float] = field(default_factory=dict)
    channels: frozenset[Channel] = frozenset(Channel)
    report_pause: float = 3600
    welcome_url: str = ""


_HYPHEN = re.compile(r"(?<=\d)-(?=\w)")


def unbroken(text: str) -> str:
    """The text without a line end after a hyphen that follows a digit: `6-digit`, `415-555-0100`."""
    return _HYPHEN.sub("-\u2060", text)


def unbroken_number(number: str) -> str:
    """A number that stays on one line of a sentence."""
    return unbroken(number.replace(" ", "\u00a0"))


def opted_out(page: PageWords, sender: str) -> str:
    """How to allow calls and texts again; `sender` is our number."""
    return fill(page.progress.opted_out, sender=unbroken_number(written_numbers.grouped(sender)))


def channels_to(verification: Verification, context: ViewContext) -> frozenset[Channel]:
    """The channels that the operator allows and that reach this phone: no text reaches an extension. The page of a
    private verification must not show that it has one.
    """
    extension = bool(verification.number.extension) and not verification.private
    return frozenset(channel for channel in context.channels if channel.dials_extensions or not extension)


def sent_to(verification: Verification) -> str:
    """What this browser typed: the number, in groups. In accounts mode it typed the user name only."""
    if verification.private:
        return verification.username
    return written_numbers.grouped(verification.number.e164, verification.number.extension)


def reference_sentence(verification: Verification, page: PageWords) -> str:
    """What a person tells a help desk, which finds the verification by it. It opens nothing; a decoy has one, too."""
    return fill(page.code.reference, reference=written(reference(verification.sid)))


def change_label(verification: Verification, page: PageWords) -> str:
    """The button that leads back to the form."""
    return page.code.change_username if verification.private else page.code.change


def last_digits(delivery_number: PhoneNumber) -> str:
    """The two digits that a page may show of an account's number."""
    return delivery_number.e164[-2:]
