"""Parameters of requests. Each endpoint has a tuple of them, which both the parser and the OpenAPI description use.

Form and JSON bodies follow the same rules: every name is known, every value has the type of its schema, none is
repeated or null. An unknown name is rejected, although Twilio ignores it: a misspelled `Acton` would verify another
action than the caller meant. So is what Verify has and we do not: nothing is accepted and then not done.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Self

from msgspec import field
from msgspec.structs import replace
from starlette.requests import Request

from verification.types import Record
from verification.values.payments import MAX_PAYEE_LENGTH
from verification.values.usernames import MAX_USERNAME_LENGTH

from .. import requests
from . import errors

JSON_TYPE = "application/json"
MAX_TEXTS, LONGEST_TEXT = 10, 128
#: An unknown name that is shown in the error: a short word, so that no number, code or sentence is repeated.
_SHOWN_NAME = re.compile(r"(?!.*[0-9]{3})[A-Za-z][A-Za-z0-9._-]{0,39}")
Schema = Mapping[str, Any]


class Parameter(Record, frozen=True, kw_only=True):
    """One parameter. `schema` is JSON Schema: type (string, integer, boolean or TEXT_MAP's), pattern, enum, lengths,
    bounds.

    `refused`: Verify has it and we do not support it, except with the value `only`, which is what we do anyway.
    `unavailable`: channels of Verify that we do not have. `is_extension`: Verify does not have it.
    """

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: string(1, 1024))
    required: bool = False
    is_extension: bool = False
    refused: bool = False
    only: Any = None
    unavailable: frozenset[str] = frozenset()


class Parameters(tuple[Parameter, ...]):
    """The parameters of an endpoint, with what every request asks about them."""

    def __new__(cls, *parameters: Parameter) -> Self:
        return super().__new__(cls, parameters)

    def __init__(self, *_: Parameter) -> None:
        self.by_name = {parameter.name: parameter for parameter in self}
        self.required = tuple(parameter.name for parameter in self if parameter.required)
        self.refused = frozenset(parameter.name for parameter in self if parameter.refused)


Values = dict[str, Any]
_compiled = cache(re.compile)


def string(shortest: int, longest: int, *, pattern: str | None = None) -> Schema:
    schema: dict[str, Any] = {"type": "string", "minLength": shortest, "maxLength": longest}
    return schema | ({"pattern": pattern} if pattern else {})


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def integer(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


BOOLEAN: Schema = {"type": "boolean"}
#: A JSON object of texts: in a form as JSON text, in a JSON body as text or as the object itself.
TEXT_MAP: Schema = {
    "type": ["string", "object"],
    "minLength": 2,
    "maxLength": 16_384,
    "maxProperties": MAX_TEXTS,
    "propertyNames": {"maxLength": LONGEST_TEXT},
    "additionalProperties": {"type": "string", "maxLength": LONGEST_TEXT},
}
#: A plus sign that is not encoded arrives as a space, the commonest mistake with forms.
NUMBER = {**string(8, 16, pattern=r"^\+[1-9][0-9]{6,14}$"), "description": "E.164; in a form, its plus sign is %2B"}
ACTION = Parameter(
    name="Action",
    description="The action to verify, from actions.toml. Default: `sign-in`, or `payment` with an amount.",
    schema=string(1, 40, pattern=r"^[a-z][a-z0-9-]*$"),
    is_extension=True,
)
USERNAME = Parameter(
    name="Username",
    description="The user name of an enrolled account, whose number is used.",
    schema=string(1, MAX_USERNAME_LENGTH),
    is_extension=True,
)
AMOUNT = Parameter(
    name="Amount", description="The amount of the payment and its currency, such as `12.30 EUR`.", schema=string(1, 32)
)
PAYEE = Parameter(name="Payee", description="The payee of the payment.", schema=string(1, MAX_PAYEE_LENGTH))


SEND_DIGITS = Parameter(
    name="SendDigits",
    description="Keys to dial an extension after the call is answered; `w` waits half a second.",
    schema=string(1, 32, pattern=r"^[0-9*#wW]+$"),
)
OF_EXTENSION = replace(
    SEND_DIGITS,
    description="With a number: the `SendDigits` of the start, as an extension is part of the number.",
    is_extension=True,
)


async def read_body(request: Request, known: Parameters) -> Values:
    """The validated parameters of a body. Raises ApiError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return validated([], known)
    if kind == requests.FORM_TYPE:
        return validated(_form(body), known)
    if kind == JSON_TYPE:
        return validated(_json(body), known, typed=True)
    raise errors.ApiError(415, errors.MEDIA_TYPE, "The body must be a form or JSON")


def read_query(request: Request, known: Parameters) -> Values:
    """The validated parameters of a query. Raises ApiError."""
    return validated(_form(request.scope.get("query_string", b"")), known)


def _form(body: bytes) -> list[tuple[str, Any]]:
    try:
        fields = requests.parse_form(body.decode("ascii"))
    except (UnicodeDecodeError, requests.FormMalformed) as error:
        raise errors.ApiError(400, errors.INVALID, "The form is malformed") from error
    return [(name, value) for name, values in fields.items() for value in values]


def _json(body: bytes) -> list[tuple[str, Any]]:
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_JsonPairs, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise errors.ApiError(400, errors.INVALID, "The JSON is malformed") from error
    if not isinstance(parsed, _JsonPairs):
        raise errors.ApiError(400, errors.INVALID, "The JSON must be an object")
    return list(parsed)


class _JsonPairs(list[tuple[str, Any]]):
    """A JSON object with its repeated names."""


def _no_constant(name: str) -> None:
    raise ValueError(name)


def validated(pairs: list[tuple[str, Any]], known: Parameters, *, typed: bool = False) -> Values:
    """The parameters of these names and values, as JSON has them (`typed`) or a form. Raises ApiError."""
    values: Values = {}
    for name, value in pairs:
        parameter = known.by_name.get(name)
        if parameter is None:
            raise errors.invalid(name, "unknown") if _SHOWN_NAME.fullmatch(name) else errors.invalid("unknown name")
        if name in values:
            raise errors.invalid(name, "it is repeated")
        values[name] = _supported_value(parameter, value, typed=typed)
    for name in known.required:
        if name not in values:
            raise errors.invalid(name, "it is missing")
    if known.refused.isdisjoint(values):
        return values
    return {name: value for name, value in values.items() if name not in known.refused}


def _supported_value(parameter: Parameter, value: Any, *, typed: bool) -> Any:
    """The value, if it is one that we act on, or what we do anyway."""
    if parameter.refused and parameter.only is None:
        raise errors.unsupported(parameter.name)
    value = _value(parameter, value, typed=typed)
    if parameter.refused and value != parameter.only:
        raise errors.unsupported(parameter.name)
    return value


def _value(parameter: Parameter, value: Any, *, typed: bool) -> Any:
    """The value in the type of its schema; the values of a form are text (`typed` is false)."""
    schema, name = parameter.schema, parameter.name
    if schema["type"] == TEXT_MAP["type"]:
        return _text_map(name, value, typed=typed)
    if schema["type"] == "boolean":
        value = value if typed else {"true": True, "false": False}.get(value)
        if not isinstance(value, bool):
            raise errors.invalid(name, "true or false")
        return value
    if schema["type"] == "integer":
        return _integer(name, schema, value, typed=typed)
    if not isinstance(value, str) or _has_control_characters(value):
        raise errors.invalid(name)
    if value in parameter.unavailable:
        raise errors.channel_disabled(value)
    if "enum" in schema and value not in schema["enum"]:
        raise errors.invalid(name, f"one of {', '.join(schema['enum'])}")
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        shortest, longest = schema["minLength"], schema["maxLength"]
        raise errors.invalid(name, f"{f'{shortest} to ' if shortest < longest else ''}{longest} characters")
    if "pattern" in schema and not _compiled(schema["pattern"]).search(value):
        raise errors.invalid(name, schema.get("description", ""))
    return value


def _integer(name: str, schema: Schema, value: Any, *, typed: bool) -> int:
    if not typed and re.fullmatch(r"[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not schema["minimum"] <= value <= schema["maximum"]:
        raise errors.invalid(name, f"{schema['minimum']} to {schema['maximum']}")
    return value


def _has_control_characters(value: str) -> bool:
    """Control characters, and lone surrogates, which JSON can express and a database cannot store."""
    if value.isprintable():  # neither of them is
        return False
    return any(character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in value)


def _text_map(name: str, value: Any, *, typed: bool) -> dict[str, str]:
    """The texts of a TEXT_MAP by their names."""
    if isinstance(value, str) and len(value) <= TEXT_MAP["maxLength"]:
        try:
            value = json.loads(value, object_pairs_hook=_JsonPairs, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise errors.invalid(name) from error
    elif not typed:
        raise errors.invalid(name)
    if not isinstance(value, _JsonPairs) or len(value) > MAX_TEXTS or len(dict(value)) < len(value):
        raise errors.invalid(name, f"a JSON object of at most {MAX_TEXTS}")
    for text in (text for pair in value for text in pair):
        if not isinstance(text, str) or len(text) > LONGEST_TEXT or _has_control_characters(text):
            raise errors.invalid(name, f"texts of at most {LONGEST_TEXT} characters")
    return dict(value)
