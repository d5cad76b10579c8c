"""Gather in a call: keys, silence, interruption, and what is asked of `action`."""

from __future__ import annotations

import pytest

from simulator.phone import PhoneRefuses
from tests.simulator_support import World, make_world, twiml

PROMPT = "<Say>Please press some keys now.</Say>"


def gather(attributes: str = "", prompt: str = PROMPT, then: str = "<Say>Nobody there.</Say>") -> World:
    """A world whose call gathers, says what follows, and whose `/keys` says thanks."""
    return make_world(
        voice=twiml(f'<Gather action="/keys" {attributes}>{prompt}</Gather>', then),
        keys=twiml("<Say>Thanks.</Say>"),
    )


def submitted(world: World) -> list[str | None]:
    """The `Digits` of each request to `/keys`; None when they were absent."""
    return [got.form.get("Digits") for got in world.customer.at("/keys")]


def said(world: World) -> list[str]:
    return [heard.text for heard in world.phone.heard]


async def test_num_digits_submits_at_once() -> None:
    world = gather('numDigits="2"')
    await world.answered()
    await world.phone.press("47")
    assert submitted(world) == ["47"]
    assert said(world)[-1] == "Thanks."


async def test_leading_zeros_live() -> None:
    world = gather('numDigits="4"')
    await world.answered()
    await world.phone.press("0042")
    assert submitted(world) == ["0042"]


async def test_too_few_digits_wait_for_the_timeout() -> None:
    world = gather('numDigits="4" timeout="7"')
    await world.answered()
    await world.phone.press("47")
    await world.twilio.clock.advance(6.9)
    assert submitted(world) == []
    await world.twilio.clock.advance(0.1)
    assert submitted(world) == ["47"]


async def test_every_key_starts_the_timeout_anew() -> None:
    world = gather('timeout="5"')
    await world.answered()
    await world.phone.press("1")
    await world.twilio.clock.advance(4)
    await world.phone.press("2")
    await world.twilio.clock.advance(4)
    assert submitted(world) == []
    await world.twilio.clock.advance(1)
    assert submitted(world) == ["12"]


async def test_the_finish_key_submits_and_is_not_in_the_digits() -> None:
    world = gather()
    await world.answered()
    await world.phone.press("471#")
    assert submitted(world) == ["471"]
    assert world.customer.at("/keys")[0].form["FinishedOnKey"] == "#"


async def test_another_finish_key_takes_the_place_of_the_hash() -> None:
    world = gather('finishOnKey="*"')
    await world.answered()
    await world.phone.press("4#*")
    assert submitted(world) == ["4#"]


async def test_without_a_finish_key_every_key_counts() -> None:
    world = gather('finishOnKey="" numDigits="3"')
    await world.answered()
    await world.phone.press("#*#")
    assert submitted(world) == ["#*#"]


async def test_the_finish_key_first_falls_through_without_a_request() -> None:
    world = gather()
    await world.answered()
    await world.phone.press("#")
    assert submitted(world) == []
    assert said(world)[-1] == "Nobody there."


async def test_no_key_at_all_falls_through_without_a_request() -> None:
    world = gather()
    await world.answered()
    await world.twilio.clock.run()
    assert submitted(world) == []
    assert said(world) == ["Please press some keys now.", "Nobody there."]


async def test_the_timeout_begins_when_the_prompt_has_ended() -> None:
    world = gather('timeout="5"', prompt='<Pause length="20"/>')
    await world.answered()
    await world.twilio.clock.advance(24.9)
    assert said(world) == []
    await world.twilio.clock.advance(0.1)
    assert said(world) == ["Nobody there."]


async def test_the_timeout_begins_at_a_key_that_interrupts_the_prompt() -> None:
    world = gather('timeout="5"', prompt='<Pause length="20"/>')
    await world.answered()
    await world.phone.press("4")
    await world.twilio.clock.advance(5)
    assert submitted(world) == ["4"]


async def test_a_key_cuts_off_the_prompt_at_once() -> None:
    world = gather()
    await world.answered()
    await world.twilio.clock.advance(1)
    await world.phone.press("4")
    (prompt,) = world.phone.heard
    assert prompt.cut_by == "key"
    assert prompt.text.startswith(prompt.spoken)
    assert 0 < len(prompt.spoken) < len(prompt.text)


async def test_a_key_skips_the_prompts_that_are_left() -> None:
    world = gather('numDigits="2"', prompt="<Say>One.</Say><Say>Two.</Say>")
    await world.answered()
    await world.phone.press("4")
    assert said(world) == ["One."]


