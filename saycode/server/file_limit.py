"""The limit of open files: at it, the server can accept no more connections, and the system reports that nowhere."""

import logging
import os
import resource
from collections.abc import Callable

log = logging.getLogger("saycode.http")
#: Share of the limit from which connections may be refused: the database and Twilio need files too.
NEARLY_FULL = 0.9


def count_open_files() -> int:
    """The open files and connections of this process."""
    return len(os.listdir("/dev/fd"))


def soft_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def disable_core_dumps() -> None:
    """A core dump would have codes, numbers and keys in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class FileLimitWatch:
    """Logs when the limit of open files is nearly reached, and when it no longer is."""

    def __init__(self, count: Callable[[], int] = count_open_files, limit: Callable[[], int] = soft_limit) -> None:
        self._count, self._limit, self._full = count, limit, False

    async def check_open_files(self) -> None:
        """Run it now and then."""
        limit = self._limit()
        try:
            count = self._count()
        except OSError:
            count = limit  # not even the list of files can be opened
        full = count >= NEARLY_FULL * limit
        if full != self._full:
            self._full = full
            if full:
                log.error("connections cannot be accepted: %d of %d files are open, see LimitNOFILE", count, limit)
            else:
                log.warning("connections can be accepted again: %d of %d files are open", count, limit)
