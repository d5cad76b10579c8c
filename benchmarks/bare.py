"""The baseline of the webhook benchmark: a Starlette route that reads the form and returns a constant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    await request.form()
    return Response("<Response/>", media_type="text/xml")


app = Starlette(routes=[Route("/", answer, methods=["POST"])])
