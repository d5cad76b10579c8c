"""Between what is counted about somebody and its row: what is looked for stands in columns, all else in one value."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import msgpack

from verification.counted import NO_FAILURES, Counted, Failures

#: sends, rolled, tallies, met
_Rest = tuple[list[float], int, dict[int, list[int]], dict[bytes, float]]
_pack = msgpack.Encoder().encode
_unpack = msgpack.Decoder(_Rest).decode
_unpack_times = msgpack.Decoder(list[float]).decode


def opened(row: Sequence[Any], *, name: Callable[[str], bytes], roll: Callable[[int], Sequence[float]]) -> Counted:
    """What stands in a row: at, failed, failed_at, rest."""
    at, failed, failed_at, rest = row
    failures = Failures(failed, failed_at) if failed else NO_FAILURES
    if not rest:
        return Counted(at, failures=failures, roll=roll, name=name)
    sends, rolled, tallies, met = _unpack(rest)
    return Counted(at, sends, rolled, tallies, met, failures, roll, name)


def row_of(counted: Counted) -> tuple[Any, ...]:
    """The same, as it is written."""
    failures, rest = counted.failures, (counted.sends, counted.rolled, counted.tallies, counted.met)
    return counted.at, failures.count, failures.at, _pack(rest)


def blob(times: Sequence[float]) -> bytes:
    """Times, as they are written."""
    return _pack(times)


def times(blob: bytes) -> list[float]:
    """Times that were written."""
    return _unpack_times(blob)