async def test_keys_beyond_num_digits_go_to_the_next_gather() -> None:
    world = make_world(
        voice=twiml('<Gather numDigits="1" action="/second"/>'),
        second=twiml('<Gather numDigits="1" action="/keys"/>'),
        keys=twiml("<Say>Thanks.</Say>"),
    )
    await world.answered()
    await world.phone.press("47")
    assert world.customer.at("/second")[0].form["Digits"] == "4"
    assert submitted(world) == ["7"]


async def test_a_key_that_no_gather_waits_for_is_lost() -> None:
    world = make_world(voice=twiml('<Pause length="5"/>', '<Gather numDigits="1" action="/keys"/>'))
    await world.answered()
    await world.phone.press("4")
    await world.twilio.clock.advance(6)
    assert submitted(world) == []


async def test_a_say_outside_a_gather_is_not_cut_off() -> None:
    world = make_world(voice=twiml("<Say>You cannot stop me.</Say>"))
    await world.answered()
    await world.phone.press("4")
    await world.twilio.clock.run()
    assert not world.phone.heard[0].cut_off


async def test_verbs_behind_a_gather_with_input_never_run() -> None:
    world = gather('numDigits="1"')
    await world.answered()
    await world.phone.press("1")
    await world.twilio.clock.run()
    assert "Nobody there." not in said(world)


async def test_an_empty_result_is_submitted_when_asked_for_and_has_no_digits() -> None:
    world = gather('actionOnEmptyResult="true"')
    await world.answered()
    await world.twilio.clock.run()
    assert submitted(world) == [None]
    assert said(world)[-1] == "Thanks."


async def test_without_action_the_keys_go_to_the_documents_own_address() -> None:
    world = make_world(voice=twiml('<Gather numDigits="1"/>'))
    await world.answered()
    await world.phone.press("1")
    assert [got.form.get("Digits") for got in world.customer.at("/voice")] == [None, "1"]


async def test_a_gather_with_method_get_sends_its_fields_in_the_query() -> None:
    world = gather('numDigits="1" method="GET"')
    await world.answered()
    await world.phone.press("1")
    got = world.customer.at("/keys")[0]
    assert got.method == "GET"
    assert got.query["Digits"] == "1"


@pytest.mark.parametrize(
    ("action", "path"),
    [
        ("keys", "/deep/keys"),
        ("/keys", "/keys"),
        ("../keys", "/keys"),
        ("?a=1&amp;b=2", "/deep/voice"),
        ("http://customer.example/elsewhere", "/elsewhere"),
    ],
)
async def test_a_relative_action_refers_to_the_address_of_the_document(action: str, path: str) -> None:
    world = make_world()
    world.customer.answers["/deep/voice"] = twiml(f'<Gather numDigits="1" action="{action}"/>')
    await world.answered("/deep/voice?x=1")
    await world.phone.press("1")
    assert [got.form["Digits"] for got in world.customer.got if "Digits" in got.form and got.path == path] == ["1"]


async def test_speech_is_submitted_when_the_gather_takes_it() -> None:
    world = gather('input="dtmf speech"')
    await world.answered()
    await world.phone.speak("four seven")
    form = world.customer.at("/keys")[0].form
    assert (form["SpeechResult"], form["Confidence"]) == ("four seven", "0.95")
    assert "Digits" not in form


async def test_keys_mean_nothing_to_a_gather_for_speech_only() -> None:
    world = gather('input="speech" numDigits="1"')
    await world.answered()
    await world.phone.press("1")
    assert submitted(world) == []


async def test_nobody_hears_speech_in_a_gather_for_keys() -> None:
    world = gather()
    await world.answered()
    with pytest.raises(PhoneRefuses):
        await world.phone.speak("four seven")


async def test_listening_ends_when_a_gather_has_nothing_left_to_say() -> None:
    world = gather()
    await world.answered()
    await world.phone.listen()
    assert said(world) == ["Please press some keys now."]
    assert not world.phone.heard[0].cut_off


async def test_a_nested_play_of_another_type_gets_its_own_warning() -> None:
    world = gather(prompt="<Play>/nothing</Play>")
    world.customer.answers["/nothing"] = twiml()
    await world.answered()
    assert world.codes == [13325]


async def test_a_gather_that_is_used_as_it_should_be_leaves_no_entry_in_the_debugger() -> None:
    world = gather('numDigits="2" timeout="8" finishOnKey=""')
    await world.answered()
    await world.phone.press("47")
    await world.twilio.clock.run()
    assert world.codes == []
