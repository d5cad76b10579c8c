"""Search, and what is known of a phone number or a user name: its verifications, its refusals, and what can be done.

An address holds no personal data: what was searched for is in it encrypted, for this session only.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from verification.counters.counter import Failures, LimitKey, SetFailures
from verification.errors import NumberInvalid
from verification.models import Event, EventKind
from verification.ports import ByDelivery, ByNumber, ByVerification, Changes
from verification.types import Record, Scope
from verification.values import references, usernames
from verification.values.phone_numbers import PhoneNumber, parse, parse_unassigned

from ..maintenance.erasure import erase_number
from ..storage import denials
from ..storage.api.services import SqliteServices
from ..storage.connection import Connection
from ..storage.encryption import DecryptionError
from ..storage.store import SqlStore
from . import deleted
from .stories import deleted_rows, rows_of
from .stories import refusals as shown_refusals
from .visit import Console, Visit

_SID = re.compile(r"V[EL][0-9a-f]{32}")
#: There is no index of them: random keys would cost every start.
_TWILIO_SID = re.compile(r"(CA|SM|MM)[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_QUESTION = 200
MOST_LISTED, MOST_SERVICES = 20, 1000
_OF_NUMBER = "SELECT sid FROM verifications WHERE number_hash = ? ORDER BY id DESC LIMIT ?"
_OF_ACCOUNT = "SELECT sid FROM verifications WHERE account_hash = ? ORDER BY id DESC LIMIT ?"
_SUPPRESSED = "SELECT at FROM suppressions WHERE number_hash = ?"


class Person(Record, frozen=True, kw_only=True):
    """Who was searched for: a number, or a user name of some services (their sids)."""

    number: PhoneNumber | None = None
    name: str = ""
    services: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """As the page shows it: only the last digits of a number."""
        return self.number.masked if self.number else self.name

    @property
    def lockouts(self) -> list[LimitKey]:
        """What wrong codes are counted for."""
        if self.number is not None:
            return [LimitKey(Scope.NUMBER, self.number.line)]
        return [LimitKey(Scope.ACCOUNT, f"{service} {usernames.account_name(self.name)}") for service in self.services]


async def search(visit: Visit) -> Response:
    """Leads to the story of a sid, or of a reference that one verification has; else to the person's page."""
    asked = visit.fields.get("q", "").strip()
    if not asked or len(asked) > LONGEST_QUESTION:
        return _not_found(visit, asked, "Enter a phone number, a user name, a reference or a sid.")
    store = visit.console.store
    if _SID.fullmatch(asked):
        state = await store.read(ByVerification(asked) if asked.startswith("VE") else ByDelivery(asked))
        if state.verification is None and asked.startswith("VL"):
            return await _in_audit_log(visit, asked, "Nothing is known about this sid.")
        return visit.to(f"/verifications/{state.verification.sid if state.verification else asked}")
    if _TWILIO_SID.fullmatch(asked):
        return _not_found(visit, asked, "Twilio's sids are not searched. Its console has the number: search for that.")
    reference = references.parse(asked)
    found = await store.of_reference(reference) if reference else []
    if len(found) == 1:
        return visit.to(f"/verifications/{found[0]}")
    if found:
        await visit.record("a reference")
        return visit.page("search.html", asked=asked, problem="", rows=await rows_of(store, found))
    number, named = _number(asked, visit.console.region), await _named(visit, asked)
    if number is not None and (named is None or await _verifications(store, number=number)):
        return visit.to(address_of_number(visit, number))
    if named is not None:
        return visit.to(f"/people/{_seal(visit, named)}")
    if reference:
        return await _in_audit_log(visit, reference, "No verification has this reference.")
    await visit.record("not found")
    return _not_found(visit, asked, "No verification of it is known. Is the country code missing?")


async def _in_audit_log(visit: Visit, asked: str, problem: str) -> Response:
    """To what the audit log still has of a delivery or a reference, once it is asked for: that may take seconds."""
    await visit.record("not found" if "before" not in visit.fields else "the audit log")
    if "before" not in visit.fields:
        return _not_found(visit, asked, f"{problem} Its details may be deleted.", before="")
    found = await deleted.look_up(visit, asked, before=visit.fields["before"])
    if len(found.sids) == 1:
        return visit.to(f"/verifications/{found.sids[0][0]}")
    if found.sids:
        return visit.page("search.html", asked=asked, problem="", rows=deleted_rows(found.sids))
    if found.before is None:
        return _not_found(visit, asked, f"{problem} The audit log has none either.")
    return _not_found(visit, asked, f"{problem} The newest part of the audit log has none either.", before=found.before)


async def _named(visit: Visit, asked: str) -> Person | None:
    """The user name, with the services that know it."""
    store = visit.console.store
    services = await SqliteServices(store).services(after=None, limit=MOST_SERVICES)
    having = [one.sid for one in services if await _verifications(store, name=asked, services=[one.sid])]
    return Person(name=asked, services=tuple(having)) if having else None


def _not_found(visit: Visit, asked: str, problem: str, *, before: int | str | None = None) -> Response:
    """`before`: the entry of the audit log before which it may be looked for, empty for all; None where it may not."""
    status = 422 if not asked else 404
    return visit.page("search.html", status=status, asked=asked, problem=problem, rows=(), before=before)


