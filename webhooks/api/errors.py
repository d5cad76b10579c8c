"""Errors of the API in Twilio's shape, and the one table from domain errors to HTTP answers.

    ApiError                        status, code and message, as in Twilio's answers
    └── raised by an endpoint, or made from a `verification.errors.VerificationError` by `from_domain`

Codes are those of Verify (https://www.twilio.com/docs/verify/api/error-codes).
"""

import math
from collections.abc import Callable, Mapping

from starlette.responses import JSONResponse, Response

from verification import errors
from verification.flow.lookup import LookupErrorCode
from verification.values.twilio_errors import NoText, Refusal, twilio_error

INVALID, MAX_CHECKS, MAX_SENDS, UNSUPPORTED, LANDLINE, PAYMENT_INCOMPLETE = 60200, 60202, 60203, 60204, 60205, 60206
BUSY_NUMBER, COUNTRY, OPTED_OUT, BLOCKED, CHANNEL_DISABLED, UNVERIFIED = 60212, 60605, 21610, 60410, 60223, 21608
UNAUTHORIZED, METHOD, FORBIDDEN, NOT_FOUND, CONFLICT, MEDIA_TYPE = 20003, 20004, 20403, 20404, 20409, 20415
KEY_REUSED, TOO_MANY, INTERNAL, UNAVAILABLE = 20422, 20429, 20500, 20503

MORE_INFO = "https://www.twilio.com/docs/errors/{code}"
#: `Retry-After` where no better value is known, in seconds.
RETRY_SOON = 5


class ApiError(Exception):
    """An error answer. `wait`: seconds until a repeated request can succeed (`Retry-After`)."""

    def __init__(self, status: int, code: int, message: str, *, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.wait = wait


def invalid(name: str, reason: str = "") -> ApiError:
    """An invalid parameter. The message does not repeat its value, which may be a number or a code."""
    return ApiError(400, INVALID, f"Invalid parameter: {name}" + (f" ({reason})" if reason else ""))


def unsupported(name: str) -> ApiError:
    """A parameter of Verify that we do not support."""
    return ApiError(403, UNSUPPORTED, f"This service does not support the parameter {name}, or not with this value")


def channel_disabled(channel: str) -> ApiError:
    """A channel of Verify's that is not available, here or for this number."""
    return ApiError(400, CHANNEL_DISABLED, f"Delivery channel disabled: {channel.upper()}")


def country_not_allowed() -> ApiError:
    return ApiError(403, COUNTRY, "This country or line type is not allowed")


def not_found() -> ApiError:
    """The same answer for a resource that does not exist and for one of another service."""
    return ApiError(404, NOT_FOUND, "The requested resource was not found")


def payment_incomplete() -> ApiError:
    return ApiError(400, PAYMENT_INCOMPLETE, "'Amount' & 'Payee' params are required")


def to_response(error: ApiError) -> Response:
    headers = {}
    if error.wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.wait)))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Saycode"'
    return JSONResponse(_body(error.status, error.code, error.message), status_code=error.status, headers=headers)


#: Answers that no endpoint gives: those of the framework, such as 404 and 405, and of failures of our own.
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
    """The answer for a status that no endpoint gave."""
    code, message = _BY_STATUS.get(status, (status, "The request was rejected"))
    return JSONResponse(
        _body(status, code, message.format(error_id=error_id)), status_code=status, headers=dict(headers or {})
    )


def _body(status: int, code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "more_info": MORE_INFO.format(code=code), "status": status}


def from_domain(error: errors.VerificationError) -> ApiError:
    """The answer for an error of the domain."""
    for kind in type(error).__mro__:
        if kind in BY_ERROR:
            return BY_ERROR[kind](error)
    raise error


def _fixed(status: int, code: int, message: str) -> Callable[[errors.VerificationError], ApiError]:
    return lambda error: ApiError(status, code, message, wait=getattr(error, "wait", None))


def _not_reached(error: errors.VerificationError) -> ApiError:
    assert isinstance(error, errors.NotReached)
    twilio = twilio_error(error.code)
    if twilio.opted_out:
        return ApiError(403, OPTED_OUT, "The recipient has opted out of calls and messages")
    if twilio.no_text is NoText.LANDLINE:
        return ApiError(403, LANDLINE, "SMS is not supported by landline phone number")
    if twilio.no_text is NoText.NO_WHATSAPP:
        return channel_disabled(error.channel)
    if twilio.refusal is Refusal.INVALID:
        return invalid("To")
    if twilio.refusal is Refusal.COUNTRY or error.code == LookupErrorCode.REFUSED.value:
        return country_not_allowed()
    if twilio.refusal is Refusal.UNVERIFIED:
        return ApiError(403, UNVERIFIED, "The phone number is unverified; a trial account cannot reach it")
    if error.code == LookupErrorCode.OTHER_CHANNEL.value:
        return channel_disabled(error.channel)
    # A fault of our own account or sender lasts until the operator corrects it: a client that repeats gains nothing.
    wait = None if error.permanent else RETRY_SOON
    return ApiError(503, UNAVAILABLE, f"The {error.channel.value} could not be started", wait=wait)


def _kind_not_allowed(error: errors.VerificationError) -> ApiError:
    assert isinstance(error, errors.KindNotAllowed)
    return ApiError(403, COUNTRY, f"Numbers of this kind are not allowed: {error.kind}")


def _invalid_parameter(name: str) -> Callable[[errors.VerificationError], ApiError]:
    return lambda _: invalid(name)


def _payment(error: errors.VerificationError) -> ApiError:
    assert isinstance(error, errors.PaymentInvalid)
    if error.problem is errors.PaymentProblem.HALF:
        return payment_incomplete()
    return invalid(error.problem.value.title(), error.why)


def _not_found(_: errors.VerificationError) -> ApiError:
    return not_found()


#: Every VerificationError, as a test checks.
BY_ERROR: dict[type, Callable[[errors.VerificationError], ApiError]] = {
    errors.NumberInvalid: lambda _: invalid("To", "no phone has this number"),
    errors.CountryNotAllowed: lambda _: country_not_allowed(),
    errors.KindNotAllowed: _kind_not_allowed,
    errors.CallsOnly: _fixed(403, LANDLINE, "A message cannot reach an extension: use the channel call"),
    errors.UsernameInvalid: _invalid_parameter("Username"),
    errors.BrandInvalid: lambda error: invalid("FriendlyName", str(error)),
    errors.CodeMalformed: lambda error: invalid("Code", str(error)),
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
    errors.NotForAction: _fixed(400, CHANNEL_DISABLED, "Delivery channel disabled (the action does not allow it)"),
    errors.NotRedeemable: _fixed(409, CONFLICT, "The receipt was already redeemed or has expired"),
    errors.WrongStyle: lambda _: invalid("CallStyle", "this code is entered on the phone keypad, during a call"),
    errors.CheckedElsewhere: _fixed(
        403, UNSUPPORTED, "This code is your own: check it yourself, then update the verification with Status=approved"
    ),
    errors.NotFound: _not_found,
    errors.NotPending: _not_found,
    errors.NotReached: _not_reached,
}
