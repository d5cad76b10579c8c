"""The page: a form, the code, and what comes after. It works without scripts, and every POST goes straight back."""

from contextlib import suppress
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from twiml.words import Words, fill, from_accept_language, language_of_country
from verification import errors
from verification.flow.enumeration import redact
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, State, Verification
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel, VerificationStatus

from .. import requests
from ..context import AppContext, app_context, request_words
from ..requests import client_source
from ..routes import PATHS
from ..timing import loop_time, time_padded
from . import accounts_mode, forms, session, view
from .accounts_mode import AccountForm
from .delivery_status import NextStep
from .forms import StartForm
from .rendering import render
from .session import same_site
from .theme import stylesheet
from .view import View, ViewContext


async def show(request: Request) -> Response:
    """Where this browser stands."""
    ctx, received_at = app_context(request), loop_time()
    state, renewed = await _after_keypad_approval(request, await _session_state(request))
    if state.verification is not None and "edit" not in request.query_params:
        drawn = _page(request, state)
        response = await (ctx.time_padded(drawn, since=received_at) if state.verification.discreet else drawn)
        if renewed:
            session.set_session_cookie(request, response, renewed[0])
            session.set_trusted_cookie(request, response, renewed[1])
        return response
    words = request_words(request)
    values = {"username": state.verification.username} if state.verification else {}
    response = render(request, _form_view(ctx, words, values, {}))
    if session.session_cookie(request) is None:
        session.set_session_cookie(
            request, response, session.new_cookie(request)
        )  # two clicks on this form come from one browser
    return response


async def brand(request: Request) -> Response:
    """The operator's colour."""
    return Response(stylesheet(app_context(request).color), media_type="text/css")


@same_site
async def start(request: Request) -> Response:
    """The form: who, which phone, how."""
    ctx, received_at = app_context(request), loop_time()
    form = await requests.read_form(request)
    values = {name: form.text(name) for name in forms.FIELDS}
    words = request_words(request)
    asked: AccountForm | StartForm | None
    if ctx.accounts:
        asked, wrong = forms.parse_account_form(form, words)
    else:
        asked, wrong = forms.parse_start_form(form, words, region=ctx.region)
    if asked is None:
        return render(request, _form_view(ctx, words, values, wrong), status=400)
    try:
        if isinstance(asked, AccountForm):
            starting = accounts_mode.start(request, asked, accounts_mode.preferred)
            return await ctx.time_padded(starting, since=received_at)
        language = words.tag if _browser_language(request) else language_of_country(asked.number.region) or words.tag
        return await _start(request, asked, language=language)
    except (errors.NumberPaused, errors.LimitReached, errors.ChecksPaused, errors.TooSoon) as problem:
        shown = _form_view(ctx, words, values, {}, alert=_wait_alert(problem, words))
        return _too_many_requests(request, shown, seconds=problem.wait)
    except errors.CountryNotAllowed:
        wrong["phone"] = words.page.errors.phone_country
        status = 400
    except errors.NumberSuppressed:
        wrong["phone"] = fill(words.page.progress.opted_out, sender=ctx.sender)
        status = 403
    return render(request, _form_view(ctx, words, values, wrong), status=status)


@same_site
async def code(request: Request) -> Response:
    """The code, as it was typed."""
    ctx = app_context(request)
    form = await requests.read_form(request)
    cookie = session.session_cookie(request)
    response = _redirect_to_page()
    if cookie is None:
        return response
    renewed, known = session.new_cookie(request), session.trusted_cookie(request) or session.new_cookie(request)
    try:
        checking = ctx.verifier.check_in_session(
            session.session_id(cookie),
            form.text("code"),
            renewed=session.session_id(renewed),
            browser=session.session_id(known),
        )
        checked = await time_padded(checking, ctx.verifier.randomness, step=ctx.step)
    except (errors.NotFound, errors.WrongStyle):
        return response
    except errors.CodeMalformed as problem:
        return await _malformed(request, form.text("code"), problem.length)
    except errors.ChecksPaused as problem:
        return await _locked_out(request, problem)
    if checked.valid:
        session.set_session_cookie(request, response, renewed)
        session.set_trusted_cookie(request, response, known)
    # Twilio may take its time, and nobody should wait for their answer because a call is being ended.
    response.background = BackgroundTask(ctx.verifier.hang_up, checked.hang_up)
    return response


async def _locked_out(request: Request, problem: errors.ChecksPaused) -> Response:
    """The same for every code, right or wrong."""
    state = await _session_state(request)
    words = _page_words(request, state.verification) if state.verification else request_words(request)
    shown = await _full_view(request, state, alert=_wait_alert(problem, words))
    if not isinstance(problem, errors.ChecksStopped):
        shown = replace(shown, held=problem.wait)
    return _too_many_requests(request, shown, seconds=problem.wait)


