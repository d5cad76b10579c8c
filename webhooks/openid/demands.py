"""What an authorization request demands: which action, for which payment, how fresh.

    acr_values, claims        the action: `change-billing` or `urn:saycode:action:change-billing`
    authorization_details     amount and payee (RFC 9396)
    prompt, max_age           how fresh the proof must be
    claims, id_token_hint     whose proof it must be
    login_hint, ui_locales    what the form begins with, and its language

Everything else in a request changes nothing: no parameter can set a claim. A demand that cannot be read is refused:
without it, the application would get less than it asked for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from twiml.words import match_language
from verification.errors import PaymentInvalid
from verification.policy import PAYMENT, SIGN_IN, Policy
from verification.values import payments
from verification.values.payments import Payment

from .discovery import ACTION_URN, OWN_ACTIONS, PAYMENT_TYPE

_FRESH_PROMPTS = {"login", "consent", "select_account"}
_LONGEST_AGE = 10**9


class UnmetRequirements(OAuth2Error):
    """None of the authentication contexts that were asked for is known (OpenID Connect Core Error Code
    unmet_authentication_requirements 1.0).
    """

    error = "unmet_authentication_requirements"


class DetailsInvalid(OAuth2Error):
    """The `authorization_details` are none that can be granted (RFC 9396, section 5)."""

    error = "invalid_authorization_details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """`acr` is the action as the client spells it. `once`: the proof serves no other request. `subject`: whose proof
    it must be; empty for anyone's. `locale` is one of our languages, or empty.
    """

    action: str
    acr: str
    payment: Payment | None
    fresh: bool
    once: bool
    max_age: int | None
    subject: str
    hint: str
    locale: str


def parse(parameters: Mapping[str, str], policy: Policy, *, hinted: str = "") -> Demands:
    """The demands of a request. `hinted` is the subject of its `id_token_hint`. Raises OAuth2Error."""
    claims = _id_token_claims(parameters.get("claims", ""))
    payment = _payment(parameters.get("authorization_details", ""))
    acr = _acr(parameters, claims, policy, default=PAYMENT if payment else SIGN_IN)
    action = acr.removeprefix(ACTION_URN)
    once = policy.action(action).risky or payment is not None
    max_age = _max_age(parameters.get("max_age", ""))
    prompts = set(parameters.get("prompt", "").split())
    return Demands(
        action=action,
        acr=acr,
        payment=payment,
        fresh=once or max_age == 0 or bool(prompts & _FRESH_PROMPTS),
        once=once,
        max_age=max_age,
        subject=_subject(claims, hinted),
        hint=parameters.get("login_hint", "")[:64],
        locale=_locale(parameters.get("ui_locales", "")),
    )


def _id_token_claims(text: str) -> dict[str, list[str]]:
    """The values that are asked for of the claims `acr` and `sub` of the ID token (OpenID Connect Core, 5.5). Raises
    InvalidRequestError.
    """
    if not text:
        return {}
    claims = _json(text)
    wanted = claims.get("id_token", {}) if isinstance(claims, dict) else None
    if not isinstance(wanted, dict):
        raise InvalidRequestError("The parameter claims must be a JSON object.")
    return {name: _values(name, wanted[name]) for name in ("acr", "sub") if wanted.get(name) is not None}


def _values(name: str, request: object) -> list[str]:
    """The values that a request for one claim allows; none when it allows any (OpenID Connect Core, 5.5.1)."""
    if isinstance(request, dict) and not request.keys() & {"value", "values"}:
        return []
    values: list[Any] = []
    if isinstance(request, dict) and isinstance(several := request.get("values", []), list):
        values = [*([request["value"]] if "value" in request else []), *several]
    if not values or not all(isinstance(value, str) and value for value in values):
        raise InvalidRequestError(f"The claim {name} must have a text as its value, or a list of texts as its values.")
    return values


def _subject(claims: Mapping[str, list[str]], hinted: str) -> str:
    """Whose proof it must be; empty for anyone's."""
    wanted = {*claims.get("sub", ()), *([hinted] if hinted else [])}
    if len(wanted) > 1:
        raise InvalidRequestError("The claim sub and the id_token_hint must name one person.")
    return next(iter(wanted), "")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _acr(parameters: Mapping[str, str], claims: Mapping[str, list[str]], policy: Policy, *, default: str) -> str:
    """The first authentication context of the request that is known: the action, as the client spells it."""
    wanted = claims.get("acr") or parameters.get("acr_values", "").split() or [default]
    known = {action.name for action in policy.actions if action.name not in OWN_ACTIONS}
    for acr in wanted:
        if acr.removeprefix(ACTION_URN) in known:
            return acr
    raise UnmetRequirements("None of the acr_values is a declared action.")


def _payment(text: str) -> Payment | None:
    if not text:
        return None
    details = _json(text)
    if not isinstance(details, list) or len(details) != 1 or not isinstance(details[0], dict):
        raise DetailsInvalid("The authorization_details must be a list of one object.")
    (detail,) = details
    amount = detail.get("instructedAmount")
    if detail.get("type") != PAYMENT_TYPE or set(detail) != {"type", "instructedAmount", "creditorName"}:
        raise DetailsInvalid(f"The type must be {PAYMENT_TYPE}, with instructedAmount and creditorName only.")
    if not isinstance(amount, dict) or set(amount) != {"amount", "currency"}:
        raise DetailsInvalid("The instructedAmount must have an amount and a currency only.")
    texts = (amount["amount"], amount["currency"], detail["creditorName"])
    if not all(isinstance(text, str) and text for text in texts):
        raise DetailsInvalid("Amount, currency and creditorName must be texts.")
    try:
        return payments.parse(f"{texts[0]} {texts[1]}", texts[2])
    except PaymentInvalid as problem:
        raise DetailsInvalid("The amount or the creditorName cannot be said in a call.") from problem


def payment_details(payment: Payment) -> list[dict[str, Any]]:
    """The `authorization_details` of a token response."""
    amount = {"amount": payment.amount, "currency": payment.currency}
    return [{"type": PAYMENT_TYPE, "instructedAmount": amount, "creditorName": payment.payee}]


def _max_age(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > _LONGEST_AGE:
        raise InvalidRequestError("The parameter max_age must be a number of seconds.")
    return int(text)


def _locale(text: str) -> str:
    return next((language for tag in text.split()[:20] if (language := match_language(tag))), "")
