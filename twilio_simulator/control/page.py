"""The page of phones: a template, a stylesheet, a script and an icon.

The page is a client of the control API and loads nothing from other hosts. It shows whatever webhooks respond, so its
Content-Security-Policy allows no inline script or style, and no text that becomes markup.
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
    """One file of the page, read for each request so that edits show without a restart."""

    name: str
    media_type: str

    async def serve(self, _: Request) -> Response:
        return Response((STATIC / self.name).read_bytes(), media_type=self.media_type, headers=HEADERS)


PAGE_ROUTES = [
    Route("/", StaticFile("phone.html", "text/html").serve),
    Route("/phone.css", StaticFile("phone.css", "text/css").serve),
    Route("/phone.js", StaticFile("phone.js", "text/javascript").serve),
    Route("/phone.svg", StaticFile("phone.svg", "image/svg+xml").serve),
]
