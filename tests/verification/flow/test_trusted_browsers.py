"""A browser that has proven an account and a number keeps an allowance, even if an attacker exhausts the limits."""

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.records import wrong
from verification.counters.counter import Failures, LimitKey, SetFailures
from verification.counters.rules import Budget, Ceiling, Limit, LockoutPolicy
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY
from verification.ports import ByVerification, Changes
from verification.types import Scope

DAY = 86400
RULES = replace(
    DEFAULT_POLICY,
    repeat_spacing=(),
    limits=(
        (Scope.NUMBER, (Limit(count=5, seconds=600), Limit(count=10, seconds=DAY))),
        (Scope.ACCOUNT, (Limit(count=10, seconds=3600),)),
        (Scope.PREFIX, (Budget(count=3, percent=20, seconds=3600),)),
    ),
    lockouts=(
        (Scope.ACCOUNT, LockoutPolicy(pause_from=3, stop_at=6)),
        (Scope.NUMBER, LockoutPolicy(pause_from=5, stop_at=50)),
    ),
)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "codes.db", policy=RULES) as opened:
        yield opened


async def ask(browser: Browser, username: str = "ada", phone: str = PHONE) -> int:
    """Send the form; the status of its answer."""
    answer = await browser.post(path_of("start"), {"username": username, "phone": phone, "channel": "sms"})
    return answer.status


async def sign_in(running: RunningApp, browser: Browser) -> bool:
    code = await running.started(browser)
    await browser.post(path_of("check_code"), {"code": code})
    return (await open_page(browser)).state == "welcome"


async def attack(running: RunningApp) -> None:
    """An attacker who knows name and number exhausts all of their limits."""
    for n in range(30):
        attacker = running.browser()
        if await ask(attacker, "ada" if n % 2 else f"user {n}") == 303:
            with suppress(IndexError):
                await attacker.post(path_of("check_code"), {"code": wrong(running.provider.texts[-1].code)})
        running.clock.advance(60)
    for n in range(3):
        await ask(running.browser(), f"neighbour {n}", f"+141555502{n:02}")
    assert await ask(running.browser()) == 429


async def test_the_victim_still_gets_a_code_and_verifies(running: RunningApp) -> None:
    """2.6 The victim is not locked out by the attacker."""
    victim = running.browser()
    assert await sign_in(running, victim)
    await attack(running)
    assert await sign_in(running, victim)


async def test_the_allowance_of_a_trusted_browser_is_small(running: RunningApp) -> None:
    """2.6 A small reserved allowance, and no way around the limits."""
    victim = running.browser()
    assert await sign_in(running, victim)
    await attack(running)
    asked = running.provider.asked
    statuses = []
    for _ in range(6):
        statuses.append(await ask(victim))
        running.clock.advance(400)
    assert statuses == [303, 303, 303, 429, 429, 429]
    assert running.provider.asked - asked == RULES.send_allowance.count
    running.clock.advance(DAY)
    assert await ask(victim) == 303


async def test_a_browser_is_trusted_only_for_what_it_has_proven(running: RunningApp) -> None:
    victim = running.browser()
    assert await sign_in(running, victim)
    await attack(running)
    assert await ask(victim, username="bob") == 429
    assert await ask(victim, phone="+14155550101") == 429
    assert await ask(running.browser()) == 429


async def test_the_cookie_is_random_out_of_reach_and_kept_as_a_digest(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    answer = await browser.post(path_of("check_code"), {"code": code})
    (cookie,) = [value for name, value in answer.headers if name == "set-cookie" and "saycode-known" in value]
    name, _, value = cookie.split(";")[0].partition("=")
    assert name == "__Host-saycode-known"
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    held = repr(running.rows())
    assert value not in held
    assert PHONE not in held
    assert len(running.rows()["trusted_browsers"]) == 1


async def test_the_allowance_bypasses_no_limit_that_protects_the_operators_money(tmp_path: Path) -> None:
    rules = replace(RULES, limits=((Scope.MINUTES, (Ceiling(amount=5, seconds=DAY),)), *RULES.limits))
    async with running_app(tmp_path / "codes.db", policy=rules) as running:
        victim = running.browser()
        assert await sign_in(running, victim)
        for status in (303, 429):
            sent = {"username": "ada", "phone": PHONE, "channel": "call"}
            assert (await victim.post(path_of("start"), sent)).status == status
            running.clock.advance(400)


async def test_trust_in_a_browser_expires(running: RunningApp) -> None:
    victim = running.browser()
    assert await sign_in(running, victim)
    running.clock.advance(RULES.browser_trust_seconds)
    await attack(running)
    assert await ask(victim) == 429


async def test_a_stolen_browser_does_not_guess_beyond_the_maximum(running: RunningApp) -> None:
    """2.2 A number that can never exceed 100, known browser or not."""
    thief = running.browser()
    assert await sign_in(running, thief)
    account = LimitKey(Scope.ACCOUNT, f"{BUILT_IN_SERVICE} ada")
    before = SetFailures(account, Failures(97, running.clock.now()))
    await running.store.apply(ByVerification(""), lambda _: Changes(result=None, counter_updates=(before,)))
    compared = 0
    for _ in range(8):
        if await ask(thief) == 303:
            answer = await thief.post(path_of("check_code"), {"code": wrong(running.provider.texts[-1].code)})
            compared += answer.status == 303
        running.clock.advance(DAY)
    assert compared == 3


async def test_the_allowance_belongs_to_a_number_and_a_browser_whatever_the_name(running: RunningApp) -> None:
    """2.6 A phone that allows five texts in ten minutes does not get twenty: names are not allowances."""
    browser = running.browser()
    names = [f"user {n}" for n in range(7)]
    for name in names:
        assert await ask(browser, name) == 303
        await browser.post(path_of("check_code"), {"code": running.provider.texts[-1].code})
        running.clock.advance(DAY)
    for n in range(5):
        assert await ask(running.browser(), f"other {n}") == 303
    asked = running.provider.asked
    statuses = [await ask(browser, name) for name in names]
    assert statuses.count(303) == RULES.send_allowance.count == running.provider.asked - asked
