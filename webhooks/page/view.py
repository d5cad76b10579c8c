"""What the page shows for the state of a verification, as plain values."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from twiml.sentences import PageWords
from twiml.words import Words, fill
from verification.flow.ending import never_sent
from verification.flow.lookup import LookupErrorCode
from verification.models import Delivery, State, Verification
from verification.types import Channel, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

from .delivery_status import Button, NextStep, other_channel_button, resend_buttons, status_sentence

#: Seconds before the deadline at which the page warns and offers a new code. WCAG 2.2.1 asks for 20 at least.
WARN_BEFORE = 60


class PageState(StrEnum):
    """`data-state` of the page's body."""

    FORM = "form"
    CODE = "code"
    ENDED = "ended"
    WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """Another number that a new code could go to; `position` is its index among the account's numbers."""

    position: str
    label: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `alert` interrupts a screen reader, `status` and `note` do not.

    Fields that change with time alone do not count when two views are compared. In seconds: `seconds_left` to the
    deadline, `wait` until the same code may be resent, `lockout` until the next check of a code (`alert` says so).
    `refresh_at` is the time of the next change that no event announces, in seconds since 1970.
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
    seconds_left: float = field(default=0, compare=False)
    wait: float = field(default=0, compare=False)
    lockout: float = field(default=0, compare=False)
    refresh_at: float = field(default=inf, compare=False)
    code_length: int = 6
    shown_code: str = ""
    welcome_url: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[NumberChoice, ...] = field(default=(), compare=False)
    ask_phone: bool = True
    offers_typing: bool = False

    @property
    def text(self) -> PageWords:
        return self.words.page

    @property
    def time_left(self) -> str:
        return time_left(self.seconds_left, self.text)

    @property
    def pattern(self) -> str:
        """The pattern of the code field, for digits of any script. An incomplete code must not cost a check."""
        return f"(\\P{{Nd}}*\\p{{Nd}}){{{self.code_length}}}\\P{{Nd}}*"

    @property
    def help(self) -> str:
        """The browser's message for a code of the wrong length."""
        return fill(self.text.errors.code_length, length=self.code_length)

    @property
    def pause(self) -> str:
        """How long the resend buttons have to wait, in words; empty when they need not, or when the alert says so."""
        return wait_sentence(self.wait, self.text) if self.wait > 0 and not self.alert else ""

    @property
    def first_invalid(self) -> str:
        """The field that gets the focus."""
        return next(iter(self.errors), "")


def form(
    words: Words,
    *,
    brand: str,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    alert: str = "",
    ask_phone: bool = True,
    offers_typing: bool = False,
) -> View:
    """The form; without the phone field in accounts mode."""
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
        ask_phone=ask_phone,
        offers_typing=offers_typing,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewContext:
    """What a page depends on besides the state. `wait`: seconds until the next delivery is allowed;
    `max_deliveries`: of one verification; `report_pause`: seconds that a reported number is paused.
    """

    brand: str
    sender: str
    now: float
    wait: float
    max_deliveries: int
    report_pause: float = 3600
    welcome_url: str = ""


def for_state(
    state: State, words: Words, context: ViewContext, *, error: str = "", alert: str = "", shown_code: str = ""
) -> View:
    """The page for a state."""
    verification = state.verification
    if verification is None:
        return form(words, brand=context.brand)
    if verification.status is VerificationStatus.PENDING:
        view = _code(state, verification, words, context, error=error, alert=alert)
        return replace(view, shown_code=shown_code, heading=words.page.code.typed_label) if shown_code else view
    if verification.status is VerificationStatus.APPROVED and state.session is not None and state.session.approved:
        heading = fill(words.page.code.welcome, username=verification.username)
        return View(
            state=PageState.WELCOME,
            words=words,
            brand=context.brand,
            title=f"{heading} · {context.brand}",
            heading=heading,
            note=words.page.code.welcome_next,
            welcome_url=context.welcome_url,
        )
    return _ended(state, verification, words, context, alert=alert)


def expires_soon(verification: Verification, now: float) -> bool:
    """Whether the page warns and offers a new code."""
    return now >= _warn_at(verification)


def _warn_at(verification: Verification) -> float:
    life = verification.expires_at - verification.created_at
    return verification.expires_at - min(WARN_BEFORE, life / 2)


def _code(
    state: State, verification: Verification, words: Words, context: ViewContext, *, error: str, alert: str
) -> View:
    page = words.page
    if not error and verification.checks:
        error = fill(page.code.checks_left, checks=verification.max_checks - verification.checks)
    latest, soon = state.latest, expires_soon(verification, context.now)
    note = page.code.warning if soon else ""
    if state.suppressed:
        note = fill(page.progress.opted_out, sender=context.sender)
    buttons = _reachable(_pending_buttons(state, page, context, soon=soon), verification)
    return View(
        state=PageState.CODE,
        words=words,
        brand=context.brand,
        title=f"{page.code.label} · {context.brand}",
        heading=page.code.label,
        errors={"code": error} if error else {},
        alert=alert,
        status=_status_sentence(latest, verification, page) if latest else "",
        note=note,
        seconds_left=verification.expires_at - context.now,
        wait=context.wait if any(button.resends for button in buttons) else 0,
        refresh_at=verification.expires_at if soon else _warn_at(verification),
        code_length=verification.code_length,
        buttons=buttons,
    )


