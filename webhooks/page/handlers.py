"""The page: the form, the code entry and the result. It works without scripts; every POST ends in a redirect (303)."""

from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from twiml.words import fill, language_of_country
from verification import errors
from verification.authorizations import Authorization, concerns
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, State, Verification
from verification.policy import SIGN_IN
from verification.types import CallStyle, VerificationStatus
from verification.values.payments import Payment
from verification.values.usernames import visible

from .. import requests
from ..context import AppContext, app_context, loop_time, request_words
from . import accounts_mode, forms, session
from .accounts_mode import AccountForm
from .code_view import wrong_code
from .delivery_status import not_to_extension
from .forms import StartForm
from .rendering import (
    form_view,
    full_view,
    not_called_sentence,
    page_words,
    render,
    render_too_many_requests,
    wait_alert,
)
from .session import redirect_to_page, same_site
from .state_view import is_approved
from .view import View, Way, opted_out, sent_to

#: The query after a wrong code, while other checks are left: this answer reports it, and a later page does not.
WRONG = "wrong"


async def show(request: Request) -> Response:
    """The page of this browser: the form, or its verification."""
    ctx, received_at = app_context(request), loop_time()
    state, new_cookies = await _after_keypad_approval(request, await session_state(request))
    asked = await session.authorization(request)
    if asked is not None and not _shows(ctx, asked, state):
        state = State(session=state.session)
    if state.verification is not None and "edit" not in request.query_params:
        rendering = _render_state(request, state)
        response = await (ctx.time_padded(rendering, since=received_at) if state.verification.private else rendering)
        if new_cookies:
            session.set_session_cookie(request, response, new_cookies[0])
            session.set_trusted_cookie(request, response, new_cookies[1])
        return response
    values = _typed_before(state, forms.ways(ctx)) or (_hinted(ctx, asked) if asked else {})
    response = render(request, form_view(ctx, request_words(request), values, {}, asked=asked))
    if session.session_cookie(request) is None:
        # Set with the form, so that a double click on its button is one browser's.
        session.set_session_cookie(request, response, session.new_cookie(request))
    return response


def _shows(ctx: AppContext, asked: Authorization, state: State) -> bool:
    """Whether this verification is what an application asks for; without it the form is shown."""
    if not is_approved(state):
        return concerns(asked, state)
    return ctx.openid.proven(asked, state, ctx.verifier.policy, now=ctx.verifier.clock.now()) is not None


def _hinted(ctx: AppContext, asked: Authorization) -> dict[str, str]:
    """What the application knows of the person, for the form: a number, or a user name."""
    hint = visible(asked.hint)
    if hint.startswith("+"):
        return {} if ctx.accounts_mode else {"phone": hint}
    return {"username": hint} if hint else {}


def _typed_before(state: State, ways: tuple[Way, ...]) -> dict[str, str]:
    """What this browser typed, for the form; of a phone that it has proven only the user name. `ways`: those that are
    still there.
    """
    verification = state.verification
    if verification is None:
        return {}
    if verification.private or is_approved(state):
        return {"username": verification.username}
    way = Way.KEY if verification.style is CallStyle.KEY else Way(state.channel)
    typed = {"username": verification.username, "phone": sent_to(verification)}
    return typed | ({"channel": way.value} if way in ways else {})


@same_site
async def start(request: Request) -> Response:
    """The form was sent: start a verification."""
    ctx, received_at = app_context(request), loop_time()
    form, asked = await requests.read_form(request), await session.authorization(request)
    values = {name: visible(form.text(name)) for name in forms.FIELDS}
    words, action = request_words(request), asked.action if asked else SIGN_IN
    start_form: AccountForm | StartForm | None
    ways = forms.ways(ctx, action, payment=asked is not None and asked.payment is not None)
    countries = ctx.verifier.policy.countries
    if ctx.accounts_mode:
        start_form, invalid = forms.parse_account_form(form, words, ways=ways)
    else:
        start_form, invalid = forms.parse_start_form(form, words, region=ctx.region, countries=countries, ways=ways)
    if start_form is None:
        return render(request, form_view(ctx, words, values, invalid, asked=asked), status=400)
    try:
        payment = asked.payment if asked else None
        if isinstance(start_form, AccountForm):
            starting = accounts_mode.start(request, start_form, accounts_mode.preferred, action=action, payment=payment)
            return await ctx.time_padded(starting, since=received_at)
        language = _language(request, start_form)
        return await start_verification(request, start_form, language=language, action=action, payment=payment)
    except errors.VerificationError as error:
        region = start_form.number.region if isinstance(start_form, StartForm) else ""
        return await _refused(request, form_view(ctx, words, values, {}, asked=asked), error, region)


async def _refused(request: Request, page: View, error: errors.VerificationError, region: str) -> Response:
    """The form again, and why nothing was sent. An application that asked is told of a limit."""
    ctx, words = app_context(request), page.words
    if isinstance(error, errors.NumberPaused | errors.LimitReached | errors.ChecksPaused | errors.TooSoon):
        page = replace(page, alert=wait_alert(error, words))
        key = session.authorization_key(request)
        if page.asked_by and key and not isinstance(error, errors.TooSoon):
            await ctx.openid.store.refuse(key, "temporarily_unavailable")
            page = replace(page, onward=True)
        return render_too_many_requests(request, page, seconds=error.wait)
    if isinstance(error, errors.NumberSuppressed):
        return render(request, replace(page, alert=opted_out(words.page, ctx.sender_to(region))), status=403)
    if isinstance(error, errors.CountryNotAllowed):
        problem = {"phone": not_called_sentence(error, words, ctx.verifier.policy.countries)}
    elif isinstance(error, errors.CallsOnly):
        problem = {"channel": not_to_extension(Way(page.values["channel"]).channel, words.page.progress)}
    else:
        raise error
    return render(request, replace(page, errors=problem), status=400)


