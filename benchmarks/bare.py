"""What the webhook is compared with: a Starlette route that reads the form and returns a constant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    """Read the form, say the same every time."""
    await request.form()
    return Response("<Response/>", media_type="text/xml")


app = Starlette(routes=[Route("/", answer, methods=["POST"])])
