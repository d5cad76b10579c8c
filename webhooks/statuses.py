"""Twilio tells how a call or a text is going. Late, doubled and reordered reports change nothing."""

from starlette.requests import Request
from starlette.responses import Response

from verification.states import DeliveryStatus

from . import claims
from .doorway import Foreign, doorway, signed_form
from .forms import Fields
from .voice import sending

CALL = {
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
MESSAGE = {
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
    """A call moved on."""
    form = await signed_form(request)
    return await _note(request, form, claims.about_call(request, form), CALL.get(form.text("CallStatus")))


async def message_status(request: Request) -> Response:
    """A text moved on."""
    form = await signed_form(request)
    return await _note(request, form, claims.about_text(request, form), MESSAGE.get(form.text("MessageStatus")))


async def _note(request: Request, form: Fields, claim: claims.Claim, status: DeliveryStatus | None) -> Response:
    if status is None:
        return Response(status_code=204)  # a word that Twilio has added since
    here = doorway(request)
    delivery = request.path_params["delivery"]
    known = await here.service.carrier_said(
        delivery,
        **claim,
        status=status,
        error=_number(form.text("ErrorCode")),
        seconds=_number(form.text("CallDuration")),
    )
    if not known:
        raise Foreign
    dispatch = None
    if status in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        dispatch = await here.service.fall_back(delivery)
    return Response(status_code=204, background=sending(here, dispatch))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
