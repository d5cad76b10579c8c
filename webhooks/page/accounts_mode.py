"""The page where the number is the account's: it looks the same to everybody, whatever is behind a user name.

Nothing here answers by what it found. Even the call is begun after the answer, so that its time tells nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from twiml.words import Words, from_accept_language, language_of_country
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, State, Verification
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel
from verification.values.phone_numbers import PhoneNumber

from ..context import app_context, request_words
from ..requests import client_source
from ..routes import PATHS
from . import session, view
from .view import NumberChoice

#: Which of the numbers, by its place among those that are shown.
NumberSelector = Callable[[tuple[PhoneNumber, ...]], int]


@dataclass(frozen=True, slots=True)
class AccountForm:
    """What the form asks for where it has no phone field."""

    username: str
    channel: Channel
    style: CallStyle


def preferred(_: tuple[PhoneNumber, ...]) -> int:
    """The account's preferred one."""
    return 0


def same_as(number: PhoneNumber) -> NumberSelector:
    """The one that looks like this."""

    def pick(numbers: tuple[PhoneNumber, ...]) -> int:
        return next((at for at, one in enumerate(numbers) if one.masked == number.masked), 0)

    return pick


def at_index(place: str) -> NumberSelector:
    """The one at this place, as the page wrote it into its form."""
    return lambda numbers: int(place) if place.isascii() and place.isdigit() and int(place) < len(numbers) else 0


async def start(request: Request, asked: AccountForm, pick: NumberSelector, *, ended: tuple[str, ...] = ()) -> Response:
    """Begin a verification, or what looks like one. Raises LimitReached for the source only.

    `ended` are calls that were called off on the way.
    """
    ctx, cookie = app_context(request), session.session_cookie(request) or session.new_cookie(request)
    phones = await ctx.desk.phones(BUILT_IN_SERVICE, asked.username)
    number = phones.numbers[pick(phones.numbers)]
    wanted = StartRequest(
        username=asked.username,
        number=number,
        channel=asked.channel,
        style=asked.style,
        action=SIGN_IN,
        language=_language(request, phones.language, number),
        service=BUILT_IN_SERVICE,
        session=session.session_id(cookie),
        browser=session.session_id(known) if (known := session.trusted_cookie(request)) else None,
        source=client_source(request, ctx.trusted_proxies),
        manner=phones.manner,
    )
    planned = await ctx.desk.start(wanted, why=phones.why)
    response = redirect_and_deliver(request, planned, ended=ended)
    session.set_session_cookie(request, response, cookie)
    return response


async def resend(request: Request, verification: Verification, channel: Channel) -> Response:
    """The same code once more, or what looks like it. Raises what the desk does."""
    return redirect_and_deliver(request, await app_context(request).desk.resend(verification.sid, channel))


def redirect_and_deliver(request: Request, planned: StartResult, *, ended: tuple[str, ...] = ()) -> Response:
    """Straight back to the page; what was decided is done once that is on its way."""
    ctx = app_context(request)

    async def deliver() -> None:
        await ctx.verifier.hang_up(ended)
        await ctx.desk.deliver(planned)

    return RedirectResponse(PATHS["page"], status_code=303, background=BackgroundTask(deliver))


async def other_numbers(request: Request, state: State, words: Words) -> tuple[NumberChoice, ...]:
    """The other numbers that a new code could go to, by their last two digits."""
    verification = state.verification
    if verification is None or not verification.discreet or (state.session is not None and state.session.approved):
        return ()
    phones = await app_context(request).desk.phones(verification.service, verification.username)
    ctx = same_as(verification.number)(phones.numbers)
    return tuple(
        NumberChoice(str(place), words.page.code.begin_again, view.masked_number(number))
        for place, number in enumerate(phones.numbers)
        if place != ctx
    )


def _language(request: Request, preferred: str, number: PhoneNumber) -> str:
    """What the phone speaks. The page does not follow it: it speaks what the browser asks for."""
    asked = from_accept_language(request.headers.get("accept-language", ""))
    return asked or preferred or language_of_country(number.region) or request_words(request).tag
