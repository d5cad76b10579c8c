"""`<Record>` and `Record=true`: the recording, its callbacks, and its file."""

from __future__ import annotations

import io
import wave
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.simulator import BASE, TWILIO_NUMBER, UNTIL_HUNG_UP, Simulator, make_simulator, twiml
from tests.support.simulator_rest import CALL, RestSimulator, code_of
from twilio_simulator.network.recording import RecordingPlan

WORDS = "This is Ann. Please call me back about my order, thank you."
ALL_EVENTS = "in-progress completed absent"


def make_voicemail(attributes: str = "", after: str = "<Say>Nothing recorded.</Say>") -> Simulator:
    """A number of the account with a voicemail."""
    sim = make_simulator(
        voice=twiml(
            f'<Say>Speak.</Say><Record action="/recorded" recordingStatusCallback="/recording" {attributes}/>', after
        ),
        recorded=twiml("<Say>Thank you.</Say>"),
    )
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    return sim


async def test_words_are_recorded_until_a_key() -> None:
    sim = make_voicemail('finishOnKey="#"')
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.listen()
    await sim.phone.speak(WORDS)
    await sim.phone.press("1#")
    await sim.twilio.clock.run()
    (recording,) = sim.twilio.exchange.recordings.values()
    assert (recording.words, recording.call_sid, recording.plan.source) == ([WORDS], call.sid, "RecordVerb")
    (action,) = sim.customer.requests_to("/recorded")
    assert (action.form["RecordingUrl"], action.form["RecordingSid"]) == (recording.url, recording.sid)
    assert int(action.form["RecordingDuration"]) == recording.seconds
    assert 3 <= (recording.seconds or 0) <= 8
    assert action.form["Digits"] == "#"
    assert [heard.text for heard in sim.phone.heard] == ["Speak.", "a beep", "Thank you."]
    (callback,) = sim.customer.requests_to("/recording")
    assert callback.form["RecordingStatus"] == "completed"
    assert callback.form["RecordingUrl"] == recording.url
    assert callback.form["RecordingSource"] == "RecordVerb"
    assert sim.codes == []


async def test_silence_ends_it_and_is_not_in_it() -> None:
    sim = make_voicemail('timeout="4"')
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.listen()
    await sim.twilio.clock.advance(3)
    await sim.phone.speak(WORDS)
    said = sim.twilio.clock.now()
    await sim.twilio.clock.run()
    (recording,) = sim.twilio.exchange.recordings.values()
    assert recording.seconds == round(said - recording.started)
    assert "Digits" not in sim.customer.requests_to("/recorded")[0].form


async def test_its_longest_length_ends_it() -> None:
    sim = make_voicemail('maxLength="2"')
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.listen()
    await sim.phone.speak(WORDS)
    await sim.twilio.clock.run()
    assert sim.customer.requests_to("/recorded")[0].form["RecordingDuration"] == "2"


async def test_a_caller_who_hangs_up_is_recorded_and_the_action_hears_of_it() -> None:
    sim = make_voicemail()
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.listen()
    await sim.phone.speak(WORDS)
    await sim.phone.hang_up()
    await sim.twilio.clock.run()
    (action,) = sim.customer.requests_to("/recorded")
    assert (action.form["Digits"], action.form["CallStatus"]) == ("hangup", "completed")
    assert "Thank you." not in sim.phone.transcript


async def test_without_a_sound_the_next_verb_follows_and_the_recording_is_absent() -> None:
    sim = make_voicemail(f'recordingStatusCallbackEvent="{ALL_EVENTS}"')
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert sim.phone.transcript == "Speak. Nothing recorded."
    assert sim.customer.requests_to("/recorded") == []
    assert sim.twilio.exchange.recordings == {}
    statuses = [request.form["RecordingStatus"] for request in sim.customer.requests_to("/recording")]
    assert statuses == ["in-progress", "absent"]


async def test_without_action_its_own_document_comes_again() -> None:
    sim = make_simulator(voice=twiml('<Record playBeep="false"/>'))
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.speak(WORDS)
    await sim.phone.press("1")
    first, second = sim.customer.requests_to("/voice")
    assert "RecordingUrl" not in first.form
    assert second.form["Digits"] == "1"


async def test_a_whole_call_is_recorded_from_its_answer_to_its_end() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    plan = RecordingPlan("OutboundAPI", callback=BASE + "/recording", events=frozenset({"in-progress", "completed"}))
    call = await sim.answered(recording=plan)
    await sim.twilio.clock.advance(42)
    await sim.phone.hang_up()
    await sim.twilio.clock.run()
    (recording,) = sim.twilio.exchange.recordings.values()
    assert (recording.seconds, recording.call_sid) == (42, call.sid)
    statuses = [request.form["RecordingStatus"] for request in sim.customer.requests_to("/recording")]
    assert statuses == ["in-progress", "completed"]
    form = sim.customer.requests_to("/status")[-1].form
    assert (form["RecordingUrl"], form["RecordingDuration"]) == (recording.url, "42")


def test_a_recording_is_a_resource_with_a_file(rest: RestSimulator) -> None:
    rest.customer.answers["/voice"] = UNTIL_HUNG_UP
    rest.twilio.url = rest.server.url
    client, phone = rest.client(), rest.twilio.phone(CALL["to"])
    sid = client.calls.create(**CALL, record=True, recording_channels="dual").sid or ""
    rest.server.run_in_loop(phone.answer())
    (running,) = client.recordings.list()
    assert (running.status, code_of(running.delete)) == ("processing", 20009)
    rest.advance(3)
    rest.server.run_in_loop(phone.hang_up())
    (recording,) = client.calls(sid).recordings.list()
    assert (recording.duration, recording.channels, str(recording.source)) == ("3", 2, "OutboundAPI")
    assert client.recordings(recording.sid or "").fetch().call_sid == sid
    address = rest.twilio.exchange.recordings[recording.sid or ""].url
    assert address.startswith(rest.server.url)
    for suffix in ("", ".wav"):
        status, headers, body = rest.http("GET", urlsplit(address).path + suffix, Authorization="")
        with wave.open(io.BytesIO(body)) as file:
            assert (status, headers["content-type"], file.getnframes() / file.getframerate()) == (200, "audio/x-wav", 3)
    recording.delete()
    assert rest.http("GET", urlsplit(address).path)[0] == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"record": "perhaps"}, 20422),
        ({"recording_channels": "triple"}, 20422),
        ({"recording_status_callback": "nonsense"}, 21609),
        ({"recording_status_callback_event": ["done"]}, 20422),
        ({"recording_status_callback_method": "PUT"}, 21209),
    ],
)
def test_a_bad_parameter_of_a_recording_has_its_code(rest: RestSimulator, changes: dict[str, Any], code: int) -> None:
    assert code_of(lambda: rest.client().calls.create(**CALL, **changes)) == code
