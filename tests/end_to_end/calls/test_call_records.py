"""What is recorded about a call: how far a person got, and what 0 and 9 did."""

import pytest

from tests.support.app import PHONE, SENDER, open_page, path_of
from tests.support.call_setup import CallSetup
from twiml.words import words
from verification import errors
from verification.models import EventKind, Progress
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle, Channel

EN = words("en-US").call


# Progress.


async def test_the_record_says_how_far_a_person_got_and_which_keys_were_used(setup: CallSetup) -> None:
    verification = await setup.start()
    recorded = []

    async def note() -> None:
        delivery = await setup.delivery(verification)
        recorded.append((delivery.progress, delivery.keys))

    await note()
    await setup.phone.answer()
    await note()
    await setup.press(setup.transcript.keys)
    await note()
    await setup.press("5")
    for key in ("2", "1"):
        await setup.press(key)
    await note()
    await setup.silence()
    await note()
    await setup.press("7")
    await setup.phone.hang_up()
    await note()
    assert recorded == [
        (Progress.NOTHING, ""),
        (Progress.ANSWERED, ""),
        (Progress.READING, ""),
        (Progress.READING, "21"),
        (Progress.HEARD, "21"),
        (Progress.HEARD, "217"),
    ]


@pytest.mark.parametrize(("keys", "reached"), [([], Progress.ANSWERED), (["the pair"], Progress.READING)])
async def test_completed_alone_never_counts_as_heard(setup: CallSetup, keys: list[str], reached: Progress) -> None:
    verification = await setup.pick_up()
    for _ in keys:
        await setup.press(setup.transcript.keys)
    await setup.phone.hang_up()
    await setup.clock.run()
    assert (await setup.delivery(verification)).progress is reached


async def test_every_character_one_at_a_time_counts_as_heard(setup: CallSetup) -> None:
    verification, code = await setup.read_code()
    await setup.press("5")
    await setup.press("3")
    for _ in code[1:]:
        await setup.press("1")
    assert (await setup.delivery(verification)).progress is Progress.READING
    await setup.silence()
    assert setup.transcript.sentences[0] == "To hear the code again, press 1"
    assert (await setup.delivery(verification)).progress is Progress.HEARD


async def test_a_code_that_was_typed_counts_as_heard_and_a_wrong_one_as_pressed(setup: CallSetup) -> None:
    for right, reached in ((True, Progress.HEARD), (False, Progress.PRESSED)):
        verification = await setup.pick_up(style=CallStyle.KEY, username=f"ada {right}")
        code = setup.verifier.shown_code(verification) or ""
        await setup.press(setup.transcript.keys)
        await setup.press(code if right else code[::-1])
        await setup.clock.run()
        assert (await setup.delivery(verification)).progress is reached


# 0 and 9.


@pytest.mark.parametrize("key", ["0", "*"])
async def test_a_report_ends_the_code_is_recorded_once_and_pauses_the_number(setup: CallSetup, key: str) -> None:
    style = CallStyle.KEY if key == "*" else CallStyle.SAY
    verification = await setup.pick_up(style=style)
    code = setup.verifier.shown_code(verification)
    await setup.press(setup.transcript.keys)
    if code is None:
        (code,) = setup.transcript.codes
        await setup.silence()
    await setup.press(key)
    await setup.press("*")
    await setup.clock.run_until(lambda: setup.transcript.sentences == [EN.endings.reported], limit=20)
    assert setup.transcript.sentences == [EN.endings.reported]
    sid = (await setup.delivery(verification)).sid
    for digits in (key, "*", code):
        fields = {"CallSid": setup.call.sid, "Digits": digits}
        await setup.hooks.post(path_of("call_keys", delivery=sid), fields)
    await setup.clock.run()
    assert not (await setup.verifier.check(verification.sid, code)).valid
    kinds = [event.kind for event in await setup.store.events(verification.sid)]
    assert kinds.count(EventKind.REPORTED) == 1
    for channel in (Channel.CALL, Channel.SMS):
        with pytest.raises(errors.NumberPaused) as refused:
            await setup.start(channel=channel)
        assert 0 < refused.value.wait <= DEFAULT_POLICY.report_pause
    await setup.clock.advance(DEFAULT_POLICY.report_pause)
    await setup.start()


async def test_after_a_report_the_page_has_ended_and_says_how_long_to_wait(setup: CallSetup) -> None:
    browser = setup.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    await setup.phone.answer()
    await setup.press("000")
    await setup.press("*")
    await setup.clock.run()
    page = await open_page(browser)
    assert (page.state, page.next) == ("ended", ["change"])
    assert "told us that they had not asked" in page.text
    again = await browser.post(path_of("next_step"), {"next": "begin-again"})
    assert (again.status, int(again.header("retry-after") or 0) > DEFAULT_POLICY.report_pause - 200) == (429, True)


async def test_nine_stops_calls_and_texts_until_the_holder_texts_start(setup: CallSetup) -> None:
    verification, code = await setup.hear_menu()
    await setup.press("9")
    await setup.press("*")
    await setup.clock.run()
    assert setup.transcript.sentences == [EN.endings.suppressed]
    assert not (await setup.verifier.check(verification.sid, code)).valid
    requests = len(setup.twilio.request_log.requests)
    for channel in (Channel.CALL, Channel.SMS):
        with pytest.raises(errors.NumberSuppressed):
            await setup.start(channel=channel, username=f"another, by {channel}")
    assert len(setup.twilio.request_log.requests) == requests
    await setup.phone.text(SENDER, "START")
    await setup.clock.settle()
    await setup.read_code()