async def _malformed(request: Request, typed: str, length: int) -> Response:
    state = await _session_state(request)
    if state.verification is None or state.verification.status.final:
        return _redirect_to_page()
    words = _page_words(request, state.verification)
    said = words.page.errors
    if not typed.strip():
        sentence = said.code_missing
    elif any(c.isalpha() for c in typed):
        sentence = said.code_characters
    else:
        sentence = fill(said.code_length, length=length)
    return render(request, await _full_view(request, state, error=sentence), status=400)


@same_site
async def next_step(request: Request) -> Response:
    """One of the buttons named `next`."""
    ctx, received_at = app_context(request), loop_time()
    form = await requests.read_form(request)
    try:
        wanted = NextStep(form.text("next"))
    except ValueError as problem:
        raise requests.FormMalformed(400, "Unknown next step.") from problem
    state = await _session_state(request)
    verification = state.verification
    if verification is None:
        return _redirect_to_page()
    if wanted is NextStep.CHANGE:
        changing = _cancel_and_edit(ctx, verification)
        return await (ctx.time_padded(changing, since=received_at) if verification.discreet else changing)
    latest = state.latest.channel if state.latest else Channel.CALL
    channel = {NextStep.CALL: Channel.CALL, NextStep.SMS: Channel.SMS}.get(wanted, latest)
    try:
        if ctx.accounts or verification.discreet:
            step = _next_in_accounts_mode(request, verification, wanted, channel, place=form.text("number"))
            return await ctx.time_padded(step, since=received_at)
        return await _next_for_typed_number(request, verification, wanted, channel)
    except (errors.NotPending, errors.NotFound, errors.NotReached):
        return _redirect_to_page()  # the page tells what happened
    except errors.VerificationError as problem:
        return await _denied(request, state, verification, problem)


async def _next_in_accounts_mode(
    request: Request, verification: Verification, wanted: NextStep, channel: Channel, *, place: str
) -> Response:
    """The same next step where the number is the account's."""
    if not _needs_new_verification(verification, wanted, channel):
        return await accounts_mode.resend(request, verification, channel)
    style = verification.style if channel is Channel.CALL else CallStyle.SAY
    asked = AccountForm(verification.username, channel, style)
    ended = await _cancel_expiring(app_context(request), verification)
    pick = accounts_mode.at_index(place) if place else accounts_mode.same_as(verification.number)
    return await accounts_mode.start(request, asked, pick, ended=ended)


async def _next_for_typed_number(
    request: Request, verification: Verification, wanted: NextStep, channel: Channel
) -> Response:
    ctx = app_context(request)
    if _needs_new_verification(verification, wanted, channel):
        style = verification.style if channel is Channel.CALL else CallStyle.SAY
        same = StartForm(verification.username, verification.number, channel, style)
        await ctx.verifier.hang_up(await _cancel_expiring(ctx, verification))
        return await _start(request, same, language=verification.language)
    await ctx.verifier.resend(verification.sid, channel)
    return _redirect_to_page()


def _needs_new_verification(verification: Verification, wanted: NextStep, channel: Channel) -> bool:
    # A code that the page has shown proves nothing when it is texted, so a text begins anew.
    shown = verification.style is CallStyle.KEY and channel is Channel.SMS
    return wanted is NextStep.BEGIN_AGAIN or verification.status.final or shown


async def _denied(
    request: Request, state: State, verification: Verification, problem: errors.VerificationError
) -> Response:
    ctx, words = app_context(request), _page_words(request, verification)
    page = words.page
    if isinstance(problem, errors.Waiting):
        shown = await _full_view(request, state, alert=_wait_alert(problem, words))
        return _too_many_requests(request, shown, seconds=problem.wait)
    if isinstance(problem, errors.TooManyDeliveries):
        shown = await _full_view(request, state, alert=page.errors.too_many)
        return _too_many_requests(request, shown, seconds=ctx.verifier.policy.code_lifetime)
    if isinstance(problem, errors.NumberSuppressed):
        sentence = fill(page.progress.opted_out, sender=ctx.sender)
    elif isinstance(problem, errors.CountryNotAllowed):
        sentence = page.errors.phone_country
    else:
        raise problem
    return render(request, await _full_view(request, state, alert=sentence), status=403)


async def _cancel_expiring(ctx: AppContext, verification: Verification) -> tuple[str, ...]:
    """A new code near the end of the old one: without this, a press soon after a delivery would count as a double one.

    Earlier than that it is one: the page offers no new code then. The calls that were up are to be hung up.
    """
    if not verification.status.final and view.expires_soon(verification, ctx.verifier.clock.now()):
        with suppress(errors.NotPending):  # ended meanwhile, or the button was pressed twice
            return (await ctx.verifier.call_off(verification.sid)).hang_up
    return ()


