"""The story of a verification: what happened, in sentences and on a time line; what was refused, and what would let it
through; and sending the code again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from verification.errors import VerificationError
from verification.models import Delivery, Event, EventKind, State
from verification.ports import ByVerification
from verification.types import Channel, Record
from verification.values import references
from webhooks.api import errors

from ..reports.explain import remedy, used_of
from ..reports.history import build_history, delivery_sentence, event_sentence
from ..storage import denials
from ..storage.denials import status_from_dict
from ..storage.store import SqlStore
from . import deleted
from .visit import Visit


class Row(Record, frozen=True):
    """A verification in a list."""

    sid: str
    created_at: float
    about: str
    status: str
    reference: str


class Refusal(Record, frozen=True, kw_only=True):
    """Why something was refused: its rules as (name, how much was used, whether it refused), and what would let it
    through.
    """

    at: float
    reason: str
    watched: bool
    rules: tuple[tuple[str, str, bool], ...]
    remedies: tuple[str, ...]


async def rows_of(store: SqlStore, sids: Sequence[str]) -> list[Row]:
    """Those of these verifications that are still there."""
    states = [await store.read(ByVerification(sid)) for sid in sids]
    return [
        Row(
            verification.sid,
            verification.created_at,
            build_history(state, ()).about,
            verification.status.value,
            references.written(references.reference(verification.sid)),
        )
        for state in states
        if (verification := state.verification) is not None
    ]


def deleted_rows(sids: Iterable[tuple[str, float]]) -> list[Row]:
    """Verifications of which the audit log still knows, and when."""
    return [Row(sid, at, "details deleted", "", references.written(references.reference(sid))) for sid, at in sids]


def refusals(recorded: Iterable[dict[str, Any]]) -> list[Refusal]:
    """Newest first."""
    return [_refusal(one) for one in sorted(recorded, key=lambda one: -one["at"])]


def _refusal(recorded: dict[str, Any]) -> Refusal:
    statuses = [status_from_dict(fields) for fields in recorded["rules"]]
    return Refusal(
        at=recorded["at"],
        reason=recorded["reason"],
        watched=recorded["watched"],
        rules=tuple((status.rule, used_of(status), status.wait > 0) for status in statuses),
        remedies=tuple(remedy(status) for status in statuses if status.wait > 0),
    )


async def show(visit: Visit) -> Response:
    sid = visit.request.path_params["sid"]
    state = await visit.console.verifier.get(ByVerification(sid))
    return await (_show(visit, state) if state.verification else deleted.show(visit, sid))


async def number(visit: Visit) -> Response:
    """To the page of the verification's number."""
    from .people import address_of_number

    state = await _state(visit)
    assert state.verification is not None
    return visit.to(address_of_number(visit, state.verification.number))


async def send(visit: Visit) -> Response:
    """Send the same code again, by a call or a message. All limits hold."""
    state = await _state(visit)
    assert state.verification is not None
    try:
        channel = Channel(visit.fields.get("channel", ""))
    except ValueError:
        raise HTTPException(400, "There is no such channel.") from None
    try:
        result = await visit.verifier.resend(state.verification.sid, channel)
    except VerificationError as error:
        return await _show(visit, await _state(visit), problem=_sentence(error), status=409)
    done = "The phone is called." if channel.spoken else f"The {channel.word} is sent."
    if result.delivery is None:
        done = f"Nothing was sent: a {channel.word} is under way already."
    return await _show(visit, await _state(visit), done=done)


def _sentence(error: VerificationError) -> str:
    refused = errors.from_domain(error)
    wait = f" It is allowed again in {round(refused.wait)} s." if refused.wait else ""
    return f"Not sent: {refused.message}.{wait}"


async def _show(visit: Visit, state: State, *, done: str = "", problem: str = "", status: int = 200) -> Response:
    verification, store = state.verification, visit.console.store
    assert verification is not None
    await visit.record(verification.number.masked, verification=verification.sid)
    events = await store.events(verification.sid)
    recorded = await store.query(lambda conn: denials.find_by_sid(conn, verification.sid))
    history = build_history(state, events)
    return visit.page(
        "story.html",
        status=status,
        verification=verification,
        reference=references.written(references.reference(verification.sid)),
        history=history,
        deliveries=[
            (one, delivery_sentence(one, events, verification.style), _steps(one, events)) for one in state.deliveries
        ],
        refusals=refusals(recorded),
        channels=[channel for channel in Channel if channel in visit.verifier.policy.channels],
        may_send=not verification.status.final and not verification.decoy,
        done=done,
        problem=problem,
    )


def _steps(delivery: Delivery, events: Sequence[Event]) -> list[tuple[float, str, float]]:
    """When what happened in a call or text: the time, the sentence, and the seconds since it was requested."""
    own = [event for event in events if event.delivery == delivery.sid and event.kind is not EventKind.PERSON_LOOKED_UP]
    return [(event.at, event_sentence(event), event.at - delivery.created_at) for event in own]


async def _state(visit: Visit) -> State:
    state = await visit.console.verifier.get(ByVerification(visit.request.path_params["sid"]))
    if state.verification is None:
        raise HTTPException(404, "The details of this verification were deleted.")
    return state
