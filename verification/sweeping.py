"""What nobody reported: codes past their deadline, and deliveries that went quiet."""

from .delivering import settle
from .ending import expire_decision
from .policy import Policy
from .ports import Carrier, CodeTable, OfDelivery, OfVerification, Rejected, Report


async def sweep(table: CodeTable, *, now: float, limit: int) -> int:
    """End what is past its deadline. How many were looked at."""
    overdue = await table.overdue(now=now, limit=limit)
    for sid in overdue:
        await table.apply(OfVerification(sid), lambda case: expire_decision(case, now=now))
    return len(overdue)


async def settle_quiet(table: CodeTable, carrier: Carrier, *, now: float, policy: Policy, limit: int) -> int:
    """Ask the carrier after deliveries that went quiet; no callback came, or nobody was there. How many there were."""
    quiet = await table.unsettled(now=now, patience=policy.silent_patience, limit=limit)
    for sid in quiet:
        case = await table.read(OfDelivery(sid))
        delivery, verification = case.delivery(sid), case.verification
        found = await carrier.look_up(delivery, verification.number) if delivery and verification else None
        await _note(table, carrier, sid, found, now=now, policy=policy)
    return len(quiet)


async def _note(
    table: CodeTable, carrier: Carrier, sid: str, found: Report | Rejected | None, *, now: float, policy: Policy
) -> None:
    still_up = await table.apply(OfDelivery(sid), lambda case: settle(case, sid, found, now=now, policy=policy))
    for carrier_sid in still_up:
        await carrier.hang_up(carrier_sid)
