"""From a view to HTML. Whatever people or operators wrote is a value in the template, never a part of it."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from verification.numbers import example

from .doors import PATHS
from .doorway import asked_words, doorway
from .view import View


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("webhooks"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def render(request: Request, view: View, *, status: int = 200) -> Response:
    """The page."""
    here = doorway(request)
    region = here.region or min(here.service.policy.countries)
    html = _template("page.html").render(view=view, text=view.text, paths=PATHS, example=example(region))
    return HTMLResponse(html, status_code=status)


def live_part(view: View) -> str:
    """The part of the page that changes while it is open."""
    return _template("live.html").render(view=view, text=view.text, paths=PATHS)


def render_error(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """One sentence and the way back, when there is no page to show it on."""
    html = _template("error.html").render(
        words=asked_words(request), brand=doorway(request).brand, sentence=sentence, paths=PATHS, status=status
    )
    return HTMLResponse(html, status_code=status, headers=headers)
