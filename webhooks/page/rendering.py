"""From the state of a verification to HTML. Every value is escaped by the template engine."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from twiml.words import Words
from verification import errors
from verification.flow.enumeration import redact
from verification.models import State, Verification
from verification.types import Channel, Scope
from verification.values.phone_numbers import example_number

from ..context import AppContext, app_context, request_words
from . import accounts_mode, view
from .view import View, ViewContext

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("webhooks.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def render(request: Request, view: View, *, status: int = 200) -> Response:
    ctx = app_context(request)
    region = ctx.region or min(ctx.verifier.policy.countries)
    html = _template("page.html").render(
        view=view, text=view.text, paths=ctx.urls.paths, example=example_number(region)
    )
    return HTMLResponse(html, status_code=status)


def render_live(ctx: AppContext, view: View) -> str:
    """The part of the page that changes while the page is open."""
    return _template("live.html").render(view=view, text=view.text, paths=ctx.urls.paths)


def render_error(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A page with one sentence and a link back."""
    ctx = app_context(request)
    html = _template("error.html").render(
        words=request_words(request), brand=ctx.brand, sentence=sentence, paths=ctx.urls.paths, status=status
    )
    return HTMLResponse(html, status_code=status, headers=headers)


def render_too_many_requests(request: Request, view: View, *, seconds: float) -> Response:
    """The page with status 429 and `Retry-After`."""
    response = render(request, view, status=429)
    response.headers["Retry-After"] = str(int(-(-seconds // 1)))
    return response


def form_view(
    ctx: AppContext, words: Words, values: dict[str, str], invalid: dict[str, str], *, alert: str = ""
) -> View:
    """The form with what was entered and what is wrong with it."""
    values = {"style": ctx.call_style.value} | values
    return view.form(
        words,
        brand=ctx.brand,
        values=values,
        errors=invalid,
        alert=alert,
        ask_phone=not ctx.accounts_mode,
        offers_typing=ctx.offers_typing,
    )


async def full_view(request: Request, state: State, *, error: str = "", alert: str = "") -> View:
    """The page of a browser, including what does not change while the page is open."""
    browser_words = request_words(request)
    current = current_view(app_context(request), state, browser_words, error=error, alert=alert)
    return replace(current, choices=await accounts_mode.other_numbers(request, state, browser_words))


def current_view(ctx: AppContext, state: State, browser_words: Words, *, error: str = "", alert: str = "") -> View:
    """The page of a verification, in the language of its call or text.

    A private verification is shown in the browser's language instead: the account's would reveal something about it.
    """
    state = redact(state)
    verification = state.verification
    words = browser_words if verification is None or verification.private else ctx.words(verification.language)
    shown_code = ctx.verifier.shown_code(verification) if verification else None
    context = ViewContext(
        brand=ctx.brand,
        sender=ctx.sender,
        now=ctx.verifier.clock.now(),
        wait=ctx.verifier.next_delivery_wait(state, state.latest.channel if state.latest else Channel.CALL),
        max_deliveries=ctx.verifier.policy.max_deliveries,
        report_pause=ctx.verifier.policy.report_pause,
        welcome_url=ctx.welcome_url,
    )
    return view.for_state(state, words, context, error=error, alert=alert, shown_code=shown_code or "")


def page_words(request: Request, verification: Verification) -> Words:
    """The words of a verification's page; see `current_view`."""
    return request_words(request) if verification.private else app_context(request).words(verification.language)


def wait_alert(error: errors.Waiting, words: Words) -> str:
    """How long to wait, in words. Where waiting may not help, no time is named."""
    if isinstance(error, errors.ChecksStopped | errors.BudgetSpent):
        return words.page.errors.too_many
    if isinstance(error, errors.LimitReached) and error.scope is Scope.GATES:
        return words.page.progress.try_text  # calls wait for a day, a text goes now
    return view.wait_sentence(error.wait, words.page)


def not_called_sentence(error: errors.CountryNotAllowed, words: Words) -> str:
    """Why we do not call a number: the kind of its line, or its country."""
    sentences = words.page.errors
    return sentences.phone_kind if isinstance(error, errors.KindNotAllowed) else sentences.phone_country
