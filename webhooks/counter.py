"""The page where the number is the account's: it looks the same to everybody, whatever is behind a user name.

Nothing here answers by what it found. Even the call is begun after the answer, so that its time tells nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from twiml.words import Words, from_accept_language, of_country
from verification.making import Wanted
from verification.numbers import Number
from verification.records import BUILT_IN_SERVICE, SIGN_IN, CallStyle, Case, Verification
from verification.starting import Planned
from verification.states import Channel

from . import cookies, view
from .doors import PATHS
from .doorway import asked_words, doorway
from .source import source
from .view import Choice

#: Which of the numbers, by its place among those that are shown.
Pick = Callable[[tuple[Number, ...]], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for where it has no phone field."""

    username: str
    channel: Channel
    style: CallStyle


def first(_: tuple[Number, ...]) -> int:
    """The account's preferred one."""
    return 0


def like(number: Number) -> Pick:
    """The one that looks like this."""

    def pick(numbers: tuple[Number, ...]) -> int:
        return next((at for at, one in enumerate(numbers) if one.masked == number.masked), 0)

    return pick


def at(place: str) -> Pick:
    """The one at this place, as the page wrote it into its form."""
    return lambda numbers: int(place) if place.isascii() and place.isdigit() and int(place) < len(numbers) else 0


async def start(request: Request, asked: Asked, pick: Pick, *, ended: tuple[str, ...] = ()) -> Response:
    """Begin a verification, or what looks like one. Raises LimitReached for the source only.

    `ended` are calls that were called off on the way.
    """
    here, cookie = doorway(request), cookies.read(request) or cookies.fresh(request)
    phones = await here.desk.phones(BUILT_IN_SERVICE, asked.username)
    number = phones.numbers[pick(phones.numbers)]
    wanted = Wanted(
        username=asked.username,
        number=number,
        channel=asked.channel,
        style=asked.style,
        action=SIGN_IN,
        language=_language(request, phones.language, number),
        service=BUILT_IN_SERVICE,
        session=cookies.session(cookie),
        browser=cookies.session(known) if (known := cookies.known(request)) else None,
        source=source(request, here.trusted_proxies),
        manner=phones.manner,
    )
    planned = await here.desk.start(wanted, why=phones.why)
    response = back(request, planned, ended=ended)
    cookies.give(request, response, cookie)
    return response


async def again(request: Request, verification: Verification, channel: Channel) -> Response:
    """The same code once more, or what looks like it. Raises what the desk does."""
    return back(request, await doorway(request).desk.again(verification.sid, channel))


def back(request: Request, planned: Planned, *, ended: tuple[str, ...] = ()) -> Response:
    """Straight back to the page; what was decided is done once that is on its way."""
    here = doorway(request)

    async def deliver() -> None:
        await here.service.hang_up(ended)
        await here.desk.deliver(planned)

    return RedirectResponse(PATHS["page"], status_code=303, background=BackgroundTask(deliver))


async def choices(request: Request, case: Case, words: Words) -> tuple[Choice, ...]:
    """The other numbers that a new code could go to, by their last two digits."""
    verification = case.verification
    if verification is None or not verification.discreet or (case.session is not None and case.session.approved):
        return ()
    phones = await doorway(request).desk.phones(verification.service, verification.username)
    here = like(verification.number)(phones.numbers)
    return tuple(
        Choice(str(place), words.page.code.begin_again, view.masked(number))
        for place, number in enumerate(phones.numbers)
        if place != here
    )


def _language(request: Request, preferred: str, number: Number) -> str:
    """What the phone speaks. The page does not follow it: it speaks what the browser asks for."""
    asked = from_accept_language(request.headers.get("accept-language", ""))
    return asked or preferred or of_country(number.region) or asked_words(request).tag
