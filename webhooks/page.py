"""The page: a form, the code, and what comes after. It works without scripts, and every POST goes straight back."""

from contextlib import suppress
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from twiml.words import Words, fill, from_accept_language, of_country
from verification import errors
from verification.discreet import veiled
from verification.making import Wanted
from verification.records import BUILT_IN_SERVICE, SIGN_IN, CallStyle, Case, Verification
from verification.states import Channel, VerificationStatus

from . import cookies, counter, details, forms, view
from .brand import stylesheet
from .counter import Asked
from .details import Details
from .doors import PATHS
from .doorway import Doorway, asked_words, doorway
from .even import evenly, moment
from .outlook import Next
from .render import render
from .same_site import same_site
from .source import source
from .view import Circumstances, View


async def show(request: Request) -> Response:
    """Where this browser stands."""
    here, came = doorway(request), moment()
    case, renewed = await _claimed(request, await _case(request))
    if case.verification is not None and "edit" not in request.query_params:
        drawn = _drawn(request, case)
        response = await (here.evenly(drawn, since=came) if case.verification.discreet else drawn)
        if renewed:
            cookies.give(request, response, renewed[0])
            cookies.give_known(request, response, renewed[1])
        return response
    words = asked_words(request)
    values = {"username": case.verification.username} if case.verification else {}
    response = render(request, _form(here, words, values, {}))
    if cookies.read(request) is None:
        cookies.give(request, response, cookies.fresh(request))  # two clicks on this form come from one browser
    return response


async def brand(request: Request) -> Response:
    """The operator's colour."""
    return Response(stylesheet(doorway(request).color), media_type="text/css")


@same_site
async def start(request: Request) -> Response:
    """The form: who, which phone, how."""
    here, came = doorway(request), moment()
    form = await forms.read(request)
    values = {name: form.text(name) for name in details.NAMES}
    words = asked_words(request)
    asked: Asked | Details | None
    if here.accounts:
        asked, wrong = details.read_asked(form, words)
    else:
        asked, wrong = details.read(form, words, region=here.region)
    if asked is None:
        return render(request, _form(here, words, values, wrong), status=400)
    try:
        if isinstance(asked, Asked):
            starting = counter.start(request, asked, counter.first)
            return await here.evenly(starting, since=came)
        language = words.tag if _asked_language(request) else of_country(asked.number.region) or words.tag
        return await _start(request, asked, language=language)
    except (errors.NumberPaused, errors.LimitReached, errors.ChecksPaused, errors.TooSoon) as problem:
        shown = _form(here, words, values, {}, alert=_until(problem, words))
        return _refuse(request, shown, seconds=problem.wait)
    except errors.CountryNotAllowed:
        wrong["phone"] = words.page.errors.phone_country
        status = 400
    except errors.NumberSuppressed:
        wrong["phone"] = fill(words.page.progress.opted_out, sender=here.sender)
        status = 403
    return render(request, _form(here, words, values, wrong), status=status)


@same_site
async def code(request: Request) -> Response:
    """The code, as it was typed."""
    here = doorway(request)
    form = await forms.read(request)
    cookie = cookies.read(request)
    response = _back()
    if cookie is None:
        return response
    renewed, known = cookies.fresh(request), cookies.known(request) or cookies.fresh(request)
    try:
        checking = here.service.check_in_session(
            cookies.session(cookie),
            form.text("code"),
            renewed=cookies.session(renewed),
            browser=cookies.session(known),
        )
        checked = await evenly(checking, here.service.randomness, step=here.step)
    except (errors.NotFound, errors.WrongStyle):
        return response
    except errors.CodeMalformed as problem:
        return await _malformed(request, form.text("code"), problem.length)
    except errors.ChecksPaused as problem:
        return await _paused(request, problem)
    if checked.valid:
        cookies.give(request, response, renewed)
        cookies.give_known(request, response, known)
    # Twilio may take its time, and nobody should wait for their answer because a call is being ended.
    response.background = BackgroundTask(here.service.hang_up, checked.hang_up)
    return response


async def _paused(request: Request, problem: errors.ChecksPaused) -> Response:
    """The same for every code, right or wrong."""
    case = await _case(request)
    words = _words_of(request, case.verification) if case.verification else asked_words(request)
    shown = await _seen(request, case, alert=_until(problem, words))
    if not isinstance(problem, errors.ChecksStopped):
        shown = replace(shown, held=problem.wait)
    return _refuse(request, shown, seconds=problem.wait)


