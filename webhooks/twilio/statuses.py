"""Status callbacks of calls and texts. Late, repeated and reordered ones change nothing."""

from starlette.requests import Request
from starlette.responses import Response

from verification.types import DeliveryStatus

from ..context import NotOurs, app_context, signed_form
from ..requests import Fields
from . import payloads
from .voice import dispatch_task

CALL_STATUSES = {
    "queued": DeliveryStatus.QUEUED,
    "initiated": DeliveryStatus.QUEUED,
    "ringing": DeliveryStatus.RINGING,
    "in-progress": DeliveryStatus.ANSWERED,
    "completed": DeliveryStatus.COMPLETED,
    "busy": DeliveryStatus.BUSY,
    "no-answer": DeliveryStatus.NO_ANSWER,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.CANCELED,
}
MESSAGE_STATUSES = {
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "queued": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.SENDING,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.CANCELED,
}


async def call_status(request: Request) -> Response:
    form = await signed_form(request)
    return await _record(request, form, payloads.own_call(request, form), CALL_STATUSES.get(form.text("CallStatus")))


async def message_status(request: Request) -> Response:
    form = await signed_form(request)
    return await _record(
        request, form, payloads.own_message(request, form), MESSAGE_STATUSES.get(form.text("MessageStatus"))
    )


async def _record(
    request: Request, form: Fields, reference: payloads.ProviderReference, status: DeliveryStatus | None
) -> Response:
    if status is None:
        return Response(status_code=204)  # a status that Twilio has added since
    ctx = app_context(request)
    delivery = request.path_params["delivery"]
    known = await ctx.verifier.on_status(
        delivery,
        **reference,
        status=status,
        error=_small_int(form.text("ErrorCode")),
        seconds=_small_int(form.text("CallDuration")),
    )
    if not known:
        raise NotOurs
    dispatch = None
    if status in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        dispatch = await ctx.verifier.switch_channel(delivery)
    return Response(status_code=204, background=dispatch_task(ctx, dispatch))


def _small_int(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
