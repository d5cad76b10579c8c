"""`<Gather>` in a call: keys, silence, interruption, and the request to `action`."""

from __future__ import annotations

import pytest

from tests.support.simulator import Simulator, make_simulator, twiml
from twilio_simulator.phone import PhoneError

PROMPT = "<Say>Please press some keys now.</Say>"


def gather(attributes: str = "", prompt: str = PROMPT, then: str = "<Say>No input.</Say>") -> Simulator:
    """A simulator whose document gathers and then says `then`. `/keys` says thanks."""
    return make_simulator(
        voice=twiml(f'<Gather action="/keys" {attributes}>{prompt}</Gather>', then),
        keys=twiml("<Say>Thanks.</Say>"),
    )


def submitted(sim: Simulator) -> list[str | None]:
    """The `Digits` of each request to `/keys`; None when they were absent."""
    return [request.form.get("Digits") for request in sim.customer.requests_to("/keys")]


def said(sim: Simulator) -> list[str]:
    return [heard.text for heard in sim.phone.heard]


async def test_num_digits_submits_at_once() -> None:
    sim = gather('numDigits="2"')
    await sim.answered()
    await sim.phone.press("47")
    assert submitted(sim) == ["47"]
    assert said(sim)[-1] == "Thanks."


async def test_leading_zeros_live() -> None:
    sim = gather('numDigits="4"')
    await sim.answered()
    await sim.phone.press("0042")
    assert submitted(sim) == ["0042"]


async def test_too_few_digits_wait_for_the_timeout() -> None:
    sim = gather('numDigits="4" timeout="7"')
    await sim.answered()
    await sim.phone.press("47")
    await sim.twilio.clock.advance(6.9)
    assert submitted(sim) == []
    await sim.twilio.clock.advance(0.1)
    assert submitted(sim) == ["47"]


async def test_every_key_starts_the_timeout_anew() -> None:
    sim = gather('timeout="5"')
    await sim.answered()
    await sim.phone.press("1")
    await sim.twilio.clock.advance(4)
    await sim.phone.press("2")
    await sim.twilio.clock.advance(4)
    assert submitted(sim) == []
    await sim.twilio.clock.advance(1)
    assert submitted(sim) == ["12"]


async def test_the_finish_key_submits_and_is_not_in_the_digits() -> None:
    sim = gather()
    await sim.answered()
    await sim.phone.press("471#")
    assert submitted(sim) == ["471"]
    assert sim.customer.requests_to("/keys")[0].form["FinishedOnKey"] == "#"


async def test_another_finish_key_takes_the_place_of_the_hash() -> None:
    sim = gather('finishOnKey="*"')
    await sim.answered()
    await sim.phone.press("4#*")
    assert submitted(sim) == ["4#"]


async def test_without_a_finish_key_every_key_counts() -> None:
    sim = gather('finishOnKey="" numDigits="3"')
    await sim.answered()
    await sim.phone.press("#*#")
    assert submitted(sim) == ["#*#"]


async def test_the_finish_key_first_falls_through_without_a_request() -> None:
    sim = gather()
    await sim.answered()
    await sim.phone.press("#")
    assert submitted(sim) == []
    assert said(sim)[-1] == "No input."


async def test_no_key_at_all_falls_through_without_a_request() -> None:
    sim = gather()
    await sim.answered()
    await sim.twilio.clock.run()
    assert submitted(sim) == []
    assert said(sim) == ["Please press some keys now.", "No input."]


async def test_the_timeout_begins_when_the_prompt_has_ended() -> None:
    sim = gather('timeout="5"', prompt='<Pause length="20"/>')
    await sim.answered()
    await sim.twilio.clock.advance(24.9)
    assert said(sim) == []
    await sim.twilio.clock.advance(0.1)
    assert said(sim) == ["No input."]


async def test_the_timeout_begins_at_a_key_that_interrupts_the_prompt() -> None:
    sim = gather('timeout="5"', prompt='<Pause length="20"/>')
    await sim.answered()
    await sim.phone.press("4")
    await sim.twilio.clock.advance(5)
    assert submitted(sim) == ["4"]


async def test_a_key_cuts_off_the_prompt_at_once() -> None:
    sim = gather()
    await sim.answered()
    await sim.twilio.clock.advance(1)
    await sim.phone.press("4")
    (prompt,) = sim.phone.heard
    assert prompt.cut_by == "key"
    assert prompt.text.startswith(prompt.spoken)
    assert 0 < len(prompt.spoken) < len(prompt.text)


