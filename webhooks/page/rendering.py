"""From a view to HTML. Whatever people or operators wrote is a value in the template, never a part of it."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from verification.values.phone_numbers import example_number

from ..context import app_context, request_words
from ..routes import PATHS
from .view import View


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("webhooks.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def render(request: Request, view: View, *, status: int = 200) -> Response:
    """The page."""
    ctx = app_context(request)
    region = ctx.region or min(ctx.verifier.policy.countries)
    html = _template("page.html").render(view=view, text=view.text, paths=PATHS, example=example_number(region))
    return HTMLResponse(html, status_code=status)


def render_live(view: View) -> str:
    """The part of the page that changes while it is open."""
    return _template("live.html").render(view=view, text=view.text, paths=PATHS)


def render_error(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """One sentence and the way back, when there is no page to show it on."""
    html = _template("error.html").render(
        words=request_words(request), brand=app_context(request).brand, sentence=sentence, paths=PATHS, status=status
    )
    return HTMLResponse(html, status_code=status, headers=headers)
