"""The operations of the API for its OpenAPI description: the methods of each route, their parameters and answers."""

from verification.types import Record

from . import accounts, attempts, checks, services, verifications
from .pagination import PAGE_PARAMETERS
from .parameters import Parameter


class Operation(Record, frozen=True, kw_only=True):
    """One method of a route. `schema` is that of the successful answer, `errors` are statuses besides the common ones.

    `any_of`: at least one of these groups of parameters is required. `together`: all of these parameters, or none.
    """

    route: str
    name: str
    method: str
    summary: str
    success: int = 200
    schema: str | None = None
    body: tuple[Parameter, ...] | None = None
    query: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    together: tuple[str, ...] = ()
    idempotent: bool = False


_PAYMENT = ("Amount", "Payee")
OPERATIONS = (
    Operation(
        route="api_verifications",
        name="CreateVerification",
        method="post",
        summary="Start a verification",
        success=201,
        schema="Verification",
        body=verifications.CREATE,
        errors=(403, 409, 422, 429),
        any_of=(("To", "Channel"), ("Username",)),
        together=_PAYMENT,
        idempotent=True,
    ),
    Operation(
        route="api_verification",
        name="FetchVerification",
        method="get",
        summary="Fetch a verification",
        schema="Verification",
        query=verifications.FETCH,
    ),
    Operation(
        route="api_verification",
        name="UpdateVerification",
        method="post",
        summary="Cancel or approve a verification",
        schema="Verification",
        body=verifications.UPDATE,
    ),
    Operation(
        route="api_verification_check",
        name="CreateVerificationCheck",
        method="post",
        summary="Check a verification code",
        schema="VerificationCheck",
        body=checks.CHECK,
        errors=(403, 429),
        any_of=(("To",), ("VerificationSid",), ("Username",)),
        together=_PAYMENT,
    ),
    Operation(
        route="api_receipt",
        name="RedeemReceipt",
        method="post",
        summary="Redeem a receipt",
        schema="Receipt",
        body=(),
        errors=(409,),
    ),
    Operation(
        route="api_number_changes",
        name="CreateNumberChange",
        method="post",
        summary="Change the phone number of an account",
        success=201,
        schema="NumberChange",
        body=accounts.CREATE,
        errors=(403,),
    ),
    Operation(
        route="api_services",
        name="ListServices",
        method="get",
        summary="List services",
        schema="Services",
        query=PAGE_PARAMETERS,
    ),
    Operation(
        route="api_services",
        name="CreateService",
        method="post",
        summary="Create a service (operator keys only)",
        success=201,
        schema="Service",
        body=services.CREATE,
        errors=(403,),
    ),
    Operation(route="api_service", name="FetchService", method="get", summary="Fetch a service", schema="Service"),
    Operation(
        route="api_service",
        name="UpdateService",
        method="post",
        summary="Update a service",
        schema="Service",
        body=services.UPDATE,
        errors=(403,),
    ),
    Operation(
        route="api_service",
        name="DeleteService",
        method="delete",
        summary="Delete a service (operator keys only)",
        success=204,
        errors=(403,),
    ),
    Operation(
        route="api_attempts",
        name="ListAttempts",
        method="get",
        summary="List verification attempts",
        schema="Attempts",
        query=attempts.LIST,
    ),
    Operation(
        route="api_attempts_summary",
        name="FetchAttemptsSummary",
        method="get",
        summary="Fetch a summary of verification attempts",
        schema="Summary",
        query=attempts.SUMMARY,
    ),
    Operation(
        route="api_attempt", name="FetchAttempt", method="get", summary="Fetch a verification attempt", schema="Attempt"
    ),
)
