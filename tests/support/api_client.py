"""An application that uses the API: it calls the doors with a key, as a client library would."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
from starlette.types import ASGIApp

from saycode.storage.services import SqliteServices
from saycode.storage.store import SqliteStore
from tests.support.app import House
from tests.support.asgi_client import FORM, Answer, ask
from tests.support.fakes import SeededRandomness
from verification.models import BUILT_IN_SERVICE, OPERATOR
from verification.services import new_api_key, new_service
from webhooks.api.openapi import describe


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, read as JSON."""

    status: int
    body: Any
    answer: Answer

    @property
    def code(self) -> Any:
        return self.body["code"]


@dataclass(frozen=True, slots=True)
class Client:
    """A key, and the service that it is for."""

    app: ASGIApp
    service: str
    key: str
    secret: str

    async def post(self, path: str = "", **fields: str) -> Reply:
        """A form to a door of the service; an absolute path goes as it is."""
        return await self.send("POST", path, body=urlencode(fields).encode(), headers={"Content-Type": FORM})

    async def post_json(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Reply:
        """The same as JSON; bytes go as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.send("POST", path, body=raw, headers={"Content-Type": "application/json", **(headers or {})})

    async def get(self, path: str = "") -> Reply:
        return await self.send("GET", path)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        failing: bool = False,
    ) -> Reply:
        """One request; `failing` as in `ask`."""
        target = path if path.startswith("/") else f"/v2/Services/{self.service}" + (f"/{path}" if path else "")
        shown = {"Authorization": basic(self.key, self.secret), **(headers or {})}
        answer = await ask(self.app, method, target, headers=list(shown.items()), body=body, failing=failing)
        reply = Reply(answer.status, json.loads(answer.body) if answer.body else None, answer)
        require_described(method, target.partition("?")[0], reply)
        return reply

    async def start(self, to: str = "+14155550100", channel: str = "sms", **fields: str) -> Reply:
        """POST …/Verifications"""
        return await self.post("Verifications", To=to, Channel=channel, **fields)

    async def check(self, code: str, **fields: str) -> Reply:
        """POST …/VerificationCheck"""
        return await self.post("VerificationCheck", Code=code, **fields)


DESCRIPTION = describe("https://verify.example")
_DOORS = [
    (re.compile(re.sub(r"{\w+}", "[^/]+", path) + r"\Z"), methods)
    # Summary before the attempt of that name.
    for path, methods in sorted(DESCRIPTION["paths"].items(), key=lambda entry: "{" in entry[0])
]


def require_described(method: str, path: str, reply: Reply) -> None:
    """No answer is outside of the description: not its status, not its fields."""
    methods: dict[str, Any] = next((methods for pattern, methods in _DOORS if pattern.match(path)), {})
    # A method or a path that is not described gets one of the answers for everything.
    answers = methods.get(method.lower(), {"responses": {"404": _FAULT, "405": _FAULT, "401": _FAULT}})["responses"]
    assert str(reply.status) in answers, (method, path, reply.status)
    content = answers[str(reply.status)].get("content")
    if content is None:
        assert reply.answer.body == b""
    else:
        assert reply.answer.header("content-type") == "application/json"
        _validator(json.dumps(content["application/json"]["schema"])).validate(reply.body)


_FAULT = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


@lru_cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema) | {"components": DESCRIPTION["components"]})


def basic(name: str, secret: str) -> str:
    """The header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


async def client(house: House, name: str = "Acme Shop", *, seed: int = 7) -> Client:
    """An application with a service of its own."""
    tenants, randomness = tenants_of(house), SeededRandomness(seed)
    tenant = new_service(name, now=house.clock.now(), randomness=randomness)
    await tenants.put(tenant, actor=OPERATOR)
    return await another_key(house, tenant.sid, seed=seed + 100)


async def operator(house: House) -> Client:
    """The operator, with a key of the built-in service."""
    return await another_key(house, BUILT_IN_SERVICE, seed=1000)


async def another_key(house: House, service: str, *, seed: int) -> Client:
    key, secret = new_api_key(service, now=house.clock.now(), randomness=SeededRandomness(seed))
    assert await tenants_of(house).add_key(key, actor=OPERATOR)
    return Client(house.app, service, key.sid, secret)


def tenants_of(house: House) -> SqliteServices:
    assert isinstance(house.store.store, SqliteStore)
    return SqliteServices(house.store.store)


def other(code: str) -> str:
    """A wrong code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)
