"""What docs/simulator.md says is so: its doors are there, and its example passes."""

import inspect
import re
import runpy
from pathlib import Path

import pytest
from starlette.routing import Route

from twilio_simulator.app import CONTROL_ROUTES, REST_ROUTES
from twilio_simulator.rest.endpoint import NOT_FOUND, Endpoint

pytest_plugins = ["twilio_simulator.pytest_plugin"]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
ACCOUNT = "/2010-04-01/Accounts/{account}"


def documented() -> set[str]:
    """What stands first in the tables of doors."""
    return set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE)[^`]* [^` ]*)` \|", DOCUMENT, re.MULTILINE))


def of_twilio(route: Route) -> str:
    door = getattr(route.endpoint, "__self__", None)
    assert isinstance(door, Endpoint)
    return f"{', '.join(sorted(door.handlers))} {route.path.removeprefix(ACCOUNT)}"


def test_every_door_is_documented_and_every_documented_door_is_there() -> None:
    face = {f"{method} {route.path}" for route in CONTROL_ROUTES for method in (route.methods or set()) - {"HEAD"}}
    twilio = {of_twilio(route) for route in REST_ROUTES if route.endpoint != NOT_FOUND.answer}
    assert documented() == face | twilio


@pytest.mark.parametrize("picture", re.findall(r"\]\((pictures/[^)]+)\)", DOCUMENT))
def test_its_pictures_are_there(picture: str) -> None:
    assert (Path(__file__).parents[2] / "docs" / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", re.findall(r"^def (test_\w+)", EXAMPLE, re.MULTILINE))
def test_the_example_passes(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    test = runpy.run_path(str(path))[name]
    test(**{fixture: request.getfixturevalue(fixture) for fixture in inspect.signature(test).parameters})
