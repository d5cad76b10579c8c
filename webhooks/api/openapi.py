"""The description of the API (OpenAPI 3.1), made from the tables that the doors themselves read.

parameters   what each door's parser holds to
shapes       what the tests hold the answers to
OPERATIONS   the rest: which door takes which method, and how it may answer
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import requests
from ..context import app_context
from ..routes import PATHS
from . import accounts, attempts, services, start_parameters, verifications
from .idempotency import KEY_PATTERN
from .pagination import PAGE_PARAMETERS
from .parameters import JSON_TYPE, Parameter, Schema
from .schemas import SCHEMAS, JsonSchema, sid

#: What may stand against anything that a key asks for, and against anything with a body.
COMMON_STATUSES = (400, 401, 404, 405, 500, 503)
BODY_STATUSES = (413, 415)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one door. `shape` names its success; `faults` are the statuses beside those of every door.

    `either`: of these parameters, or groups of them, one must be there. `both`: none without the other.
    """

    endpoint: str
    method: str
    summary: str
    success: int = 200
    schema: str | None = None
    body: tuple[Parameter, ...] | None = None
    query: tuple[Parameter, ...] = ()
    faults: tuple[int, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()
    together: tuple[str, ...] = ()
    idempotent: bool = False


_PAYMENT = ("Amount", "Payee")
OPERATIONS = (
    Operation(
        endpoint="api_verifications",
        method="post",
        summary="Start a verification",
        success=201,
        schema="Verification",
        body=start_parameters.CREATE,
        faults=(403, 409, 422, 429),
        any_of=(("To", "Channel"), ("Username",)),
        together=_PAYMENT,
        idempotent=True,
    ),
    Operation(
        endpoint="api_verification",
        method="get",
        summary="Fetch a verification",
        schema="Verification",
        query=verifications.FETCH,
    ),
    Operation(
        endpoint="api_verification",
        method="post",
        summary="Update a verification: cancel or approve it",
        schema="Verification",
        body=verifications.UPDATE,
    ),
    Operation(
        endpoint="api_check",
        method="post",
        summary="Check a verification code",
        schema="VerificationCheck",
        body=verifications.CHECK,
        faults=(403, 429),
        any_of=(("To",), ("VerificationSid",), ("Username",)),
        together=_PAYMENT,
    ),
    Operation(
        endpoint="api_receipt",
        method="post",
        summary="Redeem a receipt",
        schema="Receipt",
        body=(),
        faults=(409,),
    ),
    Operation(
        endpoint="api_changes",
        method="post",
        summary="Change the phone number of an account",
        success=201,
        schema="NumberChange",
        body=accounts.CREATE,
        faults=(403,),
    ),
    Operation(endpoint="api_services", method="get", summary="List services", schema="Services", query=PAGE_PARAMETERS),
    Operation(
        endpoint="api_services",
        method="post",
        summary="Create a service (operator keys only)",
        success=201,
        schema="Service",
        body=services.CREATE,
        faults=(403,),
    ),
    Operation(endpoint="api_service", method="get", summary="Fetch a service", schema="Service"),
    Operation(
        endpoint="api_service", method="post", summary="Update a service", schema="Service", body=services.UPDATE
    ),
    Operation(
        endpoint="api_service",
        method="delete",
        summary="Delete a service (operator keys only)",
        success=204,
        faults=(403,),
    ),
    Operation(
        endpoint="api_attempts",
        method="get",
        summary="List verification attempts",
        schema="Attempts",
        query=attempts.LIST,
    ),
    Operation(
        endpoint="api_summary",
        method="get",
        summary="Fetch a summary of verification attempts",
        schema="Summary",
        query=attempts.SUMMARY,
    ),
    Operation(endpoint="api_attempt", method="get", summary="Fetch a verification attempt", schema="Attempt"),
)
#: What the paths leave open.
_PATH_PARAMETERS: dict[str, JsonSchema] = {
    "service": sid("VA"),
    "verification": {"type": "string", "pattern": r"^(VE[0-9a-f]{32}|\+[1-9][0-9]{6,14})$"},
    "attempt": sid("VL"),
    "receipt": sid("VE"),
}


async def openapi(request: Request) -> Response:
    """The description, for everybody."""
    return JSONResponse(describe(app_context(request).addresses.public_url))


@lru_cache(maxsize=2)
def describe(public_url: str) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(PATHS[operation.endpoint], {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Saycode",
            "version": "2",
            "description": "Phone verification in the shape of Twilio Verify v2.",
        },
        "servers": [{"url": public_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The sid of an API key as user name, its secret as password.",
                }
            },
            "schemas": SCHEMAS,
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    path = PATHS[operation.endpoint]
    parts = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in _PATH_PARAMETERS.items()
        if f"{{{name}}}" in path
    ]
    queries = [
        {"name": each.name, "in": "query", "required": False, "description": each.description, "schema": each.schema}
        for each in operation.query
    ]
    described: dict[str, Any] = {
        "operationId": f"{operation.method}_{operation.endpoint.removeprefix('api_')}",
        "summary": operation.summary,
        "parameters": [*parts, *queries, *([_IDEMPOTENCY_KEY] if operation.idempotent else [])],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        schema = _body_schema(operation, operation.body)
        content = {kind: {"schema": schema} for kind in (requests.FORM_TYPE, JSON_TYPE)}
        described["requestBody"] = {"required": bool(schema.get("required") or operation.any_of), "content": content}
    return described


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A unique value that you choose. Repeating a request with the same value returns the first "
    "response and starts nothing twice.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}


def _body_schema(operation: Operation, known: tuple[Parameter, ...]) -> JsonSchema:
    """What may be sent. What is always refused is not described."""
    schema: JsonSchema = {
        "type": "object",
        "properties": {each.name: _property(each) for each in known if not each.refused},
        "additionalProperties": False,
    }
    if required := [each.name for each in known if each.required]:
        schema["required"] = required
    if operation.any_of:
        schema["anyOf"] = [{"required": list(names)} for names in operation.any_of]
    if operation.together:
        schema["dependentRequired"] = {
            name: [n for n in operation.together if n != name] for name in operation.together
        }
    return schema


def _property(parameter: Parameter) -> Schema:
    return {
        **parameter.schema,
        "description": ("Saycode extension. " if parameter.is_extension else "") + parameter.description,
    }


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.summary}
    if operation.schema is not None:
        success["content"] = {JSON_TYPE: {"schema": {"$ref": f"#/components/schemas/{operation.schema}"}}}
    statuses = sorted({*COMMON_STATUSES, *operation.faults, *(BODY_STATUSES if operation.body is not None else ())})
    return {str(operation.success): success} | {str(status): _ERRORS[status] for status in statuses}


def _error(description: str, **headers: str) -> dict[str, Any]:
    content = {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}}
    described = {
        name.replace("_", "-"): {"description": description, "schema": {"type": "string"}}
        for name, description in headers.items()
    }
    return {"description": description, "content": content, **({"headers": described} if described else {})}


_RETRY_AFTER = "Seconds to wait before retrying, if known"
_ERRORS = {
    400: _error("A parameter is missing, unknown, repeated or invalid"),
    401: _error("The API key is missing, invalid or revoked", WWW_Authenticate="Basic"),
    403: _error("Not allowed for this key or this number, or not supported"),
    404: _error("Not found, no longer pending, or it belongs to another service"),
    405: _error("Method not allowed", Allow="The allowed methods"),
    409: _error("A request with the same Idempotency-Key is still in progress", Retry_After=_RETRY_AFTER),
    413: _error("The request body is too large"),
    415: _error("The content type is neither a form nor JSON"),
    422: _error("The Idempotency-Key was already used for a different request"),
    429: _error("Too many requests", Retry_After=_RETRY_AFTER),
    500: _error("Internal server error; always a bug"),
    503: _error(
        "Twilio rejected the request or the service is unavailable; nothing was sent", Retry_After=_RETRY_AFTER
    ),
}
