"""Sending webhooks: redirects, cookies, credentials, timeouts, failures, overrides."""

from __future__ import annotations

import base64

import pytest

from tests.support.simulator import (
    BASE,
    HELLO,
    TWILIO_NUMBER,
    Answer,
    ReceivedRequest,
    Simulator,
    make_simulator,
    respond,
    twiml,
)
from twilio_simulator.core.clock import RealClock
from twilio_simulator.http.client import FetchFailed
from twilio_simulator.http.overrides import Overrides, split_overrides
from twilio_simulator.http.transport import ConnectionFailure, TransportError
from twilio_simulator.network.call import CallStatus, FetchStep
from twilio_simulator.network.handset import Behaviour, OnCall

APOLOGY = "We are sorry, an application error has occurred. Goodbye."


async def test_an_http_redirect_is_followed_without_the_fields() -> None:
    sim = make_simulator(voice=respond(status=307, location="/moved?x=1"), moved=HELLO)
    assert await sim.transcript() == "Hello."
    request = sim.customer.requests_to("/moved")[0]
    assert (request.method, request.form, request.query) == ("GET", {}, {"x": "1"})


async def test_relative_addresses_refer_to_where_the_document_came_from_in_the_end() -> None:
    sim = make_simulator(voice=respond(status=302, location="/deep/doc"), next=HELLO)
    sim.customer.answers |= {"/deep/doc": twiml("<Redirect>next</Redirect>"), "/deep/next": HELLO}
    assert await sim.transcript() == "Hello."


def chain(length: int) -> dict[str, Answer]:
    """`/voice` redirects to a greeting, with this number of hops."""
    hops: dict[str, Answer] = {
        f"/hop{index}": respond(status=302, location=f"/hop{index + 1}") for index in range(length)
    }
    return hops | {"/voice": respond(status=302, location="/hop1"), f"/hop{length}": HELLO}


async def test_ten_redirects_are_followed(sim: Simulator) -> None:
    sim.customer.answers = chain(10)
    assert await sim.transcript() == "Hello."


async def test_eleven_redirects_are_too_many(sim: Simulator) -> None:
    sim.customer.answers = chain(11)
    assert await sim.transcript() == APOLOGY
    assert sim.codes[-1] == 11215


async def test_the_fields_that_a_redirect_loses_are_noticed() -> None:
    sim = make_simulator(voice=respond(status=302, location="/moved"), moved=HELLO)
    await sim.transcript()
    assert sim.codes == [None]


async def test_cookies_live_as_long_as_the_call() -> None:
    sim = make_simulator(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc; Path=/; HttpOnly"), next=HELLO
    )
    await sim.transcript()
    assert sim.customer.requests_to("/next")[0].headers["cookie"] == "session=abc"
    await sim.transcript()
    assert "cookie" not in sim.customer.requests_to("/voice")[1].headers


async def test_a_cookie_of_another_path_stays_at_home() -> None:
    sim = make_simulator(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc; Path=/elsewhere"), next=HELLO
    )
    await sim.transcript()
    assert "cookie" not in sim.customer.requests_to("/next")[0].headers


async def test_a_cookie_can_be_deleted() -> None:
    sim = make_simulator(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc"),
        next=respond(twiml("<Redirect>/last</Redirect>"), set_cookie="session=; Max-Age=0"),
        last=HELLO,
    )
    await sim.transcript()
    assert "cookie" not in sim.customer.requests_to("/last")[0].headers


def guarded(request: ReceivedRequest) -> object:
    secret = base64.b64encode(b"user:pass").decode()
    if request.headers.get("authorization") == f"Basic {secret}":
        return HELLO
    return respond(status=401, www_authenticate='Basic realm="x"')


async def test_credentials_in_the_url_are_sent_only_after_a_challenge() -> None:
    sim = make_simulator(voice=guarded)  # type: ignore[arg-type]  # it gives what an answer may be
    step = FetchStep("http://user:pass@customer.example/voice")
    assert await sim.transcript(first=step) == "Hello."
    authorized = ["authorization" in request.headers for request in sim.customer.requests_to("/voice")]
    assert authorized == [False, True]


async def test_a_webhook_has_fifteen_seconds() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.webhooks.latency = 14.9
    assert await sim.transcript() == "Hello."


async def test_a_webhook_that_takes_longer_than_fifteen_seconds_has_failed() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.webhooks.latency = 15.1
    assert await sim.transcript(status_callback=None) == APOLOGY
    assert sim.codes == [11200]


async def test_a_webhook_that_never_responds_times_out_with_a_manual_clock(sim: Simulator) -> None:
    sim.transport.hang.add("/voice")
    sim.phone.set_behaviour(Behaviour(OnCall.ANSWER))
    sim.call()
    await sim.twilio.clock.advance(14.9)
    assert sim.codes == []
    await sim.twilio.clock.advance(0.2)
    assert sim.codes == [11200]


async def test_hanging_up_does_not_wait_for_a_slow_webhook(sim: Simulator) -> None:
    sim.transport.hang.add("/voice")
    sim.phone.set_behaviour(Behaviour(OnCall.ANSWER))
    call = sim.call()
    await sim.twilio.clock.settle()
    await sim.phone.hang_up()
    assert call.status is CallStatus.COMPLETED
    assert [webhook.fault for webhook in sim.twilio.request_log.webhooks if webhook.purpose == "twiml"] == ["abandoned"]


