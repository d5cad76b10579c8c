"""What the processes of the service take on this machine, from Linux's /proc (proc(5)).

Any worker may answer a scrape, so each counts all of them: the process that serves, or the one that keeps the workers,
and its children. On a system without /proc there are no such metrics.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from verification.types import Record

from .file_limit import soft_limit

PROC = Path("/proc")
#: Fields of /proc/…/stat after the name, which may contain anything: times in ticks, and the start.
_TIMES, _ENDED_CHILDREN, _STARTED = slice(11, 13), slice(13, 15), 19


class ProcessTotals(Record, frozen=True, kw_only=True):
    """`cpu_seconds`: also of workers that have ended. `resident_bytes`: a page that workers share counts in each.

    `open_files`: of the process that has the most, as `max_files` is the limit of each. `started_at`: Unix seconds, of
    the oldest.
    """

    cpu_seconds: float
    resident_bytes: int
    open_files: int
    max_files: int
    started_at: float


def process_totals(root: int, proc: Path = PROC) -> ProcessTotals | None:
    """The totals of the process `root` and its children; None where the system does not tell."""
    try:
        booted = next(int(line.split()[1]) for line in (proc / "stat").read_text().splitlines() if line[:6] == "btime ")
        tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
        cpu, started = _times(proc / str(root), children=True)
        resident, most_files = _memory_and_files(proc / str(root))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    for process in _children(proc / str(root)):
        try:
            ticks, _ = _times(proc / process)
            pages, files = _memory_and_files(proc / process)
        except OSError:
            continue  # it has just ended
        cpu, resident, most_files = cpu + ticks, resident + pages, max(most_files, files)
    return ProcessTotals(
        cpu_seconds=cpu / tick,
        resident_bytes=resident * page,
        open_files=most_files,
        max_files=soft_limit(),
        started_at=booted + started / tick,
    )


def _children(process: Path) -> Iterator[str]:
    try:
        lists = [task / "children" for task in (process / "task").iterdir()]
        for children in lists:
            yield from children.read_text().split()
    except OSError:
        return  # the kernel has no such lists, or a thread has just ended


def _times(process: Path, *, children: bool = False) -> tuple[int, int]:
    """Processor time, with that of children that have ended, and the start after the boot; all in ticks."""
    values = (process / "stat").read_text().rpartition(")")[2].split()
    times = values[_TIMES] + (values[_ENDED_CHILDREN] if children else [])
    return sum(map(int, times)), int(values[_STARTED])


def _memory_and_files(process: Path) -> tuple[int, int]:
    """Pages in memory, and open files; 0 where another user may not see them."""
    pages = int((process / "statm").read_text().split()[1])
    try:
        return pages, len(os.listdir(process / "fd"))
    except PermissionError:
        return pages, 0