def _status_sentence(latest: Delivery, verification: Verification, page: PageWords) -> str:
    number = masked_number(verification.number)
    if not verification.private:
        return status_sentence(latest, page.progress, number)
    # It must be true for an unknown user name too, and must not show the progress of a call: a call that rings or is
    # answered would reveal that the account exists.
    sentence = page.progress.calling_if_known if latest.channel is Channel.CALL else page.progress.texting_if_known
    return f"{sentence} {number}"


def _pending_buttons(state: State, page: PageWords, context: ViewContext, *, soon: bool) -> tuple[Button, ...]:
    change = Button(NextStep.CHANGE, page.code.change)
    if state.suppressed:
        return (change,)
    if len([delivery for delivery in state.deliveries if not never_sent(delivery)]) >= context.max_deliveries:
        return Button(NextStep.BEGIN_AGAIN, page.code.begin_again, main=True), change
    new_code = (Button(NextStep.BEGIN_AGAIN, page.code.begin_again),) if soon else ()
    return (*new_code, *resend_buttons(state.latest, page), change)


def _ended(state: State, verification: Verification, words: Words, context: ViewContext, *, alert: str) -> View:
    page = words.page
    heading = {
        VerificationStatus.MAX_ATTEMPTS_REACHED: page.code.wrong,
        VerificationStatus.EXPIRED: page.code.expired,
        VerificationStatus.FAILED: page.progress.not_reached,
    }.get(verification.status, f"{page.code.canceled} {page.code.latest_counts}")
    note = ""
    change = Button(NextStep.CHANGE, page.code.change)
    buttons: tuple[Button, ...] = (Button(NextStep.BEGIN_AGAIN, page.code.begin_again, main=True),)
    if state.suppressed and verification.status in (VerificationStatus.FAILED, VerificationStatus.CANCELED):
        canceled = verification.status is VerificationStatus.CANCELED
        heading = page.code.canceled if canceled else heading
        note, buttons = fill(page.progress.opted_out, sender=context.sender), ()
    elif _reported(state, verification, context):
        minutes = max(1, -(-round(state.paused_until - context.now) // 60))
        heading, note = page.code.canceled, fill(page.outcome.reported, minutes=minutes)
        buttons = ()
    elif verification.status is VerificationStatus.FAILED:
        note, buttons = _not_reached(state, page)
    return View(
        state=PageState.ENDED,
        words=words,
        brand=context.brand,
        title=f"{heading} · {context.brand}",
        heading=heading,
        alert=alert,
        note=note,
        status=masked_number(verification.number),
        buttons=(*_reachable(buttons, verification), change),
        refresh_at=state.paused_until if _reported(state, verification, context) else inf,
    )


def _reachable(buttons: tuple[Button, ...], verification: Verification) -> tuple[Button, ...]:
    """Without a text to an extension. The page of a private one must not show that it has one."""
    if verification.private or not verification.number.extension:
        return buttons
    return tuple(button for button in buttons if button.value is not NextStep.SMS)


def _reported(state: State, verification: Verification, context: ViewContext) -> bool:
    """Whether the person on the phone reported the code, and its number is still paused for it: no start works."""
    if verification.status is not VerificationStatus.CANCELED or verification.ended_at is None:
        return False
    since = state.paused_until - context.report_pause
    return context.now < state.paused_until and abs(verification.ended_at - since) < 1  # not another code's report


def _not_reached(state: State, page: PageWords) -> tuple[str, tuple[Button, ...]]:
    """The first delivery was not sent: offer the other channel, and the same one unless a rule of ours forbids it."""
    channel = state.latest.channel if state.latest else Channel.CALL
    if state.latest and state.latest.error == LookupErrorCode.REFUSED.value:
        return "", ()
    hint = page.progress.try_text if channel is Channel.CALL else page.progress.try_call
    switch = other_channel_button(channel, page, main=True)
    if state.latest and state.latest.error == LookupErrorCode.OTHER_CHANNEL.value:
        return hint, (switch,)
    return hint, (switch, Button(NextStep.BEGIN_AGAIN, page.code.begin_again))


def masked_number(number: PhoneNumber) -> str:
    """The masked number with no-break spaces."""
    return number.masked.replace(" ", "\u00a0")


def time_left(seconds: float, page: PageWords) -> str:
    """The time left in words, rounded down so that the page never promises too much."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return page.code.under_a_minute_left
    return page.code.one_minute_left if minutes == 1 else fill(page.code.minutes_left, minutes=minutes)


def wait_sentence(seconds: float, page: PageWords) -> str:
    """How long to wait, in words, rounded up so that the button works by then."""
    whole = max(2, int(-(-seconds // 1)))  # "1 seconds" would be read out
    if whole <= 90:
        return fill(page.code.wait_seconds, seconds=whole)
    return fill(page.code.wait_minutes, minutes=-(-whole // 60))
