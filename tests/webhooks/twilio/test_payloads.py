"""Webhooks with a right signature, about a call or a text that is not ours, or cut anew: nothing happens."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.app import ACCOUNT, PHONE, SENDER, House, Phone, open_house, path_of

OTHER = "+14155550177"
ABOUT_A_CALL = ["answered", "keys", "silence", "machine", "call_status"]
SERVICE = "MG" + "0" * 32
HEADER = "x-twilio-signature"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


def sent_by_twilio(phone: Phone, **changed: str | None) -> dict[str, str]:
    """A webhook about this call, or with None a field of it less."""
    ends = {"From": SENDER, "Caller": SENDER, "To": PHONE, "Called": PHONE}
    told = {"CallStatus": "busy", "Digits": "00", "Direction": "outbound-api"}
    known = {"CallSid": phone.call_sid, "MessageSid": phone.call_sid, "MessageStatus": "failed", **ends, **told}
    return {name: value for name, value in (known | changed).items() if value is not None}


async def signed(house: House, path: str, pairs: list[tuple[str, str]], *, as_if: list[tuple[str, str]]) -> int:
    """Send these fields under the signature of others."""
    signature = house.twilio.sign(path, as_if)
    return (await house.twilio.send(path, pairs, headers=[(HEADER, signature)])).status


async def test_a_webhook_as_twilio_sends_it_is_about_our_call(house: House) -> None:
    for door in ABOUT_A_CALL:
        phone = await house.called()
        answer = await house.twilio.post(path_of(door, delivery=phone.delivery), sent_by_twilio(phone))
        assert answer.status in (200, 204), door
        house.clock.advance(86400)


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
async def test_another_number_or_call_is_404_without_effect(house: House, changed: dict[str, str]) -> None:
    phone = await house.called()
    before = house.rows()
    for door in ABOUT_A_CALL:
        path = path_of(door, delivery=phone.delivery)
        answer = await house.twilio.post(path, sent_by_twilio(phone, AnsweredBy="fax", **changed))
        assert (answer.status, answer.body) == (404, b""), door
    assert house.rows() == before


@pytest.mark.parametrize("missing", ["To", "From"])
async def test_a_number_that_twilio_always_sends_has_to_be_there(house: House, missing: str) -> None:
    phone = await house.called()
    before = house.rows()
    for door in ABOUT_A_CALL:
        path = path_of(door, delivery=phone.delivery)
        told = [("AccountSid", ACCOUNT), *sent_by_twilio(phone, **{missing: None}).items()]
        assert await signed(house, path, told, as_if=told) == 404, door
    assert house.rows() == before


async def test_the_verdict_about_machines_names_no_numbers(house: House) -> None:
    phone = await house.called()
    told = [("AccountSid", ACCOUNT), ("CallSid", phone.call_sid), ("AnsweredBy", "machine_start")]
    path = path_of("machine", delivery=phone.delivery)
    assert await signed(house, path, told, as_if=told) == 204


async def test_a_call_is_no_text_and_a_text_no_call(house: House) -> None:
    phone = await house.called()
    before = house.rows()
    text = {"MessageSid": "SM" + "1" * 32, "SmsSid": "SM" + "1" * 32, "MessageStatus": "failed"}
    assert (await house.twilio.post(path_of("message_status", delivery=phone.delivery), text)).status == 404
    assert house.rows() == before


async def test_a_report_on_a_text_has_to_name_it_alike_in_both_fields(house: House) -> None:
    await house.started(house.browser())
    path, before = path_of("message_status", delivery=house.provider.texts[0].delivery), house.rows()
    for sid, alias, status in (("SM1", "SM2", 404), ("SM1", "SM1", 204)):
        told = {"MessageSid": sid, "SmsSid": alias, "MessageStatus": "delivered"}
        assert house.rows() == before
        assert (await house.twilio.post(path, told)).status == status


async def test_a_text_of_a_messaging_service_comes_from_any_of_its_numbers(tmp_path: Path) -> None:
    async with open_house(tmp_path / "table.db", messaging_service=SERVICE) as house:
        await house.started(house.browser())
        path = path_of("message_status", delivery=house.provider.texts[0].delivery)
        told = {"MessageSid": "SM1", "MessageStatus": "sent", "From": OTHER}
        before = house.rows()
        for service in ({}, {"MessagingServiceSid": "MG" + "1" * 32}, {"MessagingServiceSid": ""}):
            assert (await house.twilio.post(path, told | service)).status == 404
        assert house.rows() == before
        assert (await house.twilio.post(path, told | {"MessagingServiceSid": SERVICE})).status == 204


async def test_somebody_who_calls_us_under_two_numbers_is_nobody(house: House) -> None:
    before = house.rows()
    for door in ("called", "called_keys", "called_silence", "texted"):
        told = {"CallSid": "CA7", "From": PHONE, "Caller": OTHER, "To": SENDER, "Digits": "9", "Body": "please stop"}
        assert (await house.twilio.post(path_of(door), told)).status == 404, door
    assert house.rows() == before


async def test_a_webhook_that_comes_twice_is_answered_the_same_and_counts_once(house: House) -> None:
    phone = await house.called()
    await phone.read_code()
    await phone.wait()
    await phone.press("3")
    path, told = (
        path_of("keys", delivery=phone.delivery),
        [
            ("AccountSid", ACCOUNT),
            *sent_by_twilio(phone, Digits="5").items(),
        ],
    )
    once = [(HEADER, house.twilio.sign(path, told)), ("i-twilio-idempotency-token", "2f3c-1")]
    first = await house.twilio.send(path, told, headers=once)
    before = house.rows()
    assert (await house.twilio.send(path, told, headers=once)).text == first.text
    assert house.rows() == before
    other = [once[0], ("i-twilio-idempotency-token", "2f3c-2")]
    assert (await house.twilio.send(path, told, headers=other)).text != first.text


@pytest.mark.parametrize("token", ["", "x" * 65, "x" * 4000])
async def test_a_name_that_is_none_is_no_name(house: House, token: str) -> None:
    phone = await house.called()
    await phone.answer()
    told = [("AccountSid", ACCOUNT), *sent_by_twilio(phone, Digits="1").items()]
    path = path_of("keys", delivery=phone.delivery)
    headers = [(HEADER, house.twilio.sign(path, told)), ("i-twilio-idempotency-token", token)]
    answers = [(await house.twilio.send(path, told, headers=headers)).text for _ in range(2)]
    assert answers[0] != answers[1], "both counted"


# ------------------------------------------------------------------------------------------------ cut anew


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


@pytest.mark.parametrize(("door", "read"), [("keys", "Digits"), ("call_status", "CallStatus")])
async def test_a_form_that_is_cut_anew_under_its_own_signature_has_no_effect(
    house: House, door: str, read: str
) -> None:
    phone = await house.called()
    await phone.answer()
    path = path_of(door, delivery=phone.delivery)
    known = {"CallSid": phone.call_sid, "CallStatus": "busy", "Digits": "00"}
    numbers = [("Called", PHONE), ("Caller", SENDER), ("From", SENDER), ("To", PHONE)]
    pairs = [("AccountSid", ACCOUNT), *known.items(), *numbers, ("Direction", "outbound-api")]
    before, tried = house.rows(), 0
    for option in cut_anew(sorted(pairs)):
        if dict(option).get(read) == known[read] and {"CallSid", "From", "To"} <= dict(option).keys():
            continue  # cut where nothing is read
        tried += 1
        status = await signed(house, path, option, as_if=pairs)
        assert status in (204, 400, 404), option
        assert house.rows() == before, option
    assert tried > 100


@pytest.mark.parametrize(
    "digits", [" 12", "1 2", "+1", "\u0661\u0662", "12\n", "x", "one", "\0", "12Directionoutbound-api"]
)
async def test_keys_that_no_phone_has_are_refused_without_effect(house: House, digits: str) -> None:
    phone = await house.called()
    before = house.rows()
    for path in (path_of("keys", delivery=phone.delivery), path_of("called_keys")):
        told = sent_by_twilio(phone, Digits=digits)
        assert (await house.twilio.post(path, told)).status == 400
        told.pop("Digits")
        assert (await house.twilio.post(path, told)).status == 400
    assert house.rows() == before


async def test_a_text_cannot_bring_a_sender_of_its_own(house: House) -> None:
    """Somebody texts `xFrom+1415…`. Cut anew it would name another sender, and hide the real one in an odd name."""
    path = path_of("texted")
    real = [("AccountSid", ACCOUNT), ("Body", f"please stop texting meFrom{PHONE}"), ("From", OTHER)]
    forged = [
        ("AccountSid", ACCOUNT),
        ("Body", "please stop texting me"),
        ("From", PHONE),
        (f"From{OTHER[:6]}", OTHER[6:]),
    ]
    doubled = [("AccountSid", ACCOUNT), ("Body", "please stop texting me"), ("From", PHONE), ("From", OTHER)]
    before = house.rows()
    for option in (forged, doubled):
        assert signed_bytes(option) == signed_bytes(real)
        assert await signed(house, path, option, as_if=real) == 400
    assert house.rows() == before


@pytest.mark.parametrize("name", ["Digits ", "1", "", "Fr\u00f6m", "From+1", "A:B", "A\0", "_x", "x" * 200])
async def test_a_field_whose_name_is_not_twilios_is_refused(house: House, name: str) -> None:
    told = {"From": PHONE, "Body": "please stop", name: "1"}
    before = house.rows()
    assert (await house.twilio.post(path_of("texted"), told)).status in (400, 403)
    assert house.rows() == before


async def test_a_field_that_twilio_has_added_since_is_no_reason_to_refuse(house: House) -> None:
    new = {
        "StirVerstat": "TN-Validation-Passed-A",
        "SipHeader_X-Thing": "1",
        "MessagingBinding.Address": "x",
        "msg": "",
    }
    assert (await house.twilio.post(path_of("texted"), {"From": PHONE, "Body": "hello", **new})).status == 200
