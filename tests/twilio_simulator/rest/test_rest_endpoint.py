"""Every REST endpoint: credentials, lists, unknown paths, the request log."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.simulator import ACCOUNT, OTHER_PHONE, PHONE, TEST_PAIR, TOKEN
from tests.support.simulator_rest import CALL, ROOT, TEXT, VOICE, RestSimulator, code_of
from twilio_simulator.network.handset import Behaviour, OnCall


@pytest.mark.parametrize(
    ("user", "password", "account"),
    [
        (ACCOUNT, "wrong", ACCOUNT),
        ("AC" + "9" * 32, TOKEN, ACCOUNT),
        (ACCOUNT, TOKEN, "AC" + "9" * 32),
        ("SK" + "9" * 32, "secret", ACCOUNT),
        (TEST_PAIR[0], TOKEN, TEST_PAIR[0]),
        (TEST_PAIR[0], TEST_PAIR[1], ACCOUNT),
    ],
)
def test_wrong_credentials_are_refused(rest: RestSimulator, user: str, password: str, account: str) -> None:
    with pytest.raises(TwilioRestException) as refused:
        rest.client(user, password, account).calls.create(**CALL)
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert not rest.twilio.calls


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Basic", "Basic ***", "Basic " + base64.b64encode(b"\xff:\xff").decode()]
)
def test_anything_but_basic_credentials_is_refused(rest: RestSimulator, header: str) -> None:
    status, _, body = rest.http("GET", f"{ROOT}/Calls.json", Authorization=header)
    assert (status, json.loads(body)["code"]) == (401, 20003)


def test_an_api_key_may_do_everything_but_read_the_account(rest: RestSimulator) -> None:
    sid, secret = rest.twilio.account.add_key()
    client = rest.client(sid, secret)
    assert client.calls.create(**CALL).account_sid == ACCOUNT
    assert client.incoming_phone_numbers.list(limit=1) == []
    assert code_of(client.api.v2010.account.fetch) == 20003


def test_calls_are_listed_newest_first_and_page_by_page(rest: RestSimulator) -> None:
    client = rest.client()
    sids = [client.calls.create(**{**CALL, "to": f"+1415555010{index}"}).sid for index in range(5)]
    assert [call.sid for call in client.calls.list(page_size=2)] == sids[::-1]


def test_new_calls_do_not_shift_the_pages(rest: RestSimulator) -> None:
    client = rest.client()
    sids = [client.calls.create(**{**CALL, "to": f"+1415555010{index}"}).sid for index in range(4)]
    page = client.calls.page(page_size=2)
    assert [call.sid for call in page] == [sids[3], sids[2]]
    client.calls.create(**{**CALL, "to": "+14155550109"})
    following = page.next_page()
    assert following is not None
    assert [call.sid for call in following] == [sids[1], sids[0]]
    assert following.next_page() is None


def test_a_page_has_its_paging_fields(rest: RestSimulator) -> None:
    for index in range(3):
        rest.client().messages.create(**{**TEXT, "to": f"+1415555010{index}"})
    page = json.loads(rest.http("GET", f"{ROOT}/Messages.json?PageSize=2&From=%2B14155550199")[2])
    assert {name: page[name] for name in ("page", "page_size", "start", "end", "previous_page_uri")} == {
        "page": 0,
        "page_size": 2,
        "start": 0,
        "end": 1,
        "previous_page_uri": None,
    }
    assert page["next_page_uri"].startswith(f"{ROOT}/Messages.json?From=%2B14155550199&PageSize=2&Page=1&PageToken=PA")
    last = json.loads(rest.http("GET", page["next_page_uri"])[2])
    assert (last["page"], last["start"], last["end"], last["next_page_uri"]) == (1, 2, 2, None)
    assert len(last["messages"]) == 1


@pytest.mark.parametrize("size", ["1001", "0", "many"])
def test_an_invalid_page_size_is_rejected(rest: RestSimulator, size: str) -> None:
    status, _, body = rest.http("GET", f"{ROOT}/Calls.json?PageSize={size}")
    assert (status, json.loads(body)["code"]) == (400, 20007)


def test_calls_are_filtered(rest: RestSimulator) -> None:
    client = rest.client()
    rest.twilio.phone(PHONE).set_behaviour(Behaviour(OnCall.BUSY))
    busy = client.calls.create(**CALL).sid
    rest.advance(86_400)
    ringing = client.calls.create(**{**CALL, "to": OTHER_PHONE, "from_": "+14155550198"}).sid
    rest.settle()

    def matching(**filters: Any) -> list[str | None]:
        return [call.sid for call in client.calls.list(**filters)]

    assert matching(to=PHONE) == [busy]
    assert matching(from_="+14155550198") == [ringing]
    assert matching(status="busy") == [busy]
    assert matching(start_time=datetime(2026, 1, 5, 12, tzinfo=UTC)) == [busy]
    assert matching(start_time_after=datetime(2026, 1, 6, tzinfo=UTC)) == [ringing]
    assert matching(start_time_before=datetime(2026, 1, 6, tzinfo=UTC)) == [busy]
    assert matching(end_time_after=datetime(2026, 1, 1, tzinfo=UTC)) == [busy]
    assert matching(parent_call_sid="CA" + "9" * 32) == []


def test_messages_are_filtered(rest: RestSimulator) -> None:
    client = rest.client()
    first = client.messages.create(**TEXT).sid
    rest.advance(86_400)
    second = client.messages.create(**{**TEXT, "to": OTHER_PHONE}).sid
    rest.settle()
    assert [message.sid for message in client.messages.list(to=PHONE)] == [first]
    assert [message.sid for message in client.messages.list(date_sent=date(2026, 1, 6))] == [second]
    assert [text.sid for text in client.messages.list(date_sent_before=datetime(2026, 1, 5, 13, tzinfo=UTC))] == [first]


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/Nothing.json",
        f"{ROOT}/Calls/CA1/Nothing.json",
        "/2010-04-01/Nothing.json",
        "/v1/Services",
        "/v1/PhoneNumbers/+14155550100",
        "/v1/Services/MG1",
        "/v2/Nothing",
        "/v2010/Accounts",
    ],
)
def test_an_unknown_resource_is_not_found(rest: RestSimulator, path: str) -> None:
    status, _, body = rest.http("GET", path)
    assert (status, json.loads(body)["code"]) == (404, 20404)


def test_what_the_simulator_does_not_have_is_not_found_in_twilios_shape(rest: RestSimulator) -> None:
    status, headers, body = rest.http("POST", "/v1/Services", Authorization="")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert json.loads(body) == {
        "code": 20404,
        "message": "The requested resource /v1/Services (the simulator does not do it) was not found",
        "more_info": "https://www.twilio.com/docs/errors/20404",
        "status": 404,
    }
    assert rest.twilio.debugger.codes == [20404]


def test_an_address_without_json_answers_in_xml(rest: RestSimulator) -> None:
    status, headers, body = rest.http(
        "POST", f"{ROOT}/Messages", "To=%2B14155550100&From=%2B14155550199&Body=Caf%C3%A9 %26 more",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    message = ElementTree.fromstring(body)
    assert (status, headers["content-type"], message.tag) == (201, "application/xml", "TwilioResponse")
    sid = message.findtext("Message/Sid") or ""
    assert message.findtext("Message/Body") == "Café & more"
    assert message.findtext("Message/ErrorCode") == ""
    assert message.findtext("Message/SubresourceUris/Media") == f"{ROOT}/Messages/{sid}/Media.json"
    one = ElementTree.fromstring(rest.http("GET", f"{ROOT}/Messages/{sid}")[2])
    assert one.findtext("Message/Sid") == sid


def test_a_list_without_json_is_in_xml_too(rest: RestSimulator) -> None:
    sid = rest.client().calls.create(**CALL).sid
    (calls,) = ElementTree.fromstring(rest.http("GET", f"{ROOT}/Calls?PageSize=1")[2])
    assert (calls.tag, calls.get("page"), calls.get("pagesize"), calls.get("nextpageuri")) == ("Calls", "0", "1", "")
    assert [call.findtext("Sid") for call in calls.findall("Call")] == [sid]


def test_an_error_without_json_is_in_xml_too(rest: RestSimulator) -> None:
    status, _, body = rest.http("GET", f"{ROOT}/Calls/CA1")
    error = ElementTree.fromstring(body)
    assert (status, error.findtext("RestException/Code"), error.findtext("RestException/Status")) == (
        404,
        "20404",
        "404",
    )


@pytest.mark.parametrize("path", [f"{ROOT}/Calls.json", f"{ROOT}/Balance.json", "/v2/PhoneNumbers/%2B14155550100"])
def test_a_wrong_method_is_refused(rest: RestSimulator, path: str) -> None:
    status, _, body = rest.http("PUT", path)
    assert (status, json.loads(body)["code"]) == (405, 20004)


def test_a_body_that_is_no_form_is_ignored(rest: RestSimulator) -> None:
    status, _, body = rest.http(
        "POST", f"{ROOT}/Calls.json", json.dumps({"To": PHONE}), Content_Type="application/json"
    )
    assert (status, json.loads(body)["code"]) == (400, 21201)


def test_a_rejection_is_in_the_debugger_and_an_injected_fault_is_not(rest: RestSimulator) -> None:
    code_of(lambda: rest.client().calls.create(**{**CALL, "to": "x"}))
    rest.twilio.fail_next(429)
    code_of(lambda: rest.client().calls.create(**CALL))
    (entry,) = rest.twilio.debugger
    assert (entry.code, entry.level.value, entry.url) == (21211, "error", f"{ROOT}/Calls.json")


def test_the_request_log_has_every_request_with_its_outcome(rest: RestSimulator) -> None:
    client = rest.client()
    sid = client.calls.create(**CALL).sid
    rest.twilio.fail_next(429)
    code_of(lambda: client.calls.create(**CALL))
    code_of(lambda: client.calls.create(**{**CALL, "to": "x"}))
    code_of(rest.client(ACCOUNT, "wrong").balance.fetch)
    rows = [(log.method, log.status, log.code, log.sid, log.injected) for log in rest.twilio.request_log.requests]
    assert rows == [
        ("POST", 201, None, sid, None),
        ("POST", 429, 20429, None, "status"),
        ("POST", 400, 21211, None, None),
        ("GET", 401, 20003, None, None),
    ]
    assert rest.twilio.request_log.requests[0].get("Url") == VOICE
    assert TOKEN not in str(list(rest.twilio.request_log.requests))
