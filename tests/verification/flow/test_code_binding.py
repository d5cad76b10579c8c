"""A code approves one thing: this account, this action, this amount and this payee."""

import asyncio

import pytest
from msgspec.structs import replace

from tests.support.records import CODE, KEYS, NUMBER, PENDING, wrong
from tests.support.verifier import CALL, SMS, VerifierSetup
from verification.errors import ActionUnknown, NotForAction, NotFound, NotRedeemable
from verification.flow.check import code_of
from verification.flow.start import StartRequest
from verification.ivr.prompts import OfferMenu
from verification.models import BUILT_IN_SERVICE, EventKind, Verification
from verification.policy import BUILT_IN_ACTIONS, DEFAULT_POLICY, LENIENT_POLICY, PAYMENT, Action
from verification.ports import ByVerification
from verification.types import CallStyle, Channel, VerificationStatus
from verification.values import codes
from verification.values.payments import Payment

ANNA = Payment(amount="12.30", currency="EUR", payee="Anna Berg")
OTHERS = (
    replace(ANNA, amount="12.31"),
    replace(ANNA, currency="USD"),
    replace(ANNA, payee="Anna Burg"),
    None,
)
ELSEWHERE = "VA" + "1" * 32


def wanted(**changes: object) -> StartRequest:
    made = StartRequest(
        username="Ada", number=NUMBER, channel=SMS, action=PAYMENT, language="en-US", service=BUILT_IN_SERVICE
    )
    return replace(made, **changes)


async def texted(setup: VerifierSetup, **changes: object) -> tuple[str, str]:
    """A verification's sid, and its code as the text has it."""
    planned = await setup.verifier.start(wanted(**changes))
    return planned.verification.sid, setup.provider.texts[-1].code


# ------------------------------------------------------------------------------------------------ payments


async def test_a_code_approves_the_payment_that_it_was_made_for(setup: VerifierSetup) -> None:
    sid, code = await texted(setup, payment=ANNA)
    assert setup.provider.texts[-1].payment == ANNA
    assert (await setup.verifier.check(sid, code, payment=ANNA)).valid
    assert (await setup.verification(sid)).payment == ANNA


@pytest.mark.parametrize("other", OTHERS, ids=["amount", "currency", "payee", "none"])
async def test_a_changed_payment_is_refused_and_the_code_is_dead_from_then_on(
    setup: VerifierSetup, other: Payment | None
) -> None:
    setup.use_policy(LENIENT_POLICY)
    sid, code = await texted(setup, payment=ANNA)
    refused = await setup.verifier.check(sid, code, payment=other)
    assert not refused.valid
    assert refused.verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED
    assert not (await setup.verifier.check(sid, code, payment=ANNA)).valid
    assert (await setup.verification(sid)).seed is None


async def test_a_payment_that_was_never_asked_for_is_refused_as_well(setup: VerifierSetup) -> None:
    sid, code = await texted(setup)
    assert not (await setup.verifier.check(sid, code, payment=ANNA)).valid
    assert not (await setup.verifier.check(sid, code)).valid


async def test_a_changed_payment_looks_the_same_with_the_right_code_and_with_a_wrong_one(setup: VerifierSetup) -> None:
    answers = []
    for guess in (lambda code: code, wrong):
        sid, code = await texted(setup, payment=ANNA)
        checked = await setup.verifier.check(sid, guess(code), payment=OTHERS[2])
        answers.append((checked.valid, checked.verification.status, checked.verification.checks))
        setup.clock.advance(120)
    assert answers[0] == answers[1]


async def test_another_payment_for_the_same_account_makes_a_new_code_and_kills_the_old_one(
    setup: VerifierSetup,
) -> None:
    first, old = await texted(setup, payment=ANNA)
    setup.clock.advance(120)
    second, new = await texted(setup, payment=OTHERS[0])
    assert old != new
    assert not (await setup.verifier.check(first, old, payment=ANNA)).valid
    assert (await setup.verifier.check(second, new, payment=OTHERS[0])).valid


