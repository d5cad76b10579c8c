"""The page in accounts mode, where the number is the account's: the answers reveal nothing about a user name.

No answer depends on what was found. The call itself begins after the answer, so that response times reveal nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from twiml.words import Words, fill, language_of_country
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, State, Verification
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber

from .. import requests
from ..context import app_context, request_words
from . import session
from .session import redirect_to_page
from .view import NumberChoice, last_digits

_POSITION = re.compile(r"[0-9]{1,3}")
#: Picks one of the numbers that are shown, by its position.
NumberSelector = Callable[[tuple[PhoneNumber, ...]], int]


@dataclass(frozen=True, slots=True)
class AccountForm:
    """A valid form without a phone field."""

    username: str
    channel: Channel
    style: CallStyle


def preferred(_: tuple[PhoneNumber, ...]) -> int:
    """The account's preferred number is its first."""
    return 0


def same_as(number: PhoneNumber) -> NumberSelector:
    """The number with the same last digits."""

    def select(numbers: tuple[PhoneNumber, ...]) -> int:
        return next((i for i, candidate in enumerate(numbers) if candidate.masked == number.masked), 0)

    return select


def at_position(text: str) -> NumberSelector:
    """The number at this position, as the page wrote it into its form; the first when the account has no such number
    any more. Raises FormMalformed for anything else than a position.
    """
    if not _POSITION.fullmatch(text):
        raise requests.FormMalformed(400, "Unknown number.")
    position = int(text)
    return lambda numbers: position if position < len(numbers) else 0


async def start(
    request: Request,
    form: AccountForm,
    selector: NumberSelector,
    *,
    ended_calls: tuple[str, ...] = (),
    action: str = SIGN_IN,
    payment: Payment | None = None,
) -> Response:
    """Start a verification, or a decoy. Raises LimitReached for the source only.

    `ended_calls` are calls of a canceled verification, which are hung up after the answer.
    """
    ctx, cookie = app_context(request), session.session_cookie(request) or session.new_cookie(request)
    account = await ctx.public_verifier.numbers(BUILT_IN_SERVICE, form.username)
    number = account.numbers[selector(account.numbers)]
    start_request = StartRequest(
        username=form.username,
        number=number,
        channel=form.channel,
        style=form.style,
        action=action,
        payment=payment,
        language=_language(request, account.language, number),
        service=BUILT_IN_SERVICE,
        session=session.session_id(cookie),
        browser=session.trusted_id(request),
        source=ctx.client_source(request),
        manner=account.manner,
    )
    started = await ctx.public_verifier.start(start_request, reason=account.reason)
    response = _redirect_and_deliver(request, started, ended_calls=ended_calls)
    session.set_session_cookie(request, response, cookie)
    return response


async def resend(request: Request, verification: Verification, channel: Channel) -> Response:
    """Send the same code again, or appear to. Raises what `PublicVerifier.resend` does."""
    started = await app_context(request).public_verifier.resend(verification.sid, channel)
    return _redirect_and_deliver(request, started)


def _redirect_and_deliver(request: Request, started: StartResult, *, ended_calls: tuple[str, ...] = ()) -> Response:
    """Redirect to the page, and deliver after the answer."""
    ctx = app_context(request)

    async def deliver() -> None:
        await ctx.verifier.hang_up(ended_calls)
        await ctx.public_verifier.deliver(started)

    response = redirect_to_page(request)
    response.background = BackgroundTask(deliver)
    return response


async def number_choices(request: Request, state: State, words: Words) -> tuple[NumberChoice, ...]:
    """The account's numbers that a code could go to, by their last two digits; none when there is only one."""
    verification = state.verification
    if verification is None or not verification.private or (state.session is not None and state.session.approved):
        return ()
    account = await app_context(request).public_verifier.numbers(verification.service, verification.username)
    current = same_as(verification.number)(account.numbers)
    choices = tuple(
        NumberChoice(
            str(position), fill(words.page.form.number_ending, digits=last_digits(number)), position == current
        )
        for position, number in enumerate(account.numbers)
    )
    return choices if len(choices) > 1 else ()


async def is_other_number(request: Request, verification: Verification, selector: NumberSelector) -> bool:
    """Whether another number of the account was chosen than the one of this verification."""
    account = await app_context(request).public_verifier.numbers(verification.service, verification.username)
    return selector(account.numbers) != same_as(verification.number)(account.numbers)


def _language(request: Request, account_language: str, number: PhoneNumber) -> str:
    """The language of the call or text. The page itself is in the browser's language."""
    wanted = requests.wanted_language(request) or account_language or language_of_country(number.region)
    return wanted or request_words(request).tag
