"""The log of REST requests and webhooks, without credentials."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

Pairs = tuple[tuple[str, str], ...]


def as_json(pairs: Pairs) -> dict[str, Any]:
    """Pairs as a JSON object. The value of a repeated name is a list."""
    values_by_name: dict[str, list[str]] = {}
    for name, value in pairs:
        values_by_name.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in values_by_name.items()}


@dataclass(frozen=True, slots=True)
class RestRequest:
    at: float
    method: str
    path: str
    parameters: Pairs
    status: int
    code: int | None
    sid: str | None
    injected: str | None = None
    """The kind of the injected fault, if there was one."""

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.parameters if key == name), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "at": round(self.at, 3),
            "method": self.method,
            "path": self.path,
            "parameters": as_json(self.parameters),
            "status": self.status,
            "code": self.code,
            "sid": self.sid,
            "injected": self.injected,
        }


@dataclass(frozen=True, slots=True)
class Webhook:
    """One HTTP request; each retry and redirect is another. `fault` is set when there was no response."""

    at: float
    sid: str
    purpose: str
    method: str
    url: str
    parameters: Pairs
    headers: Pairs
    status: int | None
    content_type: str | None
    body: str
    fault: str | None

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.parameters if key == name), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "at": round(self.at, 3),
            "sid": self.sid,
            "purpose": self.purpose,
            "method": self.method,
            "url": self.url,
            "parameters": as_json(self.parameters),
            "headers": as_json(self.headers),
            "status": self.status,
            "content_type": self.content_type,
            "body": self.body,
            "fault": self.fault,
        }


@dataclass(slots=True)
class RequestLog:
    requests: deque[RestRequest] = field(default_factory=lambda: deque(maxlen=10_000))
    webhooks: deque[Webhook] = field(default_factory=lambda: deque(maxlen=10_000))

    def clear(self) -> None:
        self.requests.clear()
        self.webhooks.clear()
