"""Between what is counted about somebody and its row. Numbers of one kind lie in a blob, eight bytes each.

sends     times
tallies   for each window its length in seconds, how many numbers follow, and these
met       for each thing its hash and a time
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from verification.counted import Counted, Failures

_MET = struct.Struct("<16sd")


def opened(row: Sequence[Any], *, name: Callable[[str], bytes], roll: Callable[[int], Sequence[float]]) -> Counted:
    """What stands in a row: at, sends, rolled, tallies, met, failed, failed_at."""
    at, sends, rolled, tallies, met, failed, failed_at = row
    counted = Counted(at=at, rolled=rolled, roll=roll, name=name)
    if sends:
        counted.sends = list(times(sends))
    if tallies:
        counted.tallies = _unpack_tallies(tallies)
    if met:
        counted.met = dict(_MET.iter_unpack(met))
    if failed:
        counted.failures = Failures(failed, failed_at)
    return counted


def row_of(counted: Counted) -> tuple[Any, ...]:
    """The same, as it is written."""
    return (
        counted.at,
        blob(counted.sends),
        counted.rolled,
        _pack_tallies(counted.tallies) if counted.tallies else b"",
        b"".join([_MET.pack(*one) for one in counted.met.items()]) if counted.met else b"",
        counted.failures.count,
        counted.failures.at,
    )


def blob(times: Sequence[float]) -> bytes:
    """Times, as they are written."""
    return struct.pack(f"<{len(times)}d", *times)


def times(blob: bytes) -> tuple[float, ...]:
    """Times that were written."""
    return struct.unpack(f"<{len(blob) // 8}d", blob)


def _pack_tallies(tallies: dict[int, list[int]]) -> bytes:
    flat: list[int] = []
    for seconds, slots in tallies.items():
        flat += (seconds, len(slots), *slots)
    return struct.pack(f"<{len(flat)}q", *flat)


def _unpack_tallies(blob: bytes) -> dict[int, list[int]]:
    flat = struct.unpack(f"<{len(blob) // 8}q", blob)
    tallies, place = dict[int, list[int]](), 0
    while place < len(flat):
        begin = place + 2
        place = begin + flat[place + 1]
        tallies[flat[begin - 2]] = list(flat[begin:place])
    return tallies
