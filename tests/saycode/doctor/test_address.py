"""What the doctor finds at the public address: is it this service, and do signatures hold?"""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from twilio.request_validator import RequestValidator

from saycode.config.settings import load
from saycode.doctor.address import signed_request
from saycode.doctor.findings import Check, Level
from saycode.doctor.http import MAX_BODY_BYTES, FailureReason, HttpTransport, Reply, RequestFailure
from tests.support.doctor import (
    API,
    PUBLIC,
    SENDER,
    TOKEN,
    Proxy,
    Town,
    everywhere,
    problems,
    said,
    settled,
    the_problem,
)


@pytest.fixture(scope="module")
def settle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    with settled(tmp_path_factory.mktemp("town")) as settle:
        yield settle


@pytest.fixture
def town(settle: Callable[[], Town]) -> Town:
    """All is well, until a test spoils something."""
    return settle()


# The public address


async def test_an_address_that_only_this_machine_has_is_a_problem_with_the_real_twilio(town: Town) -> None:
    here = town.site.url
    town.serve(SAYCODE_PUBLIC_URL=here)
    found = problems(await town.mend(SAYCODE_PUBLIC_URL=here))
    assert {finding.check for finding in found} == {Check.CALLS, Check.TEXTS, Check.ADDRESS}
    assert "SAYCODE_PUBLIC_URL" in found[-1].mend
    assert town.twilio.numbers[SENDER].voice_url == f"{PUBLIC}/webhooks/voice"


@pytest.mark.parametrize("address", ["https://192.168.1.7", "https://[fd00::1]", "https://desk.local", "https://desk"])
async def test_a_private_address_is_a_problem(town: Town, address: str) -> None:
    town.places[address] = RequestFailure(FailureReason.SLOW)
    assert "its own network" in said(await town.examine(SAYCODE_PUBLIC_URL=address))


@pytest.mark.parametrize(
    ("why", "mend"),
    [
        (FailureReason.NO_SUCH_NAME, "SAYCODE_PUBLIC_URL"),
        (FailureReason.REFUSED, "saycode serve"),
        (FailureReason.SLOW, "saycode serve"),
        (FailureReason.CERTIFICATE, "public authority"),
        (FailureReason.NO_TLS, "https"),
        (FailureReason.BROKEN, "saycode serve"),
    ],
)
async def test_an_address_that_cannot_be_reached_is_a_problem_with_its_own_mend(
    town: Town, why: FailureReason, mend: str
) -> None:
    town.places[PUBLIC] = RequestFailure(why)
    found = the_problem(await town.examine())
    assert (found.check, f"cannot be reached: {why}." in found.said, mend in found.mend) == (Check.ADDRESS, True, True)


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        (Response("gone", 404, headers={"ngrok-error-code": "ERR_NGROK_3200"}), "ngrok start"),
        (Response("bad", 502, headers={"ngrok-error-code": "ERR_NGROK_8012"}), "ngrok start"),
        (Response("bad gateway", 502), "saycode serve"),
        (Response("<h1>It works</h1>", 200), "SAYCODE_PUBLIC_URL"),
        (JSONResponse({"status": "ok", "of": "another"}), "SAYCODE_PUBLIC_URL"),
        (Response("who are you", 401), "login"),
        (Response("made", 201, headers={"Location": "/elsewhere"}), "login"),
        (RedirectResponse("https://www.verify.example/health/live"), "Put https://www.verify.example into"),
        (RedirectResponse("/health/live/"), "without redirects"),
        (RedirectResponse("/login"), "without redirects"),
    ],
)
async def test_something_else_that_answers_is_a_problem(town: Town, answer: Response, mend: str) -> None:
    town.site.switch.app = everywhere(answer)
    found = the_problem(await town.examine())
    assert (found.check, mend in found.mend) == (Check.ADDRESS, True)


async def test_a_proxy_that_redirects_only_webhooks_is_found(town: Town) -> None:
    for path in ("/webhooks/probe", "/webhooks/voice", "/webhooks/sms"):
        redirect = RedirectResponse(f"{PUBLIC}{path}/", 308)
        town.site.switch.app = Proxy(town.serve(), answers={path: redirect})
        found = the_problem(await town.examine())
        assert (found.check, f"{path}/" in found.said, "redirects" in found.mend) == (Check.ADDRESS, True, True)


