"""Traces have no number, no code and nobody's address in them, and the application sees the request as it was."""

import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from saycode.server.tracing import TracingMiddleware, with_tracing
from tests.support.app import open_house
from tests.support.asgi_client import ask

NUMBER = "14155550100"


class Spans:
    """In the place of Starlette's middleware: writes down what it is shown of each request."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def around(self, app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                self.seen.append({name: value for name, value in scope.items() if name != "saycode.request"})

        return middleware


async def spans(tmp_path: Path, target: str, **headers: str) -> tuple[dict[str, Any], int]:
    """What a middleware sees of this request, and how it was answered."""
    made = Spans()
    async with open_house(tmp_path / "table.db") as house:
        answer = await ask(TracingMiddleware(house.app, made.around), "GET", target, headers=list(headers.items()))
    return made.seen[-1], answer.status


@pytest.mark.parametrize("written", [f"+{NUMBER}", f"%2B{NUMBER}", NUMBER, "123456"])
async def test_a_number_or_a_code_in_an_address_is_not_shown(tmp_path: Path, written: str) -> None:
    seen, _ = await spans(tmp_path, f"/v2/Services/VA{'0' * 32}/Verifications/{written}?Code=123456&To={written}")
    text = repr({name: value for name, value in seen.items() if name not in ("app", "router", "route", "state")})
    assert NUMBER not in text
    assert "123456" not in text
    assert seen["path"] == f"/v2/Services/VA{'0' * 32}/Verifications/***"


async def test_whose_request_it_is_is_not_shown(tmp_path: Path) -> None:
    seen, _ = await spans(tmp_path, "/", **{"user-agent": "Somebody's", "traceparent": "00-1-2-01"})
    assert seen["client"] is None
    assert b"user-agent" not in dict(seen["headers"])
    assert (b"traceparent", b"00-1-2-01") in seen["headers"]


async def test_the_application_sees_the_request_as_it_was_and_the_span_learns_the_route(tmp_path: Path) -> None:
    seen, status = await spans(tmp_path, "/health/live?x=1")
    assert (status, seen["route"].path) == (200, "/health/live")


async def test_without_the_library_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette.middleware.opentelemetry", None)
    async with open_house(tmp_path / "table.db") as house:
        before = house.app.middleware_stack  # type: ignore[attr-defined]  # an application of Starlette's
        assert with_tracing(house.app).middleware_stack is before  # type: ignore[arg-type]
