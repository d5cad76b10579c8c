"""Enrolled accounts: stored, found by every spelling, and the only owners of their numbers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.testing import build_verifier
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.records import KEYS, NUMBER, OTHER_NUMBER
from tests.support.store import SECRETS
from verification.accounts import Accounts
from verification.errors import NotEnrolled, NotProven, NumberTooNew
from verification.flow.accounts import EnrollResult
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber, EventKind, Manner, Verification
from verification.policy import CHANGE_NUMBER, DEFAULT_POLICY, NEW_NUMBER, SIGN_IN
from verification.ports import ByAccount, ByEnrolled, ByNotices, ByVerification, Rejected
from verification.types import Channel, VerificationStatus
from verification.values.phone_numbers import PhoneNumber, parse

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
async def accounts(tmp_path: Path) -> AsyncIterator[Accounts]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        verifier = build_verifier(
            store,
            provider=RecordingProvider(),
            clock=ManualClock(),
            randomness=SeededRandomness(),
            policy=replace(DEFAULT_POLICY, repeat_spacing=()),
            secrets=KEYS.secrets,
        )
        yield Accounts(verifier)


def start_request(action: str = SIGN_IN, **changes: object) -> StartRequest:
    request = StartRequest(
        username="Ada",
        number=NUMBER,
        channel=Channel.SMS,
        action=action,
        language="en-US",
        service=BUILT_IN_SERVICE,
        manner=Manner.ENROLLED,
    )
    return replace(request, **changes)


async def start(accounts: Accounts, request: StartRequest) -> tuple[StartResult, str]:
    """Start a verification by text: the result, and the code in the text."""
    planned = await accounts.verifier.start(request)
    assert isinstance(accounts.verifier.provider, RecordingProvider)
    return planned, accounts.verifier.provider.texts[-1].code


async def prove(accounts: Accounts, request: StartRequest) -> str:
    """The sid of an approved verification."""
    planned, code = await start(accounts, request)
    assert (await accounts.verifier.check(planned.verification.sid, code)).valid
    return planned.verification.sid


async def now_of(accounts: Accounts, planned: StartResult) -> Verification:
    state = await accounts.verifier.store.read(ByVerification(planned.verification.sid))
    assert state.verification is not None
    return state.verification


def clock(accounts: Accounts) -> ManualClock:
    assert isinstance(accounts.verifier.clock, ManualClock)
    return accounts.verifier.clock


async def test_every_field_of_an_account_survives(accounts: Accounts) -> None:
    full = replace(
        ADA,
        username="Äda O'Neill; DROP TABLE",
        numbers=(EnrolledNumber(NUMBER), EnrolledNumber(PhoneNumber("+442079460123", "GB", ",12"))),
    )
    assert await accounts.put(full) is EnrollResult.ADDED
    assert await accounts.find(BUILT_IN_SERVICE, "ada") == full


@pytest.mark.parametrize("spelling", ["ada", "ADA", " Ada ", "ａｄａ"])
async def test_an_account_is_found_by_every_spelling_of_its_name(accounts: Accounts, spelling: str) -> None:
    await accounts.put(ADA)
    assert (await accounts.find(BUILT_IN_SERVICE, spelling)).username == "Ada"


async def test_an_account_belongs_to_its_service(accounts: Accounts) -> None:
    await accounts.put(ADA)
    with pytest.raises(NotEnrolled):
        await accounts.find("VA" + "1" * 32, "ada")


async def test_enrolling_the_same_again_changes_nothing(accounts: Accounts) -> None:
    await accounts.put(ADA)
    clock(accounts).advance(60)
    assert await accounts.put(ADA) is EnrollResult.SAME
    assert await accounts.put(replace(ADA, channel=Channel.CALL)) is EnrollResult.CHANGED


async def test_a_removed_account_is_gone_and_its_open_code_dead(accounts: Accounts) -> None:
    await accounts.put(ADA)
    planned, code = await start(accounts, start_request())
    await accounts.remove(BUILT_IN_SERVICE, "ADA")
    with pytest.raises(NotEnrolled):
        await accounts.find(BUILT_IN_SERVICE, "ada")
    assert not (await accounts.verifier.check(planned.verification.sid, code)).valid


async def test_a_start_for_an_account_needs_one_of_its_numbers_at_that_instant(accounts: Accounts) -> None:
    await accounts.put(ADA)
    await start(accounts, start_request())
    for request in (
        start_request(number=OTHER_NUMBER),
        start_request(username="bob"),
        start_request(service="VA" + "1" * 32),
    ):
        with pytest.raises(NotEnrolled):
            await accounts.verifier.start(request)


async def test_an_open_code_dies_with_the_number_it_was_sent_to(accounts: Accounts) -> None:
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    old, code = await start(accounts, start_request())
    kept, kept_code = await start(accounts, start_request("change-shipping-address", number=OTHER_NUMBER))
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(OTHER_NUMBER),)))
    assert (await now_of(accounts, old)).status is VerificationStatus.CANCELED
    assert not (await accounts.verifier.check(old.verification.sid, code)).valid
    assert (await accounts.verifier.check(kept.verification.sid, kept_code)).valid


async def test_a_number_is_changed_with_both_proofs_and_a_notice_to_the_old_one(accounts: Accounts) -> None:
    await accounts.put(ADA)
    old = await prove(accounts, start_request(CHANGE_NUMBER))
    new = await prove(accounts, start_request(NEW_NUMBER, number=OTHER_NUMBER, manner=Manner.TYPED))
    changed = await accounts.change_number(service=BUILT_IN_SERVICE, old=old, new=new)
    assert [enrolled.number for enrolled in changed.numbers] == [OTHER_NUMBER]
    (notice,) = (await accounts.verifier.store.read(ByNotices(10))).notices
    assert (notice.number, notice.channel, notice.language) == (NUMBER, Channel.SMS, "de-DE")
    assert EventKind.NUMBER_CHANGED in {event.kind for event in await accounts.verifier.store.events(new)}


async def test_each_number_that_the_account_had_gets_one_notice(accounts: Accounts) -> None:
    provider = accounts.verifier.provider
    assert isinstance(provider, RecordingProvider)
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    await accounts.replace_number(BUILT_IN_SERVICE, "ada", old=OTHER_NUMBER, new=THIRD)
    assert await accounts.send_notices() == 2
    assert [(notice.number, notice.channel) for notice in provider.notices] == [
        (NUMBER, Channel.SMS),
        (OTHER_NUMBER, Channel.SMS),
    ]
    assert await accounts.send_notices() == 0


async def test_an_account_that_prefers_whatsapp_gets_its_notice_as_a_text(accounts: Accounts) -> None:
    await accounts.put(replace(ADA, channel=Channel.WHATSAPP))
    await accounts.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=THIRD)
    (notice,) = (await accounts.verifier.store.read(ByNotices(10))).notices
    assert notice.channel is Channel.SMS, "no template has the words of a notice"


async def test_a_phone_without_texts_gets_its_notice_by_call(accounts: Accounts) -> None:
    provider = accounts.verifier.provider
    assert isinstance(provider, RecordingProvider)
    await accounts.put(ADA)
    await accounts.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=THIRD)
    provider.script.append(Rejected(permanent=True, code=21614))
    await accounts.send_notices()
    assert [notice.channel for notice in provider.notices] == [Channel.SMS, Channel.CALL]


async def test_a_number_that_must_not_be_called_gets_no_notice(accounts: Accounts) -> None:
    british = PhoneNumber("+442079460123", "GB")
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(british))))
    await accounts.verifier.handle_text(NUMBER, "STOP")
    await accounts.replace_number(BUILT_IN_SERVICE, "ada", old=british, new=THIRD)
    assert await accounts.send_notices() == 2
    assert isinstance(accounts.verifier.provider, RecordingProvider)
    assert not accounts.verifier.provider.notices


async def test_the_old_number_proves_nothing_after_the_change(accounts: Accounts) -> None:
    await accounts.put(ADA)
    old = await prove(accounts, start_request(CHANGE_NUMBER))
    new = await prove(accounts, start_request(NEW_NUMBER, number=OTHER_NUMBER, manner=Manner.TYPED))
    third = await prove(accounts, start_request(NEW_NUMBER, number=THIRD, manner=Manner.TYPED))
    await accounts.change_number(service=BUILT_IN_SERVICE, old=old, new=new)
    with pytest.raises(NotEnrolled):
        await accounts.change_number(service=BUILT_IN_SERVICE, old=old, new=third)


async def test_a_number_is_not_changed_on_less_than_both_proofs(accounts: Accounts) -> None:
    await accounts.put(ADA)
    await accounts.put(replace(ADA, name="bob", username="Bob"))
    typed = {"number": OTHER_NUMBER, "manner": Manner.TYPED}
    old = await prove(accounts, start_request(CHANGE_NUMBER))
    new = await prove(accounts, start_request(NEW_NUMBER, **typed))
    signed_in = await prove(accounts, start_request())
    typed_old = await prove(accounts, start_request(CHANGE_NUMBER, manner=Manner.TYPED))
    open_new = (await start(accounts, start_request(NEW_NUMBER, **typed | {"username": "carl"})))[0].verification.sid
    others = await prove(accounts, start_request(NEW_NUMBER, **typed | {"username": "bob"}))
    for one, two in ((signed_in, new), (typed_old, new), (old, open_new), (old, others), (old, old), ("VE0", new)):
        with pytest.raises(NotProven):
            await accounts.change_number(service=BUILT_IN_SERVICE, old=one, new=two)
    clock(accounts).advance(601)
    with pytest.raises(NotProven):
        await accounts.change_number(service=BUILT_IN_SERVICE, old=old, new=new)


async def test_a_new_number_may_not_approve_risky_things_for_a_day(accounts: Accounts) -> None:
    await accounts.put(ADA)
    await start(accounts, start_request("change-billing"))  # what an account was made with is not new
    await accounts.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=OTHER_NUMBER)
    with pytest.raises(NumberTooNew) as caught:
        await accounts.verifier.start(start_request("change-billing", number=OTHER_NUMBER))
    assert caught.value.wait == DEFAULT_POLICY.new_number_cooldown
    await start(accounts, start_request(number=OTHER_NUMBER))  # signing in is nothing risky
    clock(accounts).advance(DEFAULT_POLICY.new_number_cooldown)
    await start(accounts, start_request("change-billing", number=OTHER_NUMBER))


async def test_the_newest_code_of_an_account_counts_on_all_of_its_numbers(accounts: Accounts) -> None:
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))))
    first, code = await start(accounts, start_request())
    second, newer = await start(accounts, start_request(number=OTHER_NUMBER))
    assert not (await accounts.verifier.check(first.verification.sid, code)).valid
    assert (await accounts.verifier.check(second.verification.sid, newer)).valid


async def test_nothing_of_an_account_can_be_read_in_the_file(accounts: Accounts, tmp_path: Path) -> None:
    await accounts.put(replace(ADA, name="lovelace", username="Lovelace"))
    await accounts.replace_number(BUILT_IN_SERVICE, "lovelace", old=NUMBER, new=OTHER_NUMBER)
    held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in ("lovelace", "Lovelace", NUMBER.e164[1:], OTHER_NUMBER.e164[1:]):
        assert secret.encode() not in held


# ------------------------------------------------------------------------------------------- one phone, one identity


@pytest.mark.parametrize(
    ("one", "other"),
    [("+525512345678", "+5215512345678"), ("+541123456789", "+5491123456789"), ("+5511987654321", "+551187654321")],
)
async def test_an_account_has_the_phone_in_any_form(accounts: Accounts, one: str, other: str) -> None:
    first, second = parse(one), parse(other)
    enrolled = replace(ADA, numbers=(EnrolledNumber(first),))
    assert await accounts.put(enrolled) is EnrollResult.ADDED
    assert enrolled.holds(second)
    query = ByAccount(service=ADA.service, account=ADA.name, action=SIGN_IN, number=second, enrolled=True)
    assert (await accounts.verifier.store.read(query)).enrolled_since == 0


async def test_an_account_has_each_extension_for_itself(accounts: Accounts) -> None:
    one, two, main = (parse(f"+14155550100{extension}") for extension in (" ext. 1", " ext. 2", ""))
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(one), EnrolledNumber(two))))
    for number, since in ((one, 0), (two, 0), (main, None)):
        query = ByAccount(service=ADA.service, account=ADA.name, action=SIGN_IN, number=number, enrolled=True)
        assert (await accounts.verifier.store.read(query)).enrolled_since == since
    stored = (await accounts.verifier.store.read(ByEnrolled(ADA.service, ADA.name))).account
    assert stored is not None
    assert [enrolled.number for enrolled in stored.numbers] == [one, two]


async def test_the_notice_of_a_change_goes_to_an_extension_as_a_call(accounts: Accounts) -> None:
    old = parse("+14155550100 ext. 1")
    await accounts.put(replace(ADA, numbers=(EnrolledNumber(old),)))
    await accounts.replace_number(ADA.service, "Ada", old=old, new=THIRD)
    await accounts.send_notices()
    assert isinstance(accounts.verifier.provider, RecordingProvider)
    (notice,) = accounts.verifier.provider.notices
    assert (notice.number, notice.channel) == (old, Channel.CALL)
