"""Hooks: the messages of Supabase, Kratos and others become texts and calls with their codes."""

import json

import pytest

from tests.support.api_client import basic, client, operator
from tests.support.app import Phone
from tests.support.asgi_client import send_request
from tests.support.hooks import CODE, NUMBER, OLDER, OTHER, System, kratos, supabase
from verification.errors import Unavailable
from verification.models import EventKind
from verification.ports import Rejected


async def test_a_message_of_supabase_sends_its_code(system: System) -> None:
    answer = await system.signed(supabase())
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    (text,) = system.running.provider.texts
    assert (text.to.e164, text.code, text.brand, text.language) == (NUMBER, CODE, "Acme Shop", "en-US")
    sid = json.loads(answer.body)["sid"]
    assert (await system.client.get(f"Verifications/{sid}")).body["status"] == "pending"


async def test_a_call_says_it_behind_the_gate(system: System) -> None:
    assert (await system.signed(supabase(), hook="calling")).status == 200
    running = system.running
    phone = Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")
    assert await phone.read_code() == CODE


@pytest.mark.parametrize("phone", [NUMBER, NUMBER.removeprefix("+")])
async def test_supabase_leaves_out_the_plus_sign(system: System, phone: str) -> None:
    assert (await system.signed(supabase(phone=phone))).status == 200
    assert system.running.provider.texts[-1].to.e164 == NUMBER


async def test_a_change_of_number_goes_to_the_new_one(system: System) -> None:
    message = supabase(phone="14155550111")
    message["sms"] |= {"sms_type": "phone_change", "phone": "14155550122"}
    assert (await system.signed(message)).status == 200
    assert system.running.provider.texts[-1].to.e164 == "+14155550122"


async def test_any_of_several_secrets_counts(system: System) -> None:
    assert (await system.signed(supabase(), secret=OLDER)).status == 200


async def test_supabase_signs_with_each_of_its_secrets_and_puts_a_comma_between(system: System) -> None:
    body = json.dumps(supabase()).encode()
    headers = system.signature(body, id="msg")
    other = system.signature(body, secret=OTHER, id="msg")["webhook-signature"]
    headers["webhook-signature"] = f"{headers['webhook-signature']}, {other}"
    assert (await system.post("supabase", body, headers=headers)).status == 200


@pytest.mark.parametrize("kind", ["login", "registration", "verification", "recovery"])
async def test_kratos_names_the_code_after_what_it_is_for(system: System, kind: str) -> None:
    assert (await system.with_key("kratos", kratos(kind=kind))).status == 200
    assert system.running.provider.texts[-1].code == CODE


@pytest.mark.parametrize("to", [NUMBER, NUMBER.removeprefix("+")])
async def test_logto_says_the_language_of_its_user(system: System, to: str) -> None:
    message = {"to": to, "type": "SignIn", "payload": {"code": CODE, "locale": "de"}, "ip": "10.0.0.1"}
    assert (await system.with_key("logto", message)).status == 200
    text = system.running.provider.texts[-1]
    assert (text.to.e164, text.code, text.language) == (NUMBER, CODE, "de-DE")


async def test_a_file_says_where_another_sender_has_what_counts(system: System) -> None:
    message = {"phone": {"number": NUMBER}, "code": CODE, "locale": "de", "to": "+14155550199"}
    assert (await system.signed(message, hook="signed", secret=OTHER)).status == 200
    text = system.running.provider.texts[-1]
    assert (text.to.e164, text.code, text.language) == (NUMBER, CODE, "de-DE")


async def test_of_another_sender_a_number_has_its_plus_sign(system: System) -> None:
    """Without it, 4155550100 of California would be a number in Switzerland."""
    message = {"phone": {"number": "4155550100"}, "code": CODE}
    assert (await system.signed(message, hook="signed", secret=OTHER)).status == 400


async def test_a_hook_has_its_own_action(system: System) -> None:
    message = {"phone": {"number": NUMBER}, "code": CODE}
    sid = json.loads((await system.signed(message, hook="signed", secret=OTHER)).body)["sid"]
    assert (await system.client.get(f"Verifications/{sid}")).body["action"] == "change-billing"


