"""How values travel: in binary, with types that do not depend on the value, so that few statements are prepared."""

from collections.abc import Callable, Iterable
from struct import pack
from typing import Any

from psycopg import postgres
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrBinaryDumper


class _BoolDumper(Dumper):
    """Booleans are small integers, as in SQLite."""

    format = Format.BINARY
    oid = postgres.types["int8"].oid

    def dump(self, obj: Any) -> Buffer | None:
        return pack("!q", obj)


class _Array:
    """The values of one column of a set, as PostgreSQL's binary array."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        data: bytes = obj.data
        return data


_TO_BYTES: dict[str, Callable[[Any], bytes]] = {
    "int8": lambda value: pack("!q", value),
    "float8": lambda value: pack("!d", value),
    "text": lambda value: value.encode(),
    "bytea": bytes,
}
_ARRAYS: dict[str, type[_Array]] = {name: type(f"_{name}", (_Array,), {"__slots__": ()}) for name in _TO_BYTES}
TYPE_NAMES = {postgres.types[name].oid: name for name in _TO_BYTES}
_NULL = pack("!i", -1)


def register_types(adapters: Any) -> None:
    adapters.register_dumper(int, Int8BinaryDumper)
    adapters.register_dumper(str, StrBinaryDumper)
    adapters.register_dumper(bool, _BoolDumper)
    for name, kind in _ARRAYS.items():
        dumper = type(f"_{name}Dumper", (_ArrayDumper,), {"oid": postgres.types[name].array_oid})
        adapters.register_dumper(kind, dumper)


def searched(value: Any) -> Any:
    """A value to look for. A text with NUL is NULL, which finds nothing: no row has one, and the server refuses it."""
    return None if type(value) is str and "\0" in value else value


def array_of(name: str, values: Iterable[Any]) -> _Array:
    to_bytes, parts, count, nulls = _TO_BYTES[name], [b""], 0, 0
    for value in values:
        count += 1
        if value is None:
            nulls = 1
            parts.append(_NULL)
        else:
            data = to_bytes(value)
            parts += (pack("!i", len(data)), data)
    parts[0] = pack("!iiIii", 1, nulls, postgres.types[name].oid, count, 1)
    return _ARRAYS[name](b"".join(parts))