async def _malformed(request: Request, typed: str, length: int) -> Response:
    case = await _case(request)
    if case.verification is None or case.verification.status.final:
        return _back()
    words = _words_of(request, case.verification)
    said = words.page.errors
    if not typed.strip():
        sentence = said.code_missing
    elif any(c.isalpha() for c in typed):
        sentence = said.code_characters
    else:
        sentence = fill(said.code_length, length=length)
    return render(request, await _seen(request, case, error=sentence), status=400)


@same_site
async def next_step(request: Request) -> Response:
    """One of the buttons named `next`."""
    here, came = doorway(request), moment()
    form = await forms.read(request)
    try:
        wanted = Next(form.text("next"))
    except ValueError as problem:
        raise forms.FormMalformed(400, "This page has no such button.") from problem
    case = await _case(request)
    verification = case.verification
    if verification is None:
        return _back()
    if wanted is Next.CHANGE:
        changing = _change(here, verification)
        return await (here.evenly(changing, since=came) if verification.discreet else changing)
    latest = case.latest.channel if case.latest else Channel.CALL
    channel = {Next.CALL: Channel.CALL, Next.SMS: Channel.SMS}.get(wanted, latest)
    try:
        if here.accounts or verification.discreet:
            step = _discreetly(request, verification, wanted, channel, place=form.text("number"))
            return await here.evenly(step, since=came)
        return await _once_more(request, verification, wanted, channel)
    except (errors.NotPending, errors.NotFound, errors.NotReached):
        return _back()  # the page tells what happened
    except errors.Refused as problem:
        return await _refused(request, case, verification, problem)


async def _discreetly(
    request: Request, verification: Verification, wanted: Next, channel: Channel, *, place: str
) -> Response:
    """The same next step where the number is the account's."""
    if not _begins_anew(verification, wanted, channel):
        return await counter.again(request, verification, channel)
    style = verification.style if channel is Channel.CALL else CallStyle.SAY
    asked = Asked(verification.username, channel, style)
    ended = await _make_room(doorway(request), verification)
    pick = counter.at(place) if place else counter.like(verification.number)
    return await counter.start(request, asked, pick, ended=ended)


async def _once_more(request: Request, verification: Verification, wanted: Next, channel: Channel) -> Response:
    here = doorway(request)
    if _begins_anew(verification, wanted, channel):
        style = verification.style if channel is Channel.CALL else CallStyle.SAY
        same = Details(verification.username, verification.number, channel, style)
        await here.service.hang_up(await _make_room(here, verification))
        return await _start(request, same, language=verification.language)
    await here.service.again(verification.sid, channel)
    return _back()


def _begins_anew(verification: Verification, wanted: Next, channel: Channel) -> bool:
    # A code that the page has shown proves nothing when it is texted, so a text begins anew.
    shown = verification.style is CallStyle.KEY and channel is Channel.SMS
    return wanted is Next.BEGIN_AGAIN or verification.status.final or shown


async def _refused(request: Request, case: Case, verification: Verification, problem: errors.Refused) -> Response:
    here, words = doorway(request), _words_of(request, verification)
    page = words.page
    if isinstance(problem, errors.Waiting):
        shown = await _seen(request, case, alert=_until(problem, words))
        return _refuse(request, shown, seconds=problem.wait)
    if isinstance(problem, errors.TooManyDeliveries):
        shown = await _seen(request, case, alert=page.errors.too_many)
        return _refuse(request, shown, seconds=here.service.policy.code_lifetime)
    if isinstance(problem, errors.NumberSuppressed):
        sentence = fill(page.progress.opted_out, sender=here.sender)
    elif isinstance(problem, errors.CountryNotAllowed):
        sentence = page.errors.phone_country
    else:
        raise problem
    return render(request, await _seen(request, case, alert=sentence), status=403)


async def _make_room(here: Doorway, verification: Verification) -> tuple[str, ...]:
    """A new code near the end of the old one: without this, a press soon after a delivery would count as a double one.

    Earlier than that it is one: the page offers no new code then. The calls that were up are to be hung up.
    """
    if not verification.status.final and view.expires_soon(verification, here.service.clock.now()):
        with suppress(errors.NotPending):  # ended meanwhile, or the button was pressed twice
            return (await here.service.call_off(verification.sid)).hang_up
    return ()


