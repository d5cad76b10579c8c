"""What the page shows, worked out from a case: plain values in, plain values out."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from twiml.sentences import PageWords
from twiml.words import Words, fill
from verification.flow.delivery import never_sent
from verification.flow.lookup import LookupErrorCode
from verification.models import Delivery, State, Verification
from verification.types import Channel, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

from .delivery_status import Button, NextStep, failure_reason, other_channel_button, resend_buttons, status_sentence

#: Seconds before the deadline at which the page warns and offers a new code. WCAG 2.2.1 asks for 20 at least.
WARN_BEFORE = 60


class PageState(StrEnum):
    """The four faces of the page; `data-state` of its body."""

    FORM = "form"
    CODE = "code"
    ENDED = "ended"
    WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """Another number that a new code could go to: its place among those of the user name."""

    place: str
    label: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `alert` interrupts a screen reader, `status` and `note` do not.

    What only time moves does not make a view another one: `left`, `wait` and `held` are seconds, to the deadline, until
    the same code may be sent again, and until a code is compared again, which `alert` tells; `due` is when the next
    thing changes by itself, in seconds since 1970.
    """

    state: PageState
    words: Words
    brand: str
    title: str
    heading: str
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    alert: str = ""
    status: str = ""
    note: str = ""
    left: float = field(default=0, compare=False)
    wait: float = field(default=0, compare=False)
    held: float = field(default=0, compare=False)
    due: float = field(default=inf, compare=False)
    code_length: int = 6
    shown_code: str = ""
    onward: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[NumberChoice, ...] = field(default=(), compare=False)
    asks_phone: bool = True

    @property
    def text(self) -> PageWords:
        """The sentences of the page."""
        return self.words.page

    @property
    def time_left(self) -> str:
        """The time left in words."""
        return time_left(self.left, self.text)

    @property
    def pattern(self) -> str:
        """What a browser takes for a code before it sends it, in any script's digits: fewer would cost a try."""
        return f"(\\P{{Nd}}*\\p{{Nd}}){{{self.code_length}}}\\P{{Nd}}*"

    @property
    def help(self) -> str:
        """What the browser says about a code that is too short or too long."""
        return fill(self.text.errors.code_length, length=self.code_length)

    @property
    def pause(self) -> str:
        """How long the buttons have to wait, in words; nothing when they need not, or an alert says so already."""
        return wait_sentence(self.wait, self.text) if self.wait > 0 and not self.alert else ""

    @property
    def first_wrong(self) -> str:
        """The field to begin mending with."""
        return next(iter(self.errors), "")


