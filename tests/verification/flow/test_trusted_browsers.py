"""A browser that has proven an account and a number keeps a little, whatever somebody else has used up."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.app import PHONE, House, open_house, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.records import wrong
from verification.counters.counter import Failures
from verification.counters.rules import Budget, Ceiling, Limit, LimitKey, LockoutPolicy
from verification.counters.updates import SetFailures
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
    guesses=(
        (Scope.ACCOUNT, LockoutPolicy(pause_from=3, stop_at=6)),
        (Scope.NUMBER, LockoutPolicy(pause_from=5, stop_at=50)),
    ),
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db", policy=RULES) as opened:
        yield opened


async def ask(browser: Browser, username: str = "ada", phone: str = PHONE) -> int:
    """Send the form; the status of its answer."""
    answer = await browser.post(path_of("start"), {"username": username, "phone": phone, "channel": "sms"})
    return answer.status


async def sign_in(house: House, browser: Browser) -> bool:
    code = await house.started(browser)
    await browser.post(path_of("code"), {"code": code})
    return (await open_page(browser)).state == "welcome"


async def attack(house: House) -> None:
    """Somebody who knows name and number uses up everything there is for them."""
    for n in range(30):
        attacker = house.browser()
        if await ask(attacker, "ada" if n % 2 else f"user {n}") == 303:
            with suppress(IndexError):
                await attacker.post(path_of("code"), {"code": wrong(house.provider.texts[-1].code)})
        house.clock.advance(60)
    for n in range(3):
        await ask(house.browser(), f"neighbour {n}", f"+141555502{n:02}")
    assert await ask(house.browser()) == 429


async def test_the_victim_still_gets_a_code_and_verifies(house: House) -> None:
    """2.6 The victim is not locked out by the attacker."""
    victim = house.browser()
    assert await sign_in(house, victim)
    await attack(house)
    assert await sign_in(house, victim)


async def test_what_a_known_browser_keeps_is_small(house: House) -> None:
    """2.6 A small reserved allowance, and no way around the limits."""
    victim = house.browser()
    assert await sign_in(house, victim)
    await attack(house)
    asked = house.provider.asked
    told = []
    for _ in range(6):
        told.append(await ask(victim))
        house.clock.advance(200)
    assert told == [303, 303, 303, 429, 429, 429]
    assert house.provider.asked - asked == RULES.reserve.count
    house.clock.advance(DAY)
    assert await ask(victim) == 303


async def test_a_browser_is_known_for_what_it_has_proven_and_for_nothing_else(house: House) -> None:
    victim = house.browser()
    assert await sign_in(house, victim)
    await attack(house)
    assert await ask(victim, username="bob") == 429
    assert await ask(victim, phone="+14155550101") == 429
    assert await ask(house.browser()) == 429


async def test_the_cookie_is_random_out_of_reach_and_kept_as_a_digest(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    answer = await browser.post(path_of("code"), {"code": code})
    (cookie,) = [value for name, value in answer.headers if name == "set-cookie" and "saycode-known" in value]
    name, _, value = cookie.split(";")[0].partition("=")
    assert name == "__Host-saycode-known"
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    held = repr(house.rows())
    assert value not in held
    assert PHONE not in held
    assert len(house.rows()["known"]) == 1


async def test_the_reserve_passes_by_nothing_that_protects_the_operators_money(tmp_path: Path) -> None:
    rules = replace(RULES, limits=((Scope.MINUTES, (Ceiling(amount=2, seconds=DAY),)), *RULES.limits))
    async with open_house(tmp_path / "table.db", policy=rules) as house:
        victim = house.browser()
        assert await sign_in(house, victim)
        for status in (303, 429):
            sent = {"username": "ada", "phone": PHONE, "channel": "call"}
            assert (await victim.post(path_of("start"), sent)).status == status
            house.clock.advance(300)


async def test_nobody_is_known_for_ever(house: House) -> None:
    victim = house.browser()
    assert await sign_in(house, victim)
    house.clock.advance(RULES.browser_trust_seconds)
    await attack(house)
    assert await ask(victim) == 429


async def test_a_stolen_browser_does_not_guess_beyond_the_outermost_bound(house: House) -> None:
    """2.2 A number that can never exceed 100, known browser or not."""
    thief = house.browser()
    assert await sign_in(house, thief)
    account = LimitKey(Scope.ACCOUNT, f"{BUILT_IN_SERVICE} ada")
    before = SetFailures(account, Failures(97, house.clock.now()))
    await house.store.apply(ByVerification(""), lambda _: Changes(result=None, counted=(before,)))
    compared = 0
    for _ in range(8):
        if await ask(thief) == 303:
            answer = await thief.post(path_of("code"), {"code": wrong(house.provider.texts[-1].code)})
            compared += answer.status == 303
        house.clock.advance(DAY)
    assert compared == 3