async def test_the_audit_log_says_which_hook_it_was(system: System) -> None:
    sid = json.loads((await system.signed(supabase())).body)["sid"]
    events = await system.running.store.events(sid)
    assert next((event.kind, event.actor) for event in events) == (EventKind.STARTED, "hook supabase")


async def test_the_application_may_report_that_the_code_was_right(system: System) -> None:
    await system.signed(supabase())
    assert (await system.client.post(f"Verifications/{NUMBER}", Status="approved")).body["status"] == "approved"


# Refusals.


async def test_supabase_reads_a_refusal_in_an_answer_with_200(system: System) -> None:
    answers = [await system.signed(supabase(code=f"100{n}")) for n in range(6)]
    assert [answer.status for answer in answers] == [200] * 6
    assert json.loads(answers[-1].body) == {"error": {"http_code": 429, "message": "Too many requests"}}
    assert system.asked == 5


async def test_others_get_the_status_itself(system: System) -> None:
    answers = [await system.with_key("kratos", kratos(code=f"100{n}")) for n in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].header("retry-after") or 0) > 0


@pytest.mark.parametrize("hook", ["supabase", "kratos"])
async def test_what_passes_is_answered_503_and_repeated_by_the_sender(system: System, hook: str) -> None:
    system.running.store.failure = Unavailable("the disk is full")
    answer = await (system.signed(supabase()) if hook == "supabase" else system.with_key("kratos", kratos()))
    assert (answer.status, answer.header("retry-after"), answer.header("content-type")) == (
        503,
        "5",
        "application/json",
    )
    system.running.store.failure = None
    assert (await system.signed(supabase())).status == 200


async def test_a_fault_of_twilios_is_repeated_too(system: System) -> None:
    system.running.provider.script.append(Rejected(permanent=False, code=20429))
    answer = await system.signed(supabase())
    assert (answer.status, answer.header("retry-after")) == (503, "5")


async def test_a_service_that_may_not_have_its_own_codes_is_told_so(system: System) -> None:
    assert (await system.client.post(CustomCodeEnabled="false")).status == 200
    body = json.loads((await system.signed(supabase())).body)
    assert (body["error"]["http_code"], system.asked) == (403, 0)


async def test_the_log_says_why_a_message_was_refused(system: System, caplog: pytest.LogCaptureFixture) -> None:
    await system.signed(supabase(code="12ab"))
    await system.signed(supabase(), secret=OTHER)
    lines = [record.__dict__["fields"] for record in caplog.records if "hook" in record.getMessage()]
    assert [(line["hook"], line["status"]) for line in lines] == [("supabase", 400), ("supabase", 401)]
    assert lines[0]["why"] == "Invalid parameter: CustomCode (4 to 10 digits)"


async def test_a_deleted_service_sends_nothing(system: System) -> None:
    admin = await operator(system.running)
    assert (await admin.send("DELETE", f"/v2/Services/{system.client.service}")).status == 204
    assert json.loads((await system.signed(supabase())).body)["error"]["http_code"] == 404
    assert (await system.with_key("kratos", kratos())).status == 401
    assert system.asked == 0


# Keys.


async def test_a_hook_without_a_secret_needs_a_key_of_its_service(system: System) -> None:
    stranger = await client(system.running, "Other Shop", seed=77)
    for headers, status in (
        ({}, 401),
        ({"Authorization": basic(system.client.key, "0" * 64)}, 401),
        ({"Authorization": f"Bearer {system.client.secret}"}, 401),
        ({"Authorization": basic(stranger.key, stranger.secret)}, 404),
    ):
        assert (await system.post("kratos", kratos(), headers=headers)).status == status
    assert system.asked == 0


async def test_a_key_does_not_open_a_hook_with_a_secret(system: System) -> None:
    assert (await system.with_key("supabase", supabase())).status == 401
    assert system.asked == 0


async def test_an_idempotency_key_counts_where_a_key_is_given(system: System) -> None:
    answers = [await system.with_key("kratos", kratos(), **{"Idempotency-Key": "message-1"}) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert system.asked == 1


async def test_an_unknown_hook_and_another_method_are_refused(system: System) -> None:
    assert (await system.signed(supabase(), hook="nothing")).status == 404
    assert (await send_request(system.running.app, "GET", "/hooks/supabase")).status == 405
