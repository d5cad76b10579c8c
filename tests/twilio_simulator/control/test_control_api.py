"""The test face: the simulator told over HTTP what to do."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.simulator import BASE, PHONE, TWILIO_NUMBER, SwitchableApp, served, twiml
from tests.support.simulator_control import ME, ControlClient, make_control
from tests.support.simulator_rest import switchable_server
from twilio_simulator.core.clock import ManualClock, RealClock
from twilio_simulator.engine import Twilio

if TYPE_CHECKING:
    from twilio_simulator.pytest_plugin import Server


@pytest.fixture(scope="module")
def switch() -> Iterator[tuple[SwitchableApp, Server]]:
    with switchable_server() as pair:
        yield pair


@pytest.fixture
def face(switch: tuple[SwitchableApp, Server]) -> Iterator[ControlClient]:
    app, twilio, customer = make_control(ManualClock(stall_timeout=0.05))
    switch[0].app = app
    yield ControlClient(switch[1], twilio, customer)
    switch[1].run_in_loop(twilio.close())


def test_a_whole_call_by_face_alone(face: ControlClient) -> None:
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    state = face.post(f"{ME}/call", to=TWILIO_NUMBER)
    assert (state["state"], state["call"]["direction"]) == ("in-progress", "inbound")
    assert face.post(f"{ME}/listen")["transcript"] == "Press a key."
    state = face.post(f"{ME}/press", digits="1")
    assert [(one["text"], one["cut_off"], one["language"], one["voice"]) for one in state["heard"]] == [
        ("Press a key.", False, "en-US", "man"),
        ("Thanks.", False, "en-US", "man"),
    ]
    face.post("/simulator/clock/run")
    state = face.get(ME)
    assert (state["state"], state["call"]) == ("idle", None)
    assert [call["status"] for call in state["past_calls"]] == ["completed"]
    assert face.get("/simulator/debugger") == {"entries": []}


def test_a_key_that_cuts_off_a_sentence_is_seen(face: ControlClient) -> None:
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    face.post(f"{ME}/call", to=TWILIO_NUMBER)
    (first, _) = face.post(f"{ME}/press", digits="1")["heard"]
    assert (first["cut_off"], first["cut_by"]) == (True, "key")


def test_a_text_in_both_directions(face: ControlClient) -> None:
    face.customer.answers["/sms"] = twiml("<Message>Hi.</Message>")
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms_url=BASE + "/sms")
    state = face.post(f"{ME}/text", to=TWILIO_NUMBER, body="Hello")
    assert state["message_sid"].startswith("SM")
    assert [(text["from"], text["body"]) for text in state["texts"]] == [(TWILIO_NUMBER, "Hi.")]


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("busy", "busy"), ("decline", "busy"), ("no-answer", "no-answer"), ("failed", "failed"), ("machine", "completed")],
)
def test_a_phone_is_told_how_to_behave(face: ControlClient, behaviour: str, status: str) -> None:
    face.put(ME, behaviour=behaviour)
    face.server.run_in_loop(_place(face.twilio))
    face.post("/simulator/clock/run")
    assert [call.status.value for call in face.twilio.calls.values()] == [status]


async def _place(twilio: Twilio) -> None:
    twilio.create_call(to=PHONE, sender=TWILIO_NUMBER, url=BASE + "/voice")


def test_a_phone_keeps_what_it_was_not_told_to_change(face: ControlClient) -> None:
    face.put(ME, behaviour="answer", after=3, line_type="landline")
    state = face.put(ME, texts="undelivered", text_code=30003)
    assert {name: state[name] for name in ("behaviour", "after", "line_type", "texts_are", "text_code")} == {
        "behaviour": "answer",
        "after": 3,
        "line_type": "landline",
        "texts_are": "undelivered",
        "text_code": 30003,
    }


def test_all_phones_are_listed(face: ControlClient) -> None:
    face.put(ME, behaviour="busy")
    assert [phone["number"] for phone in face.get("/simulator/phones")["phones"]] == [PHONE]


def test_waiting_ends_when_the_phone_rings(face: ControlClient) -> None:
    timer = threading.Timer(0.05, lambda: face.server.run_in_loop(_place(face.twilio)))
    timer.start()
    state = face.get(f"{ME}/wait-for?state=ringing&timeout=4")
    timer.join()
    assert (state["reached"], state["state"]) == (True, "ringing")


def test_waiting_in_vain_says_so(face: ControlClient) -> None:
    assert face.get(f"{ME}/wait-for?state=text&timeout=0.02")["reached"] is False


def test_waiting_for_one_more_text_does_not_count_the_old_ones(face: ControlClient) -> None:
    face.customer.answers["/sms"] = twiml("<Message>Hi.</Message>")
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms_url=BASE + "/sms")
    face.post(f"{ME}/text", to=TWILIO_NUMBER, body="Hello")
    assert face.get(f"{ME}/wait-for?state=text&timeout=0.02")["reached"] is True
    assert face.get(f"{ME}/wait-for?state=text&after=1&timeout=0.02")["reached"] is False


def test_the_clock_is_told_over_http(face: ControlClient) -> None:
    before = face.get("/simulator/clock")
    assert before["told"] is True
    assert face.post("/simulator/clock/advance", seconds=2.5)["now"] == pytest.approx(before["now"] + 2.5)


def test_a_real_clock_refuses_to_be_told() -> None:
    app, twilio, customer = make_control(RealClock(speed=50))
    with served(app) as server:
        face = ControlClient(server, twilio, customer)
        assert face.get("/simulator/clock")["told"] is False
        assert face.ask("POST", "/simulator/clock/advance", {"seconds": 1})[0] == 409
        assert face.ask("POST", "/simulator/clock/run")[0] == 409


def test_in_real_time_actions_return_when_the_phone_speaks_and_has_gone_quiet() -> None:
    app, twilio, customer = make_control(RealClock(speed=50))
    with served(app) as server:
        face = ControlClient(server, twilio, customer)
        server.run_in_loop(_place(twilio))
        assert face.post(f"{ME}/answer")["state"] == "in-progress"
        assert face.post(f"{ME}/listen")["transcript"] == "Press a key."
        face.post(f"{ME}/press", digits="1")
        state = face.get(f"{ME}/wait-for?state=ended&timeout=4")
        assert (state["reached"], state["transcript"]) == (True, "Press a key. Thanks.")


def test_numbers_are_listed_and_given_back(face: ControlClient) -> None:
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms=False)
    (number,) = face.get("/simulator/numbers")["numbers"]
    assert (number["phone_number"], number["sms"], number["voice"]) == (TWILIO_NUMBER, False, True)
    assert face.ask("DELETE", f"/simulator/numbers/{TWILIO_NUMBER}")[0] == 204
    assert face.get("/simulator/numbers") == {"numbers": []}


def test_faults_are_ordered_and_taken_back(face: ControlClient) -> None:
    assert face.post("/simulator/faults", kind="status", status=429, retry_after=3) == {"waiting": 1}
    face.put("/simulator/webhooks", signing="wrong", latency=3)
    face.put("/simulator/callbacks", lose=["ringing"], delay=1, double=True)
    assert face.ask("DELETE", "/simulator/faults")[0] == 204
    assert not face.twilio.faults.waiting
    assert (face.twilio.signing.value, face.twilio.webhooks.latency, face.twilio.callbacks.delay) == ("right", 0, 0)


def test_the_carrier_can_be_down(face: ControlClient) -> None:
    face.put("/simulator/carrier", down=True)
    face.server.run_in_loop(_place(face.twilio))
    face.post("/simulator/clock/advance", seconds=1)
    (call,) = face.get(ME)["past_calls"]
    assert call["status"] == "failed"


def test_a_page_of_another_site_is_kept_out(face: ControlClient) -> None:
    request = urllib.request.Request(face.server.url + ME, headers={"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request, timeout=5):
        pass
    with refused.value as error:
        assert error.code == 403


def test_the_account_is_shaped(face: ControlClient) -> None:
    state = face.put(
        "/simulator/account", kind="trial", balance="0.05", strict_numbers=True, calls_per_second=None, verified=[PHONE]
    )
    assert (state["kind"], state["balance"], state["calls_per_second"], state["verified"]) == (
        "trial",
        "0.05",
        None,
        [PHONE],
    )
    assert face.twilio.strict_numbers


def test_keys_services_and_applications_are_made(face: ControlClient) -> None:
    key = face.post("/simulator/keys")
    assert face.twilio.account.accepts(key["sid"], key["secret"])
    face.put("/simulator/messaging-services/MG1", senders=[TWILIO_NUMBER], advanced_opt_out=True)
    assert face.twilio.account.services["MG1"].advanced_opt_out
    face.put("/simulator/applications/AP1", voice_url=BASE + "/voice")
    assert face.twilio.account.applications["AP1"].voice_url == BASE + "/voice"


def test_requests_and_entries_are_read_and_forgotten(face: ControlClient) -> None:
    face.customer.answers["/voice"] = twiml("<say>x</say>")
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    face.post(f"{ME}/call", to=TWILIO_NUMBER)
    face.ask("GET", "/2010-04-01/Accounts/AC1/Calls.json")
    request_log = face.get("/simulator/requests")
    assert [(one["path"], one["status"], one["code"]) for one in request_log["requests"]] == [
        ("/2010-04-01/Accounts/AC1/Calls.json", 401, 20003)
    ]
    assert [(one["url"], one["parameters"]["From"], one["status"]) for one in request_log["webhooks"]] == [
        (BASE + "/voice", PHONE, 200)
    ]
    entry, refused = face.get("/simulator/debugger")["entries"]
    assert (refused["code"], refused["level"], refused["method"]) == (20003, "error", "GET")
    assert (entry["code"], entry["level"], entry["url"]) == (12200, "warning", BASE + "/voice")
    assert entry["call_sid"] == request_log["webhooks"][0]["sid"]
    for path in ("/simulator/requests", "/simulator/debugger"):
        assert face.ask("DELETE", path)[0] == 204
    assert face.get("/simulator/requests") == {"requests": [], "webhooks": []}
    assert face.get("/simulator/debugger") == {"entries": []}


def test_opt_outs_are_shown(face: ControlClient) -> None:
    face.put(f"/simulator/numbers/{TWILIO_NUMBER}")
    face.post(f"{ME}/text", to=TWILIO_NUMBER, body="STOP")
    assert face.get("/simulator/opt-outs") == {"opt_outs": [{"scope": TWILIO_NUMBER, "number": PHONE}]}


def test_events_are_read_as_a_list_or_followed_as_a_stream(face: ControlClient) -> None:
    face.server.run_in_loop(_place(face.twilio))
    face.post("/simulator/clock/advance", seconds=0)
    events = face.get("/simulator/events?follow=no")["events"]
    assert [event["kind"] for event in events] == ["call-status-changed", "call-status-changed", "phone-rings"]
    assert events[-1]["caller"] == TWILIO_NUMBER
    with urllib.request.urlopen(f"{face.server.url}/simulator/events?after=2", timeout=5) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = [stream.readline().decode().strip() for _ in range(5)]
    assert lines[2:4] == ["id: 3", "event: phone-rings"]
    assert json.loads(lines[4].removeprefix("data: "))["number"] == PHONE