async def test_an_address_that_breaks_off_at_the_webhooks_is_a_problem(town: Town) -> None:
    for path, check in (("probe", Check.ADDRESS), ("voice", Check.SIGNATURE)):
        town.places = {f"{PUBLIC}/webhooks/{path}": RequestFailure(FailureReason.SLOW), **town.places}
        found = problems(await town.examine())[0]
        assert (found.check, str(FailureReason.SLOW) in found.said) == (check, True)
        town.places.pop(f"{PUBLIC}/webhooks/{path}")


# Is it this very service?


async def test_a_service_with_another_token_is_not_this_one(town: Town) -> None:
    town.serve(TWILIO_AUTH_TOKEN="before-the-rotation")
    found = the_problem(await town.examine())
    assert (found.check, "TWILIO_AUTH_TOKEN" in found.said) == (Check.IDENTITY, True)
    assert "again" in found.mend


async def test_during_a_rotation_the_service_is_known_by_either_token(town: Town) -> None:
    town.serve(TWILIO_AUTH_TOKEN="the-next-token", TWILIO_AUTH_TOKEN_PREVIOUS=TOKEN)
    assert problems(await town.examine()) == []


async def test_a_service_with_another_secret_key_is_not_this_one(town: Town) -> None:
    town.serve(SAYCODE_SECRET_KEY="t" * 40)
    found = the_problem(await town.examine())
    assert (found.check, "SAYCODE_SECRET_KEY" in found.said) == (Check.IDENTITY, True)


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=404),
        JSONResponse({"proof": "0" * 64, "signature": "right", "checked": f"{PUBLIC}/webhooks/probe", "key": ""}),
        JSONResponse({}),
        JSONResponse(["saycode"]),
    ],
)
async def test_who_cannot_prove_to_be_this_service_is_not_believed(town: Town, answer: Response) -> None:
    town.site.switch.app = Proxy(town.serve(), answers={"/webhooks/probe": answer})
    found = the_problem(await town.examine())
    assert (found.check, "SAYCODE_PUBLIC_URL" in found.mend) == (Check.IDENTITY, True)


# Signatures


async def test_a_service_that_checks_another_address_is_a_problem_that_names_both(town: Town) -> None:
    town.serve(SAYCODE_PUBLIC_URL="https://old.example")
    found = the_problem(await town.examine())
    assert found.check is Check.SIGNATURE
    assert f"would sign {PUBLIC}/" in found.said
    assert "checks https://old.example/" in found.said
    assert "Host arrives as verify.example" in found.said
    assert f"SAYCODE_PUBLIC_URL={PUBLIC}" in found.mend


