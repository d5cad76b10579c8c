"""The doctor's checks of the public address: does this service answer, and do signatures arrive intact?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from twilio.request_validator import RequestValidator

from saycode.config.loader import load
from saycode.doctor.address import signed_request
from saycode.doctor.findings import Check, Finding, Level
from saycode.doctor.http import MAX_BODY_BYTES, FailureReason, HttpTransport, Reply, RequestFailure
from tests.support.certificates import own_certificate
from tests.support.doctor import (
    API,
    PUBLIC,
    SENDER,
    TOKEN,
    DoctorSetup,
    Proxy,
    always,
    messages,
    problems,
    the_problem,
)
from tests.support.keys import NEW_KEY

# The public address


async def test_an_address_that_only_this_machine_has_is_a_problem_with_the_real_twilio(setup: DoctorSetup) -> None:
    here = setup.site.url
    setup.serve(SAYCODE_PUBLIC_URL=here)
    found = problems(await setup.fix(SAYCODE_PUBLIC_URL=here))
    assert {finding.check for finding in found} == {Check.CALLS, Check.TEXTS, Check.ADDRESS}
    assert ["SAYCODE_PUBLIC_URL" in finding.fix for finding in found if finding.check is Check.ADDRESS] == [True]
    assert setup.twilio.numbers[SENDER].voice_url == f"{PUBLIC}/webhooks/voice"


@pytest.mark.parametrize("address", ["https://192.168.1.7", "https://[fd00::1]", "https://desk.local", "https://desk"])
async def test_a_private_address_is_a_problem(setup: DoctorSetup, address: str) -> None:
    setup.hosts[address] = RequestFailure(FailureReason.SLOW)
    assert "its own network" in messages(await setup.examine(SAYCODE_PUBLIC_URL=address))


@pytest.mark.parametrize(
    ("why", "fix"),
    [
        (FailureReason.NO_SUCH_NAME, "SAYCODE_PUBLIC_URL"),
        (FailureReason.REFUSED, "saycode serve"),
        (FailureReason.SLOW, "saycode serve"),
        (FailureReason.CERTIFICATE, "public authority"),
        (FailureReason.NO_TLS, "https"),
        (FailureReason.BROKEN, "saycode serve"),
    ],
)
async def test_an_address_that_cannot_be_reached_is_a_problem_with_its_own_fix(
    setup: DoctorSetup, why: FailureReason, fix: str
) -> None:
    setup.hosts[PUBLIC] = RequestFailure(why)
    found = the_problem(await setup.examine())
    assert (found.check, f"cannot be reached: {why}." in found.message, fix in found.fix) == (Check.ADDRESS, True, True)


@pytest.mark.parametrize(
    ("answer", "fix"),
    [
        (Response("gone", 404, headers={"ngrok-error-code": "ERR_NGROK_3200"}), "ngrok start"),
        (Response("bad", 502, headers={"ngrok-error-code": "ERR_NGROK_8012"}), "ngrok start"),
        (Response("bad gateway", 502), "saycode serve"),
        (Response("<h1>It works</h1>", 200), "SAYCODE_PUBLIC_URL"),
        (JSONResponse({"status": "ok", "of": "another"}), "SAYCODE_PUBLIC_URL"),
        (Response("log in first", 401), "login"),
        (Response("made", 201, headers={"Location": "/elsewhere"}), "login"),
        (
            RedirectResponse("https://www.verify.example/health/live"),
            "Set SAYCODE_PUBLIC_URL to https://www.verify.example",
        ),
        (RedirectResponse("/health/live/"), "without redirects"),
        (RedirectResponse("/login"), "without redirects"),
    ],
)
async def test_something_else_that_answers_is_a_problem(setup: DoctorSetup, answer: Response, fix: str) -> None:
    setup.site.switch.app = always(answer)
    found = the_problem(await setup.examine())
    assert (found.check, fix in found.fix) == (Check.ADDRESS, True)


async def test_a_proxy_that_redirects_only_webhooks_is_found(setup: DoctorSetup) -> None:
    for path in ("/webhooks/probe", "/webhooks/voice", "/webhooks/sms"):
        redirect = RedirectResponse(f"{PUBLIC}{path}/", 308)
        setup.site.switch.app = Proxy(setup.serve(), answers={path: redirect})
        found = the_problem(await setup.examine())
        assert (found.check, f"{path}/" in found.message, "redirects" in found.fix) == (Check.ADDRESS, True, True)


async def test_an_address_that_breaks_off_at_the_webhooks_is_a_problem(setup: DoctorSetup) -> None:
    for path, check in (("probe", Check.ADDRESS), ("voice", Check.SIGNATURE)):
        setup.hosts = {f"{PUBLIC}/webhooks/{path}": RequestFailure(FailureReason.SLOW), **setup.hosts}
        found = problems(await setup.examine())[0]
        assert (found.check, str(FailureReason.SLOW) in found.message) == (check, True)
        setup.hosts.pop(f"{PUBLIC}/webhooks/{path}")


# Is it this very service?


async def test_a_service_with_another_token_is_not_this_one(setup: DoctorSetup) -> None:
    setup.serve(TWILIO_AUTH_TOKEN="before-the-rotation")
    found = the_problem(await setup.examine())
    assert (found.check, "TWILIO_AUTH_TOKEN" in found.message) == (Check.IDENTITY, True)
    assert "Restart" in found.fix


async def test_during_a_rotation_the_service_is_known_by_either_token(setup: DoctorSetup) -> None:
    setup.serve(TWILIO_AUTH_TOKEN="the-next-token", TWILIO_AUTH_TOKEN_PREVIOUS=TOKEN)
    assert problems(await setup.examine()) == []


async def test_a_service_with_another_secret_key_is_not_this_one(setup: DoctorSetup) -> None:
    setup.serve(SAYCODE_SECRET_KEY=NEW_KEY)
    found = the_problem(await setup.examine())
    assert (found.check, "SAYCODE_SECRET_KEY" in found.message) == (Check.IDENTITY, True)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=404),
        JSONResponse({"proof": "0" * 64, "signature": "right", "checked": f"{PUBLIC}/webhooks/probe", "key": ""}),
        JSONResponse({}),
        JSONResponse(["saycode"]),
    ],
)
async def test_a_server_without_a_valid_proof_is_not_this_service(setup: DoctorSetup, answer: Response) -> None:
    setup.site.switch.app = Proxy(setup.serve(), answers={"/webhooks/probe": answer})
    found = the_problem(await setup.examine())
    assert (found.check, "SAYCODE_PUBLIC_URL" in found.fix) == (Check.IDENTITY, True)


# Signatures


async def test_a_service_that_checks_another_address_is_a_problem_that_names_both(setup: DoctorSetup) -> None:
    setup.serve(SAYCODE_PUBLIC_URL="https://old.example")
    found = the_problem(await setup.examine())
    assert found.check is Check.SIGNATURE
    assert f"would sign {PUBLIC}/" in found.message
    assert "checks https://old.example/" in found.message
    assert "Host arrives as verify.example" in found.message
    assert f"SAYCODE_PUBLIC_URL={PUBLIC}" in found.fix


async def test_headers_that_a_proxy_changes_are_noted_and_harmless(setup: DoctorSetup) -> None:
    changed = {"Host": "127.0.0.1:8000", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8000"}
    setup.site.switch.app = Proxy(setup.serve(), headers={**changed, "X-Forwarded-Host": "inside.example"})
    found = await setup.examine()
    assert problems(found) == []
    (noted,) = [finding for finding in found if (finding.check, finding.level) == (Check.SIGNATURE, Level.NOTE)]
    for name, value in changed.items():
        assert f"{name} arrives as {value}" in noted.message


@pytest.mark.parametrize(
    ("fault", "fix"),
    [
        ({"headers": {"X-Twilio-Signature": None}}, "forward it"),
        ({"doubled": "X-Twilio-Signature"}, "once"),
        ({"trims": True}, "blank fields"),
    ],
)
async def test_a_proxy_that_breaks_signatures_is_a_problem(
    setup: DoctorSetup, fault: dict[str, object], fix: str
) -> None:
    setup.site.switch.app = Proxy(setup.serve(), **fault)  # type: ignore[arg-type]  # named by the table above
    found = the_problem(await setup.examine())
    assert (found.check, fix in found.fix) == (Check.SIGNATURE, True)


@pytest.mark.parametrize("path", ["/webhooks/voice", "/webhooks/sms"])
async def test_a_webhook_that_accepts_forged_signatures_is_a_problem(setup: DoctorSetup, path: str) -> None:
    setup.site.switch.app = Proxy(setup.serve(), answers={path: PlainTextResponse("<Response/>")})
    found = the_problem(await setup.examine())
    assert (found.check, "forged" in found.message, path in found.message) == (Check.SIGNATURE, True, True)


@pytest.mark.parametrize("path", ["/webhooks/voice", "/webhooks/sms"])
async def test_a_webhook_that_rejects_valid_signatures_is_a_problem(setup: DoctorSetup, path: str) -> None:
    setup.site.switch.app = Proxy(setup.serve(), answers={path: Response(status_code=403)})
    found = the_problem(await setup.examine())
    assert (found.check, "valid signature" in found.message, path in found.message) == (Check.SIGNATURE, True, True)
    assert "HTTP 403" in found.message


async def test_a_port_in_the_address_is_signed_as_twilio_does(setup: DoctorSetup) -> None:
    ported = "https://verify.example:8443"
    setup.hosts = {ported: setup.site.url, API: setup.api.url}
    setup.environ["SAYCODE_PUBLIC_URL"] = ported
    setup.serve()
    setup.twilio.add_number(SENDER, voice_url=f"{ported}/webhooks/voice", sms_url=f"{ported}/webhooks/sms")
    assert problems(await setup.examine()) == []


@pytest.mark.parametrize(
    ("public", "route", "signed"),
    [
        ("https://verify.example:8443", "inbound_call", "https://verify.example/webhooks/voice"),
        ("https://verify.example:8443", "inbound_message", "https://verify.example:8443/webhooks/sms"),
        ("https://verify.example", "inbound_call", "https://verify.example/webhooks/voice"),
        ("http://127.0.0.1:8000", "inbound_call", "http://127.0.0.1:8000/webhooks/voice"),
    ],
)
def test_a_webhook_is_signed_for_the_address_that_twilio_would_sign(
    setup: DoctorSetup, public: str, route: str, signed: str
) -> None:
    posted = signed_request(load(setup.environ | {"SAYCODE_PUBLIC_URL": public}), route, nonce="0" * 32)
    signature = RequestValidator(TOKEN).compute_signature(signed, dict(posted.fields))
    assert posted.headers["X-Twilio-Signature"] == signature
    assert "Proof" not in posted.fields


# Clients


async def start_from(setup: DoctorSetup, *sources: str | None) -> None:
    """Forms that clients sent through a proxy on this machine, with a number of a country that is not called."""
    details = {"username": "ada", "phone": "+442079460123", "channel": "call"}
    async with HttpTransport() as transport:
        for source in sources:
            headers = {"X-Forwarded-For": source} if source else {}
            await transport.send("POST", f"{setup.site.url}/start", fields=details, headers=headers)


async def client_notes(setup: DoctorSetup, **changed: str) -> list[Finding]:
    found = await setup.examine(**changed)
    assert problems(found) == []
    return [finding for finding in found if (finding.check, finding.level) == (Check.ADDRESS, Level.NOTE)]


async def test_requests_that_all_come_from_one_private_address_are_noted(setup: DoctorSetup) -> None:
    assert await client_notes(setup) == []
    await start_from(setup, None, None)
    (noted,) = await client_notes(setup)
    assert "All requests so far (2) came from 127.0.0.1, a private address" in noted.message
    assert "SAYCODE_TRUSTED_PROXIES=127.0.0.1" in noted.fix


async def test_requests_of_several_clients_are_not_noted(setup: DoctorSetup) -> None:
    setup.serve(SAYCODE_TRUSTED_PROXIES="127.0.0.1")
    await start_from(setup, "8.8.4.4", "8.8.8.8:41123", "[2606:4700::1]:80")
    assert await client_notes(setup) == []


async def test_requests_of_one_client_on_the_internet_are_not_noted(setup: DoctorSetup) -> None:
    setup.serve(SAYCODE_TRUSTED_PROXIES="127.0.0.1")
    await start_from(setup, "8.8.4.4", "8.8.4.4")
    assert await client_notes(setup) == []


async def test_a_proxy_that_is_not_trusted_is_noted_before_the_first_request(setup: DoctorSetup) -> None:
    setup.site.switch.app = Proxy(setup.serve(), headers={"X-Forwarded-For": "8.8.4.4"})
    (noted,) = await client_notes(setup)
    assert "The proxy at 127.0.0.1 is not trusted" in noted.message
    assert "SAYCODE_TRUSTED_PROXIES=127.0.0.1" in noted.fix
    setup.site.switch.app = Proxy(
        setup.serve(SAYCODE_TRUSTED_PROXIES="127.0.0.1"), headers={"X-Forwarded-For": "8.8.4.4"}
    )
    assert await client_notes(setup) == []


# The network itself


async def unreached(setup: DoctorSetup, address: str) -> str:
    """The finding for a public address on loopback, with the simulator as Twilio."""
    found = await setup.examine(SAYCODE_PUBLIC_URL=address, TWILIO_API_BASE_URL=setup.api.url)
    return next(finding.message for finding in found if finding.check is Check.ADDRESS)


async def test_a_port_without_a_server(setup: DoctorSetup) -> None:
    async with listening(b"") as port:
        pass
    assert str(FailureReason.REFUSED) in await unreached(setup, f"http://127.0.0.1:{port}")


async def test_a_server_that_never_answers(setup: DoctorSetup) -> None:
    setup.timeout = 0.2
    async with listening(b"") as port:
        assert str(FailureReason.SLOW) in await unreached(setup, f"http://127.0.0.1:{port}")


async def test_a_server_that_speaks_something_else(setup: DoctorSetup) -> None:
    async with listening(b"SSH-2.0-OpenSSH_9.9\r\n") as port:
        assert str(FailureReason.BROKEN) in await unreached(setup, f"http://127.0.0.1:{port}")


async def test_a_server_without_tls(setup: DoctorSetup) -> None:
    async with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert str(FailureReason.NO_TLS) in await unreached(setup, f"https://127.0.0.1:{port}")


async def test_a_certificate_of_no_authority(setup: DoctorSetup, tmp_path: Path) -> None:
    async with listening(b"", tls=own_certificate(tmp_path)) as port:
        message = await unreached(setup, f"https://localhost:{port}")
    assert str(FailureReason.CERTIFICATE) in message
    assert "self-signed" in message.lower().replace("self signed", "self-signed")


@pytest.mark.parametrize(("size", "whole"), [(600_000, True), (3 * MAX_BODY_BYTES, False)])
async def test_an_answer_is_read_to_its_end_unless_it_is_far_too_large(
    setup: DoctorSetup, size: int, whole: bool
) -> None:
    setup.site.switch.app = always(Response(b"x" * size))
    async with HttpTransport() as transport:
        answer = await transport.send("GET", setup.site.url)
    assert isinstance(answer, Reply)
    assert (len(answer.body) == size) == whole


@asynccontextmanager
async def listening(answer: bytes, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that sends this to every client, or nothing; its port."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read(1)
        if answer:
            writer.write(answer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()
