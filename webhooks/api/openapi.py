"""The OpenAPI 3.1 description of the API, made from what the endpoints themselves use.

webhooks.routes     the paths, by the name of the route
parameters          what the parser of each endpoint accepts
schemas             what the tests validate the answers against
operations          the methods of each route and their answers
"""

from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import requests
from ..context import PublicUrls, app_context
from .idempotency import KEY_PATTERN
from .operations import OPERATIONS, Operation
from .parameters import JSON_TYPE, Parameter, Schema
from .schemas import SCHEMAS, JsonSchema, sid

#: Error statuses of every operation, and of every operation with a body.
COMMON_STATUSES = (400, 401, 404, 405, 500, 503)
BODY_STATUSES = (413, 415)
_SID_OR_NUMBER: JsonSchema = {"type": "string", "pattern": r"^(VE[0-9a-f]{32}|\+[1-9][0-9]{6,14})$"}
_PATH_PARAMETERS: dict[str, tuple[str, JsonSchema]] = {
    "service": ("The sid of the service.", sid("VA")),
    "verification": ("The sid, or the phone number of a pending verification in E.164.", _SID_OR_NUMBER),
    "attempt": ("The sid of the attempt.", sid("VL")),
    "receipt": ("The `jti` of the receipt: the sid of its verification.", sid("VE")),
}
#: What the schema of a body is named after: its operation, and this.
_BODY_NAMES = {requests.FORM_TYPE: "Form", JSON_TYPE: "Json"}
_API_KEY = {
    "type": "http",
    "scheme": "basic",
    "description": "The sid of an API key as the user name and its secret as the password.",
}


async def openapi(request: Request) -> Response:
    """The description, without authentication."""
    return JSONResponse(describe(app_context(request).urls))


@lru_cache(maxsize=2)
def describe(urls: PublicUrls) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        path = urls.paths[operation.route]
        paths.setdefault(path, {})[operation.method] = _operation(operation, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Saycode",
            "version": "2",
            "description": "Phone verification in the shape of Twilio Verify.",
        },
        "servers": [{"url": urls.public_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": _API_KEY}, "schemas": {**SCHEMAS, **_body_schemas()}},
    }


def _operation(operation: Operation, path: str) -> dict[str, Any]:
    path_parameters = [
        {"name": name, "in": "path", "required": True, "description": description, "schema": schema}
        for name, (description, schema) in _PATH_PARAMETERS.items()
        if f"{{{name}}}" in path
    ]
    query_parameters = [
        {"name": each.name, "in": "query", "required": False, "description": each.description, "schema": each.schema}
        for each in operation.query
    ]
    description: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*path_parameters, *query_parameters, *([_IDEMPOTENCY_KEY] if operation.idempotent else [])],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        # Not "required": a request without a body is one without fields, and its answer names what is missing. (And
        # openapi-python-client 0.29 writes code that does not import for a required body in two media types.)
        content = {kind: {"schema": _reference(operation.name + suffix)} for kind, suffix in _BODY_NAMES.items()}
        description["requestBody"] = {"required": False, "content": content}
    return description


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A unique value that you choose. Repeating a request with the same value returns the first "
    "response and starts nothing twice.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}


def _body_schemas() -> dict[str, JsonSchema]:
    """A named schema for every body: generators of clients make a type of each, and tell two media types by it."""
    return {
        operation.name + suffix: _body_schema(operation, operation.body)
        for operation in OPERATIONS
        if operation.body is not None
        for suffix in _BODY_NAMES.values()
    }


def _body_schema(operation: Operation, parameters: tuple[Parameter, ...]) -> JsonSchema:
    """The schema of a body, with what is accepted only."""
    schema: JsonSchema = {
        "type": "object",
        "properties": {each.name: _property(each) for each in parameters if not each.refused or each.only is not None},
        "additionalProperties": False,
    }
    if required := [each.name for each in parameters if each.required]:
        schema["required"] = required
    if operation.any_of:
        # "One of these groups", said without an anyOf beside the properties: generators make a union of that.
        first, *others = [{"required": list(names)} for names in operation.any_of]
        schema |= {"if": {"not": {"anyOf": others}}, "then": first}
    if operation.together:
        schema["dependentRequired"] = {
            name: [other for other in operation.together if other != name] for name in operation.together
        }
    return schema


def _reference(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _property(parameter: Parameter) -> Schema:
    return {
        **parameter.schema,
        **({} if parameter.only is None else {"enum": [parameter.only]}),
        "description": ("Saycode extension. " if parameter.is_extension else "") + parameter.description,
    }


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": operation.summary}
    if operation.schema is not None:
        success["content"] = {JSON_TYPE: {"schema": _reference(operation.schema)}}
    statuses = sorted({*COMMON_STATUSES, *operation.errors, *(BODY_STATUSES if operation.body is not None else ())})
    return {str(operation.success): success} | {str(status): _ERRORS[status] for status in statuses}


def _error(description: str, **headers: str) -> dict[str, Any]:
    content = {JSON_TYPE: {"schema": _reference("Error")}}
    described_headers = {
        name.replace("_", "-"): {"description": description, "schema": {"type": "string"}}
        for name, description in headers.items()
    }
    return {
        "description": description,
        "content": content,
        **({"headers": described_headers} if described_headers else {}),
    }


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
