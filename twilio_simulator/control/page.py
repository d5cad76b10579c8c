"""The telephones in the browser: one template, one stylesheet, one script, and an icon.

The page needs nothing but the test face. It loads nothing from elsewhere, and the policy allows no script or style that
is not in these files, nor any text that would become markup: what a webhook answers is shown here, whatever it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of the page. It is read anew each time, so that a change shows without a restart."""

    name: str
    media_type: str

    async def answer(self, _: Request) -> Response:
        return Response((STATIC / self.name).read_bytes(), media_type=self.media_type, headers=HEADERS)


PAGE_ROUTES = [
    Route("/", StaticFile("phone.html", "text/html").answer),
    Route("/phone.css", StaticFile("phone.css", "text/css").answer),
    Route("/phone.js", StaticFile("phone.js", "text/javascript").answer),
    Route("/phone.svg", StaticFile("phone.svg", "image/svg+xml").answer),
]
