"""Webhooks with a right signature, about a call or a text that is not ours, or cut anew: nothing happens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import ACCOUNT, PHONE, SENDER, Phone, RunningApp, path_of, running_app
from verification.types import CountrySender

OTHER = "+14155550177"
LONDON = "+442079460018"
ABOUT_A_CALL = ["call_answered", "call_keys", "call_silence", "call_fallback", "machine_detected", "call_status"]
SERVICE = "MG" + "0" * 32
HEADER = "x-twilio-signature"


def sent_by_twilio(phone: Phone, **changed: str | None) -> dict[str, str]:
    """A webhook about this call, or with None a field of it less."""
    ends = {"From": SENDER, "Caller": SENDER, "To": PHONE, "Called": PHONE}
    fields_sent = {"CallStatus": "busy", "Digits": "00", "Direction": "outbound-api"}
    known = {"CallSid": phone.call_sid, "MessageSid": phone.call_sid, "MessageStatus": "failed", **ends, **fields_sent}
    return {name: value for name, value in (known | changed).items() if value is not None}


async def signed(running: RunningApp, path: str, pairs: list[tuple[str, str]], *, as_if: list[tuple[str, str]]) -> int:
    """Send these fields under the signature of others."""
    signature = running.twilio.sign(path, as_if)
    return (await running.twilio.send(path, pairs, headers=[(HEADER, signature)])).status


async def test_a_webhook_as_twilio_sends_it_is_about_our_call(running: RunningApp) -> None:
    for route in ABOUT_A_CALL:
        phone = await running.ringing_phone()
        answer = await running.twilio.post(path_of(route, delivery=phone.delivery), sent_by_twilio(phone))
        assert answer.status in (200, 204), route
        running.clock.advance(86400)


@pytest.mark.parametrize(
    "changed",
    [
        {"To": OTHER, "Called": OTHER},
        {"To": OTHER},
        {"Called": OTHER},
        {"From": OTHER, "Caller": OTHER},
        {"From": OTHER},
        {"Caller": OTHER},
        {"From": PHONE, "Caller": PHONE, "To": SENDER, "Called": SENDER},
        {"CallSid": "CA" + "f" * 32},
        {"To": "", "Called": ""},
        {"From": "", "Caller": ""},
    ],
    ids=str,
)
async def test_another_number_or_call_is_404_without_effect(running: RunningApp, changed: dict[str, str]) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in ABOUT_A_CALL:
        path = path_of(route, delivery=phone.delivery)
        answer = await running.twilio.post(path, sent_by_twilio(phone, AnsweredBy="fax", **changed))
        assert (answer.status, answer.body) == (404, b""), route
    assert running.rows() == before


@pytest.mark.parametrize("missing", ["To", "From"])
async def test_a_number_that_twilio_always_sends_has_to_be_there(running: RunningApp, missing: str) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in ABOUT_A_CALL:
        path = path_of(route, delivery=phone.delivery)
        fields_sent = [("AccountSid", ACCOUNT), *sent_by_twilio(phone, **{missing: None}).items()]
        assert await signed(running, path, fields_sent, as_if=fields_sent) == 404, route
    assert running.rows() == before


async def test_the_verdict_about_machines_names_no_numbers(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    fields_sent = [("AccountSid", ACCOUNT), ("CallSid", phone.call_sid), ("AnsweredBy", "machine_start")]
    path = path_of("machine_detected", delivery=phone.delivery)
    assert await signed(running, path, fields_sent, as_if=fields_sent) == 204


async def test_a_call_is_no_text_and_a_text_no_call(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    text = {"MessageSid": "SM" + "1" * 32, "SmsSid": "SM" + "1" * 32, "MessageStatus": "failed"}
    assert (await running.twilio.post(path_of("message_status", delivery=phone.delivery), text)).status == 404
    assert running.rows() == before


async def test_a_report_on_a_text_has_to_name_it_alike_in_both_fields(running: RunningApp) -> None:
    await running.started(running.browser())
    path, before = path_of("message_status", delivery=running.provider.texts[0].delivery), running.rows()
    for sid, alias, status in (("SM1", "SM2", 404), ("SM1", "SM1", 204)):
        fields_sent = {"MessageSid": sid, "SmsSid": alias, "MessageStatus": "delivered"}
        assert running.rows() == before
        assert (await running.twilio.post(path, fields_sent)).status == status


async def test_a_text_of_a_messaging_service_comes_from_any_of_its_numbers(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", messaging_service=SERVICE) as running:
        await running.started(running.browser())
        path = path_of("message_status", delivery=running.provider.texts[0].delivery)
        fields_sent = {"MessageSid": "SM1", "MessageStatus": "sent", "From": OTHER}
        before = running.rows()
        for service in ({}, {"MessagingServiceSid": "MG" + "1" * 32}, {"MessagingServiceSid": ""}):
            assert (await running.twilio.post(path, fields_sent | service)).status == 404
        assert running.rows() == before
        assert (await running.twilio.post(path, fields_sent | {"MessagingServiceSid": SERVICE})).status == 204


async def test_a_call_or_text_comes_from_any_of_our_senders(tmp_path: Path) -> None:
    senders = {"GB": CountrySender(number=LONDON), "FR": CountrySender(messaging_service=SERVICE)}
    async with running_app(tmp_path / "store.db", senders=senders) as running:
        phone = await running.ringing_phone()
        for number, status in ((OTHER, 404), (LONDON, 204), (SENDER, 204)):
            assert (await phone.status("ringing", From=number)).status == status
        await running.started(running.browser(), phone="+14155550170")
        path = path_of("message_status", delivery=running.provider.texts[-1].delivery)
        sent = {"MessageSid": "SM2", "MessageStatus": "sent", "To": "+14155550170"}
        for origin, status in (
            ({"From": OTHER}, 404),
            ({"From": OTHER, "MessagingServiceSid": "MG" + "1" * 32}, 404),
            ({"From": OTHER, "MessagingServiceSid": ""}, 404),
            ({"From": OTHER, "MessagingServiceSid": SERVICE}, 204),
            ({"From": LONDON}, 204),
            ({"From": SENDER}, 204),
        ):
            assert (await running.twilio.post(path, sent | origin)).status == status


async def test_a_caller_with_two_numbers_is_rejected(running: RunningApp) -> None:
    before = running.rows()
    for route in ("inbound_call", "inbound_keys", "inbound_silence", "inbound_message"):
        fields_sent = {
            "CallSid": "CA7",
            "From": PHONE,
            "Caller": OTHER,
            "To": SENDER,
            "Digits": "9",
            "Body": "please stop",
        }
        assert (await running.twilio.post(path_of(route), fields_sent)).status == 404, route
    assert running.rows() == before


async def test_a_webhook_that_comes_twice_is_answered_the_same_and_counts_once(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.read_code()
    await phone.wait()
    await phone.press("3")
    path, fields_sent = (
        path_of("call_keys", delivery=phone.delivery),
        [
            ("AccountSid", ACCOUNT),
            *sent_by_twilio(phone, Digits="5").items(),
        ],
    )
    once = [(HEADER, running.twilio.sign(path, fields_sent)), ("i-twilio-idempotency-token", "2f3c-1")]
    first = await running.twilio.send(path, fields_sent, headers=once)
    before = running.rows()
    assert (await running.twilio.send(path, fields_sent, headers=once)).text == first.text
    assert running.rows() == before
    other = [once[0], ("i-twilio-idempotency-token", "2f3c-2")]
    assert (await running.twilio.send(path, fields_sent, headers=other)).text != first.text


@pytest.mark.parametrize("token", ["", "x" * 65, "x" * 4000])
async def test_a_name_that_is_none_is_no_name(running: RunningApp, token: str) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    fields_sent = [("AccountSid", ACCOUNT), *sent_by_twilio(phone, Digits="112").items()]
    path = path_of("call_keys", delivery=phone.delivery)
    headers = [(HEADER, running.twilio.sign(path, fields_sent)), ("i-twilio-idempotency-token", token)]
    answers = [(await running.twilio.send(path, fields_sent, headers=headers)).text for _ in range(2)]
    assert answers[0] != answers[1], "both counted"


# ------------------------------------------------------------------------------------------------ split forms


def signed_bytes(pairs: list[tuple[str, str]]) -> str:
    """What Twilio's signature covers beside the address."""
    values: dict[str, set[str]] = {}
    for name, value in pairs:
        values.setdefault(name, set()).add(value)
    return "".join(name + value for name in sorted(values) for value in sorted(values[name]))


