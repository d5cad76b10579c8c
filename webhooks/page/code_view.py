"""The page while a code is pending: what to do, how the delivery is going, the code, and the other ways to get it.

The heading says what to do now. As long as a code may come, its field is the main thing and the other ways are folded.
After a failure they come first, and the field is folded.
"""

from dataclasses import replace

from twiml.sentences import PageWords
from twiml.words import Words, fill
from verification.flow.ending import never_sent
from verification.models import State, Verification
from verification.types import CallStyle

from .delivery_status import Button, NextStep, Status, Tone, if_known, is_answered, resend_buttons, status_of
from .view import (
    PageState,
    View,
    ViewContext,
    change_label,
    channels_to,
    last_digits,
    opted_out,
    reference_sentence,
    sent_to,
    unbroken,
)

#: Seconds before the deadline at which the page warns and offers a new code. WCAG 2.2.1 asks for 20 at least.
WARN_BEFORE = 60


def expires_soon(verification: Verification, now: float) -> bool:
    """Whether the page warns and offers a new code."""
    return now >= _warn_at(verification)


def _warn_at(verification: Verification) -> float:
    life = verification.expires_at - verification.created_at
    return verification.expires_at - min(WARN_BEFORE, life / 2)


def code_view(
    state: State,
    verification: Verification,
    words: Words,
    context: ViewContext,
    *,
    error: str = "",
    alert: str = "",
    shown_code: str = "",
) -> View:
    """The page of a pending verification."""
    page, soon = words.page, expires_soon(verification, context.now)
    status = _status(state, verification, page)
    failed = status.tone is Tone.PROBLEM
    buttons = _buttons(state, verification, page, context, soon=soon)
    refresh_at = verification.expires_at if soon else _warn_at(verification)
    return View(
        state=PageState.CODE,
        words=words,
        brand=context.brand,
        heading=_heading(state, verification, page, failed=failed),
        errors={"code": error} if error else {},
        alert=alert,
        status=status.sentence,
        tone=status.tone,
        note=opted_out(page, context.sender) if state.suppressed else page.code.warning if soon else "",
        sent_to=sent_to(verification),
        failed=failed,
        unfolds=failed or soon or any(not button.resends for button in buttons),
        tries_left=_tries_left(verification, page) if not error else "",
        seconds_left=verification.expires_at - context.now,
        wait=_wait(state, buttons, context),
        refresh_at=min([refresh_at, *(until for until in context.busy_until.values() if until > context.now)]),
        code_length=verification.code_length,
        shown_code=shown_code,
        buttons=buttons,
        change=change_label(verification, page),
        reference=reference_sentence(verification, page),
    )


def wrong_code(verification: Verification, page: PageWords) -> str:
    """The answer to a check that failed, while others are left."""
    return fill(page.code.checks_left, checks=verification.max_checks - verification.checks)


def _tries_left(verification: Verification, page: PageWords) -> str:
    left = verification.max_checks - verification.checks
    return fill(page.code.tries_left, checks=left) if verification.checks else ""


def _heading(state: State, verification: Verification, page: PageWords, *, failed: bool) -> str:
    """What to do now. On a private page it must not depend on what the phone does."""
    enter, latest = unbroken(fill(page.code.heading_code, length=verification.code_length)), state.latest
    if failed:
        return page.code.heading_failed
    if latest is None or verification.private or verification.checks:
        return enter if verification.style is CallStyle.SAY else page.code.typed_label
    if not latest.channel.spoken:
        return page.code.heading_text
    if not is_answered(latest):
        return page.code.heading_call
    return page.code.typed_label if verification.style is CallStyle.KEY else enter


def _status(state: State, verification: Verification, page: PageWords) -> Status:
    latest = state.latest
    if latest is None:
        return Status()
    if not verification.private:
        return status_of(latest, verification.style, page.progress)
    # It must be true for an unknown user name too, and must not show the progress of a call: a call that rings or is
    # answered would reveal that the account exists.
    words = page.progress
    return Status(fill(if_known(latest.channel, words), digits=last_digits(verification.number)))


def _buttons(
    state: State, verification: Verification, page: PageWords, context: ViewContext, *, soon: bool
) -> tuple[Button, ...]:
    """The buttons that would be accepted now, or after a pause."""
    if state.suppressed:
        return ()
    paused = context.now < state.paused_until  # the holder of the number reported another code
    begin_again = Button(NextStep.BEGIN_AGAIN, page.code.begin_again, waits=paused)
    if len([delivery for delivery in state.deliveries if not never_sent(delivery)]) >= context.max_deliveries:
        return (replace(begin_again, main=True),)
    latest = state.channel
    offered = resend_buttons(state.latest, page, channels_to(verification, context))
    if soon:  # each of them brings a new code, which need not wait
        repeat_first = not any(button.main for button in offered)
        others = tuple(button for button in offered if not (repeat_first and button.value is NextStep.REPEAT))
        new = tuple(replace(button, waits=paused) for button in others)
        return ((begin_again,) if repeat_first else ()) + new
    return tuple(
        replace(button, waits=paused or context.waits.get(button.channel(latest), 0) > 0)
        for button in offered
        if verification.private or context.busy_until.get(button.channel(latest), 0) <= context.now
    )


def _wait(state: State, buttons: tuple[Button, ...], context: ViewContext) -> float:
    """Seconds until the buttons that wait may be pressed."""
    latest = state.channel
    paused = max(0.0, state.paused_until - context.now)
    return max((max(paused, context.waits.get(b.channel(latest), 0)) for b in buttons if b.waits), default=0)
