"""What nobody reported: codes past their deadline, and deliveries that went quiet."""

from .delivering import settle
from .ending import expire_decision
from .policy import Policy
from .ports import Carrier, CodeTable, OfVerification
from .records import Delivery
from .states import DeliveryStatus


async def sweep(table: CodeTable, carrier: Carrier, *, now: float, policy: Policy, limit: int) -> int:
    """End what is past its deadline, and ask the carrier after deliveries that went quiet. How many were looked at."""
    overdue = await table.overdue(now=now, quiet_since=now - policy.silent_patience, limit=limit)
    for sid in overdue:
        if not await table.apply(OfVerification(sid), lambda case: expire_decision(case, now=now)):
            await _ask_after(table, carrier, sid, now=now, policy=policy)
    return len(overdue)


async def _ask_after(table: CodeTable, carrier: Carrier, sid: str, *, now: float, policy: Policy) -> None:
    case = await table.read(OfVerification(sid))
    for delivery in case.deliveries:
        if not delivery.status.live or delivery.updated_at > now - policy.silent_patience:
            continue
        status = await carrier.look_up(delivery) if delivery.carrier_sid else None
        await _note(table, sid, delivery, status, now=now)


async def _note(table: CodeTable, sid: str, delivery: Delivery, status: DeliveryStatus | None, *, now: float) -> None:
    await table.apply(OfVerification(sid), lambda case: settle(case, delivery.sid, status, now=now))