async def test_headers_that_a_proxy_changes_are_noted_and_do_no_harm(town: Town) -> None:
    changed = {"Host": "127.0.0.1:8000", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8000"}
    town.site.switch.app = Proxy(town.serve(), headers={**changed, "X-Forwarded-Host": "inside.example"})
    found = await town.examine()
    assert problems(found) == []
    (noted,) = [finding for finding in found if (finding.check, finding.level) == (Check.SIGNATURE, Level.NOTE)]
    for name, value in changed.items():
        assert f"{name} arrives as {value}" in noted.said


@pytest.mark.parametrize(
    ("spoiled", "mend"),
    [
        ({"headers": {"X-Twilio-Signature": None}}, "hand it on"),
        ({"doubled": "X-Twilio-Signature"}, "once"),
        ({"tidy": True}, "blank fields"),
    ],
)
async def test_a_proxy_that_spoils_signatures_is_a_problem(town: Town, spoiled: dict[str, object], mend: str) -> None:
    town.site.switch.app = Proxy(town.serve(), **spoiled)  # type: ignore[arg-type]  # named by the table above
    found = the_problem(await town.examine())
    assert (found.check, mend in found.mend) == (Check.SIGNATURE, True)


@pytest.mark.parametrize("path", ["/webhooks/voice", "/webhooks/sms"])
async def test_a_door_that_anything_opens_is_a_problem(town: Town, path: str) -> None:
    town.site.switch.app = Proxy(town.serve(), answers={path: PlainTextResponse("<Response/>")})
    found = the_problem(await town.examine())
    assert (found.check, "forged" in found.said, path in found.said) == (Check.SIGNATURE, True, True)


@pytest.mark.parametrize("path", ["/webhooks/voice", "/webhooks/sms"])
async def test_a_door_that_nothing_opens_is_a_problem(town: Town, path: str) -> None:
    town.site.switch.app = Proxy(town.serve(), answers={path: Response(status_code=403)})
    found = the_problem(await town.examine())
    assert (found.check, "right signature" in found.said, path in found.said) == (Check.SIGNATURE, True, True)
    assert "HTTP 403" in found.said


async def test_a_port_in_the_address_is_signed_as_twilio_does(town: Town) -> None:
    ported = "https://verify.example:8443"
    town.places = {ported: town.site.url, API: town.api.url}
    town.environ["SAYCODE_PUBLIC_URL"] = ported
    town.serve()
    town.twilio.add_number(SENDER, voice_url=f"{ported}/webhooks/voice", sms_url=f"{ported}/webhooks/sms")
    assert problems(await town.examine()) == []


@pytest.mark.parametrize(
    ("public", "door", "signed"),
    [
        ("https://verify.example:8443", "called", "https://verify.example/webhooks/voice"),
        ("https://verify.example:8443", "texted", "https://verify.example:8443/webhooks/sms"),
        ("https://verify.example", "called", "https://verify.example/webhooks/voice"),
        ("http://127.0.0.1:8000", "called", "http://127.0.0.1:8000/webhooks/voice"),
    ],
)
def test_a_webhook_is_signed_for_the_address_that_twilio_would_sign(
    town: Town, public: str, door: str, signed: str
) -> None:
    posted = signed_request(load(town.environ | {"SAYCODE_PUBLIC_URL": public}), door, nonce="0" * 32)
    signature = RequestValidator(TOKEN).compute_signature(signed, dict(posted.fields))
    assert posted.headers["X-Twilio-Signature"] == signature
    assert "Proof" not in posted.fields


# The network itself


async def unreached(town: Town, address: str) -> str:
    """What is said of a public address on loopback, with the simulator as Twilio."""
    found = await town.examine(SAYCODE_PUBLIC_URL=address, TWILIO_API_BASE_URL=town.api.url)
    return next(finding.said for finding in found if finding.check is Check.ADDRESS)


async def test_a_port_where_nobody_listens(town: Town) -> None:
    async with listening(b"") as port:
        pass
    assert str(FailureReason.REFUSED) in await unreached(town, f"http://127.0.0.1:{port}")


async def test_a_server_that_never_answers(town: Town) -> None:
    town.patience = 0.2
    async with listening(b"") as port:
        assert str(FailureReason.SLOW) in await unreached(town, f"http://127.0.0.1:{port}")


async def test_a_server_that_speaks_something_else(town: Town) -> None:
    async with listening(b"SSH-2.0-OpenSSH_9.9\r\n") as port:
        assert str(FailureReason.BROKEN) in await unreached(town, f"http://127.0.0.1:{port}")


async def test_a_server_without_tls(town: Town) -> None:
    async with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert str(FailureReason.NO_TLS) in await unreached(town, f"https://127.0.0.1:{port}")


async def test_a_certificate_that_nobody_vouches_for(town: Town, tmp_path: Path) -> None:
    async with listening(b"", tls=own_certificate(tmp_path)) as port:
        heard = await unreached(town, f"https://localhost:{port}")
    assert str(FailureReason.CERTIFICATE) in heard
    assert "self-signed" in heard.lower().replace("self signed", "self-signed")


@pytest.mark.parametrize(("size", "whole"), [(600_000, True), (3 * MAX_BODY_BYTES, False)])
async def test_an_answer_is_read_to_its_end_unless_it_is_far_too_large(town: Town, size: int, whole: bool) -> None:
    town.site.switch.app = everywhere(Response(b"x" * size))
    async with HttpTransport() as wire:
        answer = await wire.send("GET", town.site.url)
    assert isinstance(answer, Reply)
    assert (len(answer.body) == size) == whole


@asynccontextmanager
async def listening(answer: bytes, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that sends this to whoever asks, or nothing at all; its port."""
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


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost that is signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=localhost")
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(secret + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
