"""The shop's pages. A password signs in; changing billing, shipping address or password asks for the phone as well."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from .customers import FIELDS, Change, Customer, Customers, Session, Thing, demo_customers, wrong
from .openid import OpenId
from .proof import NotProven, Proof
from .stepup import Refused, StepUp

HERE = Path(__file__).parent
COOKIE = "shop"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{also}; frame-ancestors 'none'"
templates = Jinja2Templates(directory=HERE / "templates")
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Shop:
    """What the pages need. `password` is shown beside the form, since this is a shop to look at.

    With `openid` the code is asked for by Saycode's page, and without it by the shop's own.
    """

    customers: Customers
    stepup: StepUp
    proof: Proof
    phone: str
    password: str
    openid: OpenId | None = None


def shop(request: Request) -> Shop:
    return cast(Shop, request.app.state.shop)


def session(request: Request) -> Session:
    return shop(request).customers.sessions.get(request.cookies.get(COOKIE, ""), Session())


def customer(request: Request) -> Customer:
    return shop(request).customers.known[session(request).user]


def signed_in(handler: Handler) -> Handler:
    """Only for customers, and only by our own forms: the cookie is not sent along from other sites either."""

    async def answer(request: Request) -> Response:
        if not session(request).user:
            return _to("/sign-in")
        if request.method == "POST":
            _require_own_form(request)
        return await handler(request)

    return answer


def _require_own_form(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)


async def sign_in(request: Request) -> Response:
    """The password."""
    here = shop(request)
    if request.method == "GET":
        return _page(request, "sign-in.html", password=here.password)
    _require_own_form(request)
    form = await _form(request, ("name", "password"))
    cookie = await run_in_threadpool(here.customers.sign_in, form["name"], form["password"])
    if cookie is None:
        return _page(request, "sign-in.html", status=403, name=form["name"], wrong="Name and password do not match.")
    response = _to("/")
    # A strict cookie would be missing when the browser comes back from Saycode's page.
    same_site: Literal["lax", "strict"] = "lax" if here.openid else "strict"
    response.set_cookie(COOKIE, cookie, httponly=True, samesite=same_site, secure=request.url.scheme == "https")
    return response


@signed_in
async def account(request: Request) -> Response:
    """What the shop knows about the customer."""
    here = session(request)
    notice, here.notice = here.notice, ""
    return _page(request, "account.html", customer=customer(request), fields=FIELDS, notice=notice)


@signed_in
async def letters(request: Request) -> Response:
    """Whether the customer wants letters: a change that needs no phone."""
    them = customer(request)
    them.letters = not them.letters
    session(request).notice = "We will write to you now and then." if them.letters else "No more letters."
    return _to("/")


@signed_in
async def edit(request: Request) -> Response:
    """A change is asked for; nothing is changed yet."""
    thing = _thing(request)
    known = customer(request).details.get(thing, {})
    if request.method == "GET":
        return _page(request, "edit.html", thing=thing, fields=FIELDS[thing], values=known)
    form = await _form(request, (*FIELDS[thing], "channel"))
    channel = form.pop("channel")
    problem = wrong(thing, form)
    if problem:
        return _page(request, "edit.html", status=400, thing=thing, fields=FIELDS[thing], values=form, wrong=problem)
    change = Change(thing, form, channel=channel if channel == "sms" else "call")
    if shop(request).openid is not None:
        return await _ask_page(request, change)
    try:
        await _send(request, change)
    except Refused as refused:
        return _page(
            request, "edit.html", status=429, thing=thing, fields=FIELDS[thing], values=form, wrong=str(refused)
        )
    session(request).change = change
    return _to("/confirm")


async def _ask_page(request: Request, change: Change) -> Response:
    """Let Saycode's page ask for the code."""
    openid, user = shop(request).openid, session(request).user
    assert openid is not None
    try:
        address, change.login = await run_in_threadpool(openid.begin, user, change.thing.action)
    except NotProven:
        session(request).notice = "We cannot reach your phone at the moment. Please try again later."
        return _to("/")
    session(request).change = change
    return _to(address)


@signed_in
async def proven(request: Request) -> Response:
    """The browser is back from Saycode's page."""
    here, change = shop(request), session(request).change
    if here.openid is None or change is None or change.login is None:
        return _to("/")
    session(request).change = None  # whatever the answer is, it is the only one
    them, answer = customer(request), dict(request.query_params)
    try:
        await run_in_threadpool(here.openid.finish, change.login, answer, user=them.name, action=change.thing.action)
    except NotProven:
        session(request).notice = "Nothing was changed: this needs your phone."
        return _to("/")
    them.change(change.thing, change.values)
    session(request).notice = change.thing.done
    return _to("/")


