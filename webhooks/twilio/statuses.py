"""Status callbacks of calls and messages. Late, repeated and reordered ones change nothing."""

from starlette.requests import Request
from starlette.responses import Response

from verification.types import Channel, DeliveryStatus

from ..context import NotOurs, app_context
from ..requests import Fields
from . import payloads
from .voice import dispatch_task


async def call_status(request: Request) -> Response:
    form = await payloads.signed_form(request)
    return await _record(
        request, form, payloads.own_call(request, form), Channel.CALL.statuses.get(form.text("CallStatus"))
    )


async def message_status(request: Request) -> Response:
    form = await payloads.signed_form(request)
    return await _record(
        request, form, payloads.own_message(request, form), Channel.SMS.statuses.get(form.text("MessageStatus"))
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
