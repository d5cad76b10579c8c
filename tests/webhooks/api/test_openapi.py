"""The OpenAPI description: it agrees with the routes and with Twilio's library."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from twilio.rest.verify.v2 import service as of_services
from twilio.rest.verify.v2 import verification_attempt, verification_attempts_summary
from twilio.rest.verify.v2.service import verification, verification_check

from tests.support.api_client import client
from tests.support.app import running_app
from tests.support.asgi_client import send_request
from webhooks.api import attempts, checks, services, verifications
from webhooks.api.openapi import describe
from webhooks.api.operations import OPERATIONS
from webhooks.api.pagination import PAGE_PARAMETERS
from webhooks.api.parameters import Parameter
from webhooks.routes import PATHS, public_urls

BASE = "https://verify.example"


async def test_it_is_served_without_a_key(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db") as running:
        answer = await send_request(running.app, "GET", PATHS["openapi"])
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert describe(public_urls(BASE))["servers"] == [{"url": BASE}]


async def test_every_route_of_the_api_allows_the_methods_that_are_described(tmp_path: Path) -> None:
    described: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        described.setdefault(operation.route, set()).add(operation.method.upper())
    assert set(described) == {name for name in PATHS if name.startswith("api_")}
    async with running_app(tmp_path / "store.db") as running:
        shop = await client(running)
        for route, methods in described.items():
            path = PATHS[route].format(service=shop.service, verification="VE1", attempt="VL1", receipt="VE1")
            refused = await shop.send("PATCH", path)
            allowed = set((refused.answer.header("allow") or "").split(", ")) - {"HEAD"}
            assert allowed == methods, route


def test_every_body_has_a_name_of_its_own_for_each_media_type() -> None:
    """Generators of clients make a class of a name; one of them tells two media types apart by the class."""
    description = describe(public_urls(BASE))
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    requests = [operation["requestBody"]["content"] for operation in operations if "requestBody" in operation]
    names = [media["schema"]["$ref"].rpartition("/")[2] for content in requests for media in content.values()]
    assert len(names) == len(set(names)) == 2 * len(requests) > 10
    for name in names:
        schema = description["components"]["schemas"][name]
        assert (schema["type"], "anyOf" in schema) == ("object", False)
    answers = [answer for operation in operations for answer in operation["responses"].values()]
    bodies = [media["schema"] for answer in answers for media in answer.get("content", {}).values()]
    assert all(set(schema) == {"$ref"} for schema in bodies)


@pytest.mark.parametrize(
    ("operation", "body", "accepted"),
    [
        ("CreateVerification", {"To": "+14155550100", "Channel": "sms"}, True),
        ("CreateVerification", {"Username": "ada"}, True),
        ("CreateVerification", {"To": "+14155550100"}, False),
        ("CreateVerification", {}, False),
        ("CreateVerificationCheck", {"Code": "123456", "To": "+14155550100"}, True),
        ("CreateVerificationCheck", {"Code": "123456", "Username": "ada"}, True),
        ("CreateVerificationCheck", {"Code": "123456", "VerificationSid": "VE" + "0" * 32}, True),
        ("CreateVerificationCheck", {"Code": "123456"}, False),
    ],
)
def test_one_of_several_parameters_is_described_as_required(
    operation: str, body: dict[str, str], accepted: bool
) -> None:
    schemas = describe(public_urls(BASE))["components"]["schemas"]
    for name in (f"{operation}Form", f"{operation}Json"):
        assert jsonschema_rs.Draft202012Validator(schemas[name]).is_valid(body) == accepted


def parameters_of(module: object) -> Iterator[str]:
    """Every parameter that Twilio's library can send to this resource."""
    for block in re.findall(r"values\.of\(\s*{(.*?)}\s*\)", inspect.getsource(module), re.DOTALL):  # type: ignore[arg-type]  # a module
        yield from re.findall(r'"([A-Z][A-Za-z.]*)":', block)


@pytest.mark.parametrize(
    ("module", "known"),
    [
        (verification, (*verifications.CREATE, *verifications.UPDATE)),
        (verification_check, checks.CHECK),
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
