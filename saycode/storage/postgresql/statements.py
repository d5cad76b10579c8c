"""The statements of the store in PostgreSQL's form.

The texts are SQLite's (see `storage.connection`): `translated` turns their values into the driver's, and `as_set` turns
a statement that is run for many rows into one over arrays, so that a group costs one round trip for each table.
"""

import re
from functools import cache

from .. import queries
from ..audit_chain import ADD_EVENT, ADD_EVENT_OF_VERIFICATION, ENDS, LAST
from ..metric_totals import ADD_HOURLY, ADD_TOTAL

#: What is worded differently. A transaction that reads more than once is one snapshot.
REPLACED = {
    "BEGIN": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
#: Run for all rows of a group at once. No row is in a group twice: waves see to it.
SETS = frozenset(
    {
        queries.ADD_VERIFICATION,
        queries.UPDATE_VERIFICATION,
        queries.ADD_DELIVERY,
        queries.UPDATE_DELIVERY,
        queries.END_DELIVERY,
        queries.PUT_SESSION,
        queries.PUT_COUNTER,
        queries.DELETE_COUNTER,
        queries.PUT_COUNTER_CHUNK,
        queries.PUT_ALERT,
        queries.PUT_TRUSTED_BROWSER,
        queries.ADD_CHANGE,
        ADD_EVENT,
        ADD_EVENT_OF_VERIFICATION,
        ADD_TOTAL,
        ADD_HOURLY,
    }
)
#: What nearly every group asks for: asked for together with the lock, instead of one by one.
AHEAD = (queries.NEWEST_CHANGE, ENDS, LAST, queries.NEWEST_EVENT_TARGET)
_VALUE = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):([a-z]\w*)|\?(\d*)|%")
_NAMED = re.compile(r"(?<![:\w]):[a-z]\w*|\?\d")


#: The types of the columns by which a set of queries asks.
_COLUMN_TYPES = {
    **{"n": "int8", "now": "float8", "sid": "text", "session": "text", "action": "text"},
    **{"account": "bytea", "number": "bytea", "counter_hash": "bytea"},
}
_VALUES = re.compile(r"WITH q \(([^)]*)\) AS \(VALUES [?(), ]*\)")


@cache
def of_values(text: str) -> tuple[str, tuple[str, ...]]:
    """A statement for a set of queries, which has a list of VALUES, with one array of each of these types instead."""
    found = _VALUES.match(text)
    assert found is not None
    columns = found.group(1)
    types = tuple(_COLUMN_TYPES[column] for column in columns.split(", "))
    arrays = ", ".join(f"%b::{each}[]" for each in types)
    return f"WITH q ({columns}) AS (SELECT * FROM unnest({arrays})) {text[found.end() :].strip()}", types


@cache
def translated(text: str) -> str:
    """The statement with the driver's binary placeholders: `%b`, or `%(name)b` where values have a name or number."""
    text = REPLACED.get(text, text)

    def place(found: re.Match[str]) -> str:
        name, number = found.group(1), found.group(2)
        if name is not None:
            return f"%({name})b"
        if number is not None:
            return f"%({number})b" if number else "%b"
        return found.group().replace("%", "%%")

    return _VALUE.sub(place, text)


@cache
def has_names(text: str) -> bool:
    """Whether its values have names or numbers, so that one may occur twice."""
    return _NAMED.search(text) is not None


@cache
def numbered(text: str) -> str:
    """The statement with `$1`, `$2` …, for asking the server for the types of its values."""
    count = iter(range(1, text.count("?") + 1))
    return re.sub(r"\?", lambda _: f"${next(count)}", text)


@cache
def as_set(text: str, types: tuple[str, ...]) -> str:
    """The statement for any number of rows: its values are one array of each of these types."""
    names = [f"p{n}" for n in range(1, len(types) + 1)]
    arrays = ", ".join(f"%b::{each}[]" for each in types)
    rows = f"unnest({arrays}) AS q ({', '.join(names)})"
    each = iter(names)
    of_rows = re.sub(r"\?", lambda _: f"q.{next(each)}", text)
    if of_rows.lstrip().startswith("INSERT"):
        insert, conflict, rest = of_rows.partition("ON CONFLICT")
        head, _, values = insert.partition("VALUES")
        values = values.strip().removeprefix("(").removesuffix(")")
        return f"{head}SELECT {values} FROM {rows} {conflict}{rest}"
    head, where, condition = of_rows.partition("WHERE sid = " if "UPDATE" in text else "WHERE ")
    return f"{head}{'FROM' if 'UPDATE' in text else 'USING'} {rows} {where}{condition}"
