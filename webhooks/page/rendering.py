"""From the state of a verification to HTML. Every value is escaped by the template engine."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from twiml.words import LANGUAGES, Words, fill, words
from verification import errors
from verification.authorizations import Authorization
from verification.flow.admission import next_delivery_wait
from verification.flow.delivery import busy_until
from verification.flow.enumeration import redact
from verification.models import State, Verification
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel, Scope
from verification.values.written_numbers import dialing_code, example_number

from ..context import AppContext, app_context, request_words
from . import accounts_mode, forms, session, view
from .state_view import for_state
from .times import wait_sentence
from .view import View, ViewContext, Way, reference_sentence

#: So many countries are named in the message about another one.
MOST_COUNTRIES = 6

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
    region, asked = ctx.region or min(ctx.verifier.policy.countries), session.asked_id(request)
    html = _template("page.html").render(
        view=view, text=view.text, example=example_number(region), **_frame(ctx, view.words, asked)
    )
    return HTMLResponse(html, status_code=status)


def _frame(ctx: AppContext, words: Words, asked: str) -> dict[str, object]:
    """What every page has around its content. `asked`: which request of an application the tab is about."""
    return {
        "words": words,
        "brand": ctx.brand,
        "logo": ctx.logo,
        "paths": ctx.urls.paths,
        "to": _links(ctx, asked),
        "languages": native_names(),
    }


def _links(ctx: AppContext, asked: str) -> Callable[..., str]:
    """Makes the addresses of a tab's links and forms, by the name of a route and the names in its query."""
    return lambda route, *query: session.link(ctx.urls.paths[route], *query, asked=asked)


@cache
def native_names() -> tuple[tuple[str, str, str], ...]:
    """The languages, each with its tag, the tag for browsers, and its own name."""
    spoken = [words(tag) for tag in LANGUAGES]
    return tuple((language.tag, language.html_language, language.native_name) for language in spoken)


def render_live(ctx: AppContext, view: View, *, asked: str) -> str:
    """The part of the page that changes while the page is open."""
    return _template("live.html").render(view=view, text=view.text, to=_links(ctx, asked))


def render_error(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A page with one sentence and a link back; with the reference of the verification, if that was read before."""
    words, verification = request_words(request), getattr(request.state, "verification", None)
    shown = reference_sentence(verification, words.page) if verification else ""
    frame = _frame(app_context(request), words, session.asked_id(request))
    html = _template("error.html").render(sentence=sentence, status=status, reference=shown, **frame)
    return HTMLResponse(html, status_code=status, headers=headers)


def render_too_many_requests(request: Request, view: View, *, seconds: float) -> Response:
    """The page with status 429 and `Retry-After`."""
    response = render(request, view, status=429)
    response.headers["Retry-After"] = str(int(-(-seconds // 1)))
    return response


def form_view(
    ctx: AppContext,
    words: Words,
    values: dict[str, str],
    invalid: dict[str, str],
    *,
    alert: str = "",
    asked: Authorization | None = None,
) -> View:
    """The form with what was entered and what is wrong with it. `asked`: what an application asks to prove."""
    payment = asked is not None and asked.payment is not None
    ways = forms.ways(ctx, asked.action if asked else SIGN_IN, payment=payment)
    proposed = Way.KEY if ctx.call_style is CallStyle.KEY and Way.KEY in ways else ways[0]
    shown = view.form(
        words,
        brand=ctx.brand,
        values={"channel": proposed.value} | values,
        errors=invalid,
        alert=alert,
        ask_phone=not ctx.accounts_mode,
        ways=ways,
    )
    return replace(shown, asked_by=_asked_by(asked), onward=asked is not None and asked.error != "")


def _asked_by(asked: Authorization | None) -> tuple[str, ...]:
    """Who asks for the proof, and what for, where it has a name that needs no translation."""
    if asked is None:
        return ()
    payment = asked.payment
    return (asked.client_name, *((f"{payment.amount} {payment.currency}", payment.payee) if payment else ()))


async def full_view(request: Request, state: State, *, error: str = "", alert: str = "") -> View:
    """The page of a browser, including what does not change while the page is open."""
    browser_words = request_words(request)
    ctx, asked = app_context(request), await session.authorization(request)
    current = current_view(ctx, state, browser_words, error=error, alert=alert)
    policy, now = ctx.verifier.policy, ctx.verifier.clock.now()
    if asked is not None and ctx.openid.answerable(asked, state, policy, now=now):
        current = replace(current, onward=True)
    choices = await accounts_mode.number_choices(request, state, browser_words)
    return replace(current, choices=choices, asked_by=_asked_by(asked))


def current_view(ctx: AppContext, state: State, browser_words: Words, *, error: str = "", alert: str = "") -> View:
    """The page of a verification, in the language of its call or text.

    A private verification is shown in the browser's language instead: the account's would reveal something about it.
    """
    state, now = redact(state), ctx.verifier.context()
    verification = state.verification
    words = browser_words if verification is None or verification.private else ctx.words(verification.language)
    shown_code = ctx.verifier.shown_code(verification) if verification else None
    payment = verification is not None and verification.payment is not None
    ways = forms.ways(ctx, verification.action if verification else SIGN_IN, payment=payment)
    # A text needs a new code where the page has shown the old one, and a new one need not wait.
    resent = [channel for channel in Channel if channel.spoken or not shown_code]
    # The sender of a private number's country would reveal the country.
    region = verification.number.region if verification and not verification.private else ""
    context = ViewContext(
        brand=ctx.brand,
        sender=ctx.sender_to(region),
        now=now.now,
        waits={channel: next_delivery_wait(state, channel, now) for channel in resent},
        busy_until={channel: busy_until(state, channel, now) for channel in resent},
        channels=frozenset(way.channel for way in ways),
        max_deliveries=ctx.verifier.policy.max_deliveries,
        report_pause=ctx.verifier.policy.report_pause,
        welcome_url=ctx.welcome_url,
    )
    return for_state(state, words, context, error=error, alert=alert, shown_code=shown_code or "")


def page_words(request: Request, verification: Verification) -> Words:
    """The words of a verification's page; see `current_view`."""
    return request_words(request) if verification.private else app_context(request).words(verification.language)


def wait_alert(error: errors.Waiting, words: Words) -> str:
    """How long to wait, in words. Where waiting may not help, no time is named."""
    if isinstance(error, errors.ChecksStopped | errors.BudgetSpent):
        return words.page.errors.too_many
    if isinstance(error, errors.LimitReached) and error.scope is Scope.GATES:
        return words.page.progress.try_text  # calls wait for a day, a text goes now
    return wait_sentence(error.wait, words.page)


def not_called_sentence(error: errors.CountryNotAllowed, words: Words, countries: frozenset[str]) -> str:
    """Why we do not call a number: the kind of its line, or its country. A few countries are named."""
    sentences = words.page.errors
    if isinstance(error, errors.KindNotAllowed):
        return sentences.phone_kind
    if len(countries) > MOST_COUNTRIES:
        return sentences.phone_country
    named = ", ".join(f"{country}\u00a0({dialing_code(country)})" for country in sorted(countries))
    return fill(sentences.phone_countries, countries=named)
