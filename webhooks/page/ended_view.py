"""The page of a verification that has ended: why, and what can be done. Nothing is offered that would be refused."""

from dataclasses import dataclass, replace
from math import inf

from twiml.sentences import PageWords
from twiml.words import Words, fill
from verification.flow.ending import reported
from verification.flow.lookup import LookupErrorCode
from verification.models import State, Verification
from verification.types import Channel, VerificationStatus

from .delivery_status import Button, NextStep, other_channels, try_instead
from .view import (
    PageState,
    View,
    ViewContext,
    change_label,
    channels_to,
    opted_out,
    reference_sentence,
    sent_to,
)


@dataclass(frozen=True, slots=True)
class _End:
    heading: str
    note: str = ""
    buttons: tuple[Button, ...] = ()
    refresh_at: float = inf


def ended_view(state: State, verification: Verification, words: Words, context: ViewContext, *, alert: str) -> View:
    """The page of an ended verification."""
    end = _end(state, verification, words.page, context)
    paused = context.now < state.paused_until  # the holder of the number reported another code
    return View(
        state=PageState.ENDED,
        words=words,
        brand=context.brand,
        heading=end.heading,
        alert=alert,
        note=end.note,
        sent_to=sent_to(verification),
        unfolds=True,
        wait=max(0.0, state.paused_until - context.now),
        refresh_at=min(end.refresh_at, state.paused_until if paused else inf),
        buttons=tuple(replace(button, waits=paused) for button in end.buttons),
        change=change_label(verification, words.page),
        reference=reference_sentence(verification, words.page),
    )


def _end(state: State, verification: Verification, page: PageWords, context: ViewContext) -> _End:
    status, by_phone = verification.status, verification.status is VerificationStatus.CANCELED
    if state.suppressed:
        heading = page.outcome.suppressed_heading if by_phone else _reason(verification, page).heading
        return _End(heading, opted_out(page, context.sender))
    if reported(state, report_pause=context.report_pause, now=context.now):
        minutes = max(2, -(-round(state.paused_until - context.now) // 60))  # "1 minutes" would be read out
        note = fill(page.outcome.reported, minutes=minutes)
        return _End(page.outcome.reported_heading, note, refresh_at=state.paused_until)
    if status is VerificationStatus.FAILED:
        return _not_reached(state, page, channels_to(verification, context))
    begin_again = Button(NextStep.BEGIN_AGAIN, page.code.begin_again, main=True)
    return replace(_reason(verification, page), buttons=(begin_again,))


def _reason(verification: Verification, page: PageWords) -> _End:
    return {
        VerificationStatus.MAX_ATTEMPTS_REACHED: _End(page.code.wrong, page.code.wrong_next),
        VerificationStatus.EXPIRED: _End(page.code.expired),
        VerificationStatus.FAILED: _End(page.progress.not_reached),
    }.get(verification.status, _End(page.code.canceled, page.code.latest_counts))


def _not_reached(state: State, page: PageWords, channels: frozenset[Channel]) -> _End:
    """The first delivery was not sent: offer other channels, and the same one unless a rule of ours forbids it."""
    latest, heading = state.latest, page.progress.not_reached
    if latest and latest.error == LookupErrorCode.REFUSED.value:
        return _End(heading)
    switch = other_channels(state.channel, page, channels, main=True)
    hint = try_instead(switch[0].channel(state.channel), page.progress) if switch else ""
    if latest and latest.error == LookupErrorCode.OTHER_CHANNEL.value:
        return _End(heading, hint, switch)
    return _End(heading, hint, (*switch, Button(NextStep.BEGIN_AGAIN, page.code.begin_again)))