def test_amount_currency_and_payee_are_inside_the_code() -> None:
    made = [code_of(replace(PENDING, action=PAYMENT, payment=one), KEYS) for one in (ANNA, *OTHERS)]
    assert len(set(made)) == len(made)
    moved = [replace(PENDING, action=f"{PAYMENT}{rest}") for rest in ("", "-12.30")]
    assert len({code_of(one, KEYS) for one in moved}) == 2


def test_a_code_without_a_payment_is_what_it_was_before_there_were_payments() -> None:
    plain = codes.draw(KEYS.secrets[0], seed=PENDING.seed or b"", sid="VE1", action=PENDING.action, length=6)
    assert CODE == plain == "661486"


async def test_the_payment_is_encrypted_in_the_store(setup: VerifierSetup) -> None:
    await texted(setup, payment=ANNA)
    for file in setup.path.parent.glob("codes.db*"):
        assert b"Anna Berg" not in file.read_bytes()


# ------------------------------------------------------------------------------------------------ accounts and actions


async def test_the_codes_of_two_accounts_with_one_number_do_not_cross(setup: VerifierSetup) -> None:
    ada, adas = await texted(setup)
    bob, bobs = await texted(setup, username="Bob")
    assert not (await setup.verifier.check(ada, bobs)).valid
    assert not (await setup.verifier.check(bob, adas)).valid


async def test_the_codes_of_two_actions_of_one_account_do_not_cross(setup: VerifierSetup) -> None:
    sign_in, first = await texted(setup, action="sign-in")
    billing, second = await texted(setup, action="change-billing")
    assert not (await setup.verifier.check(sign_in, second)).valid
    assert not (await setup.verifier.check(billing, first)).valid


async def test_two_actions_of_one_account_are_open_side_by_side(setup: VerifierSetup) -> None:
    sign_in, first = await texted(setup, action="sign-in")
    billing, second = await texted(setup, action="change-billing")
    assert (await setup.verifier.check(billing, second)).valid
    assert (await setup.verifier.check(sign_in, first)).valid


async def test_the_codes_of_two_services_do_not_cross(setup: VerifierSetup) -> None:
    here, first = await texted(setup)
    there, second = await texted(setup, service=ELSEWHERE)
    assert not (await setup.verifier.check(here, second)).valid
    assert not (await setup.verifier.check(there, first)).valid


# ------------------------------------------------------------------------------------------------ what actions allow


async def test_an_undeclared_action_is_rejected_and_no_call_is_made(setup: VerifierSetup) -> None:
    with pytest.raises(ActionUnknown):
        await setup.verifier.start(wanted(action="launch"))
    assert setup.provider.asked == 0


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        (Action(name="x", channels=frozenset({Channel.CALL})), {"channel": SMS}),
        (Action(name="x", channels=frozenset({Channel.SMS})), {"channel": CALL}),
        (Action(name="x", styles=frozenset({CallStyle.KEY})), {"channel": CALL, "style": CallStyle.SAY}),
    ],
)
async def test_an_action_goes_only_the_ways_that_it_allows(
    setup: VerifierSetup, action: Action, refused: dict[str, object]
) -> None:
    setup.use_policy(replace(DEFAULT_POLICY, actions=(action,)))
    with pytest.raises(NotForAction):
        await setup.verifier.start(wanted(action="x", **refused))
    assert setup.provider.asked == 0


async def test_a_repeat_and_the_menu_keep_to_the_channels_of_the_action(setup: VerifierSetup) -> None:
    setup.use_policy(replace(DEFAULT_POLICY, actions=(Action(name="x", channels=frozenset({Channel.CALL})),)))
    planned = await setup.verifier.start(wanted(action="x", channel=CALL))
    setup.clock.advance(60)
    with pytest.raises(NotForAction):
        await setup.verifier.resend(planned.verification.sid, SMS)
    assert planned.delivery is not None
    await setup.pass_gate(planned.delivery.sid)
    assert (await setup.call_webhook(planned.delivery.sid, "")).prompt == OfferMenu(text=False)


