"""How the API says no: Twilio's error shape, and one table for everything that the rules turn down.

    Fault                           status and code, as Twilio gives them
    └── raised by a door, or made from a `verification.errors.Refused` by `of`

Codes are Twilio's (https://www.twilio.com/docs/verify/api/error-codes), so that whoever knows them reads ours.
"""

import math
from collections.abc import Callable, Mapping

from starlette.responses import JSONResponse, Response

from verification import errors

INVALID, MAX_CHECKS, MAX_SENDS, UNSUPPORTED, LANDLINE, HALF_PAYMENT = 60200, 60202, 60203, 60204, 60205, 60206
BUSY_NUMBER, COUNTRY, OPTED_OUT, BLOCKED = 60212, 60605, 21610, 60410
UNAUTHORIZED, METHOD, FORBIDDEN, NOT_FOUND, CONFLICT, MEDIA = 20003, 20004, 20403, 20404, 20409, 20415
OTHER_BODY, TOO_MANY, BROKEN, UNAVAILABLE = 20422, 20429, 20500, 20503

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"
#: Twilio's codes for a text to a phone that takes none.
NO_TEXTS = (21614, 21635, 30006)
#: Seconds until it makes sense to ask again, when nobody knows better.
SOON = 5


class Fault(Exception):
    """An answer that is no success. `wait`: seconds until asking again can help."""

    def __init__(self, status: int, code: int, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.wait = wait


def invalid(name: str, why: str = "") -> Fault:
    """A parameter that means nothing here. Its value is not repeated: it may be a number or a code."""
    return Fault(400, INVALID, f"Invalid parameter: {name}" + (f" ({why})" if why else ""))


def not_found(what: str = "resource") -> Fault:
    """Nothing of that name, or nothing of theirs: nobody can tell which."""
    return Fault(404, NOT_FOUND, f"The requested {what} was not found")


def answer(fault: Fault) -> Response:
    """The answer that a fault is."""
    headers = {}
    if fault.wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(fault.wait)))
    if fault.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Saycode"'
    return JSONResponse(_body(fault.status, fault.code, fault.message), status_code=fault.status, headers=headers)


#: What the framework answers by itself, such as 404 and 405.
_PLAIN = {
    400: (INVALID, "The request cannot be read"),
    404: (NOT_FOUND, "The requested resource was not found"),
    405: (METHOD, "Method not allowed"),
    413: (INVALID, "The request is too large"),
    415: (MEDIA, "Please send a form or JSON"),
    500: (BROKEN, "Something went wrong here; its id in the log: {error_id}"),
    503: (UNAVAILABLE, "Not available at the moment; its id in the log: {error_id}"),
}


def plain(status: int, headers: Mapping[str, str] | None, *, error_id: str = "") -> Response:
    """The answer for a status that no door of the API gave."""
    code, message = _PLAIN.get(status, (status, "The request was refused"))
    return JSONResponse(
        _body(status, code, message.format(error_id=error_id)), status_code=status, headers=dict(headers or {})
    )


def _body(status: int, code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "more_info": MORE_INFO.format(code=code), "status": status}


def of(refused: errors.Refused) -> Fault:
    """The fault that a refusal of the rules is."""
    for kind in type(refused).__mro__:
        if kind in TABLE:
            return TABLE[kind](refused)
    raise refused


def _wait(status: int, code: int, message: str) -> Callable[[errors.Refused], Fault]:
    return lambda refused: Fault(status, code, message, wait=getattr(refused, "wait", None))


def _not_reached(refused: errors.Refused) -> Fault:
    assert isinstance(refused, errors.NotReached)
    if refused.code == OPTED_OUT:
        return Fault(403, OPTED_OUT, "The holder of this number asked not to be called or texted")
    if refused.code in NO_TEXTS:
        return Fault(403, LANDLINE, "SMS is not supported by landline phone number")
    return Fault(503, UNAVAILABLE, f"The {refused.channel.value} could not be started", wait=SOON)


def _parameter(name: str) -> Callable[[errors.Refused], Fault]:
    return lambda _: invalid(name)


def _payment(refused: errors.Refused) -> Fault:
    assert isinstance(refused, errors.PaymentInvalid)
    if refused.problem is errors.PaymentProblem.HALF:
        return Fault(400, HALF_PAYMENT, "'Amount' & 'Payee' params are required")
    return invalid(refused.problem.value.title())


def _missing(_: errors.Refused) -> Fault:
    return not_found()


#: Every refusal that there is; a test holds that none is left out.
TABLE: dict[type, Callable[[errors.Refused], Fault]] = {
    errors.NumberInvalid: _parameter("To"),
    errors.CountryNotAllowed: _wait(403, COUNTRY, "Numbers of this country or kind of line are not called here"),
    errors.UsernameInvalid: _parameter("Username"),
    errors.BrandInvalid: lambda refused: invalid("FriendlyName", str(refused)),
    errors.CodeMalformed: lambda refused: invalid("Code", str(refused)),
    errors.NumberSuppressed: _wait(403, OPTED_OUT, "The holder of this number asked not to be called or texted"),
    errors.TooSoon: _wait(429, BUSY_NUMBER, "Too many concurrent requests for phone number"),
    errors.TooManyDeliveries: _wait(429, MAX_SENDS, "Max send attempts reached"),
    errors.LimitReached: _wait(429, TOO_MANY, "Too many requests"),
    errors.BudgetSpent: _wait(429, BLOCKED, "Verification delivery attempt blocked"),
    errors.NumberPaused: _wait(429, TOO_MANY, "Too many requests"),
    errors.ChecksPaused: _wait(429, MAX_CHECKS, "Max check attempts reached"),
    errors.ChecksStopped: _wait(429, MAX_CHECKS, "Max check attempts reached"),
    errors.NotEnrolled: _missing,
    errors.NumberTooNew: _wait(403, FORBIDDEN, "The account's number is too new to approve this"),
    errors.NotProven: _wait(403, FORBIDDEN, "The old or the new number was not proven right before"),
    errors.PaymentInvalid: _payment,
    errors.ActionUnknown: _parameter("Action"),
    errors.NotForAction: lambda _: invalid("Channel", "the action does not allow it"),
    errors.NotRedeemable: _wait(409, CONFLICT, "The receipt was redeemed before, or its time is over"),
    errors.WrongStyle: lambda _: invalid("CallStyle", "this code is typed on the phone, in a call"),
    errors.NotFound: _missing,
    errors.NotPending: _missing,
    errors.NotReached: _not_reached,
}
