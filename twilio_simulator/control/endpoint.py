"""The control API, `/simulator/…`: JSON requests and responses that drive the simulator.

It has no authentication, so the simulator belongs on loopback. Cross-site requests from browsers are rejected, or any
web page could use it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..core.clock import ClockNotManual
from ..core.urls import is_absolute
from ..engine import Twilio
from ..phone import PhoneError

Json = dict[str, Any]


class InvalidControlRequest(Exception):
    """A request to the control API is invalid. The message is its `error`."""


@dataclass(frozen=True, slots=True)
class ControlContext:
    """A request to the control API. Handlers read `fields` and call `fields.end()` before they change anything."""

    twilio: Twilio
    request: Request
    body: Json
    fields: JsonFields

    @property
    def path(self) -> Json:
        return self.request.path_params


ControlHandler = Callable[[ControlContext], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class ControlEndpoint:
    """Parses the JSON, calls the handler, and maps its exceptions to 4xx."""

    handler: ControlHandler

    async def handle(self, request: Request) -> Response:
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return JSONResponse({"error": "cross-site requests are not allowed"}, 403)
        try:
            body = await _json(request)
            result = await self.handler(ControlContext(request.app.state.twilio, request, body, JsonFields(body)))
        except (InvalidControlRequest, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except (PhoneError, ClockNotManual) as error:
            return JSONResponse({"error": str(error)}, 409)
        return result if isinstance(result, Response) else JSONResponse(result)


async def no_control_endpoint(request: Request) -> Response:
    return JSONResponse({"error": f"the control API has no {request.method} {request.url.path}"}, 404)


async def _json(request: Request) -> Json:
    body = await request.body()
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise InvalidControlRequest(f"the body is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidControlRequest("the body must be a JSON object")
    return value


_LARGEST = 1e12
#: The largest count: of faults, or of what an account may do at once.
MOST_AT_ONCE = 1_000_000


class JsonFields:
    """Reads a JSON object field by field. Unknown fields and wrong types raise `InvalidControlRequest`."""

    def __init__(self, body: Json) -> None:
        self._unread = dict(body)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._unread.pop(name, default)
        if not isinstance(value, str):
            raise InvalidControlRequest(f"{name} must be a string")
        return value

    def seconds(self, name: str, default: float | None = None) -> float:
        """A number that is 0 or more."""
        value = self._unread.pop(name, default)
        # JSON has 1e999, and Python's reader NaN: an answer could not repeat them.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
            raise InvalidControlRequest(f"{name} must be a number from 0 on")
        return value

    def whole(self, name: str, default: int | None = None, *, low: int, high: int) -> int:
        value = self._unread.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InvalidControlRequest(f"{name} must be a whole number from {low} to {high}")
        return value

    def optional_whole(self, name: str, *, low: int, high: int) -> int | None:
        return None if self._is_null(name) else self.whole(name, low=low, high=high)

    def optional_seconds(self, name: str) -> float | None:
        return None if self._is_null(name) else self.seconds(name)

    def _is_null(self, name: str) -> bool:
        """Whether the field is missing or null, and so read."""
        return self._unread.get(name) is None and self._unread.pop(name, None) is None

    def url(self, name: str) -> str:
        """An absolute URL; empty without the field."""
        return require_url(name, self.text(name, ""))

    def boolean(self, name: str, default: bool = False) -> bool:
        value = self._unread.pop(name, default)
        if not isinstance(value, bool):
            raise InvalidControlRequest(f"{name} must be true or false")
        return value

    def optional_boolean(self, name: str) -> bool | None:
        return None if self._unread.get(name, False) is None and self._unread.pop(name) is None else self.boolean(name)

    def texts(self, name: str) -> list[str]:
        value = self._unread.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidControlRequest(f"{name} must be a list of strings")
        return value

    def object(self, name: str) -> JsonFields:
        """A JSON object inside; end it, too."""
        value = self._unread.pop(name, {})
        if not isinstance(value, dict):
            raise InvalidControlRequest(f"{name} must be an object")
        return JsonFields(value)

    def __bool__(self) -> bool:
        """Whether there are fields to read."""
        return bool(self._unread)

    def has(self, name: str) -> bool:
        return name in self._unread

    def end(self) -> None:
        if self._unread:
            raise InvalidControlRequest(f"unknown fields: {', '.join(sorted(self._unread))}")


def require_url(name: str, value: str) -> str:
    """The value, if it is empty or an absolute URL."""
    if value and not is_absolute(value):
        raise InvalidControlRequest(f"{name} must be empty, or an absolute http or https URL")
    return value


Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidControlRequest(f"{value!r} is not one of: {', '.join(kind)}") from error
