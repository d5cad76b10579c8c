"""The description of the API: it says what the doors do, and the doors do what it says."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.rest.verify.v2 import service as of_services
from twilio.rest.verify.v2 import verification_attempt, verification_attempts_summary
from twilio.rest.verify.v2.service import verification, verification_check

from tests.support.api_client import client
from tests.support.app import open_house
from tests.support.asgi_client import ask
from webhooks.api import attempts, services, start_parameters, verifications
from webhooks.api.openapi import OPERATIONS, describe
from webhooks.api.pagination import PAGE_PARAMETERS
from webhooks.api.parameters import Parameter
from webhooks.routes import PATHS

BASE = "https://verify.example"


async def test_it_is_served_to_everybody(tmp_path: Path) -> None:
    async with open_house(tmp_path / "table.db") as house:
        answer = await ask(house.app, "GET", PATHS["openapi"])
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert describe(BASE)["servers"] == [{"url": BASE}]


async def test_every_door_of_the_api_takes_the_methods_that_are_described(tmp_path: Path) -> None:
    described: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        described.setdefault(operation.endpoint, set()).add(operation.method.upper())
    assert set(described) == {name for name in PATHS if name.startswith("api_")}
    async with open_house(tmp_path / "table.db") as house:
        shop = await client(house)
        for door, methods in described.items():
            path = PATHS[door].format(service=shop.service, verification="VE1", attempt="VL1", receipt="VE1")
            refused = await shop.send("PATCH", path)
            allowed = set((refused.answer.header("allow") or "").split(", ")) - {"HEAD"}
            assert allowed == methods, door


def parameters_of(module: object) -> Iterator[str]:
    """Every parameter that Twilio's library can send to this resource."""
    for block in re.findall(r"values\.of\(\s*{(.*?)}\s*\)", inspect.getsource(module), re.DOTALL):  # type: ignore[arg-type]  # a module
        yield from re.findall(r'"([A-Z][A-Za-z.]*)":', block)


@pytest.mark.parametrize(
    ("module", "known"),
    [
        (verification, (*start_parameters.CREATE, *verifications.UPDATE)),
        (verification_check, verifications.CHECK),
        (of_services, (*services.CREATE, *PAGE_PARAMETERS)),
        (verification_attempt, attempts.LIST),
        (verification_attempts_summary, attempts.SUMMARY),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_parameter_of_twilios_library_is_known(module: object, known: tuple[Parameter, ...]) -> None:
    sent = set(parameters_of(module))
    assert len(sent) > 3
    assert sent <= {parameter.name for parameter in known}
