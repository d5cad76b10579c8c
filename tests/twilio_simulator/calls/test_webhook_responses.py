"""The responses of voice webhooks: their content types, and the fallback for failures."""

from __future__ import annotations

import pytest

from tests.support.simulator import BASE, HELLO, Answer, make_simulator, respond, tone, twiml
from twilio_simulator.network.call import CallStatus

APOLOGY = "We are sorry, an application error has occurred. Goodbye."


@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "text/html", "text/xml; charset=utf-8", "TEXT/XML"])
async def test_twiml_is_run_under_its_content_types(kind: str) -> None:
    sim = make_simulator(voice=respond(HELLO, content_type=kind))
    assert await sim.transcript() == "Hello."
    assert sim.codes == []


async def test_twiml_as_plain_text_is_run() -> None:
    sim = make_simulator(voice=respond(HELLO, content_type="text/plain"))
    assert await sim.transcript() == "Hello."


async def test_plain_text_is_read_aloud_and_noticed() -> None:
    sim = make_simulator(voice=respond("Good morning", content_type="text/plain"))
    assert await sim.transcript() == "Good morning"
    assert sim.codes == [None]


async def test_a_sound_is_played() -> None:
    sim = make_simulator(voice=respond(tone(2), content_type="audio/wav"))
    await sim.transcript()
    (heard,) = sim.phone.heard
    assert (heard.kind, heard.seconds) == ("play", 2)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(respond(HELLO, content_type="application/json"), 12300, id="wrong type"),
        pytest.param(respond(HELLO, content_type=None), 12300, id="no type"),
        pytest.param(respond("<Response>"), 12100, id="broken XML"),
        pytest.param(respond("<Hello/>"), 12102, id="wrong root"),
        pytest.param(respond(twiml("<Say>" + "x" * 70_000 + "</Say>")), 11750, id="too large"),
        pytest.param(respond("", transfer_encoding="chunked"), 11770, id="chunked and empty"),
        pytest.param(respond(HELLO, status=404), 11200, id="404"),
        pytest.param(respond(HELLO, status=500), 11200, id="500"),
        pytest.param(respond(HELLO, status=304), 11200, id="304"),
    ],
)
async def test_an_answer_that_cannot_be_used_ends_in_an_apology(answer: Answer, code: int) -> None:
    sim = make_simulator(voice=answer)
    assert await sim.transcript() == APOLOGY
    assert sim.codes == [code]


@pytest.mark.parametrize("status", [200, 204])
async def test_an_empty_answer_hangs_up(status: int) -> None:
    sim = make_simulator(voice=respond("", status=status))
    call = await sim.answered()
    assert (call.status, sim.phone.heard) == (CallStatus.COMPLETED, [])
    assert sim.codes == [12100]


async def test_the_fallback_takes_over_and_learns_what_failed() -> None:
    sim = make_simulator(voice=respond(status=500), fallback=HELLO)
    assert await sim.transcript(fallback_url=BASE + "/fallback") == "Hello."
    form = sim.customer.requests_to("/fallback")[0].form
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", BASE + "/voice")


async def test_the_fallback_also_takes_over_when_a_later_document_fails() -> None:
    sim = make_simulator(voice=twiml("<Redirect>/next</Redirect>"), next=respond("<oops>"), fallback=HELLO)
    assert await sim.transcript(fallback_url=BASE + "/fallback") == "Hello."
    assert sim.customer.requests_to("/fallback")[0].form["ErrorUrl"] == BASE + "/next"


async def test_a_fallback_that_fails_too_ends_in_an_apology() -> None:
    sim = make_simulator(voice=respond(status=500), fallback=respond(status=500))
    assert await sim.transcript(fallback_url=BASE + "/fallback") == APOLOGY
    assert len(sim.customer.requests_to("/fallback")) == 1


async def test_the_fallback_can_be_a_get() -> None:
    sim = make_simulator(voice=respond(status=500), fallback=HELLO)
    await sim.transcript(fallback_url=BASE + "/fallback", fallback_method="GET")
    assert sim.customer.requests_to("/fallback")[0].query["ErrorCode"] == "11200"


async def test_a_redirect_verb_runs_the_next_document() -> None:
    sim = make_simulator(voice=twiml('<Redirect method="GET">/next?a=1&amp;b=2</Redirect>'), next=HELLO)
    assert await sim.transcript() == "Hello."
    assert sim.customer.requests_to("/next")[0].query["b"] == "2"


async def test_an_endless_loop_of_documents_is_ended() -> None:
    sim = make_simulator(voice=twiml("<Redirect>/voice</Redirect>"))
    assert await sim.transcript() == APOLOGY
    assert sim.codes == [12400]


async def test_a_loop_that_takes_time_continues() -> None:
    sim = make_simulator(voice=twiml('<Pause length="1"/>', "<Redirect>/voice</Redirect>"))
    await sim.answered()
    await sim.twilio.clock.advance(100)
    assert len(sim.customer.requests_to("/voice")) == 101
    await sim.phone.hang_up()


async def test_a_sound_takes_its_time_and_carries_no_fields() -> None:
    sim = make_simulator(voice=twiml('<Play loop="2">/tone.wav</Play>'))
    sim.customer.answers["/tone.wav"] = respond(tone(3), content_type="audio/x-wav")
    call = await sim.answered()
    await sim.twilio.clock.run()
    assert call.seconds == 6
    assert all(
        (request.method, request.form, request.query) == ("GET", {}, {})
        for request in sim.customer.requests_to("/tone.wav")
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [(respond("x", content_type="text/html"), 13420), (respond(status=404), 11200)],
)
async def test_a_sound_that_cannot_be_played_is_skipped(answer: Answer, code: int) -> None:
    sim = make_simulator(voice=twiml("<Play>/a.mp3</Play>", "<Say>Hello.</Say>"))
    sim.customer.answers["/a.mp3"] = answer
    assert await sim.transcript() == "Hello."
    assert sim.codes == [code]


async def test_tones_take_their_time() -> None:
    sim = make_simulator(voice=twiml('<Play digits="W1"/>'))
    call = await sim.answered()
    await sim.twilio.clock.run()
    assert [heard.kind for heard in sim.phone.heard] == ["keys"]
    assert call.seconds == 1


async def test_a_voice_that_fails_makes_its_document_fail_where_it_should_speak() -> None:
    sim = make_simulator(
        voice=twiml('<Say>First.</Say><Gather><Say voice="Polly.Joanna">Then.</Say></Gather><Say>Last.</Say>'),
        fallback=HELLO,
    )
    sim.twilio.failing_voices = frozenset({"Polly.Joanna"})
    assert await sim.transcript(fallback_url=BASE + "/fallback") == "First. Hello."
    form = sim.customer.requests_to("/fallback")[0].form
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("13511", BASE + "/voice")
    assert sim.codes == [13511]


async def test_a_voice_that_fails_without_a_fallback_ends_in_an_apology() -> None:
    sim = make_simulator(voice=twiml('<Say voice="Polly.Joanna">Hello.</Say>'))
    sim.twilio.failing_voices = frozenset({"Polly.Joanna"})
    assert await sim.transcript() == APOLOGY
