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

from .. import forms
from ..doors import PATHS
from ..doorway import doorway
from . import attempts, changes, services, verifications, wanted
from .once import PATTERN
from .paging import PAGING
from .parameters import JSON_TYPE, Parameter, Schema
from .shapes import SHAPES, Shape, sid

#: What may stand against anything that a key asks for, and against anything with a body.
ALWAYS = (400, 401, 404, 405, 500, 503)
WITH_BODY = (413, 415)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one door. `shape` names its success; `faults` are the statuses beside those of every door.

    `either`: of these parameters, or groups of them, one must be there. `both`: none without the other.
    """

    door: str
    method: str
    does: str
    success: int = 200
    shape: str | None = None
    body: tuple[Parameter, ...] | None = None
    query: tuple[Parameter, ...] = ()
    faults: tuple[int, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    both: tuple[str, ...] = ()
    repeatable: bool = False


_PAYMENT = ("Amount", "Payee")
OPERATIONS = (
    Operation(
        door="api_verifications",
        method="post",
        does="Send a code, or once more where the same is pending",
        success=201,
        shape="Verification",
        body=wanted.CREATE,
        faults=(403, 409, 422, 429),
        either=(("To", "Channel"), ("Username",)),
        both=_PAYMENT,
        repeatable=True,
    ),
    Operation(
        door="api_verification",
        method="get",
        does="How a verification stands",
        shape="Verification",
        query=verifications.FETCH,
    ),
    Operation(
        door="api_verification",
        method="post",
        does="End a verification, or approve it on your word",
        shape="Verification",
        body=verifications.UPDATE,
    ),
    Operation(
        door="api_check",
        method="post",
        does="Compare a code, once",
        shape="VerificationCheck",
        body=verifications.CHECK,
        faults=(403, 429),
        either=(("To",), ("VerificationSid",), ("Username",)),
        both=_PAYMENT,
    ),
    Operation(
        door="api_receipt",
        method="post",
        does="Use up a receipt, once",
        shape="Receipt",
        body=(),
        faults=(409,),
    ),
    Operation(
        door="api_changes",
        method="post",
        does="Change the number of an account, with both numbers proven",
        success=201,
        shape="NumberChange",
        body=changes.CREATE,
        faults=(403,),
    ),
    Operation(door="api_services", method="get", does="The services within reach", shape="Services", query=PAGING),
    Operation(
        door="api_services",
        method="post",
        does="Make a service; the operator's keys only",
        success=201,
        shape="Service",
        body=services.CREATE,
        faults=(403,),
    ),
    Operation(door="api_service", method="get", does="A service", shape="Service"),
    Operation(door="api_service", method="post", does="Other settings", shape="Service", body=services.UPDATE),
    Operation(
        door="api_service",
        method="delete",
        does="Take a service away; the operator's keys only",
        success=204,
        faults=(403,),
    ),
    Operation(door="api_attempts", method="get", does="Calls and texts", shape="Attempts", query=attempts.LIST),
    Operation(door="api_summary", method="get", does="How many converted", shape="Summary", query=attempts.SUMMARY),
    Operation(door="api_attempt", method="get", does="A call or text", shape="Attempt"),
)
#: What the paths leave open.
_PARTS: dict[str, Shape] = {
    "service": sid("VA"),
    "verification": {"type": "string", "pattern": r"^(VE[0-9a-f]{32}|\+[1-9][0-9]{6,14})$"},
    "attempt": sid("VL"),
    "receipt": sid("VE"),
}


async def openapi(request: Request) -> Response:
    """The description, for everybody."""
    return JSONResponse(describe(doorway(request).addresses.public_url))


@lru_cache(maxsize=2)
def describe(public_url: str) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(PATHS[operation.door], {})[operation.method] = _operation(operation)
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
                "key": {"type": "http", "scheme": "basic", "description": "A key's sid, and its secret."}
            },
            "schemas": SHAPES,
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    path = PATHS[operation.door]
    parts = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in _PARTS.items()
        if f"{{{name}}}" in path
    ]
    queries = [
        {"name": each.name, "in": "query", "required": False, "description": each.meaning, "schema": each.schema}
        for each in operation.query
    ]
    described: dict[str, Any] = {
        "operationId": f"{operation.method}_{operation.door.removeprefix('api_')}",
        "summary": operation.does,
        "parameters": [*parts, *queries, *([_REPEATABLE] if operation.repeatable else [])],
        "responses": _answers(operation),
    }
    if operation.body is not None:
        schema = _body(operation, operation.body)
        content = {kind: {"schema": schema} for kind in (forms.TYPE, JSON_TYPE)}
        described["requestBody"] = {"required": bool(schema.get("required") or operation.either), "content": content}
    return described


_REPEATABLE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your own name for this start: asked again, it starts nothing twice.",
    "schema": {"type": "string", "pattern": PATTERN},
}


def _body(operation: Operation, known: tuple[Parameter, ...]) -> Shape:
    """What may be sent. What is always refused is not described."""
    schema: Shape = {
        "type": "object",
        "properties": {each.name: _described(each) for each in known if not each.refused},
        "additionalProperties": False,
    }
    if required := [each.name for each in known if each.required]:
        schema["required"] = required
    if operation.either:
        schema["anyOf"] = [{"required": list(names)} for names in operation.either]
    if operation.both:
        schema["dependentRequired"] = {name: [n for n in operation.both if n != name] for name in operation.both}
    return schema


def _described(parameter: Parameter) -> Schema:
    return {**parameter.schema, "description": ("Ours. " if parameter.ours else "") + parameter.meaning}


def _answers(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.does}
    if operation.shape is not None:
        success["content"] = {JSON_TYPE: {"schema": {"$ref": f"#/components/schemas/{operation.shape}"}}}
    statuses = sorted({*ALWAYS, *operation.faults, *(WITH_BODY if operation.body is not None else ())})
    return {str(operation.success): success} | {str(status): _FAULTS[status] for status in statuses}


def _fault(description: str, **headers: str) -> dict[str, Any]:
    content = {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}}
    described = {
        name.replace("_", "-"): {"description": meaning, "schema": {"type": "string"}}
        for name, meaning in headers.items()
    }
    return {"description": description, "content": content, **({"headers": described} if described else {})}


_LATER = "Seconds until asking again can help, where anybody knows"
_FAULTS = {
    400: _fault("A parameter is missing, unknown, doubled, or means nothing here"),
    401: _fault("No key, or none that is in force", WWW_Authenticate="Basic"),
    403: _fault("Not with this key, not to this number, or not something that can be had here"),
    404: _fault("Not there, not pending any more, or not yours"),
    405: _fault("Not with this method", Allow="The methods"),
    409: _fault("The same request is still running", Retry_After=_LATER),
    413: _fault("The body is too large"),
    415: _fault("Neither a form nor JSON"),
    422: _fault("The Idempotency-Key was used for another request"),
    429: _fault("Too soon or too often", Retry_After=_LATER),
    500: _fault("A fault on our side; always a bug"),
    503: _fault("Twilio refused, or our own side cannot answer; nothing was sent", Retry_After=_LATER),
}
