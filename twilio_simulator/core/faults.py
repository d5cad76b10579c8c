"""Faults injected into the REST API."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """`*_AFTER_CREATE`: the request takes effect, but the client gets no response, or an error."""

    STATUS = "status"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER_CREATE = "timeout-after-create"
    REFUSE_AFTER_CREATE = "refuse-after-create"

    @property
    def is_after(self) -> bool:
        return self in (FaultKind.TIMEOUT_AFTER_CREATE, FaultKind.REFUSE_AFTER_CREATE)

    @property
    def hangs(self) -> bool:
        return self in (FaultKind.TIMEOUT, FaultKind.TIMEOUT_AFTER_CREATE)


@dataclass(slots=True)
class Fault:
    """`path`: only requests whose path contains it (`Calls.json`). `hang`: real seconds until a hanging request ends.
    `code` None: Twilio's usual code for the status. `html`: an HTML body, as 5xx responses can have.
    """

    kind: FaultKind
    status: int = 500
    code: int | None = None
    retry_after: int | None = None
    times: int = 1
    path: str = ""
    method: str = ""
    hang: float = 30.0
    html: bool = False


DEFAULT_ERROR_CODES = {401: 20003, 403: 20403, 404: 20404, 429: 20429, 500: 20500, 503: 20503}


@dataclass(slots=True)
class FaultQueue:
    """The pending faults, oldest first."""

    waiting: deque[Fault] = field(default_factory=deque)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if there is one."""
        for fault in self.waiting:
            if fault.path in path and fault.method in ("", method):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        self.waiting.clear()
