"""The pytest plugin, with an application of its own: a shop that announces its opening hours."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from twilio_simulator.testing import TestPhone, TestTwilio

pytest_plugins = ["twilio_simulator.pytest_plugin"]

SHOP = "+14155550199"

MENU = """<Response>
  <Gather numDigits="1" action="/choice"><Say>Acme. For our opening hours, press 1.</Say></Gather>
  <Say>Goodbye.</Say>
</Response>"""


async def menu(_: Request) -> Response:
    return Response(MENU, media_type="text/xml")


async def choice(request: Request) -> Response:
    form = await request.form()
    words = "We open at nine." if form["Digits"] == "1" else "There is no such choice."
    return Response(f"<Response><Say>{words}</Say></Response>", media_type="text/xml")


async def sms(_: Request) -> Response:
    return Response("<Response><Message>We open at nine.</Message></Response>", media_type="text/xml")


shop = Starlette(
    routes=[
        Route("/voice", menu, methods=["POST"]),
        Route("/choice", choice, methods=["POST"]),
        Route("/sms", sms, methods=["POST"]),
    ]
)

Serve = Callable[[ASGIApp], str]


def client_of(twilio: TestTwilio) -> Client:
    client = Client(twilio.account_sid, twilio.auth_token)
    client.api.base_url = twilio.url
    return client


def test_a_caller_hears_the_menu_and_the_answer_to_a_key(twilio: TestTwilio, phone: TestPhone, serve: Serve) -> None:
    twilio.add_number(SHOP, voice_url=f"{serve(shop)}/voice")
    phone.call(SHOP)
    phone.press("1")
    phone.listen()
    assert [heard.text for heard in phone.heard] == ["Acme. For our opening hours, press 1.", "We open at nine."]
    assert not twilio.debugger


def test_a_caller_who_presses_nothing_hears_goodbye(twilio: TestTwilio, phone: TestPhone, serve: Serve) -> None:
    twilio.add_number(SHOP, voice_url=f"{serve(shop)}/voice")
    phone.call(SHOP)
    twilio.run()
    assert phone.transcript.endswith("Goodbye.")


def test_a_text_is_answered(twilio: TestTwilio, phone: TestPhone, serve: Serve) -> None:
    twilio.add_number(SHOP, sms_url=f"{serve(shop)}/sms")
    phone.text(SHOP, "When do you open?")
    assert [text.body for text in phone.texts] == ["We open at nine."]


def test_the_shop_calls_and_the_phone_answers(twilio: TestTwilio, phone: TestPhone, serve: Serve) -> None:
    twilio.add_number(SHOP)
    client_of(twilio).calls.create(to=phone.number, from_=SHOP, url=f"{serve(shop)}/voice")
    phone.answer()
    phone.listen()
    assert "press 1" in phone.transcript


def test_the_next_request_can_be_made_to_fail(twilio: TestTwilio, phone: TestPhone) -> None:
    twilio.fail_next(429)
    with pytest.raises(TwilioRestException) as refused:
        client_of(twilio).messages.create(to=phone.number, from_=SHOP, body="Hello")
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert phone.texts == []


def flask_like(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
    raise AssertionError((environ, start_response))


class DjangoLike:
    def __call__(self, environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        raise AssertionError((environ, start_response))


@pytest.mark.parametrize("app", [flask_like, DjangoLike(), DjangoLike().__call__])
def test_a_wsgi_application_is_refused_at_once_with_the_name_of_the_wrapper(serve: Serve, app: Any) -> None:
    with pytest.raises(TypeError, match=r"is a WSGI application.*a2wsgi\.WSGIMiddleware\(app\)"):
        serve(app)


def test_what_is_no_application_is_refused_at_once(serve: Serve) -> None:
    with pytest.raises(TypeError, match="takes an ASGI application"):
        serve(cast(ASGIApp, "shop:app"))


def test_every_kind_of_asgi_application_is_served(serve: Serve) -> None:
    class Wrapped:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)

    async def function(scope: Scope, receive: Receive, send: Send, *, name: str = "shop") -> None:
        assert name
        await shop(scope, receive, send)

    for app in (shop, function, Wrapped(shop)):
        with urllib.request.urlopen(urllib.request.Request(f"{serve(app)}/voice", b"", method="POST")) as answer:
            assert answer.status == 200


def test_a_mistake_in_the_shops_twiml_is_in_the_debugger(twilio: TestTwilio, phone: TestPhone, serve: Serve) -> None:
    async def wrong(_: Request) -> Response:
        return Response("<Response><say>Hello</say></Response>", media_type="text/xml")

    site = serve(Starlette(routes=[Route("/voice", wrong, methods=["POST"])]))
    twilio.add_number(SHOP, voice_url=f"{site}/voice")
    phone.call(SHOP)
    assert [entry.code for entry in twilio.debugger] == [12200]