def _number(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return parse(text, region=region)
    except NumberInvalid:
        return parse_unassigned(text, region=region)


async def show(visit: Visit) -> Response:
    return await _show(visit, _opened(visit))


async def _show(visit: Visit, person: Person, *, done: str = "", status: int = 200) -> Response:
    console, number = visit.console, person.number
    await visit.record(person.shown if number else "a user name")
    sids = await _verifications(console.store, number=number, name=person.name, services=person.services)
    counters = (await console.store.read(ByVerification(""))).counters
    refused: list[dict[str, Any]] = []
    suppressed = None
    if number is not None:
        refused = await console.store.query(lambda conn: denials.find_by_number(conn, console.store.cipher, number))
        suppressed = await _suppressed_at(console, number)
    return visit.page(
        "person.html",
        status=status,
        person=person,
        sealed=visit.request.path_params["sealed"],
        rows=await rows_of(console.store, sids),
        most=MOST_LISTED,
        refusals=shown_refusals(refused),
        wrong=sum(counter.failures.count for counter in counters.of(*person.lockouts)),
        suppressed=suppressed,
        done=done,
    )


async def _verifications(
    store: SqlStore, *, number: PhoneNumber | None = None, name: str = "", services: Sequence[str] = ()
) -> list[str]:
    """The sids, newest first."""
    if number is not None:
        statement, hashes = _OF_NUMBER, [store.cipher.number_hash(number.line)]
    else:
        account = usernames.account_name(name)
        statement, hashes = _OF_ACCOUNT, [store.cipher.account_hash(service, account) for service in services]

    def read(conn: Connection) -> list[str]:
        return [sid for each in hashes for (sid,) in conn.execute(statement, (each, MOST_LISTED)).fetchall()]

    return (await store.query(read))[:MOST_LISTED]


async def _suppressed_at(console: Console, number: PhoneNumber) -> float | None:
    """Since when the number is suppressed; None when it is not."""
    hashed = console.store.cipher.number_hash(number.line)
    row = await console.store.query(lambda conn: conn.execute(_SUPPRESSED, (hashed,)).fetchone())
    return float(row[0]) if row else None


# What can be done.


async def unlock(visit: Visit) -> Response:
    """Forget the wrong codes of the number or the user name."""
    person = _opened(visit)
    detail = f"wrong codes, {' and '.join(dict.fromkeys(key.scope.value for key in person.lockouts))}"
    changes: Changes[None] = Changes(
        result=None,
        counter_updates=tuple(SetFailures(key, Failures()) for key in person.lockouts),
        events=(_event(visit, EventKind.LIFTED, detail),),
    )
    await visit.console.store.apply(ByVerification(""), lambda _: changes)
    return await _show(visit, person, done="Wrong codes no longer count.")


async def suppress(visit: Visit) -> Response:
    return await _set_suppressed(visit, suppressed=True)


async def lift(visit: Visit) -> Response:
    return await _set_suppressed(visit, suppressed=False)


async def _set_suppressed(visit: Visit, *, suppressed: bool) -> Response:
    person, number = _with_number(visit)
    kind = EventKind.SUPPRESSED if suppressed else EventKind.LIFTED
    changes: Changes[None] = Changes(
        result=None,
        suppress=(number,) if suppressed else (),
        lift=() if suppressed else (number,),
        events=(_event(visit, kind, number.masked),),
    )
    await visit.console.store.apply(ByNumber(number), lambda _: changes)
    if suppressed:
        return await _show(visit, person, done="The number is never called or texted again.")
    told = "The number may be called and texted again. Who texted STOP must also text START to the sender."
    return await _show(visit, person, done=told)


async def confirm_erasure(visit: Visit) -> Response:
    person, _ = _with_number(visit)
    return visit.page("erase.html", person=person, sealed=visit.request.path_params["sealed"], problem="")


async def erase(visit: Visit) -> Response:
    person, number = _with_number(visit)
    sealed, console = visit.request.path_params["sealed"], visit.console
    if visit.fields.get("sure") != "yes":
        return visit.page("erase.html", status=422, person=person, sealed=sealed, problem="Check the box first.")
    erased = await erase_number(
        console.store, number, now=console.now(), twilio=console.twilio_records, actor=visit.session.actor
    )
    return visit.page("erased.html", person=person, erased=erased)


def _with_number(visit: Visit) -> tuple[Person, PhoneNumber]:
    person = _opened(visit)
    if person.number is None:
        raise HTTPException(404)
    return person, person.number


def _event(visit: Visit, kind: EventKind, detail: str) -> Event:
    return Event(kind=kind, at=visit.console.now(), actor=visit.session.actor, detail=detail)


# The address of a person's page.


def _seal(visit: Visit, person: Person) -> str:
    fields = {"name": person.name, "services": person.services}
    if person.number is not None:
        fields = {"number": person.number.e164, "region": person.number.region}
    sealed = visit.console.store.cipher.encrypt(json.dumps(fields), aad=_purpose(visit))
    return urlsafe_b64encode(sealed).decode()


def address_of_number(visit: Visit, number: PhoneNumber) -> str:
    """The path of a number's page, below the console's."""
    return f"/people/{_seal(visit, Person(number=number))}"


def _opened(visit: Visit) -> Person:
    """The person that the address is about. Raises HTTPException for one of another session, or none."""
    try:
        sealed = urlsafe_b64decode(visit.request.path_params["sealed"].encode())
        fields = json.loads(visit.console.store.cipher.decrypt(sealed, aad=_purpose(visit)))
    except (ValueError, DecryptionError):
        raise HTTPException(404, "There is no such page.") from None
    if "number" in fields:
        return Person(number=PhoneNumber(fields["number"], fields["region"]))
    return Person(name=fields["name"], services=tuple(fields["services"]))


def _purpose(visit: Visit) -> str:
    return f"console {visit.session.id}"
