"""What only an administrator sees: the audit log, the keys, and the settings."""

from collections.abc import Sequence

from starlette.responses import Response

from ..reports.history import recorded_sentence
from ..storage.api.services import SqliteServices
from ..storage.audit_log import AuditEntry
from ..storage.connection import Connection
from .visit import Visit

MOST_LISTED, MOST_SERVICES = 100, 1000
_LAST = 2**62


async def audit_log(visit: Visit) -> Response:
    """The newest entries, or those before a number; only those of operators with `by=operators`."""
    asked, only = visit.request.query_params.get("before", ""), visit.request.query_params.get("by") == "operators"
    before = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 18 else _LAST
    store = visit.console.store

    def read(conn: Connection) -> Sequence[AuditEntry]:
        return store.audit_log.newest(conn, before=before, limit=MOST_LISTED, by="operator" if only else "")

    entries = await store.query(read)
    rows = [(entry, recorded_sentence(entry.kind, detail=entry.detail, actor=entry.actor)) for entry in entries]
    earlier = entries[-1].number if len(entries) == MOST_LISTED else None
    return visit.page("audit_log.html", rows=rows, earlier=earlier, only=only)


async def keys(visit: Visit) -> Response:
    services = SqliteServices(visit.console.store)
    listed = await services.services(after=None, limit=MOST_SERVICES)
    rows = [(service, await services.keys(service.sid)) for service in listed]
    return visit.page("keys.html", services=rows, operators=await visit.console.operators.all())


async def settings(visit: Visit) -> Response:
    return visit.page("settings.html", settings=visit.console.settings)
