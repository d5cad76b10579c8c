"""What the page shows, worked out from a case: plain values in, plain values out."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from twiml.sentences import PageWords, ProgressWords
from twiml.words import Words, fill
from verification.numbers import Number
from verification.records import Case, Delivery, Progress, Verification
from verification.states import Channel, DeliveryStatus, VerificationStatus


class State(StrEnum):
    """The four faces of the page; `data-state` of its body."""

    FORM = "form"
    CODE = "code"
    ENDED = "ended"
    WELCOME = "welcome"


class Next(StrEnum):
    """What the buttons named `next` ask for."""

    REPEAT = "repeat"
    CALL = "call"
    SMS = "sms"
    BEGIN_AGAIN = "begin-again"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Button:
    """A next step; `main` is the one that most people want."""

    value: Next
    label: str
    main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `alert` interrupts a screen reader, `status` does not."""

    state: State
    words: Words
    brand: str
    title: str
    heading: str
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    alert: str = ""
    status: str = ""
    note: str = ""
    time_left: str = ""
    code_length: int = 6
    shown_code: str = ""
    buttons: tuple[Button, ...] = ()

    @property
    def text(self) -> PageWords:
        """The sentences of the page."""
        return self.words.page

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
) -> View:
    """Who, which phone, how to reach it."""
    title = fill(words.page.form.title, brand=brand)
    if errors and not alert:
        alert = words.page.errors.heading
    return View(
        state=State.FORM,
        words=words,
        brand=brand,
        title=title,
        heading=title,
        values=values or {},
        errors=errors or {},
        alert=alert,
    )


def of_case(
    case: Case, words: Words, *, brand: str, now: float, error: str = "", alert: str = "", shown_code: str = ""
) -> View:
    """The page of a browser that has a verification."""
    verification = case.verification
    if verification is None:
        return form(words, brand=brand)
    if verification.status is VerificationStatus.PENDING:
        shown = _code(case, verification, words, brand=brand, now=now, error=error, alert=alert)
        return replace(shown, shown_code=shown_code, heading=words.page.code.typed_label) if shown_code else shown
    if verification.status is VerificationStatus.APPROVED and case.session is not None and case.session.approved:
        return View(
            state=State.WELCOME,
            words=words,
            brand=brand,
            title=fill(words.page.form.title, brand=brand),
            heading=fill(words.page.code.welcome, username=verification.username),
            note=words.page.code.welcome_next,
        )
    return _ended(case, verification, words, brand=brand, alert=alert)


def _code(
    case: Case, verification: Verification, words: Words, *, brand: str, now: float, error: str, alert: str
) -> View:
    page = words.page
    left = verification.expires_at - now
    if not error and verification.checks:
        error = fill(page.code.checks_left, checks=verification.max_checks - verification.checks)
    latest = case.latest
    return View(
        state=State.CODE,
        words=words,
        brand=brand,
        title=fill(page.form.title, brand=brand),
        heading=page.code.label,
        errors={"code": error} if error else {},
        alert=alert,
        status=progress(latest, page.progress, masked(verification.number, words)) if latest else "",
        time_left=time_left(left, page),
        note=page.code.warning if left < 60 else "",
        code_length=verification.code_length,
        buttons=(*_deliver(latest, page), Button(Next.CHANGE, page.code.change)),
    )


def _ended(case: Case, verification: Verification, words: Words, *, brand: str, alert: str) -> View:
    page = words.page
    reason = {
        VerificationStatus.MAX_ATTEMPTS_REACHED: page.code.wrong,
        VerificationStatus.EXPIRED: page.code.expired,
        VerificationStatus.FAILED: page.progress.not_reached,
    }.get(verification.status, f"{page.code.canceled} {page.code.latest_counts}")
    channel = case.latest.channel if case.latest else Channel.CALL
    buttons = [Button(Next.BEGIN_AGAIN, page.code.begin_again, main=True)]
    note = ""
    if verification.status is VerificationStatus.FAILED:
        note = page.progress.try_text if channel is Channel.CALL else page.progress.try_call
        buttons = [_other(channel, page, main=True), Button(Next.BEGIN_AGAIN, page.code.begin_again)]
    return View(
        state=State.ENDED,
        words=words,
        brand=brand,
        title=fill(page.form.title, brand=brand),
        heading=reason,
        alert=alert,
        note=note,
        status=masked(verification.number, words),
        buttons=(*buttons, Button(Next.CHANGE, page.code.change)),
    )


def _deliver(latest: Delivery | None, page: PageWords) -> tuple[Button, ...]:
    channel = latest.channel if latest else Channel.CALL
    again = page.code.call_again if channel is Channel.CALL else page.code.text_again
    return Button(Next.REPEAT, again), _other(channel, page)


def _other(channel: Channel, page: PageWords, *, main: bool = False) -> Button:
    if channel is Channel.CALL:
        return Button(Next.SMS, page.code.text_instead, main)
    return Button(Next.CALL, page.code.call_instead, main)


def masked(number: Number, words: Words) -> str:
    """The masked number, on one line, and from left to right in every language."""
    shown = number.masked.replace(" ", "\u00a0")
    return f"\u2066{shown}\u2069" if words.direction == "rtl" else shown


def time_left(seconds: float, page: PageWords) -> str:
    """The time left in words, rounded down so that nobody is promised too much."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return page.code.under_a_minute_left
    return page.code.one_minute_left if minutes == 1 else fill(page.code.minutes_left, minutes=minutes)


def wait(seconds: float, page: PageWords) -> str:
    """How long to wait, in words, rounded up so that the button works when it says so."""
    whole = max(2, int(-(-seconds // 1)))  # "1 seconds" would be read out, too
    if whole <= 90:
        return fill(page.code.wait_seconds, seconds=whole)
    return fill(page.code.wait_minutes, minutes=-(-whole // 60))


_CALL = {
    DeliveryStatus.RINGING: "call_ringing",
    DeliveryStatus.COMPLETED: "call_completed",
    DeliveryStatus.BUSY: "call_busy",
    DeliveryStatus.NO_ANSWER: "call_no_answer",
    DeliveryStatus.FAILED: "call_failed",
    DeliveryStatus.CANCELED: "call_failed",
}
_TEXT = {
    DeliveryStatus.SENT: "text_sent",
    DeliveryStatus.DELIVERED: "text_delivered",
    DeliveryStatus.UNDELIVERED: "text_undelivered",
    DeliveryStatus.FAILED: "text_undelivered",
    DeliveryStatus.CANCELED: "text_undelivered",
}


def progress(delivery: Delivery, words: ProgressWords, masked: str) -> str:
    """How a delivery is going, in a sentence. What it means for the operator is not told here."""
    if delivery.channel is Channel.SMS:
        name = _TEXT.get(delivery.status)
        return str(getattr(words, name)) if name else fill(words.texting, number=masked)
    if delivery.status in (DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED) and delivery.progress is Progress.HEARD:
        return words.call_heard
    if delivery.status is DeliveryStatus.ANSWERED:
        return words.call_reading if delivery.progress is Progress.READING else words.call_answered
    if delivery.status is DeliveryStatus.UNKNOWN:
        return words.maybe_ringing
    name = _CALL.get(delivery.status)
    return str(getattr(words, name)) if name else fill(words.calling, number=masked)
