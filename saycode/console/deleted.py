"""A verification of which only the audit log still knows, because its details were deleted."""

import re

from starlette.exceptions import HTTPException
from starlette.responses import Response

from verification.values import references

from ..reports.deleted import Found, find, wanted
from .visit import Visit

_VERIFICATION = re.compile(r"VE[0-9a-f]{32}")
#: Digits of an entry's number.
_LONGEST_NUMBER = 17


async def show(visit: Visit, sid: str) -> Response:
    """What the audit log has of it; 404 when that is nothing."""
    if not _VERIFICATION.fullmatch(sid):
        raise HTTPException(404)
    found = await look_up(visit, sid, before=visit.request.query_params.get("before", ""))
    await visit.record(f"deleted details of {sid}" if found.lines else "not found")
    return visit.page(
        "deleted.html",
        status=200 if found.lines else 404,
        sid=sid,
        reference=references.written(references.reference(sid)),
        found=found,
    )


async def look_up(visit: Visit, asked: str, *, before: str = "") -> Found:
    """What the audit log has of a sid or a reference (eight digits), before an entry if one is named."""
    number = int(before) if before.isascii() and before.isdecimal() and len(before) <= _LONGEST_NUMBER else None
    return await visit.console.store.scan(lambda conn: find(conn, wanted(asked), before=number))