def form(
    words: Words,
    *,
    brand: str,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    alert: str = "",
    asks_phone: bool = True,
) -> View:
    """Who, which phone unless it is the account's, how to reach it."""
    title = fill(words.page.form.title, brand=brand)
    if errors and not alert:
        alert = words.page.errors.heading
    return View(
        state=PageState.FORM,
        words=words,
        brand=brand,
        title=title,
        heading=title,
        values=values or {},
        errors=errors or {},
        alert=alert,
        asks_phone=asks_phone,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewContext:
    """What a page depends on beside the case: who we are, what time it is, what may be sent, and where it leads.

    `wait`: seconds until the next delivery is allowed; `most`: deliveries of one verification.
    """

    brand: str
    sender: str
    now: float
    wait: float
    most: int
    onward: str = ""


def for_state(
    state: State, words: Words, at: ViewContext, *, error: str = "", alert: str = "", shown_code: str = ""
) -> View:
    """The page of a browser that has a verification."""
    verification = state.verification
    if verification is None:
        return form(words, brand=at.brand)
    if verification.status is VerificationStatus.PENDING:
        shown = _code(state, verification, words, at, error=error, alert=alert)
        return replace(shown, shown_code=shown_code, heading=words.page.code.typed_label) if shown_code else shown
    if verification.status is VerificationStatus.APPROVED and state.session is not None and state.session.approved:
        heading = fill(words.page.code.welcome, username=verification.username)
        return View(
            state=PageState.WELCOME,
            words=words,
            brand=at.brand,
            title=f"{heading} · {at.brand}",
            heading=heading,
            note=words.page.code.welcome_next,
            onward=at.onward,
        )
    return _ended(state, verification, words, at, alert=alert)


def expires_soon(verification: Verification, now: float) -> bool:
    """Whether it is time to warn, and to offer a new code."""
    return now >= _warn_at(verification)


def _warn_at(verification: Verification) -> float:
    life = verification.expires_at - verification.created_at
    return verification.expires_at - min(WARN_BEFORE, life / 2)


def _code(state: State, verification: Verification, words: Words, at: ViewContext, *, error: str, alert: str) -> View:
    page = words.page
    if not error and verification.checks:
        error = fill(page.code.checks_left, checks=verification.max_checks - verification.checks)
    latest, soon = state.latest, expires_soon(verification, at.now)
    note = page.code.warning if soon else ""
    if state.suppressed:
        note = fill(page.progress.opted_out, sender=at.sender)
    buttons = _pending_buttons(state, page, at, soon=soon)
    return View(
        state=PageState.CODE,
        words=words,
        brand=at.brand,
        title=f"{page.code.label} · {at.brand}",
        heading=page.code.label,
        errors={"code": error} if error else {},
        alert=alert,
        status=_status_sentence(latest, verification, page) if latest else "",
        note=note,
        left=verification.expires_at - at.now,
        wait=at.wait if any(button.spaced for button in buttons) else 0,
        due=verification.expires_at if soon else _warn_at(verification),
        code_length=verification.code_length,
        buttons=buttons,
    )


def _status_sentence(latest: Delivery, verification: Verification, page: PageWords) -> str:
    number = masked_number(verification.number)
    if not verification.discreet:
        return status_sentence(latest, page.progress, number)
    # It must be true for a name that nobody has, and say nothing of how a call is going: whoever reads it has not
    # proven anything yet, and ringing or answering would tell that there is somebody.
    said = page.progress.calling_if_known if latest.channel is Channel.CALL else page.progress.texting_if_known
    return f"{said} {number}"


def _pending_buttons(state: State, page: PageWords, at: ViewContext, *, soon: bool) -> tuple[Button, ...]:
    change = Button(NextStep.CHANGE, page.code.change)
    if state.suppressed:
        return (change,)
    if len([delivery for delivery in state.deliveries if not never_sent(delivery)]) >= at.most:
        return Button(NextStep.BEGIN_AGAIN, page.code.begin_again, main=True), change
    anew = (Button(NextStep.BEGIN_AGAIN, page.code.begin_again),) if soon else ()
    return (*anew, *resend_buttons(state.latest, page), change)


def _ended(state: State, verification: Verification, words: Words, at: ViewContext, *, alert: str) -> View:
    page = words.page
    heading = {
        VerificationStatus.MAX_ATTEMPTS_REACHED: page.code.wrong,
        VerificationStatus.EXPIRED: page.code.expired,
        VerificationStatus.FAILED: page.progress.not_reached,
    }.get(verification.status, f"{page.code.canceled} {page.code.latest_counts}")
    note = ""
    buttons: tuple[Button, ...] = (Button(NextStep.BEGIN_AGAIN, page.code.begin_again, main=True),)
    if state.suppressed and verification.status in (VerificationStatus.FAILED, VerificationStatus.CANCELED):
        note = fill(page.progress.opted_out, sender=at.sender)
    elif verification.status is VerificationStatus.FAILED:
        note, buttons = _not_reached(state, page)
    return View(
        state=PageState.ENDED,
        words=words,
        brand=at.brand,
        title=f"{heading} · {at.brand}",
        heading=heading,
        alert=alert,
        note=note,
        status=masked_number(verification.number),
        buttons=(*buttons, Button(NextStep.CHANGE, page.code.change)),
    )


def _not_reached(state: State, page: PageWords) -> tuple[str, tuple[Button, ...]]:
    """The first delivery never left: the other channel, and the same one unless it cannot work."""
    channel = state.latest.channel if state.latest else Channel.CALL
    if state.latest and state.latest.error == LookupErrorCode.REFUSED.value:
        return "", ()
    hint = page.progress.try_text if channel is Channel.CALL else page.progress.try_call
    switch = other_channel_button(channel, page, main=True)
    why = failure_reason(state.latest, page.progress) if state.latest else ""
    if why or (state.latest and state.latest.error == LookupErrorCode.OTHER_CHANNEL.value):
        return f"{why} {hint}".lstrip(), (switch,)
    return hint, (switch, Button(NextStep.BEGIN_AGAIN, page.code.begin_again))


def masked_number(number: PhoneNumber) -> str:
    """The masked number, in one piece where lines break."""
    return number.masked.replace(" ", "\u00a0")


def time_left(seconds: float, page: PageWords) -> str:
    """The time left in words, rounded down so that nobody is promised too much."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return page.code.under_a_minute_left
    return page.code.one_minute_left if minutes == 1 else fill(page.code.minutes_left, minutes=minutes)


def wait_sentence(seconds: float, page: PageWords) -> str:
    """How long to wait, in words, rounded up so that the button works when it says so."""
    whole = max(2, int(-(-seconds // 1)))  # "1 seconds" would be read out, too
    if whole <= 90:
        return fill(page.code.wait_seconds, seconds=whole)
    return fill(page.code.wait_minutes, minutes=-(-whole // 60))