def test_the_names_of_actions_are_unique() -> None:
    assert len({action.name for action in BUILT_IN_ACTIONS}) == len(BUILT_IN_ACTIONS)


@pytest.mark.parametrize(("language", "phrase"), [("de-DE", "deutsch"), ("en-GB", "english"), ("fr-FR", None)])
def test_a_phrase_serves_the_other_countries_of_its_language(language: str, phrase: str | None) -> None:
    action = Action(name="x", spoken=(("de-DE", "deutsch"), ("en-US", "english")))
    assert action.phrase(language) == phrase


# ------------------------------------------------------------------------------------------------ used up


async def approved(setup: VerifierSetup) -> str:
    sid, code = await texted(setup)
    assert (await setup.verifier.check(sid, code)).valid
    return sid


async def test_a_receipt_is_redeemed_once_on_two_workers(setup: VerifierSetup) -> None:
    first, second = setup.verifier, await setup.open()
    sid = await approved(setup)
    asked = [worker.redeem(sid, service=BUILT_IN_SERVICE) for worker in (first, second) * 5]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers].count(NotRedeemable) == 9
    assert (await setup.verification(sid)).redeemed_at == setup.clock.now()
    assert (await setup.event_kinds(sid)).count(EventKind.REDEEMED) == 1


async def test_another_services_receipt_looks_like_one_that_does_not_exist(setup: VerifierSetup) -> None:
    sid = await approved(setup)
    with pytest.raises(NotFound):
        await setup.verifier.redeem(sid, service=ELSEWHERE)
    with pytest.raises(NotFound):
        await setup.verifier.redeem("VE" + "0" * 32, service=BUILT_IN_SERVICE)
    assert (await setup.verifier.redeem(sid, service=BUILT_IN_SERVICE)).redeemed_at


async def test_a_verification_that_is_not_approved_has_no_receipt(setup: VerifierSetup) -> None:
    sid, code = await texted(setup)
    with pytest.raises(NotFound):
        await setup.verifier.redeem(sid, service=BUILT_IN_SERVICE)
    assert not (await setup.verifier.check(sid, wrong(code))).valid
    with pytest.raises(NotFound):
        await setup.verifier.redeem(sid, service=BUILT_IN_SERVICE)


@pytest.mark.parametrize(("fresh", "seconds"), [(None, 60), (20, 20)])
async def test_an_approval_counts_as_long_as_its_action_says(
    setup: VerifierSetup, fresh: int | None, seconds: int
) -> None:
    setup.use_policy(replace(DEFAULT_POLICY, actions=(Action(name=PAYMENT, approval_lifetime=fresh),)))
    early, late = await approved(setup), await approved(setup)
    setup.clock.advance(seconds - 1)
    await setup.verifier.redeem(early, service=BUILT_IN_SERVICE)
    setup.clock.advance(1)
    with pytest.raises(NotRedeemable):
        await setup.verifier.redeem(late, service=BUILT_IN_SERVICE)


async def test_a_check_that_its_caller_may_not_make_is_neither_compared_nor_counted(setup: VerifierSetup) -> None:
    sid, code = await texted(setup)
    seen: list[Verification | None] = []

    def refuse(verification: Verification | None) -> None:
        seen.append(verification)
        raise NotFound

    for query in (ByVerification(sid), ByVerification("VE" + "0" * 32)):
        with pytest.raises(NotFound):
            await setup.verifier.check_as(query, code, require=refuse)
    assert [found.sid if found else None for found in seen] == [sid, None]
    assert (await setup.verification(sid)).checks == 0
    assert (await setup.verifier.check(sid, code)).valid
