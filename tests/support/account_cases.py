"""Kinds of accounts that the public must not be able to tell apart."""

from msgspec.structs import replace

from tests.support.app import RunningApp, path_of
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
    lockouts=(
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
    """An enrolled account that prefers texts in German, which must not show either."""
    return Account(
        service=BUILT_IN_SERVICE,
        name=name,
        username=name,
        numbers=tuple(EnrolledNumber(number) for number in numbers),
        channel=Channel.SMS,
        language="de-DE",
    )


async def unknown_names(running: RunningApp) -> list[str]:
    """User names that are not enrolled and show one number, as most do, so that pages can be compared."""
    public = PublicVerifier(running.verifier)
    shown = {name: await public.numbers(BUILT_IN_SERVICE, name) for name in ("bob", "ben", "bea", "bix", "bud", "bru")}
    return [name for name, phones in shown.items() if len(phones.numbers) == 1]


async def enroll_cases(running: RunningApp) -> dict[str, str]:
    """Enroll one account of each kind; returns the user name by kind. The provider's records are cleared afterwards.

    An account without a number shows a decoy number.
    """
    unknown, without, *_ = await unknown_names(running)
    for name, numbers in {**NUMBERS, without: ()}.items():
        await Accounts(running.verifier).put(account(name, *numbers))
    paused = NumberPause(number=NUMBERS["gus"][0], until=running.clock.now() + DAY)
    stop = NUMBERS["dot"]
    await running.store.apply(ByVerification(""), lambda _: Changes(result=None, suppress=stop, pauses=(paused,)))
    for _ in range(MOST):
        await running.browser().post(path_of("start"), {"username": "fay", "channel": "sms"})
    assert len(running.provider.texts) == MOST
    for _ in range(3):
        browser = running.browser()
        await browser.post(path_of("start"), {"username": "hal", "channel": "sms"})
        await browser.post(path_of("check_code"), {"code": "000000"})
        running.clock.advance(100)
    running.provider.texts.clear()
    running.clock.advance(60)
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
