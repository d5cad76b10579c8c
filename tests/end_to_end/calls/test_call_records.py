"""What a call leaves behind: how far a person got, and what 0 and 9 did."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.app import PHONE, SENDER, open_page, path_of
from tests.support.call_setup import Village, open_village
from twiml.words import words
from verification import errors
from verification.models import EventKind, Progress
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle, Channel

EN = words("en-US").call


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    async with open_village(tmp_path) as village:
        yield village


# Evidence.


async def test_the_record_says_how_far_a_person_got_and_which_keys_were_used(village: Village) -> None:
    verification = await village.start()
    found = []

    async def note() -> None:
        delivery = await village.delivery(verification)
        found.append((delivery.progress, delivery.keys))

    await note()
    await village.phone.answer()
    await note()
    await village.press(village.script.pair)
    await note()
    for key in ("2", "1"):
        await village.press(key)
    await note()
    await village.silence()
    await note()
    await village.press("7")
    await village.phone.hang_up()
    await note()
    assert found == [
        (Progress.NOTHING, ""),
        (Progress.ANSWERED, ""),
        (Progress.READING, ""),
        (Progress.READING, "21"),
        (Progress.HEARD, "21"),
        (Progress.HEARD, "217"),
    ]


@pytest.mark.parametrize(("keys", "reached"), [([], Progress.ANSWERED), (["the pair"], Progress.READING)])
async def test_completed_alone_never_counts_as_heard(village: Village, keys: list[str], reached: Progress) -> None:
    verification = await village.pick_up()
    for _ in keys:
        await village.press(village.script.pair)
    await village.phone.hang_up()
    await village.clock.run()
    assert (await village.delivery(verification)).progress is reached


async def test_every_character_one_at_a_time_counts_as_heard(village: Village) -> None:
    verification, code = await village.read_code()
    await village.press("3")
    for _ in code[1:]:
        await village.press("1")
    assert (await village.delivery(verification)).progress is Progress.READING
    await village.silence()
    assert village.script.said[0] == "To hear it again, press 1"
    assert (await village.delivery(verification)).progress is Progress.HEARD


async def test_a_code_that_was_typed_counts_as_heard_and_a_wrong_one_as_pressed(village: Village) -> None:
    for right, reached in ((True, Progress.HEARD), (False, Progress.PRESSED)):
        verification = await village.pick_up(style=CallStyle.KEY, username=f"ada {right}")
        code = village.verifier.shown_code(verification) or ""
        await village.press(code if right else code[::-1])
        await village.clock.run()
        assert (await village.delivery(verification)).progress is reached


# 0 and 9.


@pytest.mark.parametrize("key", ["0", "*"])
async def test_a_report_kills_the_code_and_is_recorded_once_and_stops_calls_for_a_while(
    village: Village, key: str
) -> None:
    style = CallStyle.KEY if key == "*" else CallStyle.SAY
    verification = await village.pick_up(style=style)
    code = village.verifier.shown_code(verification)
    if code is None:
        await village.press(village.script.pair)
        (code,) = village.script.codes
    await village.press(key)
    await village.clock.run_until(lambda: village.script.said == [EN.endings.reported], limit=20)
    assert village.script.said == [EN.endings.reported]
    sid = (await village.delivery(verification)).sid
    for digits in (key, "0", code):
        fields = {"CallSid": village.call.sid, "Digits": digits}
        await village.hooks.post(path_of("keys", delivery=sid), fields)
    await village.clock.run()
    assert not (await village.verifier.check(verification.sid, code)).valid
    kinds = [event.kind for event in await village.store.events(verification.sid)]
    assert kinds.count(EventKind.REPORTED) == 1
    for channel in Channel:
        with pytest.raises(errors.NumberPaused) as refused:
            await village.start(channel=channel)
        assert 0 < refused.value.wait <= DEFAULT_POLICY.report_pause
    await village.clock.advance(DEFAULT_POLICY.report_pause)
    await village.start()


async def test_the_page_of_a_report_says_that_the_code_is_dead_and_how_long_to_wait(village: Village) -> None:
    browser = village.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    await village.phone.answer()
    await village.press("0")
    await village.clock.run()
    assert (await open_page(browser)).state == "ended"
    again = await browser.post(path_of("next"), {"next": "begin-again"})
    assert (again.status, int(again.header("retry-after") or 0) > DEFAULT_POLICY.report_pause - 200) == (429, True)


async def test_nine_stops_calls_and_texts_until_the_holder_texts_start(village: Village) -> None:
    verification, code = await village.read_code()
    await village.press("9")
    await village.clock.run()
    assert village.script.said == [EN.endings.suppressed]
    assert not (await village.verifier.check(verification.sid, code)).valid
    asked = len(village.twilio.request_log.requests)
    for channel in Channel:
        with pytest.raises(errors.NumberSuppressed):
            await village.start(channel=channel, username=f"another, by {channel}")
    assert len(village.twilio.request_log.requests) == asked
    await village.phone.text(SENDER, "START")
    await village.clock.settle()
    await village.read_code()