async def _cancel_and_edit(ctx: AppContext, verification: Verification) -> Response:
    response = RedirectResponse(PATHS["page"] + "?edit", status_code=303)
    with suppress(errors.NotPending):  # it had ended by itself; the form is shown all the same
        planned = await ctx.verifier.call_off(verification.sid)
        response.background = BackgroundTask(ctx.verifier.hang_up, planned.hang_up)
    return response


async def _start(request: Request, asked: StartForm, *, language: str) -> Response:
    cookie = session.session_cookie(request) or session.new_cookie(request)
    response = _redirect_to_page()
    session.set_session_cookie(request, response, cookie)
    wanted = StartRequest(
        username=asked.username,
        number=asked.number,
        channel=asked.channel,
        style=asked.style,
        action=SIGN_IN,
        language=language,
        service=BUILT_IN_SERVICE,
        session=session.session_id(cookie),
        browser=session.session_id(known) if (known := session.trusted_cookie(request)) else None,
        source=client_source(request, app_context(request).trusted_proxies),
    )
    try:
        await app_context(request).verifier.start(wanted)
    except errors.NotReached:
        return response  # the session names the failed verification, and the page offers the other channel
    return response


async def _after_keypad_approval(request: Request, state: State) -> tuple[State, tuple[str, str] | None]:
    """The case of this browser under its new cookies, once the code that it showed was typed on the phone.

    A cookie that leads nowhere any more may be one whose answer, with the new one, was lost.
    """
    cookie, verification = session.session_cookie(request), state.verification
    if cookie is None or (verification is not None and not _approved_on_keypad(state, verification)):
        return state, None
    renewed = session.new_cookie(request)
    verifier = app_context(request).verifier
    known = session.trusted_cookie(request) or session.new_cookie(request)
    if not await verifier.claim(
        session.session_id(cookie), renewed=session.session_id(renewed), browser=session.session_id(known)
    ):
        return state, None
    return await verifier.get_for_session(session.session_id(renewed)), (renewed, known)


def _approved_on_keypad(state: State, verification: Verification) -> bool:
    approved = verification.status is VerificationStatus.APPROVED
    return verification.style is CallStyle.KEY and approved and state.session is not None and not state.session.approved


def _form_view(
    ctx: AppContext, words: Words, values: dict[str, str], wrong: dict[str, str], *, alert: str = ""
) -> View:
    given = {"style": ctx.style.value} | values
    return view.form(words, brand=ctx.brand, values=given, errors=wrong, alert=alert, asks_phone=not ctx.accounts)


async def _session_state(request: Request) -> State:
    cookie = session.session_cookie(request)
    return await app_context(request).verifier.get_for_session(session.session_id(cookie)) if cookie else State()


async def _page(request: Request, state: State) -> Response:
    return render(request, await _full_view(request, state))


async def _full_view(request: Request, state: State, *, error: str = "", alert: str = "") -> View:
    """The whole page of a case."""
    asked = request_words(request)
    shown = current_view(app_context(request), state, asked, error=error, alert=alert)
    return replace(shown, choices=await accounts_mode.other_numbers(request, state, asked))


def current_view(ctx: AppContext, state: State, asked: Words, *, error: str = "", alert: str = "") -> View:
    """What the page shows of a case, in the language of its call or text.

    Where nothing of an account may show, that language does not either: then it is the browser's, `asked`.
    """
    state = redact(state)
    verification = state.verification
    words = asked if verification is None or verification.discreet else ctx.words(verification.language)
    shown = ctx.verifier.shown_code(verification) if verification else None
    at = ViewContext(
        brand=ctx.brand,
        sender=ctx.sender,
        now=ctx.verifier.clock.now(),
        wait=ctx.verifier.next_delivery_wait(state),
        most=ctx.verifier.policy.max_deliveries,
        onward=ctx.onward,
    )
    return view.for_state(state, words, at, error=error, alert=alert, shown_code=shown or "")


def _page_words(request: Request, verification: Verification) -> Words:
    return request_words(request) if verification.discreet else app_context(request).words(verification.language)


def _wait_alert(problem: errors.Waiting, words: Words) -> str:
    """How long to wait, in words; where waiting may not help, that it is not to be done now."""
    if isinstance(problem, errors.ChecksStopped | errors.BudgetSpent):
        return words.page.errors.too_many
    return view.wait_sentence(problem.wait, words.page)


def _browser_language(request: Request) -> str | None:
    return from_accept_language(request.headers.get("accept-language", ""))


def _redirect_to_page() -> Response:
    return RedirectResponse(PATHS["page"], status_code=303)


def _too_many_requests(request: Request, shown: View, *, seconds: float) -> Response:
    response = render(request, shown, status=429)
    response.headers["Retry-After"] = str(int(-(-seconds // 1)))
    return response
