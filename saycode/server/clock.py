"""The time of the server, and the randomness of the operating system."""

import os
import time
from collections.abc import Callable


class SteadyClock:
    """The wall clock, but it never goes back: a clock that is set back must not lengthen the life of a code."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._read_wall, self._read_monotonic = wall, monotonic
        self._wall = wall()
        self._monotonic = monotonic()

    def now(self) -> float:
        """Seconds since 1970 in UTC."""
        elapsed = self._read_monotonic() - self._monotonic
        wall = self._read_wall()
        if wall > self._wall + elapsed:
            self._wall = wall - elapsed
        return self._wall + elapsed

    def wall_clock_lag(self) -> float:
        """Seconds by which the wall clock was set back while this process ran."""
        return self.now() - self._read_wall()


def randomness(size: int, /) -> bytes:
    """Bytes from the operating system's secure generator."""
    return os.urandom(size)
