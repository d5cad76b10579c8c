"""Our answers to texts: few, none to a number that we would not text, and nothing twice."""

from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.app import PHONE, SENDER, RunningApp, open_page, path_of, running_app
from verification.counters.rules import Ceiling, Limit, Price
from verification.policy import DEFAULT_POLICY
from verification.types import Scope

DAY = 86400
_SIDS = count(1)


async def texted(running: RunningApp, body: str, *, number: str = PHONE, sid: str = "", **more: str) -> str | None:
    """What we answer to a text; None when we stay silent."""
    fields = {"MessageSid": sid or f"SM{next(_SIDS):032x}", "From": number, "To": SENDER, "Body": body, **more}
    answer = await running.twilio.post(path_of("inbound_message"), fields)
    assert answer.status == 200
    messages = list(ElementTree.fromstring(answer.text))
    assert len(messages) <= 1
    return messages[0].text if messages else None


async def may_start(running: RunningApp, *, phone: str = PHONE) -> bool:
    """Whether a code may be sent to the number."""
    sent = await running.browser().post(path_of("start"), {"username": "ada", "phone": phone, "channel": "sms"})
    assert sent.status in (303, 403)
    return sent.status == 303


# ---------------------------------------------------------------------------------------------------------- loops end


@pytest.mark.parametrize(
    "body", ["I am out of office until Monday.", "CALL", "NO", "Danke f\u00fcr Ihre Nachricht", "\U0001f44d"]
)
async def test_an_autoresponder_gets_one_answer_in_a_day(running: RunningApp, body: str) -> None:
    answers = []
    for _ in range(40):
        answers.append(await texted(running, body))
        running.clock.advance(60)
    assert [answer is not None for answer in answers] == [True] + 39 * [False]
    running.clock.advance(DAY)
    assert await texted(running, body) is not None


async def test_different_texts_share_the_one_answer(running: RunningApp) -> None:
    assert await texted(running, "hello") is not None
    for body in ("CALL", "NO", "what?", "hello"):
        assert await texted(running, body) is None


async def test_help_and_start_are_answered_five_times_in_a_day(running: RunningApp) -> None:
    assert await texted(running, "hello") is not None
    answers = [await texted(running, body) for body in ("help!", "start!", "help!", "start!", "help!", "start!")]
    assert [answer is not None for answer in answers] == [True] * 4 + [False] * 2


async def test_a_suppressed_number_gets_no_answer_but_that_to_start(running: RunningApp) -> None:
    assert await texted(running, "stop!") is not None
    for body in ("stop!", "help!", "hello", "CALL", "NO"):
        assert await texted(running, body) is None
    assert await texted(running, "start!") is not None


@pytest.mark.parametrize(
    "number", ["+4930901820", "+18765230123", "+19002345678", "+12129760100", "+18005550100", "+15002345678"]
)
async def test_a_number_that_we_would_not_text_gets_no_answer(running: RunningApp, number: str) -> None:
    for body in ("hello", "help!", "CALL", "NO", "start!", "stop!"):
        assert await texted(running, body, number=number) is None
    assert [len(running.rows()[table]) for table in ("suppressions", "counters")] == [1, 0]


@pytest.mark.parametrize(
    ("scope", "rule"),
    [
        (Scope.TOTAL, Limit(count=2, seconds=DAY)),
        (Scope.COUNTRY, Limit(count=2, seconds=DAY)),
        (Scope.PREFIX, Limit(count=2, seconds=DAY)),
        (Scope.MONEY, Ceiling(amount=200, seconds=DAY)),
    ],
)
async def test_answers_and_codes_share_the_ceilings(tmp_path: Path, scope: Scope, rule: Limit | Ceiling) -> None:
    prices = {"US": Price(minute=140, text=100)}
    policy = replace(DEFAULT_POLICY, limits=((scope, (rule,)),), prices=prices)
    async with running_app(tmp_path / "ceilings.db", policy=policy) as running:
        assert await texted(running, "hello", number="+14155550101") is not None
        await running.started(running.browser())
        assert await texted(running, "hello", number="+14155550102") is None
        sent = await running.browser().post(
            path_of("start"), {"username": "bob", "phone": "+14155550103", "channel": "sms"}
        )
        assert sent.status == 429


async def test_an_answer_uses_up_no_send_of_the_person(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=1, seconds=DAY),)),))
    async with running_app(tmp_path / "own.db", policy=policy) as running:
        for body in ("hello", "help!", "start!"):
            assert await texted(running, body) is not None
        assert await may_start(running)


async def test_the_loop_ends_also_where_limits_only_watch(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.TOTAL, (Limit(count=1, seconds=DAY),)),), enforce=False)
    async with running_app(tmp_path / "watch.db", policy=policy) as running:
        assert [await texted(running, "hello") is not None for _ in range(3)] == [True, False, False]
        assert await texted(running, "hello", number="+14155550101") is not None


BODIES = ("hello", "help!", "start!", "stop!", "CALL", "NO", "STOP", "START", "HELP")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(BODIES), max_size=30))
async def test_no_conversation_goes_beyond_five_answers_and_one_passive_one(
    tmp_path: Path, conversation: list[str]
) -> None:
    async with running_app(tmp_path / f"conversation{next(_SIDS)}.db") as running:
        suppressed, answered = False, []
        for body in conversation:
            answer = await texted(running, body)
            if answer is not None:
                answered.append(body)
                assert not suppressed or body == "start!"
            suppressed = body.lower() in ("stop!", "stop") or (suppressed and body.lower() not in ("start!", "start"))
        assert len(answered) <= 5
        assert len([body for body in answered if body not in ("help!", "start!")]) <= 1


