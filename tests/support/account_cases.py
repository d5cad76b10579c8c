"""Kinds of people, of whom the public must not learn which is which."""

from dataclasses import replace

from tests.support.app import House, path_of
from verification.accounts import Accounts
from verification.counters.rules import Limit, LockoutPolicy
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber, NumberPause
from verification.policy import DEFAULT_POLICY
from verification.ports import ByVerification, Changes
from verification.public import PublicVerifier
from verification.types import Channel, Scope
from verification.values.phone_numbers import PhoneNumber

DAY = 86400
#: Sends a day for an account; the source has enough.
MOST = 30
POLICY = replace(
    DEFAULT_POLICY,
    limits=((Scope.ACCOUNT, (Limit(count=MOST, seconds=DAY),)), (Scope.SOURCE, (Limit(count=1000, seconds=DAY),))),
    guesses=(
        (Scope.ACCOUNT, LockoutPolicy(pause_from=2, stop_at=3)),
        (Scope.SOURCE, LockoutPolicy(pause_from=100, stop_at=None)),
    ),
)
REAL = "ada"
#: Names of one length, so that pages can be compared byte for byte.
NUMBERS = {
    REAL: (PhoneNumber("+14155550100", "US"),),
    "dot": (PhoneNumber("+14155550102", "US"),),
    "eve": (PhoneNumber("+442079460123", "GB"),),
    "fay": (PhoneNumber("+14155550104", "US"),),
    "gus": (PhoneNumber("+14155550105", "US"),),
    "hal": (PhoneNumber("+14155550106", "US"),),
}


def account(name: str, *numbers: PhoneNumber) -> Account:
    """An enrolled person who prefers texts in German, which must not show either."""
    return Account(
        service=BUILT_IN_SERVICE,
        name=name,
        username=name,
        numbers=tuple(EnrolledNumber(number) for number in numbers),
        channel=Channel.SMS,
        language="de-DE",
    )


async def move_in(house: House) -> dict[str, str]:
    """The name of each kind, with what stands against calling it; what the carrier was asked until then is forgotten.

    Who has no number shows one all the same; some would show two, and then two pages are compared that may differ.
    """
    desk = PublicVerifier(house.verifier)
    shown = {name: await desk.phones(BUILT_IN_SERVICE, name) for name in ("bob", "ben", "bea", "bix", "bud", "bru")}
    unknown, without, *_ = (name for name, phones in shown.items() if len(phones.numbers) == 1)
    for name, numbers in {**NUMBERS, without: ()}.items():
        await Accounts(house.verifier).put(account(name, *numbers))
    paused = NumberPause(number=NUMBERS["gus"][0], until=house.clock.now() + DAY)
    stop = NUMBERS["dot"]
    await house.store.apply(ByVerification(""), lambda _: Changes(result=None, suppress=stop, pauses=(paused,)))
    for _ in range(MOST):
        await house.browser().post(path_of("start"), {"username": "fay", "channel": "sms"})
    assert len(house.provider.texts) == MOST
    for _ in range(3):
        browser = house.browser()
        await browser.post(path_of("start"), {"username": "hal", "channel": "sms"})
        await browser.post(path_of("code"), {"code": "000000"})
        house.clock.advance(100)
    house.provider.texts.clear()
    house.clock.advance(60)
    return {
        "real": REAL,
        "unknown": unknown,
        "no number": without,
        "opted out": "dot",
        "blocked country": "eve",
        "locked": "fay",
        "reported": "gus",
        "guessed at": "hal",
    }
