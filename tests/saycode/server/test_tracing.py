"""Traces contain no number, code or address; the application gets the unchanged request."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from saycode.server.tracing import TracingMiddleware
from tests.support.app import running_app
from tests.support.asgi_client import send_request

NUMBER = "14155550100"


class Spans:
    """In place of Starlette's middleware: records the scope of each request."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    def wrap(self, app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                self.scopes.append({name: value for name, value in scope.items() if name != "saycode.request"})

        return middleware


async def spans(tmp_path: Path, target: str, **headers: str) -> tuple[dict[str, Any], int]:
    """The scope that a middleware gets, and the status of the answer."""
    recorded = Spans()
    async with running_app(tmp_path / "store.db") as running:
        answer = await send_request(
            TracingMiddleware(running.app, recorded.wrap), "GET", target, headers=list(headers.items())
        )
    return recorded.scopes[-1], answer.status


@pytest.mark.parametrize("written", [f"+{NUMBER}", f"%2B{NUMBER}", NUMBER, "123456"])
async def test_a_number_or_code_in_a_path_is_hidden(tmp_path: Path, written: str) -> None:
    seen, _ = await spans(tmp_path, f"/v2/Services/VA{'0' * 32}/Verifications/{written}?Code=123456&To={written}")
    text = repr({name: value for name, value in seen.items() if name not in ("app", "router", "route", "state")})
    assert NUMBER not in text
    assert "123456" not in text
    assert seen["path"] == f"/v2/Services/VA{'0' * 32}/Verifications/***"


async def test_the_client_is_hidden(tmp_path: Path) -> None:
    seen, _ = await spans(tmp_path, "/", **{"user-agent": "A browser", "traceparent": "00-1-2-01"})
    assert seen["client"] is None
    assert b"user-agent" not in dict(seen["headers"])
    assert (b"traceparent", b"00-1-2-01") in seen["headers"]


async def test_the_application_gets_the_whole_request_and_the_span_the_route(tmp_path: Path) -> None:
    seen, status = await spans(tmp_path, "/health/live?x=1")
    assert (status, seen["route"].path) == (200, "/health/live")