# ------------------------------------------------------------------------------------------------- nothing twice


async def test_an_old_stop_that_is_repeated_after_a_start_changes_nothing(running: RunningApp) -> None:
    await texted(running, "STOP", sid="SM1")
    await texted(running, "START", sid="SM2")
    for days in (0, 1, 6, 20):
        running.clock.advance(days * DAY)
        before = running.rows()
        assert await texted(running, "STOP", sid="SM1") is None
        assert running.rows() == before
    assert await may_start(running)


async def test_an_old_start_that_is_repeated_after_a_stop_changes_nothing(running: RunningApp) -> None:
    await texted(running, "STOP", sid="SM1")
    await texted(running, "start!", sid="SM2")
    await texted(running, "STOP", sid="SM3")
    before = running.rows()
    assert await texted(running, "start!", sid="SM2") is None
    assert running.rows() == before
    assert not await may_start(running)


@pytest.mark.parametrize("body", ["CALL", "NO", "hello", "help!"])
async def test_a_repeated_text_is_obeyed_and_answered_once(running: RunningApp, body: str) -> None:
    await running.started(running.browser())
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    assert await texted(running, body, sid="SM1") is not None
    running.clock.advance(2 * DAY)
    before, asked = running.rows(), running.provider.asked
    assert await texted(running, body, sid="SM1") is None
    assert (running.rows(), running.provider.asked) == (before, asked)


async def test_a_repeated_key_in_a_call_to_us_is_called_back_once(running: RunningApp) -> None:
    await running.started(running.browser())
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    fields = {"CallSid": "CA9", "From": PHONE, "To": SENDER, "Digits": "1"}
    first = await running.twilio.post(path_of("inbound_keys"), fields)
    before, asked = running.rows(), running.provider.asked
    again = await running.twilio.post(path_of("inbound_keys"), fields)
    assert again.text == first.text
    assert (running.rows(), running.provider.asked) == (before, asked)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("STOP", "START", "hello")), st.integers(0, 3)), max_size=12), st.data())
async def test_repetitions_leave_the_number_as_the_newest_text_did(
    tmp_path: Path, sent: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Each text arrives in order, and any of the earlier ones again between them."""
    async with running_app(tmp_path / f"repeats{next(_SIDS)}.db") as running:
        suppressed = False
        for number, (body, repetitions) in enumerate(sent):
            await texted(running, body, sid=f"SM{number}")
            suppressed = body == "STOP" or (suppressed and body != "START")
            for _ in range(repetitions):
                old = data.draw(st.integers(0, number))
                await texted(running, sent[old][0], sid=f"SM{old}")
        assert await may_start(running) is not suppressed


# --------------------------------------------------------------------------------------------- Twilio's own opt-out


@pytest.mark.parametrize("body", ["PARA YA", "ARRET", "hello", "START", ""])
async def test_what_twilio_has_stopped_is_suppressed_and_not_answered_again(running: RunningApp, body: str) -> None:
    assert await texted(running, body, OptOutType="STOP") is None
    assert not await may_start(running)


@pytest.mark.parametrize("body", ["VUELVE", "STOP", ""])
async def test_what_twilio_has_lifted_is_lifted_and_not_answered_again(running: RunningApp, body: str) -> None:
    await texted(running, "STOP")
    assert await texted(running, body, OptOutType="START") is None
    assert await may_start(running)


@pytest.mark.parametrize("body", ["AYUDA", "STOP", "stop texting me"])
async def test_what_twilio_has_helped_with_changes_nothing(running: RunningApp, body: str) -> None:
    assert await texted(running, body, OptOutType="HELP") is None
    assert await may_start(running)


async def test_a_type_that_we_do_not_know_leaves_it_to_the_words(running: RunningApp) -> None:
    await texted(running, "STOP", OptOutType="LATER")
    assert not await may_start(running)


# ------------------------------------------------------------------------------------------- one phone, one identity

FORMS = [
    ("MX", "+525512345678", "+5215512345678"),
    ("AR", "+541123456789", "+5491123456789"),
    ("BR", "+5511987654321", "+551187654321"),
]


@pytest.mark.parametrize(("country", "one", "other"), [*FORMS, *((c, other, one) for c, one, other in FORMS)])
async def test_stop_start_and_call_are_about_the_phone_in_any_form(
    tmp_path: Path, country: str, one: str, other: str
) -> None:
    policy = replace(DEFAULT_POLICY, countries=frozenset({country}), limits=())
    async with running_app(tmp_path / "forms.db", policy=policy) as running:
        browser = running.browser()
        await running.started(browser, phone=one)
        running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
        await texted(running, "CALL", number=other)
        assert len(running.provider.calls) == 1
        await texted(running, "STOP", number=other)
        assert (await open_page(browser)).state == "ended"
        assert not await may_start(running, phone=one)
        await texted(running, "START", number=one)
        assert await may_start(running, phone=other)


@pytest.mark.parametrize(("country", "one", "other"), FORMS)
async def test_limits_count_the_phone_in_any_form(tmp_path: Path, country: str, one: str, other: str) -> None:
    limits = ((Scope.NUMBER, (Limit(count=1, seconds=DAY),)),)
    policy = replace(DEFAULT_POLICY, countries=frozenset({country}), limits=limits)
    async with running_app(tmp_path / "limits.db", policy=policy) as running:
        await running.started(running.browser(), phone=one)
        form = {"username": "eve", "phone": other, "channel": "sms"}
        assert (await running.browser().post(path_of("start"), form)).status == 429
