"""Enrolled accounts: kept, found by every spelling, and the only owners of their numbers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.storage.store import SqliteStore
from tests.support.fakes import ManualClock, RecordingCarrier, SeededRandomness
from tests.support.records import KEYS, NUMBER, OTHER_NUMBER
from tests.support.store import SECRETS
from verification.accounts import Accounts
from verification.errors import NotEnrolled, NotProven, NumberTooNew
from verification.flow.accounts import EnrollResult
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber, EventKind, Manner, Verification
from verification.policy import CHANGE_NUMBER, DEFAULT_POLICY, NEW_NUMBER, SIGN_IN
from verification.ports import ByNotices, ByVerification, Rejected
from verification.types import Channel, VerificationStatus
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier

ADA = Account(
    service=BUILT_IN_SERVICE,
    name="ada",
    username="Ada",
    numbers=(EnrolledNumber(NUMBER),),
    channel=Channel.SMS,
    language="de-DE",
)
THIRD = PhoneNumber("+14155550102", "US")


@pytest.fixture
async def enrolment(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with SqliteStore.open(tmp_path / "codes.db", secrets=SECRETS) as store:
        verifier = Verifier(
            store=store,
            provider=RecordingCarrier(),
            clock=ManualClock(),
            randomness=SeededRandomness(),
            policy=replace(DEFAULT_POLICY, repeat_spacing=()),
            keys=KEYS,
        )
        yield Accounts(verifier)


def wanted(action: str = SIGN_IN, **changes: object) -> StartRequest:
    asked = StartRequest(
        username="Ada",
        number=NUMBER,
        channel=Channel.SMS,
        action=action,
        language="en-US",
        service=BUILT_IN_SERVICE,
        manner=Manner.ENROLLED,
    )
    return replace(asked, **changes)  # type: ignore[arg-type]  # any of its fields


async def start(enrolment: Accounts, asked: StartRequest) -> tuple[StartResult, str]:
    """A verification by text, and the code in it."""
    planned = await enrolment.verifier.start(asked)
    assert isinstance(enrolment.verifier.provider, RecordingCarrier)
    return planned, enrolment.verifier.provider.texts[-1].code


async def prove(enrolment: Accounts, asked: StartRequest) -> str:
    """An approved verification's sid."""
    planned, code = await start(enrolment, asked)
    assert (await enrolment.verifier.check(planned.verification.sid, code)).valid
    return planned.verification.sid


async def now_of(enrolment: Accounts, planned: StartResult) -> Verification:
    state = await enrolment.verifier.store.read(ByVerification(planned.verification.sid))
    assert state.verification is not None
    return state.verification


def clock(enrolment: Accounts) -> ManualClock:
    assert isinstance(enrolment.verifier.clock, ManualClock)
    return enrolment.verifier.clock


async def test_every_field_of_an_account_survives(enrolment: Accounts) -> None:
    full = replace(
        ADA,
        username="Äda O'Neill; DROP TABLE",
        numbers=(EnrolledNumber(NUMBER), EnrolledNumber(PhoneNumber("+442079460123", "GB", ",12"))),
    )
    assert await enrolment.put(full) is EnrollResult.ADDED
    assert await enrolment.find(BUILT_IN_SERVICE, "ada") == full


@pytest.mark.parametrize("spelling", ["ada", "ADA", " Ada ", "ａｄａ"])
async def test_an_account_is_found_by_every_spelling_of_its_name(enrolment: Accounts, spelling: str) -> None:
    await enrolment.put(ADA)
    assert (await enrolment.find(BUILT_IN_SERVICE, spelling)).username == "Ada"


