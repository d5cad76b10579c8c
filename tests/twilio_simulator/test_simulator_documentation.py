"""docs/simulator.md and the README: every endpoint is listed, the example passes, and the pictures exist."""

import inspect
import re
import runpy
from pathlib import Path

import pytest
from starlette.routing import Route

from twilio_simulator.app import CONTROL_ROUTES, REST_ROUTES
from twilio_simulator.rest.endpoint import Endpoint

pytest_plugins = ["twilio_simulator.pytest_plugin"]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
README = (Path(__file__).parents[2] / "twilio_simulator" / "README.md").read_text(encoding="utf-8")
ACCOUNT = "/2010-04-01/Accounts/{account}"


def documented() -> set[str]:
    """The first column of the tables of endpoints."""
    return set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE)[^`]* [^` ]*)` \|", DOCUMENT, re.MULTILINE))


def rest_endpoint(route: Route) -> str:
    endpoint = getattr(route.endpoint, "__self__", None)
    assert isinstance(endpoint, Endpoint)
    return f"{', '.join(sorted(endpoint.handlers))} {route.path.removeprefix(ACCOUNT)}"


def test_every_endpoint_is_documented_and_every_documented_endpoint_exists() -> None:
    control = {f"{method} {route.path}" for route in CONTROL_ROUTES for method in (route.methods or set()) - {"HEAD"}}
    twilio = {
        rest_endpoint(route)
        for route in REST_ROUTES
        if route.path.endswith(".json") or route.path.startswith(("/v1/", "/v2/"))
    }
    assert documented() == control | twilio


def test_every_endpoint_of_the_readme_exists() -> None:
    endpoints = set(re.findall(r"`((?:GET|POST|PUT|DELETE) /simulator/[^`]+)`", README))
    routes = {f"{method} {route.path}" for route in CONTROL_ROUTES for method in route.methods or ()}
    assert len(endpoints) > 10
    assert endpoints <= routes


@pytest.mark.parametrize("picture", re.findall(r"\]\((pictures/[^)]+)\)", DOCUMENT))
def test_its_pictures_exist(picture: str) -> None:
    assert (Path(__file__).parents[2] / "docs" / picture).read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize("name", re.findall(r"^def (test_\w+)", EXAMPLE, re.MULTILINE))
def test_the_example_passes(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "example.py"
    path.write_text(EXAMPLE, encoding="utf-8")
    test = runpy.run_path(str(path))[name]
    test(**{fixture: request.getfixturevalue(fixture) for fixture in inspect.signature(test).parameters})
