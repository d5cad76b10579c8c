"""What a request may bring: one table for each door, which the parser holds to and the description is made from.

Form bodies and JSON follow the same rules: every name is known, every value is of its kind, nothing comes twice,
nothing is null. An unknown name is refused, although Twilio passes over it: a misspelt `Acton` would prove another
action than was meant.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from .. import requests
from . import errors

JSON_TYPE = "application/json"
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `schema` is JSON Schema: type (string, integer or boolean), pattern, enum, lengths, bounds.

    `refused`: Verify has it, we cannot do it, and passing over it would change what is proven or protected. `unused`:
    Verify has it, and it changes nothing here.
    """

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: string(1, 1024))
    required: bool = False
    is_extension: bool = False
    refused: bool = False
    ignored: bool = False


Values = dict[str, Any]


def string(shortest: int, longest: int, *, pattern: str | None = None) -> Schema:
    """A string of so many characters."""
    schema: dict[str, Any] = {"type": "string", "minLength": shortest, "maxLength": longest}
    return schema | ({"pattern": pattern} if pattern else {})


def one_of(*values: str) -> Schema:
    """One of these words."""
    return {"type": "string", "enum": list(values)}


def integer(least: int, most: int) -> Schema:
    """A whole number within these bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


BOOLEAN: Schema = {"type": "boolean"}


async def read_body(request: Request, known: tuple[Parameter, ...]) -> Values:
    """The parameters of a body, each of its kind. Raises Fault."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return _validated([], known)
    if kind == requests.FORM_TYPE:
        return _validated(_form(body), known)
    if kind == JSON_TYPE:
        return _validated(_json(body), known, typed=True)
    raise errors.ApiError(415, errors.MEDIA_TYPE, "The body must be a form or JSON")


def read_query(request: Request, known: tuple[Parameter, ...]) -> Values:
    """The parameters of an address. Raises Fault."""
    return _validated(_form(request.scope.get("query_string", b"")), known)


def _form(body: bytes) -> list[tuple[str, Any]]:
    try:
        fields = requests.parse_form(body.decode("ascii"))
    except (UnicodeDecodeError, requests.FormMalformed) as problem:
        raise errors.ApiError(400, errors.INVALID, "The form is malformed") from problem
    return [(name, value) for name, values in fields.items() for value in values]


def _json(body: bytes) -> list[tuple[str, Any]]:
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_JsonPairs, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise errors.ApiError(400, errors.INVALID, "The JSON is malformed") from problem
    if not isinstance(found, _JsonPairs):
        raise errors.ApiError(400, errors.INVALID, "The JSON must be an object")
    return list(found)


class _JsonPairs(list[tuple[str, Any]]):
    """A JSON object with its doubles."""


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _validated(given: list[tuple[str, Any]], known: tuple[Parameter, ...], *, typed: bool = False) -> Values:
    by_name = {parameter.name: parameter for parameter in known}
    found: Values = {}
    for name, value in given:
        parameter = by_name.get(name)
        if parameter is None:
            raise errors.ApiError(400, errors.INVALID, "Invalid parameter: unknown name")
        if name in found:
            raise errors.invalid(name, "it is repeated")
        if parameter.refused:
            raise errors.ApiError(403, errors.UNSUPPORTED, f"This service does not support the parameter {name}")
        found[name] = _value(parameter, value, typed=typed)
    for parameter in known:
        if parameter.required and parameter.name not in found:
            raise errors.invalid(parameter.name, "it is missing")
    return {name: value for name, value in found.items() if not by_name[name].ignored}


def _value(parameter: Parameter, value: Any, *, typed: bool) -> Any:
    """The value in its kind; in a form everything is text."""
    schema, name = parameter.schema, parameter.name
    if schema["type"] == "boolean":
        value = value if typed else {"true": True, "false": False}.get(value)
        if not isinstance(value, bool):
            raise errors.invalid(name, "true or false")
        return value
    if schema["type"] == "integer":
        return _integer(name, schema, value, typed=typed)
    if not isinstance(value, str) or _has_control_characters(value):
        raise errors.invalid(name)
    if "enum" in schema and value not in schema["enum"]:
        raise errors.invalid(name, f"one of {', '.join(schema['enum'])}")
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        raise errors.invalid(name, f"{schema['minLength']} to {schema['maxLength']} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise errors.invalid(name)
    return value


def _integer(name: str, schema: Schema, value: Any, *, typed: bool) -> int:
    if not typed and re.fullmatch(r"[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not schema["minimum"] <= value <= schema["maximum"]:
        raise errors.invalid(name, f"{schema['minimum']} to {schema['maximum']}")
    return value


def _has_control_characters(value: str) -> bool:
    """Control characters, and halves of surrogate pairs, which JSON can spell and nothing can store."""
    return any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in value)
