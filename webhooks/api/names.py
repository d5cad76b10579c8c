"""Names that an application may not take: those that look like the operator's or another service's."""

from verification.models import BUILT_IN_SERVICE
from verification.values.look_alikes import look_alike

from . import errors
from .auth import ApiRequest

_PAGE = 1000


async def require_own_look(api: ApiRequest, name: str, parameter: str, *, own: str) -> None:
    """Raises ApiError for a name that looks like another one: of the operator, or of a service other than `own`."""
    names = [] if own == BUILT_IN_SERVICE else [api.ctx.brand]
    page = await api.ctx.services.services(after=None, limit=_PAGE)
    while page:
        names += [service.name for service in page if service.sid != own]
        page = await api.ctx.services.services(after=page[-1].sid, limit=_PAGE)
    if any(look_alike(name, other) for other in names):
        raise errors.invalid(parameter, "it looks like another name")
