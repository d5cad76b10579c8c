"""The control API."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

import pytest

from tests.support.simulator import BASE, PHONE, TWILIO_NUMBER, served, twiml
from tests.support.simulator_control import ME, ControlClient, make_control
from twilio_simulator.core.clock import RealClock
from twilio_simulator.engine import Twilio


def test_a_whole_call_over_the_control_api(control: ControlClient) -> None:
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    state = control.post(f"{ME}/call", to=TWILIO_NUMBER)
    assert (state["state"], state["call"]["direction"]) == ("in-progress", "inbound")
    assert control.post(f"{ME}/listen")["transcript"] == "Press a key."
    state = control.post(f"{ME}/press", digits="1")
    assert [(heard["text"], heard["cut_off"], heard["language"], heard["voice"]) for heard in state["heard"]] == [
        ("Press a key.", False, "en-US", "man"),
        ("Thanks.", False, "en-US", "man"),
    ]
    control.post("/simulator/clock/run")
    state = control.get(ME)
    assert (state["state"], state["call"]) == ("idle", None)
    assert [call["status"] for call in state["past_calls"]] == ["completed"]
    assert control.get("/simulator/debugger") == {"entries": []}


def test_a_key_that_cuts_off_a_sentence_is_seen(control: ControlClient) -> None:
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    control.post(f"{ME}/call", to=TWILIO_NUMBER)
    (first, _) = control.post(f"{ME}/press", digits="1")["heard"]
    assert (first["cut_off"], first["cut_by"]) == (True, "key")


def test_a_text_in_both_directions(control: ControlClient) -> None:
    control.customer.answers["/sms"] = twiml("<Message>Hi.</Message>")
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms_url=BASE + "/sms")
    state = control.post(f"{ME}/text", to=TWILIO_NUMBER, body="Hello")
    assert state["message_sid"].startswith("SM")
    assert [(text["from"], text["body"]) for text in state["texts"]] == [(TWILIO_NUMBER, "Hi.")]


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("busy", "busy"), ("decline", "busy"), ("no-answer", "no-answer"), ("failed", "failed"), ("machine", "completed")],
)
def test_the_behaviour_of_a_phone_can_be_set(control: ControlClient, behaviour: str, status: str) -> None:
    control.put(ME, behaviour=behaviour)
    control.server.run_in_loop(_place(control.twilio))
    control.post("/simulator/clock/run")
    assert [call.status.value for call in control.twilio.calls.values()] == [status]


async def _place(twilio: Twilio) -> None:
    twilio.create_call(to=PHONE, sender=TWILIO_NUMBER, url=BASE + "/voice")


def test_a_phone_keeps_settings_that_are_not_in_the_request(control: ControlClient) -> None:
    control.put(ME, behaviour="answer", after=3, line_type="landline")
    state = control.put(ME, texts="undelivered", text_code=30003)
    assert {name: state[name] for name in ("behaviour", "after", "line_type", "texts_are", "text_code")} == {
        "behaviour": "answer",
        "after": 3,
        "line_type": "landline",
        "texts_are": "undelivered",
        "text_code": 30003,
    }


def test_all_phones_are_listed(control: ControlClient) -> None:
    control.put(ME, behaviour="busy")
    assert [phone["number"] for phone in control.get("/simulator/phones")["phones"]] == [PHONE]


def test_waiting_ends_when_the_phone_rings(control: ControlClient) -> None:
    timer = threading.Timer(0.05, lambda: control.server.run_in_loop(_place(control.twilio)))
    timer.start()
    state = control.get(f"{ME}/wait-for?state=ringing&timeout=4")
    timer.join()
    assert (state["reached"], state["state"]) == (True, "ringing")


def test_waiting_reports_that_the_state_was_not_reached(control: ControlClient) -> None:
    assert control.get(f"{ME}/wait-for?state=text&timeout=0.02")["reached"] is False


def test_waiting_for_one_more_text_does_not_count_the_old_ones(control: ControlClient) -> None:
    control.customer.answers["/sms"] = twiml("<Message>Hi.</Message>")
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms_url=BASE + "/sms")
    control.post(f"{ME}/text", to=TWILIO_NUMBER, body="Hello")
    assert control.get(f"{ME}/wait-for?state=text&timeout=0.02")["reached"] is True
    assert control.get(f"{ME}/wait-for?state=text&after=1&timeout=0.02")["reached"] is False


def test_a_manual_clock_is_advanced_over_http(control: ControlClient) -> None:
    before = control.get("/simulator/clock")
    assert before["told"] is True
    assert control.post("/simulator/clock/advance", seconds=2.5)["now"] == pytest.approx(before["now"] + 2.5)


def test_a_real_clock_cannot_be_advanced_over_http() -> None:
    app, twilio, customer = make_control(RealClock(speed=50))
    with served(app) as server:
        control = ControlClient(server, twilio, customer)
        assert control.get("/simulator/clock")["told"] is False
        assert control.request("POST", "/simulator/clock/advance", {"seconds": 1})[0] == 409
        assert control.request("POST", "/simulator/clock/run")[0] == 409


def test_in_real_time_actions_return_when_the_phone_speaks_and_has_gone_quiet() -> None:
    app, twilio, customer = make_control(RealClock(speed=50))
    with served(app) as server:
        control = ControlClient(server, twilio, customer)
        server.run_in_loop(_place(twilio))
        assert control.post(f"{ME}/answer")["state"] == "in-progress"
        assert control.post(f"{ME}/listen")["transcript"] == "Press a key."
        control.post(f"{ME}/press", digits="1")
        state = control.get(f"{ME}/wait-for?state=ended&timeout=4")
        assert (state["reached"], state["transcript"]) == (True, "Press a key. Thanks.")


def test_numbers_are_listed_and_removed(control: ControlClient) -> None:
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", sms=False)
    (number,) = control.get("/simulator/numbers")["numbers"]
    assert (number["phone_number"], number["sms"], number["voice"]) == (TWILIO_NUMBER, False, True)
    assert control.request("DELETE", f"/simulator/numbers/{TWILIO_NUMBER}")[0] == 204
    assert control.get("/simulator/numbers") == {"numbers": [], "whatsapp_senders": []}


def test_faults_are_added_and_cleared(control: ControlClient) -> None:
    assert control.post("/simulator/faults", kind="status", status=429, retry_after=3) == {"waiting": 1}
    control.put("/simulator/webhooks", signing="wrong", latency=3)
    control.put("/simulator/callbacks", lose=["ringing"], delay=1, double=True)
    assert control.request("DELETE", "/simulator/faults")[0] == 204
    assert not control.twilio.faults.waiting
    assert (control.twilio.signing.value, control.twilio.webhooks.latency, control.twilio.callbacks.delay) == (
        "right",
        0,
        0,
    )


def test_the_carrier_can_be_down(control: ControlClient) -> None:
    control.put("/simulator/carrier", down=True)
    control.server.run_in_loop(_place(control.twilio))
    control.post("/simulator/clock/advance", seconds=1)
    (call,) = control.get(ME)["past_calls"]
    assert call["status"] == "failed"


def test_voices_can_fail_until_the_faults_are_removed(control: ControlClient) -> None:
    control.put("/simulator/voices", failing=["Polly.Joanna", "Google.en-US-Standard-C"])
    assert control.get("/simulator/faults")["voices"] == {"failing": ["Google.en-US-Standard-C", "Polly.Joanna"]}
    assert control.twilio.failing_voices == {"Polly.Joanna", "Google.en-US-Standard-C"}
    assert control.request("DELETE", "/simulator/faults")[0] == 204
    assert control.twilio.failing_voices == frozenset()


def test_a_cross_site_request_is_rejected(control: ControlClient) -> None:
    request = urllib.request.Request(control.server.url + ME, headers={"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request, timeout=5):
        pass
    with refused.value as error:
        assert error.code == 403


def test_the_account_can_be_changed(control: ControlClient) -> None:
    state = control.put(
        "/simulator/account", kind="trial", balance="0.05", strict_numbers=True, calls_per_second=None, verified=[PHONE]
    )
    assert (state["kind"], state["balance"], state["calls_per_second"], state["verified"]) == (
        "trial",
        "0.05",
        None,
        [PHONE],
    )
    assert control.twilio.strict_numbers


def test_keys_services_and_applications_are_made(control: ControlClient) -> None:
    key = control.post("/simulator/keys")
    assert control.twilio.account.accepts(key["sid"], key["secret"])
    control.put("/simulator/messaging-services/MG1", senders=[TWILIO_NUMBER], advanced_opt_out=True)
    assert control.twilio.account.services["MG1"].advanced_opt_out
    control.put("/simulator/applications/AP1", voice_url=BASE + "/voice")
    assert control.twilio.account.applications["AP1"].voice_url == BASE + "/voice"


def test_a_messaging_service_gets_words_of_its_own(control: ControlClient) -> None:
    service, words = "/simulator/messaging-services/MG1", {"STOP": ["Para ya", "ARRET"]}
    control.put(service, senders=[TWILIO_NUMBER], advanced_opt_out=True, keywords=words, replies={"STOP": "Adiós"})
    made = control.twilio.account.services["MG1"]
    assert made.keywords == {"STOP": frozenset({"PARA YA", "ARRET"})}
    assert made.replies == {"STOP": "Adiós"}
    for wrong in ({"PAUSE": ["X"]}, {"STOP": "X"}, ["STOP"]):
        assert control.request("PUT", service, {"advanced_opt_out": True, "keywords": wrong})[0] == 400
    assert control.request("PUT", service, {"keywords": words})[0] == 400
    assert control.twilio.account.services["MG1"] is made


def test_the_shared_key_is_told_and_chosen(control: ControlClient) -> None:
    told = control.put("/simulator/webhooks", signing="shared-key")
    assert (told["key"], told["secret"]) == control.twilio.account.shared_key
    assert control.put("/simulator/webhooks", secret="mine")["secret"] == "mine"
    assert (control.twilio.signing.value, control.twilio.account.shared_key[1]) == ("shared-key", "mine")


def test_requests_and_debugger_entries_are_read_and_cleared(control: ControlClient) -> None:
    control.customer.answers["/voice"] = twiml("<say>x</say>")
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}", voice_url=BASE + "/voice")
    control.post(f"{ME}/call", to=TWILIO_NUMBER)
    control.request("GET", "/2010-04-01/Accounts/AC1/Calls.json")
    request_log = control.get("/simulator/requests")
    assert [(request["path"], request["status"], request["code"]) for request in request_log["requests"]] == [
        ("/2010-04-01/Accounts/AC1/Calls.json", 401, 20003)
    ]
    assert [
        (webhook["url"], webhook["parameters"]["From"], webhook["status"]) for webhook in request_log["webhooks"]
    ] == [(BASE + "/voice", PHONE, 200)]
    entry, refused = control.get("/simulator/debugger")["entries"]
    assert (refused["code"], refused["level"], refused["method"]) == (20003, "error", "GET")
    assert (entry["code"], entry["level"], entry["url"]) == (12200, "warning", BASE + "/voice")
    assert entry["call_sid"] == request_log["webhooks"][0]["sid"]
    for path in ("/simulator/requests", "/simulator/debugger"):
        assert control.request("DELETE", path)[0] == 204
    assert control.get("/simulator/requests") == {"requests": [], "webhooks": []}
    assert control.get("/simulator/debugger") == {"entries": []}


def test_opt_outs_are_shown(control: ControlClient) -> None:
    control.put(f"/simulator/numbers/{TWILIO_NUMBER}")
    control.post(f"{ME}/text", to=TWILIO_NUMBER, body="STOP")
    assert control.get("/simulator/opt-outs") == {"opt_outs": [{"scope": TWILIO_NUMBER, "number": PHONE}]}


def test_events_are_read_as_a_list_or_followed_as_a_stream(control: ControlClient) -> None:
    control.server.run_in_loop(_place(control.twilio))
    control.post("/simulator/clock/advance", seconds=0)
    events = control.get("/simulator/events?follow=no")["events"]
    assert [event["kind"] for event in events] == ["call-status-changed", "call-status-changed", "phone-rings"]
    assert events[-1]["caller"] == TWILIO_NUMBER
    with urllib.request.urlopen(f"{control.server.url}/simulator/events?after=2", timeout=5) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = [stream.readline().decode().strip() for _ in range(5)]
    assert lines[2:4] == ["id: 3", "event: phone-rings"]
    assert json.loads(lines[4].removeprefix("data: "))["number"] == PHONE
