"""An application in a browser reads the provider's answers from another origin (Fetch Standard, CORS)."""

import pytest

from tests.support.app import RunningApp
from tests.support.asgi_client import send_request
from tests.support.openid import Application
from webhooks.routes import PATHS

ORIGIN = ("origin", "https://app.example")
READABLE = ("openid_configuration", "receipt_keys", "openid_token", "openid_push", "openid_userinfo")


@pytest.mark.parametrize("name", READABLE)
async def test_what_an_application_fetches_may_be_read_from_any_origin(
    app: RunningApp, shop: Application, name: str
) -> None:
    asked = [ORIGIN, ("access-control-request-method", "POST"), ("access-control-request-headers", "authorization")]
    before = await send_request(app.app, "OPTIONS", PATHS[name], headers=asked)
    assert (before.status, before.header("access-control-allow-origin")) == (200, "*")
    assert "Authorization" in (before.header("access-control-allow-headers") or "")
    answer = await send_request(app.app, "GET" if name in READABLE[:2] else "POST", PATHS[name], headers=[ORIGIN])
    assert answer.status in (200, 400, 401, 415)
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("access-control-allow-credentials") is None


@pytest.mark.parametrize("name", ["page", "openid_authorize", "openid_proceed", "check_code", "api_services"])
async def test_nothing_else_may_be_read(app: RunningApp, name: str) -> None:
    """The authorization endpoint must not (RFC 9700, 2.6); a page is a person's."""
    for method in ("OPTIONS", "GET", "POST"):
        asked = [ORIGIN, ("access-control-request-method", "POST")]
        answer = await send_request(app.app, method, PATHS[name], headers=asked)
        assert not [header for header, _ in answer.headers if header.startswith("access-control-")]


async def test_a_request_for_the_methods_does_nothing_else(app: RunningApp) -> None:
    answer = await send_request(app.app, "OPTIONS", PATHS["openid_token"])
    assert answer.status == 405
