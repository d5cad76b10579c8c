"""The buttons named `next`: resend the code, use another channel, begin again, or change the details."""

from contextlib import suppress
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from verification import errors
from verification.models import State, Verification
from verification.types import CallStyle, Channel

from .. import requests
from ..context import AppContext, app_context, loop_time
from . import accounts_mode, forms, view
from .accounts_mode import AccountForm
from .code_view import expires_soon
from .delivery_status import NextStep, not_to_extension
from .forms import StartForm
from .handlers import session_state, start_verification
from .rendering import full_view, not_called_sentence, page_words, render, render_too_many_requests, wait_alert
from .session import redirect_to_page, same_site


@same_site
async def next_step(request: Request) -> Response:
    """A button named `next` was pressed."""
    ctx, received_at = app_context(request), loop_time()
    form = await requests.read_form(request)
    try:
        step = NextStep(form.text("next"))
    except ValueError as error:
        raise requests.FormMalformed(400, "Unknown next step.") from error
    state = await session_state(request)
    verification = state.verification
    if verification is None:
        return redirect_to_page(request)
    if step is NextStep.CHANGE:
        changing = _cancel_and_edit(request, verification)
        return await (ctx.time_padded(changing, since=received_at) if verification.private else changing)
    channel = step.channel(state.channel)
    if step is NextStep.BEGIN_AGAIN:
        channel = _still_offered(ctx, verification, channel)
    try:
        if ctx.accounts_mode or verification.private:
            sending = _send_to_account(request, verification, step, channel, position=form.text("number"))
            return await ctx.time_padded(sending, since=received_at)
        return await _send_to_typed_number(request, verification, step, channel)
    except (errors.NotPending, errors.NotFound, errors.NotReached, errors.ActionUnknown, errors.NotForAction):
        return redirect_to_page(request)  # the page says what happened
    except errors.VerificationError as error:
        return await _denied(request, state, verification, error, channel)


def _still_offered(ctx: AppContext, verification: Verification, channel: Channel) -> Channel:
    """The channel of the last code, or what follows it where that is not offered any more."""
    ways = forms.ways(ctx, verification.action, payment=verification.payment is not None)
    offered = {way.channel for way in ways}
    return next((known for known in (channel, *channel.others) if known in offered), channel)


async def _send_to_account(
    request: Request, verification: Verification, step: NextStep, channel: Channel, *, position: str
) -> Response:
    selector = accounts_mode.at_position(position) if position else accounts_mode.same_as(verification.number)
    elsewhere = await accounts_mode.is_other_number(request, verification, selector)
    if not elsewhere and not _needs_new_verification(request, verification, step, channel):
        return await accounts_mode.resend(request, verification, channel)
    form = AccountForm(verification.username, channel, _style(verification, channel))
    ended_calls = await _cancel_expiring(app_context(request), verification)
    return await accounts_mode.start(
        request,
        form,
        selector,
        ended_calls=ended_calls,
        action=verification.action,
        payment=verification.payment,
    )


async def _send_to_typed_number(
    request: Request, verification: Verification, step: NextStep, channel: Channel
) -> Response:
    ctx = app_context(request)
    if _needs_new_verification(request, verification, step, channel):
        form = StartForm(verification.username, verification.number, channel, _style(verification, channel))
        await ctx.verifier.hang_up(await _cancel_expiring(ctx, verification))
        return await start_verification(
            request,
            form,
            language=verification.language,
            action=verification.action,
            payment=verification.payment,
        )
    await ctx.verifier.resend(verification.sid, channel)
    return redirect_to_page(request)


def _style(verification: Verification, channel: Channel) -> CallStyle:
    return verification.style if channel.spoken else CallStyle.SAY


def _needs_new_verification(request: Request, verification: Verification, step: NextStep, channel: Channel) -> bool:
    # A code that the page has shown proves nothing when it is texted, so a text needs a new code. So does the end of a
    # code's life: the same one would come too late.
    shown = verification.style is CallStyle.KEY and not channel.spoken
    late = expires_soon(verification, app_context(request).verifier.clock.now())
    return step is NextStep.BEGIN_AGAIN or verification.status.final or shown or late


async def _denied(
    request: Request, state: State, verification: Verification, error: errors.VerificationError, channel: Channel
) -> Response:
    ctx, words = app_context(request), page_words(request, verification)
    page = words.page
    if isinstance(error, errors.TooSoon):
        return render_too_many_requests(request, await _waiting_view(request, state, error), seconds=error.wait)
    if isinstance(error, errors.Waiting):
        waiting = await full_view(request, state, alert=wait_alert(error, words))
        return render_too_many_requests(request, waiting, seconds=error.wait)
    if isinstance(error, errors.TooManyDeliveries):
        waiting = await full_view(request, state, alert=page.errors.too_many)
        return render_too_many_requests(request, waiting, seconds=ctx.verifier.policy.code_lifetime)
    if isinstance(error, errors.NumberSuppressed):
        sentence = view.opted_out(
            page, ctx.sender if verification.private else ctx.sender_to(verification.number.region)
        )
    elif isinstance(error, errors.CountryNotAllowed):
        sentence = not_called_sentence(error, words, ctx.verifier.policy.countries)
    elif isinstance(error, errors.CallsOnly):
        sentence = not_to_extension(channel, page.progress)
    else:
        raise error
    return render(request, await full_view(request, state, alert=sentence), status=403)


async def _waiting_view(request: Request, state: State, error: errors.TooSoon) -> view.View:
    """The page whose buttons wait as long as they have to."""
    page = await full_view(request, state)
    buttons = tuple(replace(button, waits=button.waits or button.resends) for button in page.buttons)
    return replace(page, buttons=buttons, wait=error.wait, denied=True, unfolds=True)


async def _cancel_expiring(ctx: AppContext, verification: Verification) -> tuple[str, ...]:
    """Cancel a verification whose code is about to expire; returns the calls to hang up.

    Without this a request for a new code soon after a delivery would count as a repeated start. Before that point it is
    one: the page offers no new code then.
    """
    if not verification.status.final and expires_soon(verification, ctx.verifier.clock.now()):
        with suppress(errors.NotPending):  # it ended in the meantime, or the button was pressed twice
            return (await ctx.verifier.cancel(verification.sid)).hang_up
    return ()


async def _cancel_and_edit(request: Request, verification: Verification) -> Response:
    verifier = app_context(request).verifier
    response = redirect_to_page(request, "edit")
    with suppress(errors.NotPending):  # it has ended already; the form is shown all the same
        canceled = await verifier.cancel(verification.sid)
        response.background = BackgroundTask(verifier.hang_up, canceled.hang_up)
    return response
