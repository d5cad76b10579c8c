"""Registering calls, without starting them."""

from __future__ import annotations

from ..core.clock import Signal
from ..http.client import WebhookContext
from ..http.signing import Product
from ..network.call import Call, CallPlan, Direction
from ..network.exchange import Exchange


def register_call(exchange: Exchange, *, to: str, sender: str, direction: Direction, plan: CallPlan) -> Call:
    """Register a new call without starting it."""
    sid, changed = exchange.account.new_sid("CA"), Signal()
    context = WebhookContext(sid, Product.VOICE, signal=changed, is_canceled=lambda: call.is_interrupted())
    call = Call(
        sid=sid,
        account_sid=exchange.account.sid,
        to=to,
        from_=sender,
        direction=direction,
        plan=plan,
        clock=exchange.clock,
        created=exchange.now(),
        updated=exchange.now(),
        context=context,
        # Not the call's own context: the callback about the end of a call must outlive the call.
        callback_queue=exchange.callback_queue(WebhookContext(sid, Product.VOICE, context.jar)),
        changed=changed,
    )
    exchange.calls[sid] = call
    return call