async def test_an_account_belongs_to_its_service(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    with pytest.raises(NotEnrolled):
        await enrolment.find("VA" + "1" * 32, "ada")


async def test_enrolling_the_same_again_changes_nothing(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    clock(enrolment).advance(60)
    assert await enrolment.put(ADA) is EnrollResult.SAME
    assert await enrolment.put(replace(ADA, channel=Channel.CALL)) is EnrollResult.CHANGED


async def test_a_removed_account_is_gone_and_its_open_code_dead(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    planned, code = await start(enrolment, wanted())
    await enrolment.remove(BUILT_IN_SERVICE, "ADA")
    with pytest.raises(NotEnrolled):
        await enrolment.find(BUILT_IN_SERVICE, "ada")
    assert not (await enrolment.verifier.check(planned.verification.sid, code)).valid


async def test_a_start_for_an_account_needs_one_of_its_numbers_at_that_instant(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    await start(enrolment, wanted())
    for asked in (wanted(number=OTHER_NUMBER), wanted(username="bob"), wanted(service="VA" + "1" * 32)):
        with pytest.raises(NotEnrolled):
            await enrolment.verifier.start(asked)


async def test_an_open_code_dies_with_the_number_it_was_sent_to(enrolment: Accounts) -> None:
    await enrolment.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    old, code = await start(enrolment, wanted())
    kept, kept_code = await start(enrolment, wanted("change-shipping-address", number=OTHER_NUMBER))
    await enrolment.put(replace(ADA, numbers=(EnrolledNumber(OTHER_NUMBER),)))
    assert (await now_of(enrolment, old)).status is VerificationStatus.CANCELED
    assert not (await enrolment.verifier.check(old.verification.sid, code)).valid
    assert (await enrolment.verifier.check(kept.verification.sid, kept_code)).valid


async def test_a_number_is_changed_with_both_proven_and_the_old_one_is_told(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    old = await prove(enrolment, wanted(CHANGE_NUMBER))
    new = await prove(enrolment, wanted(NEW_NUMBER, number=OTHER_NUMBER, manner=Manner.TYPED))
    changed = await enrolment.change_number(service=BUILT_IN_SERVICE, old=old, new=new)
    assert [one.number for one in changed.numbers] == [OTHER_NUMBER]
    (notice,) = (await enrolment.verifier.store.read(ByNotices(10))).notices
    assert (notice.number, notice.channel, notice.language) == (NUMBER, Channel.SMS, "de-DE")
    assert EventKind.NUMBER_CHANGED in {event.kind for event in await enrolment.verifier.store.events(new)}


async def test_whoever_had_the_account_before_is_told_once(enrolment: Accounts) -> None:
    provider = enrolment.verifier.provider
    assert isinstance(provider, RecordingCarrier)
    await enrolment.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=OTHER_NUMBER, new=THIRD)
    assert await enrolment.tell() == 2
    assert [(notice.number, notice.channel) for notice in provider.told] == [
        (NUMBER, Channel.SMS),
        (OTHER_NUMBER, Channel.SMS),
    ]
    assert await enrolment.tell() == 0


async def test_a_phone_that_takes_no_texts_is_called_and_told(enrolment: Accounts) -> None:
    provider = enrolment.verifier.provider
    assert isinstance(provider, RecordingCarrier)
    await enrolment.put(ADA)
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=THIRD)
    provider.script.append(Rejected(permanent=True, code=21614))
    await enrolment.tell()
    assert [notice.channel for notice in provider.told] == [Channel.SMS, Channel.CALL]


async def test_who_may_not_be_called_is_not_told_either(enrolment: Accounts) -> None:
    british = PhoneNumber("+442079460123", "GB")
    await enrolment.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(british))))
    await enrolment.verifier.handle_text(NUMBER, "STOP")
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=british, new=THIRD)
    assert await enrolment.tell() == 2
    assert isinstance(enrolment.verifier.provider, RecordingCarrier)
    assert not enrolment.verifier.provider.told


async def test_the_old_number_proves_nothing_after_the_change(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    old = await prove(enrolment, wanted(CHANGE_NUMBER))
    new = await prove(enrolment, wanted(NEW_NUMBER, number=OTHER_NUMBER, manner=Manner.TYPED))
    third = await prove(enrolment, wanted(NEW_NUMBER, number=THIRD, manner=Manner.TYPED))
    await enrolment.change_number(service=BUILT_IN_SERVICE, old=old, new=new)
    with pytest.raises(NotEnrolled):
        await enrolment.change_number(service=BUILT_IN_SERVICE, old=old, new=third)


async def test_a_number_is_not_changed_on_less_than_both_proofs(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    await enrolment.put(replace(ADA, name="bob", username="Bob"))
    typed = {"number": OTHER_NUMBER, "manner": Manner.TYPED}
    old = await prove(enrolment, wanted(CHANGE_NUMBER))
    new = await prove(enrolment, wanted(NEW_NUMBER, **typed))
    signed_in = await prove(enrolment, wanted())
    typed_old = await prove(enrolment, wanted(CHANGE_NUMBER, manner=Manner.TYPED))
    open_new = (await start(enrolment, wanted(NEW_NUMBER, **typed | {"username": "carl"})))[0].verification.sid
    others = await prove(enrolment, wanted(NEW_NUMBER, **typed | {"username": "bob"}))
    for one, two in ((signed_in, new), (typed_old, new), (old, open_new), (old, others), (old, old), ("VE0", new)):
        with pytest.raises(NotProven):
            await enrolment.change_number(service=BUILT_IN_SERVICE, old=one, new=two)
    clock(enrolment).advance(601)
    with pytest.raises(NotProven):
        await enrolment.change_number(service=BUILT_IN_SERVICE, old=old, new=new)


async def test_a_new_number_may_not_approve_risky_things_for_a_day(enrolment: Accounts) -> None:
    await enrolment.put(ADA)
    await start(enrolment, wanted("change-billing"))  # what an account was made with is not new
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=OTHER_NUMBER)
    with pytest.raises(NumberTooNew) as caught:
        await enrolment.verifier.start(wanted("change-billing", number=OTHER_NUMBER))
    assert caught.value.wait == DEFAULT_POLICY.new_number_cooldown
    await start(enrolment, wanted(number=OTHER_NUMBER))  # signing in is nothing risky
    clock(enrolment).advance(DEFAULT_POLICY.new_number_cooldown)
    await start(enrolment, wanted("change-billing", number=OTHER_NUMBER))


async def test_the_newest_code_of_an_account_counts_on_all_of_its_numbers(enrolment: Accounts) -> None:
    await enrolment.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    first, code = await start(enrolment, wanted())
    second, newer = await start(enrolment, wanted(number=OTHER_NUMBER))
    assert not (await enrolment.verifier.check(first.verification.sid, code)).valid
    assert (await enrolment.verifier.check(second.verification.sid, newer)).valid


async def test_nothing_of_an_account_can_be_read_in_the_file(enrolment: Accounts, tmp_path: Path) -> None:
    await enrolment.put(replace(ADA, name="lovelace", username="Lovelace"))
    await enrolment.replace_number(BUILT_IN_SERVICE, "lovelace", old=NUMBER, new=OTHER_NUMBER)
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in ("lovelace", "Lovelace", NUMBER.e164[1:], OTHER_NUMBER.e164[1:]):
        assert secret.encode() not in held