def cut_anew(pairs: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Every form that is signed alike and has one cut between a name and a value, or two fields, elsewhere."""
    whole = signed_bytes(pairs)
    for place in range(len(pairs)):
        rest = pairs[:place] + pairs[place + 1 :]
        text = "".join(pairs[place])
        options = [[*rest, (text[:at], text[at:])] for at in range(len(text) + 1)]
        if place + 1 < len(pairs):  # swallow the next field, wherever the name ends
            both = text + "".join(pairs[place + 1])
            rest = pairs[:place] + pairs[place + 2 :]
            options += [[*rest, (both[:at], both[at:])] for at in range(len(both) + 1)]
        # or break one field into two
        for first in range(1, len(text)):
            for name, value in ((1, 2), (2, 4), (4, 8)):
                halves = [(text[: first // 2], text[first // 2 : first]), (text[first:][:name], text[first:][name:])]
                if value:
                    options.append([*pairs[:place], *halves, *pairs[place + 1 :]])
        for option in options:
            if sorted(option) != sorted(pairs) and signed_bytes(option) == whole:
                yield option


@pytest.mark.parametrize(("route", "read"), [("call_keys", "Digits"), ("call_status", "CallStatus")])
async def test_a_form_that_is_cut_anew_under_its_own_signature_has_no_effect(
    running: RunningApp, route: str, read: str
) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    path = path_of(route, delivery=phone.delivery)
    known = {"CallSid": phone.call_sid, "CallStatus": "busy", "Digits": "00"}
    numbers = [("Called", PHONE), ("Caller", SENDER), ("From", SENDER), ("To", PHONE)]
    pairs = [("AccountSid", ACCOUNT), *known.items(), *numbers, ("Direction", "outbound-api")]
    before, tried = running.rows(), 0
    for option in cut_anew(sorted(pairs)):
        if dict(option).get(read) == known[read] and {"CallSid", "From", "To"} <= dict(option).keys():
            continue  # cut where nothing is read
        tried += 1
        status = await signed(running, path, option, as_if=pairs)
        assert status in (204, 400, 404), option
        assert running.rows() == before, option
    assert tried > 100


@pytest.mark.parametrize(
    "digits", [" 12", "1 2", "+1", "\u0661\u0662", "12\n", "x", "one", "\0", "12Directionoutbound-api"]
)
async def test_keys_that_no_phone_has_are_refused_without_effect(running: RunningApp, digits: str) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for path in (path_of("call_keys", delivery=phone.delivery), path_of("inbound_keys")):
        fields_sent = sent_by_twilio(phone, Digits=digits)
        assert (await running.twilio.post(path, fields_sent)).status == 400
        fields_sent.pop("Digits")
        assert (await running.twilio.post(path, fields_sent)).status == 400
    assert running.rows() == before


async def test_a_text_cannot_bring_a_sender_of_its_own(running: RunningApp) -> None:
    """A text says `xFrom+1415…`. Split differently, the form has another sender, and an odd name with the real one."""
    path = path_of("inbound_message")
    real = [("AccountSid", ACCOUNT), ("Body", f"please stop texting meFrom{PHONE}"), ("From", OTHER)]
    forged = [
        ("AccountSid", ACCOUNT),
        ("Body", "please stop texting me"),
        ("From", PHONE),
        (f"From{OTHER[:6]}", OTHER[6:]),
    ]
    doubled = [("AccountSid", ACCOUNT), ("Body", "please stop texting me"), ("From", PHONE), ("From", OTHER)]
    before = running.rows()
    for option in (forged, doubled):
        assert signed_bytes(option) == signed_bytes(real)
        assert await signed(running, path, option, as_if=real) == 400
    assert running.rows() == before


@pytest.mark.parametrize("name", ["Digits ", "1", "", "Fr\u00f6m", "From+1", "A:B", "A\0", "_x", "x" * 200])
async def test_a_field_whose_name_is_not_twilios_is_refused(running: RunningApp, name: str) -> None:
    fields_sent = {"From": PHONE, "Body": "please stop", name: "1"}
    before = running.rows()
    assert (await running.twilio.post(path_of("inbound_message"), fields_sent)).status in (400, 403)
    assert running.rows() == before


async def test_a_field_that_twilio_has_added_since_is_no_reason_to_refuse(running: RunningApp) -> None:
    new = {
        "StirVerstat": "TN-Validation-Passed-A",
        "SipHeader_X-Thing": "1",
        "MessagingBinding.Address": "x",
        "msg": "",
    }
    assert (
        await running.twilio.post(path_of("inbound_message"), {"From": PHONE, "Body": "hello", **new})
    ).status == 200