@signed_in
async def confirm(request: Request) -> Response:
    """The code, as the phone said it."""
    here, change = shop(request), session(request).change
    if change is None:
        return _to("/")
    if request.method == "GET":
        return _confirm(request, change)
    code = (await _form(request, ("code",)))["code"]
    try:
        receipt = await run_in_threadpool(here.stepup.check, change.verification, code, change.thing.action)
        if receipt is None:
            raise Refused("That was not the code, and it cannot be used again. Please ask for a new one.")
        await run_in_threadpool(apply, here, customer(request), change, receipt)
    except Refused as refused:
        return _confirm(request, change, status=400, wrong=str(refused))
    except NotProven:
        return _confirm(
            request, change, status=403, wrong="This needs your phone once more. Please ask for a new code."
        )
    session(request).change = None
    session(request).notice = change.thing.done
    return _to("/")


def apply(here: Shop, them: Customer, change: Change, receipt: str) -> None:
    """Make the change, for a receipt that says so and was never used before. Raises NotProven."""
    name = here.proof.require(receipt, user=them.name, action=change.thing.action)
    if not here.stepup.redeem(name):
        raise NotProven("a receipt that was used before")
    them.change(change.thing, change.values)


@signed_in
async def again(request: Request) -> Response:
    """Once more, by call or by text."""
    change = session(request).change
    if change is None:
        return _to("/")
    channel = (await _form(request, ("channel",)))["channel"]
    change.channel = channel if channel == "sms" else "call"
    try:
        await _send(request, change)
    except Refused as refused:
        return _confirm(request, change, status=429, wrong=str(refused))
    return _to("/confirm")


@signed_in
async def never_mind(request: Request) -> Response:
    """The customer changed their mind."""
    change = session(request).change
    if change is not None:
        await run_in_threadpool(shop(request).stepup.cancel, change.verification)
        session(request).change = None
        session(request).notice = "Nothing was changed."
    return _to("/")


@signed_in
async def sign_out(request: Request) -> Response:
    """Until next time."""
    shop(request).customers.sessions.pop(request.cookies[COOKIE], None)
    return _to("/sign-in")


async def _send(request: Request, change: Change) -> None:
    here, user = shop(request), session(request).user
    change.verification = await run_in_threadpool(here.stepup.send, user, change.thing.action, channel=change.channel)


def _confirm(request: Request, change: Change, *, status: int = 200, wrong: str = "") -> Response:
    return _page(request, "confirm.html", status=status, change=change, phone=shop(request).phone, wrong=wrong)


def _thing(request: Request) -> Thing:
    try:
        return Thing(request.path_params["thing"])
    except ValueError:
        raise HTTPException(404) from None


async def _form(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """These fields of a form; one that is not there is empty. Starlette's own parser needs a package more."""
    try:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=10))
    except ValueError:  # UnicodeDecodeError is one
        raise HTTPException(400) from None
    return {name: form.get(name, "").strip() for name in names}


def _page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    context: Mapping[str, Any] = {"user": session(request).user, "openid": shop(request).openid, **values}
    response = templates.TemplateResponse(request, template, dict(context), status_code=status)
    response.headers["Cache-Control"] = "no-store"
    # A form may lead on to Saycode's page.
    response.headers["Content-Security-Policy"] = POLICY.format(also=request.app.state.form_target)
    return response


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303)


BOTH, POST = ["GET", "POST"], ["POST"]
ROUTES = [
    Route("/", account),
    Route("/sign-in", sign_in, methods=BOTH),
    Route("/sign-out", sign_out, methods=POST),
    Route("/letters", letters, methods=POST),
    Route("/change/{thing}", edit, methods=BOTH),
    Route("/proven", proven),
    Route("/confirm", confirm, methods=BOTH),
    Route("/confirm/again", again, methods=POST),
    Route("/confirm/never-mind", never_mind, methods=POST),
    Mount("/static", StaticFiles(directory=HERE / "static")),
]


def create_app(environ: Mapping[str, str] = os.environ) -> Starlette:
    """The shop, with the address and the key of its Saycode from the environment."""
    address, service = environ["SHOP_SAYCODE_URL"], environ["SHOP_SERVICE"]
    app = Starlette(routes=ROUTES, max_body_size=16 * 1024)
    app.state.shop = Shop(
        customers=demo_customers(environ["SHOP_PASSWORD"]),
        stepup=StepUp(address=address, service=service, key=environ["SHOP_KEY"], secret=environ["SHOP_SECRET"]),
        proof=Proof(issuer=address, service=service),
        phone=environ["SHOP_PHONE_ENDS"],
        password=environ["SHOP_PASSWORD"],
        openid=OpenId.from_environment(address, environ),
    )
    app.state.form_target = f" {address}" if app.state.shop.openid else ""
    return app