async def start_verification(
    request: Request, form: StartForm, *, language: str, action: str = SIGN_IN, payment: Payment | None = None
) -> Response:
    """Start a verification of this browser. Raises what `Verifier.start` does, except NotReached."""
    cookie = session.session_cookie(request) or session.new_cookie(request)
    response = redirect_to_page(request)
    session.set_session_cookie(request, response, cookie)
    start_request = StartRequest(
        username=form.username,
        number=form.number,
        channel=form.channel,
        style=form.style,
        action=action,
        payment=payment,
        language=language,
        service=BUILT_IN_SERVICE,
        session=session.session_id(cookie),
        browser=session.trusted_id(request),
        source=app_context(request).client_source(request),
    )
    try:
        await app_context(request).verifier.start(start_request)
    except errors.NotReached:
        return response  # the session names the failed verification, and the page offers the other channel
    return response


def _language(request: Request, form: StartForm) -> str:
    """The language of a call or text: the browser's, else the country's, else the operator's."""
    default = request_words(request).tag
    return default if requests.wanted_language(request) else language_of_country(form.number.region) or default


@same_site
async def check_code(request: Request) -> Response:
    """The code was entered."""
    ctx = app_context(request)
    form = await requests.read_form(request)
    cookie = session.session_cookie(request)
    response = redirect_to_page(request)
    if cookie is None:
        return response
    new_cookie, asked = session.new_cookie(request), await session.authorization(request)
    trusted_cookie = session.trusted_cookie(request) or session.new_cookie(request)
    try:
        checking = ctx.verifier.check_in_session(
            session.session_id(cookie),
            form.text("code"),
            renewed=session.session_id(new_cookie),
            browser=session.session_id(trusted_cookie),
            payment=asked.payment if asked else None,
        )
        result = await ctx.time_padded_check(checking)
    except (errors.NotFound, errors.WrongStyle):
        return response
    except errors.CodeMalformed as error:
        return await _malformed_code(request, form.text("code"), error.length)
    except errors.ChecksPaused as error:
        return await _checks_paused(request, error)
    if result.valid:
        session.set_session_cookie(request, response, new_cookie)
        session.set_trusted_cookie(request, response, trusted_cookie)
    elif not result.verification.status.final:
        response = redirect_to_page(request, WRONG)
    # After the answer: Twilio may take seconds to end a call.
    response.background = BackgroundTask(ctx.verifier.hang_up, result.hang_up)
    return response


async def _checks_paused(request: Request, error: errors.ChecksPaused) -> Response:
    """The answer is the same for a right and a wrong code."""
    state = await session_state(request)
    words = page_words(request, state.verification) if state.verification else request_words(request)
    page = await full_view(request, state, alert=wait_alert(error, words))
    if not isinstance(error, errors.ChecksStopped):
        page = replace(page, lockout=error.wait)
    return render_too_many_requests(request, page, seconds=error.wait)


async def _malformed_code(request: Request, code: str, length: int) -> Response:
    state = await session_state(request)
    if state.verification is None or state.verification.status.final:
        return redirect_to_page(request)
    sentences = page_words(request, state.verification).page.errors
    if not code.strip():
        sentence = sentences.code_missing
    elif any(c.isalpha() for c in code):
        sentence = sentences.code_characters
    else:
        sentence = fill(sentences.code_length, length=length)
    return render(request, await full_view(request, state, error=sentence), status=400)


async def session_state(request: Request) -> State:
    """The state of this browser's verification; an empty one without a cookie."""
    cookie = session.session_cookie(request)
    state = await app_context(request).verifier.get_for_session(session.session_id(cookie)) if cookie else State()
    request.state.verification = state.verification  # for the error page, should the rest fail
    return state


async def _render_state(request: Request, state: State) -> Response:
    return render(request, await full_view(request, state, error=_wrong_code(request, state)))


def _wrong_code(request: Request, state: State) -> str:
    verification = state.verification
    if verification is None or not verification.checks or WRONG not in request.query_params:
        return ""
    return wrong_code(verification, page_words(request, verification).page)


async def _after_keypad_approval(request: Request, state: State) -> tuple[State, tuple[str, str] | None]:
    """The state under new cookies, once the code that the page showed was typed on the phone.

    A session cookie without a state may be one whose answer, with the new cookie, was lost.
    """
    cookie, verification = session.session_cookie(request), state.verification
    if cookie is None or (verification is not None and not _approved_on_keypad(state, verification)):
        return state, None
    verifier = app_context(request).verifier
    new_cookie = session.new_cookie(request)
    trusted_cookie = session.trusted_cookie(request) or session.new_cookie(request)
    new_session = session.session_id(new_cookie)
    if not await verifier.claim(
        session.session_id(cookie), renewed=new_session, browser=session.session_id(trusted_cookie)
    ):
        return state, None
    return await verifier.get_for_session(new_session), (new_cookie, trusted_cookie)


def _approved_on_keypad(state: State, verification: Verification) -> bool:
    approved = verification.status is VerificationStatus.APPROVED
    return verification.style is CallStyle.KEY and approved and state.session is not None and not state.session.approved
