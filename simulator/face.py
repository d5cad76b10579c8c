"""The test face, `/simulator/…`: the simulator told what to do over HTTP. JSON in, JSON out, a plain sentence when it
refuses.

It has no credentials: whoever reaches the port may ring every phone. Run it on loopback; browsers are kept from lending
their reach to foreign pages.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.clock import ClockNotTold
from simulator.phone import PhoneRefuses
from simulator.twilio import Twilio

Json = dict[str, Any]


class BadAsk(Exception):
    """The request to the face makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to the face, taken apart. Read every field of `wanted` and call its `end` before doing anything."""

    twilio: Twilio
    request: Request
    body: Json
    wanted: Wanted

    @property
    def path(self) -> Json:
        return self.request.path_params


Act = Callable[[Ask], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Face:
    """A door of the face: parses JSON, calls `act`, and turns refusals into 4xx."""

    act: Act

    async def answer(self, request: Request) -> Response:
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return JSONResponse({"error": "pages of other sites may not use the simulator"}, 403)
        try:
            body = await _json(request)
            answer = await self.act(Ask(request.app.state.twilio, request, body, Wanted(body)))
        except (BadAsk, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except (PhoneRefuses, ClockNotTold) as error:
            return JSONResponse({"error": str(error)}, 409)
        return answer if isinstance(answer, Response) else JSONResponse(answer)


async def _json(request: Request) -> Json:
    body = await request.body()
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BadAsk(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadAsk("the body must be a JSON object")
    return found


class Wanted:
    """A JSON object read field by field; a field that is left over or of the wrong type is a `BadAsk`."""

    def __init__(self, body: Json) -> None:
        self._left = dict(body)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._left.pop(name, default)
        if not isinstance(value, str):
            raise BadAsk(f"{name} must be a text")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadAsk(f"{name} must be a number")
        return value

    def maybe_number(self, name: str) -> float | None:
        return self.number(name) if self._left.get(name) is not None else self._left.pop(name, None)

    def truth(self, name: str, default: bool = False) -> bool:
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise BadAsk(f"{name} must be true or false")
        return value

    def maybe_truth(self, name: str) -> bool | None:
        return None if self._left.get(name, False) is None and self._left.pop(name) is None else self.truth(name)

    def texts(self, name: str) -> list[str]:
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BadAsk(f"{name} must be a list of texts")
        return value

    def has(self, name: str) -> bool:
        return name in self._left

    def end(self) -> None:
        if self._left:
            raise BadAsk(f"unknown: {', '.join(sorted(self._left))}")


Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise BadAsk(f"{value!r} is none of: {', '.join(kind)}") from error
