"""How the API says no: Twilio's error shape, and one table for everything that the rules turn down.

    Fault                           status and code, as Twilio gives them
    └── raised by a door, or made from a `verification.errors.Refused` by `of`

Codes are Twilio's (https://www.twilio.com/docs/verify/api/error-codes), so that whoever knows them reads ours.
"""

import math
from collections.abc import Callable, Mapping

from starlette.responses import JSONResponse, Response

from verification import errors

INVALID, MAX_CHECKS, MAX_SENDS, UNSUPPORTED, LANDLINE, PAYMENT_INCOMPLETE = 60200, 60202, 60203, 60204, 60205, 60206
BUSY_NUMBER, COUNTRY, OPTED_OUT, BLOCKED = 60212, 60605, 21610, 60410
UNAUTHORIZED, METHOD, FORBIDDEN, NOT_FOUND, CONFLICT, MEDIA_TYPE = 20003, 20004, 20403, 20404, 20409, 20415
KEY_REUSED, TOO_MANY, INTERNAL, UNAVAILABLE = 20422, 20429, 20500, 20503

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"
#: Twilio's codes for a text to a phone that takes none.
NO_SMS = (21614, 21635, 30006)
#: Seconds until it makes sense to ask again, when nobody knows better.
RETRY_SOON = 5


class ApiError(Exception):
    """An answer that is no success. `wait`: seconds until asking again can help."""

    def __init__(self, status: int, code: int, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.wait = wait


def invalid(name: str, why: str = "") -> ApiError:
    """A parameter that means nothing here. Its value is not repeated: it may be a number or a code."""
    return ApiError(400, INVALID, f"Invalid parameter: {name}" + (f" ({why})" if why else ""))


def not_found(what: str = "resource") -> ApiError:
    """Nothing of that name, or nothing of theirs: nobody can tell which."""
    return ApiError(404, NOT_FOUND, f"The requested {what} was not found")


def to_response(fault: ApiError) -> Response:
    """The answer that a fault is."""
    headers = {}
    if fault.wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(fault.wait)))
    if fault.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Saycode"'
    return JSONResponse(_body(fault.status, fault.code, fault.message), status_code=fault.status, headers=headers)


#: What the framework answers by itself, such as 404 and 405.
_BY_STATUS = {
    400: (INVALID, "The request is malformed"),
    404: (NOT_FOUND, "The requested resource was not found"),
    405: (METHOD, "Method not allowed"),
    413: (INVALID, "The request is too large"),
    415: (MEDIA_TYPE, "The body must be a form or JSON"),
    500: (INTERNAL, "Internal server error; error id in the log: {error_id}"),
    503: (UNAVAILABLE, "Temporarily unavailable; error id in the log: {error_id}"),
}


def status_response(status: int, headers: Mapping[str, str] | None, *, error_id: str = "") -> Response:
    """The answer for a status that no door of the API gave."""
    code, message = _BY_STATUS.get(status, (status, "The request was rejected"))
    return JSONResponse(
        _body(status, code, message.format(error_id=error_id)), status_code=status, headers=dict(headers or {})
    )


def _body(status: int, code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "more_info": MORE_INFO.format(code=code), "status": status}


def from_domain(refused: errors.VerificationError) -> ApiError:
    """The fault that a refusal of the rules is."""
    for kind in type(refused).__mro__:
        if kind in BY_ERROR:
            return BY_ERROR[kind](refused)
    raise refused


def _fixed(status: int, code: int, message: str) -> Callable[[errors.VerificationError], ApiError]:
    return lambda refused: ApiError(status, code, message, wait=getattr(refused, "wait", None))


def _not_reached(refused: errors.VerificationError) -> ApiError:
    assert isinstance(refused, errors.NotReached)
    if refused.code == OPTED_OUT:
        return ApiError(403, OPTED_OUT, "The recipient has opted out of calls and messages")
    if refused.code in NO_SMS:
        return ApiError(403, LANDLINE, "SMS is not supported by landline phone number")
    return ApiError(503, UNAVAILABLE, f"The {refused.channel.value} could not be started", wait=RETRY_SOON)


def _invalid_parameter(name: str) -> Callable[[errors.VerificationError], ApiError]:
    return lambda _: invalid(name)


def _payment(refused: errors.VerificationError) -> ApiError:
    assert isinstance(refused, errors.PaymentInvalid)
    if refused.problem is errors.PaymentProblem.HALF:
        return ApiError(400, PAYMENT_INCOMPLETE, "'Amount' & 'Payee' params are required")
    return invalid(refused.problem.value.title())


def _not_found(_: errors.VerificationError) -> ApiError:
    return not_found()


#: Every refusal that there is; a test holds that none is left out.
BY_ERROR: dict[type, Callable[[errors.VerificationError], ApiError]] = {
    errors.NumberInvalid: _invalid_parameter("To"),
    errors.CountryNotAllowed: _fixed(403, COUNTRY, "This country or line type is not allowed"),
    errors.UsernameInvalid: _invalid_parameter("Username"),
    errors.BrandInvalid: lambda refused: invalid("FriendlyName", str(refused)),
    errors.CodeMalformed: lambda refused: invalid("Code", str(refused)),
    errors.NumberSuppressed: _fixed(403, OPTED_OUT, "The recipient has opted out of calls and messages"),
    errors.TooSoon: _fixed(429, BUSY_NUMBER, "Too many concurrent requests for phone number"),
    errors.TooManyDeliveries: _fixed(429, MAX_SENDS, "Max send attempts reached"),
    errors.LimitReached: _fixed(429, TOO_MANY, "Too many requests"),
    errors.BudgetSpent: _fixed(429, BLOCKED, "Verification delivery attempt blocked"),
    errors.NumberPaused: _fixed(429, TOO_MANY, "Too many requests"),
    errors.ChecksPaused: _fixed(429, MAX_CHECKS, "Max check attempts reached"),
    errors.ChecksStopped: _fixed(429, MAX_CHECKS, "Max check attempts reached"),
    errors.NotEnrolled: _not_found,
    errors.NumberTooNew: _fixed(403, FORBIDDEN, "The account's number was added too recently for this action"),
    errors.NotProven: _fixed(403, FORBIDDEN, "The old and the new number must both have been verified just before"),
    errors.PaymentInvalid: _payment,
    errors.ActionUnknown: _invalid_parameter("Action"),
    errors.NotForAction: lambda _: invalid("Channel", "the action does not allow it"),
    errors.NotRedeemable: _fixed(409, CONFLICT, "The receipt was already redeemed or has expired"),
    errors.WrongStyle: lambda _: invalid("CallStyle", "this code is entered on the phone keypad, during a call"),
    errors.NotFound: _not_found,
    errors.NotPending: _not_found,
    errors.NotReached: _not_reached,
}
