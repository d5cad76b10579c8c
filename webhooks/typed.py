"""While the form is being filled in: the number that was typed so far, in groups.

It comes in the body of a POST and is answered and forgotten: a number in an address would stand in every log.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from verification import numbers

from . import forms
from .doorway import doorway
from .same_site import same_site


@same_site
async def typed(request: Request) -> Response:
    """The field `phone`, as the home country writes it."""
    form = await forms.read(request)
    return PlainTextResponse(numbers.as_typed(form.text("phone"), region=doorway(request).region))
