"""Kinds of people, of whom the public must not learn which is which."""

from dataclasses import replace

from tests.door_fakes import House, path_of
from verification.desk import Desk
from verification.enrolment import Enrolment
from verification.limits import Guesses, Limit, Scope
from verification.numbers import Number
from verification.policy import SEED
from verification.ports import Decision, OfVerification
from verification.records import BUILT_IN_SERVICE, Account, EnrolledNumber, Pause
from verification.states import Channel

DAY = 86400
#: Sends a day for an account; the source has enough.
MOST = 30
POLICY = replace(
    SEED,
    limits=((Scope.ACCOUNT, (Limit(count=MOST, seconds=DAY),)), (Scope.SOURCE, (Limit(count=1000, seconds=DAY),))),
    guesses=(
        (Scope.ACCOUNT, Guesses(pause_from=2, stop_at=3)),
        (Scope.SOURCE, Guesses(pause_from=100, stop_at=None)),
    ),
)
REAL = "ada"
#: Names of one length, so that pages can be compared byte for byte.
NUMBERS = {
    REAL: (Number("+14155550100", "US"),),
    "dot": (Number("+14155550102", "US"),),
    "eve": (Number("+442079460123", "GB"),),
    "fay": (Number("+14155550104", "US"),),
    "gus": (Number("+14155550105", "US"),),
    "hal": (Number("+14155550106", "US"),),
}


def account(name: str, *numbers: Number) -> Account:
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
    desk = Desk(house.service)
    shown = {name: await desk.phones(BUILT_IN_SERVICE, name) for name in ("bob", "ben", "bea", "bix", "bud", "bru")}
    unknown, without, *_ = (name for name, phones in shown.items() if len(phones.numbers) == 1)
    for name, numbers in {**NUMBERS, without: ()}.items():
        await Enrolment(house.service).put(account(name, *numbers))
    paused = Pause(number=NUMBERS["gus"][0], until=house.clock.now() + DAY)
    stop = NUMBERS["dot"]
    await house.table.apply(OfVerification(""), lambda _: Decision(verdict=None, suppress=stop, pauses=(paused,)))
    for _ in range(MOST):
        await house.browser().post(path_of("start"), {"username": "fay", "channel": "sms"})
    assert len(house.carrier.texts) == MOST
    for _ in range(3):
        browser = house.browser()
        await browser.post(path_of("start"), {"username": "hal", "channel": "sms"})
        await browser.post(path_of("code"), {"code": "000000"})
        house.clock.advance(100)
    house.carrier.texts.clear()
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