async def test_a_key_skips_the_prompts_that_are_left() -> None:
    sim = gather('numDigits="2"', prompt="<Say>One.</Say><Say>Two.</Say>")
    await sim.answered()
    await sim.phone.press("4")
    assert said(sim) == ["One."]


async def test_keys_beyond_num_digits_go_to_the_next_gather() -> None:
    sim = make_simulator(
        voice=twiml('<Gather numDigits="1" action="/second"/>'),
        second=twiml('<Gather numDigits="1" action="/keys"/>'),
        keys=twiml("<Say>Thanks.</Say>"),
    )
    await sim.answered()
    await sim.phone.press("47")
    assert sim.customer.requests_to("/second")[0].form["Digits"] == "4"
    assert submitted(sim) == ["7"]


async def test_a_key_that_no_gather_waits_for_is_lost() -> None:
    sim = make_simulator(voice=twiml('<Pause length="5"/>', '<Gather numDigits="1" action="/keys"/>'))
    await sim.answered()
    await sim.phone.press("4")
    await sim.twilio.clock.advance(6)
    assert submitted(sim) == []


async def test_a_say_outside_a_gather_is_not_cut_off() -> None:
    sim = make_simulator(voice=twiml("<Say>You cannot stop me.</Say>"))
    await sim.answered()
    await sim.phone.press("4")
    await sim.twilio.clock.run()
    assert not sim.phone.heard[0].cut_off


async def test_verbs_behind_a_gather_with_input_never_run() -> None:
    sim = gather('numDigits="1"')
    await sim.answered()
    await sim.phone.press("1")
    await sim.twilio.clock.run()
    assert "No input." not in said(sim)


async def test_action_on_empty_result_submits_without_digits() -> None:
    sim = gather('actionOnEmptyResult="true"')
    await sim.answered()
    await sim.twilio.clock.run()
    assert submitted(sim) == [None]
    assert said(sim)[-1] == "Thanks."


async def test_without_action_the_keys_go_to_the_documents_own_address() -> None:
    sim = make_simulator(voice=twiml('<Gather numDigits="1"/>'))
    await sim.answered()
    await sim.phone.press("1")
    assert [request.form.get("Digits") for request in sim.customer.requests_to("/voice")] == [None, "1"]


async def test_a_gather_with_method_get_sends_its_fields_in_the_query() -> None:
    sim = gather('numDigits="1" method="GET"')
    await sim.answered()
    await sim.phone.press("1")
    request = sim.customer.requests_to("/keys")[0]
    assert request.method == "GET"
    assert request.query["Digits"] == "1"


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
async def test_a_relative_action_refers_to_the_address_of_the_document(sim: Simulator, action: str, path: str) -> None:
    sim.customer.answers["/deep/voice"] = twiml(f'<Gather numDigits="1" action="{action}"/>')
    await sim.answered("/deep/voice?x=1")
    await sim.phone.press("1")
    assert [
        request.form["Digits"] for request in sim.customer.requests if "Digits" in request.form and request.path == path
    ] == ["1"]


async def test_speech_is_submitted_when_the_gather_takes_it() -> None:
    sim = gather('input="dtmf speech"')
    await sim.answered()
    await sim.phone.speak("four seven")
    form = sim.customer.requests_to("/keys")[0].form
    assert (form["SpeechResult"], form["Confidence"]) == ("four seven", "0.95")
    assert "Digits" not in form


async def test_keys_mean_nothing_to_a_gather_for_speech_only() -> None:
    sim = gather('input="speech" numDigits="1"')
    await sim.answered()
    await sim.phone.press("1")
    assert submitted(sim) == []


async def test_speech_is_rejected_in_a_gather_for_keys() -> None:
    sim = gather()
    await sim.answered()
    with pytest.raises(PhoneError):
        await sim.phone.speak("four seven")


async def test_listening_ends_when_a_gather_has_nothing_left_to_say() -> None:
    sim = gather()
    await sim.answered()
    await sim.phone.listen()
    assert said(sim) == ["Please press some keys now."]
    assert not sim.phone.heard[0].cut_off


async def test_a_nested_play_of_another_type_gets_its_own_warning() -> None:
    sim = gather(prompt="<Play>/nothing</Play>")
    sim.customer.answers["/nothing"] = twiml()
    await sim.answered()
    assert sim.codes == [13325]


async def test_a_gather_that_is_used_as_it_should_be_leaves_no_entry_in_the_debugger() -> None:
    sim = gather('numDigits="2" timeout="8" finishOnKey=""')
    await sim.answered()
    await sim.phone.press("47")
    await sim.twilio.clock.run()
    assert sim.codes == []