async def test_a_fast_clock_still_gives_a_webhook_a_real_second() -> None:
    sim = make_simulator(RealClock(speed=10_000))
    assert sim.twilio.webhooks.stretch_timeout(15) == 10_000
    assert make_simulator(RealClock(speed=2)).twilio.webhooks.stretch_timeout(15) == 15


@pytest.mark.parametrize("how", list(ConnectionFailure))
async def test_a_fault_of_the_network_has_its_code(sim: Simulator, how: ConnectionFailure) -> None:
    sim.transport.broken["customer.example"] = TransportError(how)
    await sim.transcript(status_callback=None)
    assert sim.codes == [how.value]


async def test_a_failed_connection_is_tried_once_more_with_the_same_token(sim: Simulator) -> None:
    sim.transport.broken["customer.example"] = TransportError(ConnectionFailure.REFUSED)
    await sim.transcript(status_callback=None)
    tokens = {
        value for sent in sim.transport.sent for name, value in sent.headers if name == "I-Twilio-Idempotency-Token"
    }
    assert len(sim.transport.sent) == 2
    assert len(tokens) == 1


async def test_nothing_else_is_tried_again_by_default() -> None:
    sim = make_simulator(voice=respond(status=500))
    await sim.transcript()
    assert len(sim.customer.requests_to("/voice")) == 1


@pytest.mark.parametrize(
    ("fragment", "tries"),
    [("rc=2&rp=5xx", 3), ("rc=2&rp=4xx", 1), ("rc=0&rp=all", 1), ("rp=all", 2), ("rc=1&rp=ct,5xx", 2)],
)
async def test_overrides_say_what_is_tried_again(fragment: str, tries: int) -> None:
    sim = make_simulator(voice=respond(status=500))
    await sim.transcript(first=FetchStep(f"{BASE}/voice#{fragment}"))
    assert len(sim.customer.requests_to("/voice")) == tries


async def test_overrides_are_neither_sent_nor_signed() -> None:
    sim = make_simulator(voice=HELLO)
    await sim.transcript(first=FetchStep(f"{BASE}/voice#rc=2"))
    assert all("#" not in sent.url for sent in sim.transport.sent)


async def test_a_read_time_of_its_own_is_honoured() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.webhooks.latency = 2.1
    assert await sim.transcript(first=FetchStep(f"{BASE}/voice#rt=2000")) == APOLOGY
    assert sim.codes == [11200]


async def test_a_total_time_of_its_own_is_honoured() -> None:
    sim = make_simulator(voice=respond(status=500))
    sim.twilio.webhooks.latency = 2
    await sim.transcript(first=FetchStep(f"{BASE}/voice#tt=3000&rc=5&rp=all"))
    assert sim.codes == [11203]
    assert len(sim.customer.requests_to("/voice")) == 2


def test_overrides_are_read() -> None:
    address, overrides, invalid_overrides = split_overrides(
        "https://h.example/x?a=1#ct=2000&rt=3000&tt=9000&rc=3&rp=ct,rt&sni=n&e=dublin,tokyo-ix"
    )
    assert address == "https://h.example/x?a=1"
    assert overrides == Overrides(connect=2, read=3, total=9, retries=3, retry_on=frozenset({"ct", "rt"}))
    assert invalid_overrides == []


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("nonsense", 11240),
        ("ct=50", 11241),
        ("ct=10001", 11241),
        ("rt=x", 11241),
        ("tt=15001", 11241),
        ("rc=6", 11241),
        ("rp=6xx", 11241),
        ("sni=maybe", 11241),
        ("e=atlantis", 11241),
        ("edge=dublin", 11243),
    ],
)
async def test_a_bad_override_is_recorded_and_the_default_holds(fragment: str, code: int) -> None:
    sim = make_simulator(voice=HELLO)
    assert await sim.transcript(first=FetchStep(f"{BASE}/voice#{fragment}")) == "Hello."
    assert sim.codes == [code]


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "http://", "nonsense", "http://x.example:port/", "http://x y/", "http://a_b.example/"]
)
async def test_what_is_no_web_address_is_not_fetched(sim: Simulator, url: str) -> None:
    await sim.transcript(first=FetchStep(url))
    assert sim.codes == [11100]


async def test_a_rejected_webhook_raises_an_error() -> None:
    sim = make_simulator(voice=respond(status=403))
    call = sim.call()
    with pytest.raises(FetchFailed, match="403"):
        await sim.twilio.webhooks.fetch(BASE + "/voice", method="POST", fields=(), context=call.context, purpose="x")
    await sim.twilio.clock.close()


async def test_the_request_log_has_every_webhook_with_its_response() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    await sim.phone.call(TWILIO_NUMBER)
    (webhook,) = sim.twilio.request_log.webhooks
    assert (webhook.purpose, webhook.method, webhook.status, webhook.content_type) == ("twiml", "POST", 200, "text/xml")
    assert webhook.get("CallStatus") == "ringing"
    assert webhook.body == HELLO
