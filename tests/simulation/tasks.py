"""Coroutines without an event loop: each stops wherever another process could come in between, or this one die."""

import types
from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from typing import Any


@types.coroutine
def stop() -> Generator[None, None, None]:
    """A place where others may go on first, and where a crash may happen."""
    yield


@dataclass(slots=True, eq=False)
class Task:
    """One request, or one maintenance job. `note` describes it to the ledger."""

    worker: int
    coroutine: Coroutine[Any, Any, None]
    note: "Note"

    def advance(self) -> bool:
        """Go on to the next stop. False when it is done."""
        try:
            self.coroutine.send(None)
        except StopIteration:
            return False
        return True

    def die(self) -> None:
        """Its process is gone."""
        self.coroutine.close()


@dataclass(slots=True)
class Note:
    """What a request brings: the code that is submitted, and by which browser; `began` is when, by its own clock."""

    verb: str
    code: str = ""
    session: str = ""
    began: float = 0.0
    dead: frozenset[str] = field(default_factory=frozenset)
