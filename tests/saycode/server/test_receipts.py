"""Receipts: what a stock JWT library makes of them, and what they never hold."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from msgspec.structs import replace

from saycode.server.receipts import KEY_PERIOD, JwtReceiptSigner
from saycode.storage.encryption import FieldCipher
from tests.support.app import RunningApp, path_of, running_app
from tests.support.asgi_client import Browser, send_request
from tests.support.processes import ROOT
from tests.support.records import CALL, NOW, NUMBER, OTHER_NUMBER, PENDING, TEXT, ended
from verification.models import BUILT_IN_SERVICE, Delivery, Manner, Progress, State, Verification
from verification.policy import DEFAULT_POLICY, Action
from verification.types import CallStyle, DeliveryStatus, VerificationStatus
from verification.values.payments import Payment
from verification.values.phone_numbers import parse

ISSUER = "https://verify.example"
APPROVED = replace(ended(VerificationStatus.APPROVED), checks=1)
ELSEWHERE = "VA" + "1" * 32


def signer(key: bytes = b"k" * 32, **changes: Any) -> JwtReceiptSigner:
    return JwtReceiptSigner(FieldCipher(key), issuer=ISSUER, policy=replace(DEFAULT_POLICY, **changes))


def read(
    token: str | None, by: JwtReceiptSigner, *, now: float = NOW, service: str = BUILT_IN_SERVICE
) -> dict[str, object]:
    """The claims, verified with the published keys and a standard library."""
    assert token is not None
    found = jwt.PyJWKSet.from_dict(json.loads(json.dumps(by.keys(now=now))))
    key = found[jwt.get_unverified_header(token)["kid"]]
    late: Any = {"verify_exp": False, "verify_iat": False}  # these tests have a time of their own
    claims: dict[str, object] = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience=service,
        issuer=ISSUER,
        options=late,
    )
    return claims


def claims(verification: Verification = APPROVED, *deliveries: Delivery, **changes: Any) -> dict[str, object]:
    by = signer(**changes)
    state = State(verification=verification, deliveries=deliveries or (CALL,))
    return read(by.receipt(state, now=NOW + 1), by, service=verification.service)


def test_the_subject_is_the_phone_in_any_form_and_each_extension_has_its_own() -> None:
    numbers = ["+525512345678", "+5215512345678", "+541123456789", "+5491123456789", "+525512345678 ext. 1"]
    subjects = [claims(replace(APPROVED, number=parse(number)))["sub"] for number in numbers]
    assert subjects[0] == subjects[1] != subjects[4]
    assert subjects[2] == subjects[3]


def test_a_receipt_says_what_was_approved_for_whom_and_until_when() -> None:
    found = claims()
    assert found.pop("sub")
    assert found == {
        "iss": ISSUER,
        "aud": BUILT_IN_SERVICE,
        "jti": "VE1",
        "iat": NOW + 1,
        "auth_time": NOW,
        "exp": NOW + 60,
        "amr": ["tel", "otp"],
        "action": "sign-in",
    }


@pytest.mark.parametrize(
    ("deliveries", "style", "amr"),
    [
        ((CALL,), CallStyle.SAY, "tel"),
        ((TEXT,), CallStyle.SAY, "sms"),
        ((CALL, TEXT), CallStyle.SAY, "sms"),
        ((CALL, replace(TEXT, status=DeliveryStatus.FAILED, provider_sid=None)), CallStyle.SAY, "tel"),
        ((replace(CALL, progress=Progress.HEARD),), CallStyle.KEY, "tel"),
    ],
    ids=["call", "text", "both", "a text that never left", "typed on the phone"],
)
def test_a_receipt_claims_a_call_only_where_no_text_can_have_been_read(
    deliveries: tuple[Delivery, ...], style: CallStyle, amr: str
) -> None:
    assert claims(replace(APPROVED, style=style), *deliveries)["amr"] == [amr, "otp"]


def test_a_receipt_of_a_payment_has_its_digest() -> None:
    payment = Payment(amount="12.30", currency="EUR", payee="Anna Berg")
    assert claims(replace(APPROVED, payment=payment))["payment"] == payment.digest


def test_an_enrolled_account_is_named() -> None:
    assert claims(replace(APPROVED, manner=Manner.ENROLLED))["sub"] == "Ada"


def test_a_number_is_named_by_what_nobody_can_dial() -> None:
    same, other = claims(), claims(replace(APPROVED, number=OTHER_NUMBER))
    elsewhere = claims(replace(APPROVED, service=ELSEWHERE))
    assert claims()["sub"] == same["sub"]
    assert len({same["sub"], other["sub"], elsewhere["sub"]}) == 3
    for found in (same, other, elsewhere):
        assert NUMBER.e164[1:] not in json.dumps(found)


def test_an_action_says_how_long_its_receipt_counts() -> None:
    assert claims(actions=(Action(name="sign-in", approval_lifetime=20),))["exp"] == NOW + 20


@pytest.mark.parametrize(
    "status", [status for status in VerificationStatus if status is not VerificationStatus.APPROVED]
)
def test_nothing_but_an_approval_has_a_receipt(status: VerificationStatus) -> None:
    verification = replace(PENDING, status=status, ended_at=NOW)
    assert signer().receipt(State(verification=verification, deliveries=(CALL,)), now=NOW) is None
    assert signer().receipt(State(), now=NOW) is None


def test_an_approval_that_counts_no_more_has_no_receipt() -> None:
    state = State(verification=APPROVED, deliveries=(CALL,))
    assert signer().receipt(state, now=NOW + 59) is not None
    assert signer().receipt(state, now=NOW + 60) is None
    assert signer().receipt(replace(state, verification=replace(APPROVED, redeemed_at=NOW)), now=NOW) is None


def test_a_code_that_nobody_typed_on_the_phone_proves_nothing() -> None:
    on_a_word = replace(APPROVED, style=CallStyle.KEY)
    assert signer().receipt(State(verification=on_a_word, deliveries=(CALL,)), now=NOW) is None


def test_keys_change_by_themselves_and_overlap() -> None:
    by, state = signer(), State(verification=APPROVED, deliveries=(CALL,))
    token = by.receipt(state, now=NOW)
    assert token is not None
    for later in (-KEY_PERIOD, 0, KEY_PERIOD):
        assert read(token, by, now=NOW + later)["jti"] == "VE1"
    names = [{key["kid"] for key in by.keys(now=NOW + n * KEY_PERIOD)["keys"]} for n in range(3)]
    assert len(names[0]) == 3
    assert len(names[0] & names[1]) == 2
    assert len(set.union(*names)) == 5


def test_every_worker_signs_with_the_same_key_and_nobody_elses() -> None:
    state = State(verification=APPROVED, deliveries=(CALL,))
    token = signer().receipt(state, now=NOW)
    assert read(token, signer())["jti"] == "VE1"
    assert signer().keys(now=NOW) == signer().keys(now=NOW)
    assert signer(b"x" * 32).keys(now=NOW) != signer().keys(now=NOW)


def test_what_is_published_is_public() -> None:
    for key in signer().keys(now=NOW)["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")


def example() -> dict[str, Any]:
    """What docs/receipts.md shows, for the service of these tests."""
    page = (ROOT / "docs" / "receipts.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    space: dict[str, Any] = {}
    exec(code.replace("https://verify.example.com", ISSUER).replace("VA5e…", BUILT_IN_SERVICE), space)  # noqa: S102
    return space


def test_the_example_of_the_docs_believes_a_receipt_for_what_it_says_and_for_nothing_else() -> None:
    now, by, shown = time.time(), signer(), example()
    fresh = replace(APPROVED, ended_at=now, manner=Manner.ENROLLED)
    token = by.receipt(State(verification=fresh, deliveries=(CALL,)), now=now)
    found = jwt.PyJWKSet.from_dict(by.keys(now=now))
    shown["keys"] = SimpleNamespace(get_signing_key_from_jwt=lambda one: found[jwt.get_unverified_header(one)["kid"]])
    assert shown["approved"](token, action="sign-in", user="Ada")["jti"] == "VE1"
    for asked in ({"action": "change-billing", "user": "Ada"}, {"action": "sign-in", "user": "Bob"}):
        with pytest.raises(PermissionError):
            shown["approved"](token, **asked)
    for other in (replace(fresh, ended_at=now - 100), replace(fresh, service=ELSEWHERE)):
        late = by.receipt(State(verification=other, deliveries=(CALL,)), now=now - 90)
        with pytest.raises(jwt.PyJWTError):
            shown["approved"](late, action="sign-in", user="Ada")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "codes.db") as running:
        yield running


async def test_the_keys_are_served_and_may_be_kept_for_an_hour(running: RunningApp) -> None:
    answer = await send_request(running.app, "GET", "/.well-known/jwks.json")
    assert answer.status == 200
    assert answer.header("cache-control") == "public, max-age=3600"
    assert answer.header("content-type") == "application/json"
    assert len(json.loads(answer.body)["keys"]) == 3
    assert (await Browser(running.app).get(path_of("page"))).header("cache-control") == "no-store"
