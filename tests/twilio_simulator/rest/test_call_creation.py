"""Creating calls with Twilio's own Python library: fields, validation, limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.simulator import ACCOUNT, BASE, OTHER_PHONE, PHONE, TOKEN, TWILIO_NUMBER, twiml
from tests.support.simulator_rest import APP, CALL, CALL_FIELDS, ROOT, TEXT, VOICE, RestSimulator, code_of
from twilio_simulator.app import create_app
from twilio_simulator.core.account import AccountStatus, Application
from twilio_simulator.rest.call_parameters import NOT_SIMULATED


def test_a_call_is_created_with_twilios_fields(rest: RestSimulator) -> None:
    status, headers, body = rest.http(
        "POST", f"{ROOT}/Calls.json", f"To=%2B14155550100&From=%2B14155550199&Url={VOICE}",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    call = json.loads(body)
    assert status == 201
    assert set(call) >= CALL_FIELDS
    assert {
        name: call[name] for name in ("to", "to_formatted", "from", "status", "direction", "queue_time", "uri")
    } == {
        "to": PHONE,
        "to_formatted": "(415) 555-0100",
        "from": TWILIO_NUMBER,
        "status": "queued",
        "direction": "outbound-api",
        "queue_time": "0",
        "uri": f"{ROOT}/Calls/{call['sid']}.json",
    }
    assert (call["date_created"], call["start_time"], call["duration"]) == (None, None, None)
    assert set(call["subresource_uris"]) >= {"notifications", "recordings", "payments", "events", "siprec", "streams"}
    assert headers["twilio-request-id"].startswith("RQ")
    assert headers["twilio-concurrent-requests"] == "1"
    assert headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"to": "hello"}, 21211),
        ({"to": "+1 415 555 0100"}, 21211),
        ({"to": "14155550100"}, 21211),
        ({"to": TWILIO_NUMBER}, 21211),
        ({"to": "+1415555010"}, 21217),
        ({"to": "+14150550100"}, 21217),
        ({"to": "+999123456789"}, 21217),
        ({"to": "sip:a@example.com"}, 20422),
        ({"to": "client:ann"}, 20422),
        ({"to": "whatsapp:+14155550100"}, 20422),
        ({"from_": "client:ann"}, 21212),
        ({"from_": "sip:a@example.com"}, 21212),
        ({"from_": "hello"}, 21212),
        ({"from_": "+1415"}, 21212),
        ({"url": "/voice"}, 21205),
        ({"url": "ftp://x.example/"}, 21205),
        ({"url": "http://under_score.example/"}, 21205),
        ({"url": ""}, 21205),
        ({"method": "PUT"}, 21209),
        ({"fallback_url": "nonsense"}, 21205),
        ({"fallback_method": "PUT"}, 21209),
        ({"url": None, "twiml": "x" * 4001}, 32018),
        ({"application_sid": APP}, 21218),
        ({"status_callback": "nonsense"}, 21609),
        ({"status_callback": "http://under_score.example/"}, 21609),
        ({"status_callback": "http://x.example/" + "x" * 4000}, 21609),
        ({"status_callback_event": ["started"]}, 21626),
        ({"status_callback_event": ["initiated ringing"]}, 21626),
        ({"status_callback_method": "PUT"}, 21209),
        ({"timeout": 0}, 21208),
        ({"timeout": 601}, 21208),
        ({"send_digits": "12x"}, 21206),
        ({"send_digits": "1" * 33}, 21206),
        ({"machine_detection": "Yes"}, 21234),
        ({"machine_detection_timeout": 2}, 21234),
        ({"machine_detection_timeout": 60}, 21234),
        ({"machine_detection_speech_threshold": 999}, 21234),
        ({"machine_detection_speech_end_threshold": 5001}, 21234),
        ({"machine_detection_silence_timeout": 1999}, 21234),
        ({"async_amd": "perhaps"}, 21234),
        ({"async_amd_status_callback": "nonsense"}, 21609),
    ],
)
def test_a_bad_parameter_of_a_call_has_its_code(rest: RestSimulator, changes: dict[str, Any], code: int) -> None:
    parameters = {name: value for name, value in {**CALL, **changes}.items() if value is not None}
    assert code_of(lambda: rest.client().calls.create(**parameters)) == code
    assert not rest.twilio.calls


def test_an_error_has_twilios_body_and_masks_the_number(rest: RestSimulator) -> None:
    status, _, body = rest.http(
        "POST", f"{ROOT}/Messages.json", "To=%2B1415555010&From=%2B14155550199&Body=x",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert json.loads(body) == {
        "code": 21211,
        "message": "Invalid 'To' Phone Number: +141555XXXX",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "status": 400,
    }
    assert status == 400


def test_all_parameters_of_a_call_reach_the_engine(rest: RestSimulator) -> None:
    call = rest.client().calls.create(
        **CALL,
        method="GET",
        fallback_url=BASE + "/fallback",
        fallback_method="GET",
        status_callback=BASE + "/status",
        status_callback_event=["ringing", "completed"],
        status_callback_method="GET",
        timeout=15,
        time_limit=90,
        machine_detection="DetectMessageEnd",
        machine_detection_timeout=10,
        async_amd="true",
        async_amd_status_callback=BASE + "/amd",
    )
    plan = rest.twilio.calls[call.sid or ""].plan
    assert plan.status_callback_events == {"ringing", "completed"}
    assert (plan.timeout, plan.time_limit, plan.fallback_method, plan.status_callback_method) == (15, 90, "GET", "GET")
    assert plan.detection is not None
    assert (plan.detection.mode, plan.detection.timeout, plan.detection.is_async) == ("DetectMessageEnd", 10, True)


def test_send_digits_switches_machine_detection_off(rest: RestSimulator) -> None:
    call = rest.client().calls.create(**CALL, send_digits="1", machine_detection="Enable")
    assert rest.twilio.calls[call.sid or ""].plan.detection is None


def test_an_application_replaces_the_addresses(rest: RestSimulator) -> None:
    rest.twilio.account.applications[APP] = Application(APP, voice_url=BASE + "/app", status_callback=BASE + "/status")
    rest.client().calls.create(**CALL, application_sid=APP)
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    assert rest.customer.requests_to("/app")
    assert not rest.customer.requests_to("/voice")


def test_url_wins_over_twiml_and_this_is_recorded(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = twiml("<Say>From the address.</Say>")
    rest.client().calls.create(**CALL, twiml=twiml("<Say>Inline.</Say>"))
    rest.server.run_in_loop(rest.twilio.phone(PHONE).answer())
    assert rest.twilio.phone(PHONE).heard[0].text == "From the address."
    assert rest.twilio.debugger.codes == [32019]


def test_an_unknown_parameter_is_ignored_and_recorded(rest: RestSimulator) -> None:
    status, _, _ = rest.http(
        "POST", f"{ROOT}/Calls.json", f"To=%2B14155550100&From=%2B14155550199&Url={VOICE}&TimeOut=5",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert (status, rest.twilio.debugger.codes) == (201, [20001])


def test_an_address_that_is_no_phone_is_refused_with_the_reason(rest: RestSimulator) -> None:
    with pytest.raises(TwilioRestException, match="the simulator has only phones"):
        rest.client().calls.create(**{**CALL, "to": "sip:ann@example.com"})


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_a_parameter_that_the_simulator_does_not_do_is_noted(rest: RestSimulator, name: str) -> None:
    rest.http(
        "POST", f"{ROOT}/Calls.json", f"To=%2B14155550100&From=%2B14155550199&Url={VOICE}&{name}=x",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    (entry,) = rest.twilio.debugger
    assert (entry.code, entry.message) == (None, f"The simulator does not do {name}: it has no effect")


def test_a_call_or_text_to_a_number_of_the_account_is_noted(rest: RestSimulator) -> None:
    rest.twilio.add_number(OTHER_PHONE, voice_url=VOICE)
    rest.client().calls.create(**{**CALL, "to": OTHER_PHONE})
    rest.client().messages.create(**{**TEXT, "to": OTHER_PHONE})
    assert [entry.message.partition(" +")[0] for entry in rest.twilio.debugger] == [
        "The simulator does not call",
        "The simulator does not text",
    ]


def test_by_default_only_the_accounts_own_numbers_may_call_and_text() -> None:
    app = create_app(account_sid=ACCOUNT, auth_token=TOKEN)
    assert app.state.twilio.strict_numbers


def test_with_strict_numbers_only_our_own_may_call_and_text(rest: RestSimulator) -> None:
    rest.twilio.strict_numbers = True
    client = rest.client()
    assert code_of(lambda: client.calls.create(**CALL)) == 21210
    assert code_of(lambda: client.messages.create(**TEXT)) == 21606
    rest.twilio.add_number(TWILIO_NUMBER)
    assert client.calls.create(**CALL).phone_number_sid == rest.twilio.numbers[TWILIO_NUMBER].sid
    assert client.messages.create(**TEXT).sid


def test_a_verified_caller_id_may_call_but_not_text(rest: RestSimulator) -> None:
    rest.twilio.strict_numbers = True
    rest.twilio.account.caller_ids.add(TWILIO_NUMBER)
    assert rest.client().calls.create(**CALL).sid
    assert code_of(lambda: rest.client().messages.create(**TEXT)) == 21606


def test_an_account_has_its_limits(rest: RestSimulator) -> None:
    account, client = rest.twilio.account, rest.client()
    account.concurrent_calls = 1
    client.calls.create(**CALL)
    assert code_of(lambda: client.calls.create(**{**CALL, "to": OTHER_PHONE})) == 10004
    account.status = AccountStatus.SUSPENDED
    assert code_of(lambda: client.calls.create(**CALL)) == 10001
    assert code_of(lambda: client.messages.create(**TEXT)) == 10001


def test_calls_queue_at_the_accounts_rate(rest: RestSimulator) -> None:
    rest.twilio.account.calls_per_second = 1
    times = [rest.client().calls.create(**{**CALL, "to": f"+1415555010{index}"}).queue_time for index in range(3)]
    assert times == ["0", "1000", "2000"]
