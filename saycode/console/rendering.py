"""The console's templates."""

from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, *, root: str, **values: object) -> str:
    return (
        _environment()
        .get_template(template)
        .render(root=root, static=f"{root}/static", story=lambda sid: f"{root}/verifications/{sid}", **values)
    )


def date_and_time(at: float) -> str:
    """In UTC, as the audit log has it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("saycode.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["time"] = date_and_time
    return environment
