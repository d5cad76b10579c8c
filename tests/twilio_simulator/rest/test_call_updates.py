"""Reading and changing calls with Twilio's own Python library."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.simulator import BASE, OTHER_PHONE, PHONE, UNTIL_HUNG_UP, twiml
from tests.support.simulator_rest import CALL, VOICE, RestSimulator, code_of
from twilio_simulator.core.clock import DEFAULT_START
from twilio_simulator.network.handset import Behaviour, OnCall


def test_a_call_can_be_fetched_through_its_life(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = UNTIL_HUNG_UP
    client, phone = rest.client(), rest.twilio.phone(PHONE)
    sid = client.calls.create(**CALL).sid
    rest.settle()
    assert client.calls(sid).fetch().status == "ringing"
    rest.server.run_in_loop(phone.answer())
    assert client.calls(sid).fetch().status == "in-progress"
    rest.advance(65)
    rest.server.run_in_loop(phone.hang_up())
    call = client.calls(sid).fetch()
    assert (call.status, call.duration, call.price) == ("completed", "65", None)
    assert call.date_created == datetime.fromtimestamp(DEFAULT_START, UTC)
    assert call.end_time == datetime.fromtimestamp(DEFAULT_START + 65, UTC)
    rest.advance(120)
    assert client.calls(sid).fetch().price == "-0.02800"


def test_an_unknown_call_is_not_found(rest: RestSimulator) -> None:
    sid = "CA" + "9" * 32
    for action in (rest.client().calls(sid).fetch, rest.client().calls(sid).update, rest.client().calls(sid).delete):
        assert code_of(action) == 20404


def test_a_ringing_call_can_be_cancelled(rest: RestSimulator) -> None:
    sid = rest.client().calls.create(**CALL, status_callback=BASE + "/status").sid
    rest.settle()
    rest.client().calls(sid).update(status="canceled")
    rest.settle()
    assert rest.customer.requests_to("/status")[-1].form["CallStatus"] == "canceled"
    assert rest.customer.requests_to("/status")[-1].form["SipResponseCode"] == "487"


def test_a_call_that_is_cancelled_in_the_queue_reports_nothing(rest: RestSimulator) -> None:
    rest.twilio.account.calls_per_second = 1
    client = rest.client()
    client.calls.create(**{**CALL, "to": OTHER_PHONE})
    sid = client.calls.create(
        **CALL, status_callback=BASE + "/status", status_callback_event=["initiated", "completed"]
    ).sid
    client.calls(sid).update(status="canceled")
    rest.advance(5)
    assert client.calls(sid).fetch().status == "canceled"
    assert rest.customer.requests_to("/status") == []


def test_cancelling_has_no_effect_on_a_call_in_progress(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = UNTIL_HUNG_UP
    sid = rest.client().calls.create(**CALL).sid
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    assert rest.client().calls(sid).update(status="canceled").status == "in-progress"
    assert rest.twilio.debugger.codes == [None]


@pytest.mark.parametrize("answered", [True, False])
def test_completing_hangs_up_in_every_live_state(rest: RestSimulator, answered: bool) -> None:
    rest.customer.answers["/voice"] = UNTIL_HUNG_UP
    sid = rest.client().calls.create(**CALL).sid
    rest.settle()
    if answered:
        rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    rest.client().calls(sid).update(status="completed")
    rest.settle()
    assert rest.client().calls(sid).fetch().status == ("completed" if answered else "canceled")


@pytest.mark.parametrize("change", [{"url": BASE + "/other", "method": "GET"}, {"twiml": twiml("<Say>Other.</Say>")}])
def test_a_call_in_progress_can_be_given_another_document(rest: RestSimulator, change: dict[str, str]) -> None:
    rest.customer.answers = {"/voice": UNTIL_HUNG_UP, "/other": twiml("<Say>Other.</Say>")}
    sid = rest.client().calls.create(**CALL).sid
    phone = rest.twilio.phone(PHONE)
    rest.server.run_in_loop(phone.answer())
    rest.client().calls(sid).update(**change)
    rest.settle()
    assert phone.heard[-1].text == "Other."


def test_the_time_limit_can_be_shortened_in_mid_call(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = UNTIL_HUNG_UP
    sid = rest.client().calls.create(**CALL).sid
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    rest.client().calls(sid).update(time_limit=30)
    rest.advance(30)
    assert rest.client().calls(sid).fetch().duration == "30"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "paused"}, 20422),
        ({"url": "nonsense"}, 21205),
        ({"url": VOICE, "twiml": "<Response/>"}, 20422),
        ({"twiml": "x" * 4001}, 32018),
        ({"url": VOICE}, 21220),
    ],
)
def test_a_bad_update_of_a_ringing_call_has_its_code(rest: RestSimulator, changes: dict[str, str], code: int) -> None:
    sid = rest.client().calls.create(**CALL).sid
    rest.settle()
    assert code_of(lambda: rest.client().calls(sid).update(**changes)) == code


def test_a_call_that_has_ended_cannot_be_changed(rest: RestSimulator) -> None:
    rest.twilio.phone(PHONE).set_behaviour(Behaviour(OnCall.BUSY))
    sid = rest.client().calls.create(**CALL).sid
    rest.settle()
    assert code_of(lambda: rest.client().calls(sid).update(status="completed")) == 21220


def test_a_call_can_be_deleted_some_time_after_its_end(rest: RestSimulator) -> None:
    rest.twilio.phone(PHONE).set_behaviour(Behaviour(OnCall.BUSY))
    sid = rest.client().calls.create(**CALL).sid
    rest.settle()
    assert code_of(lambda: rest.client().calls(sid).delete()) == 20009
    rest.advance(61)
    assert rest.client().calls(sid).delete()
    assert code_of(rest.client().calls(sid).fetch) == 20404


def test_the_debugger_is_readable_as_notifications(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = twiml("<say>x</say>", '<Say language="english">Hello</Say>')
    client = rest.client()
    sid = client.calls.create(**CALL).sid or ""
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    notes = client.calls(sid).notifications.list()
    assert [(note.error_code, note.log) for note in notes] == [("13512", "1"), ("12200", "1")]
    assert notes[0].request_url == VOICE
    assert notes[0].more_info == "https://www.twilio.com/docs/errors/13512"
    assert client.notifications(notes[0].sid or "").fetch().error_code == "13512"
    assert len(client.notifications.list()) == 2


def test_notifications_distinguish_errors_from_warnings(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = "<oops>"
    sid = rest.client().calls.create(**CALL).sid or ""
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    assert [note.error_code for note in rest.client().calls(sid).notifications.list(log=0)] == ["12100"]
    assert rest.client().calls(sid).notifications.list(log=1) == []
