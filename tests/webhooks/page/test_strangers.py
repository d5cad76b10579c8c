"""Accounts mode: what a stranger who knows a user name begins neither ends what its owner began nor shows it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.account_cases import DAY, NUMBERS, POLICY, REAL, account, unknown_names
from tests.support.app import Phone, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.engine import another_program
from tests.support.page import References
from verification.accounts import Accounts
from verification.counters.rules import Limit
from verification.models import EventKind
from verification.types import Scope

ADA = NUMBERS[REAL][0]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db", policy=POLICY, accounts=True, step=0.0001) as opened:
        await Accounts(opened.verifier).put(account(REAL, ADA))
        yield opened


async def ask(browser: Browser, name: str = REAL, channel: str = "sms") -> None:
    assert (await browser.post(path_of("start"), {"username": name, "channel": channel})).status == 303


async def state_after(browser: Browser, code: str) -> str | None:
    await browser.post(path_of("check_code"), {"code": code})
    return (await open_page(browser)).state


def last_code(running: RunningApp) -> str:
    return running.provider.texts[-1].code


async def page(browser: Browser, name: str, references: References) -> str:
    text = (await browser.get("/")).text.replace(f">{name}<", ">NAME<")
    return references.hide(re.sub("(number ending in )[0-9]{2}", r"\1NN", text))


async def test_a_start_of_a_stranger_leaves_the_persons_own_code_alone(running: RunningApp) -> None:
    mine, stranger = running.browser(), running.browser()
    await ask(mine)
    code = last_code(running)
    await ask(stranger)
    assert last_code(running) != code, "each browser has a code of its own"
    assert await state_after(stranger, code) == "ended"
    assert await state_after(mine, code) == "welcome"


async def test_a_start_of_a_stranger_does_not_cut_the_persons_call_short(running: RunningApp) -> None:
    mine, stranger = running.browser("en-US"), running.browser()
    await ask(mine, channel="call")
    phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
    await ask(stranger, channel="call")
    assert (running.provider.asked, running.provider.hung_up) == (1, [])
    assert await state_after(mine, await phone.read_code()) == "welcome"


@pytest.mark.parametrize("channel", ["sms", "call"])
async def test_a_strangers_page_does_not_change_when_the_person_signs_in(running: RunningApp, channel: str) -> None:
    seen, unknown = {}, (await unknown_names(running))[0]
    for name in (REAL, unknown):
        stranger, references = running.browser(), References()
        await ask(stranger, name, channel)
        seen[name] = [await page(stranger, name, references)]
        running.clock.advance(90)
        if name == REAL:
            for delivery, _ in running.provider.calls[-1:]:
                await Phone(running.twilio, delivery, "CA1").status("completed")
            mine = running.browser()
            await ask(mine)
            seen[name].append(await page(stranger, name, references))
            assert await state_after(mine, last_code(running)) == "welcome"
        else:
            seen[name].append(await page(stranger, name, references))
        seen[name].append(await page(stranger, name, references))
        assert (await open_page(stranger)).state == "code"
    assert seen[REAL] == seen[unknown]


async def test_a_call_that_a_stranger_began_only_delays_the_persons_own(running: RunningApp) -> None:
    mine, stranger = running.browser("en-US"), running.browser()
    await ask(stranger, channel="call")
    await ask(mine, channel="call")
    assert running.provider.asked == 1, "one call at a time"
    await Phone(running.twilio, running.provider.calls[-1][0], "CA1").status("no-answer")
    running.clock.advance(61)
    await mine.post(path_of("next_step"), {"next": "repeat"})
    assert running.provider.asked == 2
    phone = Phone(running.twilio, running.provider.calls[-1][0], "CA2")
    assert await state_after(mine, await phone.read_code()) == "welcome"


async def test_a_newer_start_of_the_same_browser_ends_its_older_code(running: RunningApp) -> None:
    mine, stranger = running.browser(), running.browser()
    await ask(mine)
    first = last_code(running)
    await ask(stranger)
    running.clock.advance(90)
    await ask(mine)
    second = last_code(running)
    with another_program(running.path) as conn:
        statuses = [status for (status,) in conn.execute("SELECT status FROM verifications ORDER BY id")]
    assert statuses == ["canceled", "pending", "pending"], "the person's first, the stranger's, the person's second"
    assert second != first
    assert await state_after(mine, second) == "welcome"


async def test_all_browsers_count_in_the_same_limits(tmp_path: Path) -> None:
    limited = replace(POLICY, limits=((Scope.ACCOUNT, (Limit(count=3, seconds=DAY),)),))
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=0.0001) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        for _ in range(5):
            await ask(running.browser())
        assert len(running.provider.texts) == 3


async def test_wrong_codes_of_all_browsers_count_for_the_account(running: RunningApp) -> None:
    for _ in range(12):
        browser = running.browser()
        await ask(browser)
        wrong = last_code(running)[::-1] if last_code(running) != last_code(running)[::-1] else "123456"
        await state_after(browser, wrong)
        running.clock.advance(1)
    mine = running.browser()
    await ask(mine)
    assert await state_after(mine, last_code(running)) != "welcome", "the account is paused"
    assert EventKind.CHECK_REFUSED.value in str(running.rows()["events"])