async def _change(here: Doorway, verification: Verification) -> Response:
    response = RedirectResponse(PATHS["page"] + "?edit", status_code=303)
    with suppress(errors.NotPending):  # it had ended by itself; the form is shown all the same
        planned = await here.service.call_off(verification.sid)
        response.background = BackgroundTask(here.service.hang_up, planned.hang_up)
    return response


async def _start(request: Request, asked: Details, *, language: str) -> Response:
    cookie = cookies.read(request) or cookies.fresh(request)
    response = _back()
    cookies.give(request, response, cookie)
    wanted = Wanted(
        username=asked.username,
        number=asked.number,
        channel=asked.channel,
        style=asked.style,
        action=SIGN_IN,
        language=language,
        service=BUILT_IN_SERVICE,
        session=cookies.session(cookie),
        browser=cookies.session(known) if (known := cookies.known(request)) else None,
        source=source(request, doorway(request).trusted_proxies),
    )
    try:
        await doorway(request).service.start(wanted)
    except errors.NotReached:
        return response  # the session names the failed verification, and the page offers the other channel
    return response


async def _claimed(request: Request, case: Case) -> tuple[Case, tuple[str, str] | None]:
    """The case of this browser under its new cookies, once the code that it showed was typed on the phone.

    A cookie that leads nowhere any more may be one whose answer, with the new one, was lost.
    """
    cookie, verification = cookies.read(request), case.verification
    if cookie is None or (verification is not None and not _was_typed_on_the_phone(case, verification)):
        return case, None
    renewed = cookies.fresh(request)
    service = doorway(request).service
    known = cookies.known(request) or cookies.fresh(request)
    if not await service.claim(
        cookies.session(cookie), renewed=cookies.session(renewed), browser=cookies.session(known)
    ):
        return case, None
    return await service.view(cookies.session(renewed)), (renewed, known)


def _was_typed_on_the_phone(case: Case, verification: Verification) -> bool:
    approved = verification.status is VerificationStatus.APPROVED
    return verification.style is CallStyle.KEY and approved and case.session is not None and not case.session.approved


def _form(here: Doorway, words: Words, values: dict[str, str], wrong: dict[str, str], *, alert: str = "") -> View:
    given = {"style": here.style.value} | values
    return view.form(words, brand=here.brand, values=given, errors=wrong, alert=alert, asks_phone=not here.accounts)


async def _case(request: Request) -> Case:
    cookie = cookies.read(request)
    return await doorway(request).service.view(cookies.session(cookie)) if cookie else Case()


async def _drawn(request: Request, case: Case) -> Response:
    return render(request, await _seen(request, case))


async def _seen(request: Request, case: Case, *, error: str = "", alert: str = "") -> View:
    """The whole page of a case."""
    asked = asked_words(request)
    shown = see(doorway(request), case, asked, error=error, alert=alert)
    return replace(shown, choices=await counter.choices(request, case, asked))


def see(here: Doorway, case: Case, asked: Words, *, error: str = "", alert: str = "") -> View:
    """What the page shows of a case, in the language of its call or text.

    Where nothing of an account may show, that language does not either: then it is the browser's, `asked`.
    """
    case = veiled(case)
    verification = case.verification
    words = asked if verification is None or verification.discreet else here.words(verification.language)
    shown = here.service.shown_code(verification) if verification else None
    at = Circumstances(
        brand=here.brand,
        sender=here.sender,
        now=here.service.clock.now(),
        wait=here.service.waiting_time(case),
        most=here.service.policy.max_deliveries,
        onward=here.onward,
    )
    return view.of_case(case, words, at, error=error, alert=alert, shown_code=shown or "")


def _words_of(request: Request, verification: Verification) -> Words:
    return asked_words(request) if verification.discreet else doorway(request).words(verification.language)


def _until(problem: errors.Waiting, words: Words) -> str:
    """How long to wait, in words; where waiting may not help, that it is not to be done now."""
    if isinstance(problem, errors.ChecksStopped | errors.BudgetSpent):
        return words.page.errors.too_many
    return view.wait(problem.wait, words.page)


def _asked_language(request: Request) -> str | None:
    return from_accept_language(request.headers.get("accept-language", ""))


def _back() -> Response:
    return RedirectResponse(PATHS["page"], status_code=303)


def _refuse(request: Request, shown: View, *, seconds: float) -> Response:
    response = render(request, shown, status=429)
    response.headers["Retry-After"] = str(int(-(-seconds // 1)))
    return response
