"""How webhooks are fetched: redirects, cookies, credentials, limits of time, faults, overrides."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest

from simulator.call import CallStatus, FetchStep
from simulator.clock import RealClock
from simulator.handset import Behaviour, OnCall
from simulator.overrides import Overrides, split_overrides
from simulator.webhook import Unfetched
from simulator.wire import Break, WireBroken
from tests.simulator_support import BASE, OURS, Answer, Got, World, make_world, respond, twiml

HELLO = twiml("<Say>Hello.</Say>")
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


async def transcript(world: World, **plan: Any) -> str:
    await world.answered(**plan)
    await world.twilio.clock.run()
    return world.phone.transcript


def tone(seconds: float) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * int(8000 * seconds))
    return buffer.getvalue()


async def test_an_http_redirect_is_followed_without_the_fields() -> None:
    world = make_world(voice=respond(status=307, location="/moved?x=1"), moved=HELLO)
    assert await transcript(world) == "Hello."
    got = world.customer.at("/moved")[0]
    assert (got.method, got.form, got.query) == ("GET", {}, {"x": "1"})


async def test_relative_addresses_refer_to_where_the_document_came_from_in_the_end() -> None:
    world = make_world(voice=respond(status=302, location="/deep/doc"), next=HELLO)
    world.customer.answers |= {"/deep/doc": twiml("<Redirect>next</Redirect>"), "/deep/next": HELLO}
    assert await transcript(world) == "Hello."


def chain(length: int) -> dict[str, Answer]:
    """`/voice` redirects through so many hops to a greeting."""
    hops: dict[str, Answer] = {
        f"/hop{index}": respond(status=302, location=f"/hop{index + 1}") for index in range(length)
    }
    return hops | {"/voice": respond(status=302, location="/hop1"), f"/hop{length}": HELLO}


async def test_ten_redirects_are_followed() -> None:
    world = make_world()
    world.customer.answers = chain(10)
    assert await transcript(world) == "Hello."


async def test_eleven_redirects_are_too_many() -> None:
    world = make_world()
    world.customer.answers = chain(11)
    assert await transcript(world) == APOLOGY
    assert world.codes[-1] == 11215


async def test_the_fields_that_a_redirect_loses_are_noticed() -> None:
    world = make_world(voice=respond(status=302, location="/moved"), moved=HELLO)
    await transcript(world)
    assert world.codes == [None]


async def test_cookies_live_as_long_as_the_call() -> None:
    world = make_world(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc; Path=/; HttpOnly"), next=HELLO
    )
    await transcript(world)
    assert world.customer.at("/next")[0].headers["cookie"] == "session=abc"
    await transcript(world)
    assert "cookie" not in world.customer.at("/voice")[1].headers


async def test_a_cookie_of_another_path_stays_at_home() -> None:
    world = make_world(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc; Path=/elsewhere"), next=HELLO
    )
    await transcript(world)
    assert "cookie" not in world.customer.at("/next")[0].headers


async def test_a_cookie_can_be_taken_back() -> None:
    world = make_world(
        voice=respond(twiml("<Redirect>/next</Redirect>"), set_cookie="session=abc"),
        next=respond(twiml("<Redirect>/last</Redirect>"), set_cookie="session=; Max-Age=0"),
        last=HELLO,
    )
    await transcript(world)
    assert "cookie" not in world.customer.at("/last")[0].headers


def guarded(got: Got) -> object:
    secret = base64.b64encode(b"user:pass").decode()
    if got.headers.get("authorization") == f"Basic {secret}":
        return HELLO
    return respond(status=401, www_authenticate='Basic realm="x"')


async def test_credentials_of_the_address_are_shown_only_when_asked_for() -> None:
    world = make_world(voice=guarded)  # type: ignore[arg-type]  # it gives what an answer may be
    step = FetchStep("http://user:pass@customer.example/voice")
    assert await transcript(world, first=step) == "Hello."
    asked = ["authorization" in got.headers for got in world.customer.at("/voice")]
    assert asked == [False, True]


async def test_a_webhook_has_fifteen_seconds() -> None:
    world = make_world(voice=HELLO)
    world.twilio.webhooks.latency = 14.9
    assert await transcript(world) == "Hello."


async def test_a_webhook_that_takes_longer_than_fifteen_seconds_has_failed() -> None:
    world = make_world(voice=HELLO)
    world.twilio.webhooks.latency = 15.1
    assert await transcript(world, status_callback=None) == APOLOGY
    assert world.codes == [11200]


async def test_a_webhook_that_really_never_answers_fails_when_the_time_is_told() -> None:
    world = make_world()
    world.wire.hang.add("/voice")
    world.phone.behave(Behaviour(OnCall.ANSWER))
    world.call()
    await world.twilio.clock.advance(14.9)
    assert world.codes == []
    await world.twilio.clock.advance(0.2)
    assert world.codes == [11200]


async def test_hanging_up_does_not_wait_for_a_slow_webhook() -> None:
    world = make_world()
    world.wire.hang.add("/voice")
    world.phone.behave(Behaviour(OnCall.ANSWER))
    call = world.call()
    await world.twilio.clock.settle()
    await world.phone.hang_up()
    assert call.status is CallStatus.COMPLETED
    assert [webhook.fault for webhook in world.twilio.ledger.webhooks if webhook.purpose == "twiml"] == ["abandoned"]


async def test_a_fast_clock_still_gives_a_webhook_a_real_second() -> None:
    world = make_world(RealClock(speed=10_000))
    assert world.twilio.webhooks.lenient(15) == 10_000
    assert make_world(RealClock(speed=2)).twilio.webhooks.lenient(15) == 15


@pytest.mark.parametrize("how", list(Break))
async def test_a_fault_of_the_network_has_its_code(how: Break) -> None:
    world = make_world()
    world.wire.broken["customer.example"] = WireBroken(how)
    await transcript(world, status_callback=None)
    assert world.codes == [how.value]


async def test_a_failed_connection_is_tried_once_more_with_the_same_token() -> None:
    world = make_world()
    world.wire.broken["customer.example"] = WireBroken(Break.REFUSED)
    await transcript(world, status_callback=None)
    tokens = {value for sent in world.wire.sent for name, value in sent.headers if name == "I-Twilio-Idempotency-Token"}
    assert len(world.wire.sent) == 2
    assert len(tokens) == 1


async def test_nothing_else_is_tried_again_by_default() -> None:
    world = make_world(voice=respond(status=500))
    await transcript(world)
    assert len(world.customer.at("/voice")) == 1


@pytest.mark.parametrize(
    ("fragment", "tries"),
    [("rc=2&rp=5xx", 3), ("rc=2&rp=4xx", 1), ("rc=0&rp=all", 1), ("rp=all", 2), ("rc=1&rp=ct,5xx", 2)],
)
async def test_overrides_say_what_is_tried_again(fragment: str, tries: int) -> None:
    world = make_world(voice=respond(status=500))
    await transcript(world, first=FetchStep(f"{BASE}/voice#{fragment}"))
    assert len(world.customer.at("/voice")) == tries


async def test_overrides_are_neither_sent_nor_signed() -> None:
    world = make_world(voice=HELLO)
    await transcript(world, first=FetchStep(f"{BASE}/voice#rc=2"))
    assert all("#" not in sent.url for sent in world.wire.sent)


async def test_a_read_time_of_its_own_is_honoured() -> None:
    world = make_world(voice=HELLO)
    world.twilio.webhooks.latency = 2.1
    assert await transcript(world, first=FetchStep(f"{BASE}/voice#rt=2000")) == APOLOGY
    assert world.codes == [11200]


async def test_a_total_time_of_its_own_is_honoured() -> None:
    world = make_world(voice=respond(status=500))
    world.twilio.webhooks.latency = 2
    await transcript(world, first=FetchStep(f"{BASE}/voice#tt=3000&rc=5&rp=all"))
    assert world.codes == [11203]
    assert len(world.customer.at("/voice")) == 2


def test_overrides_are_read() -> None:
    address, overrides, flaws = split_overrides(
        "https://h.example/x?a=1#ct=2000&rt=3000&tt=9000&rc=3&rp=ct,rt&sni=n&e=dublin,tokyo-ix"
    )
    assert address == "https://h.example/x?a=1"
    assert overrides == Overrides(connect=2, read=3, total=9, retries=3, retry_on=frozenset({"ct", "rt"}))
    assert flaws == []


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
    world = make_world(voice=HELLO)
    assert await transcript(world, first=FetchStep(f"{BASE}/voice#{fragment}")) == "Hello."
    assert world.codes == [code]


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "http://", "nonsense", "http://x.example:port/", "http://x y/", "http://a_b.example/"]
)
async def test_what_is_no_web_address_is_not_fetched(url: str) -> None:
    world = make_world()
    await transcript(world, first=FetchStep(url))
    assert world.codes == [11100]


async def test_a_webhook_that_is_refused_says_so_to_whoever_fetches() -> None:
    world = make_world(voice=respond(status=403))
    call = world.call()
    with pytest.raises(Unfetched, match="403"):
        await world.twilio.webhooks.fetch(BASE + "/voice", method="POST", fields=(), patron=call.patron, purpose="x")
    await world.twilio.clock.close()


async def test_the_ledger_has_every_webhook_with_its_answer() -> None:
    world = make_world(voice=HELLO)
    world.twilio.add_number(OURS, voice_url=BASE + "/voice")
    await world.phone.call(OURS)
    (webhook,) = world.twilio.ledger.webhooks
    assert (webhook.purpose, webhook.method, webhook.status, webhook.content_type) == ("twiml", "POST", 200, "text/xml")
    assert webhook.get("CallStatus") == "ringing"
    assert webhook.body == HELLO
