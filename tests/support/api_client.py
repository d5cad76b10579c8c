"""A client of the API: it sends requests with a key, as a client library would."""

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

from saycode.storage.api.services import SqliteServices
from saycode.storage.store import SqlStore
from tests.support.app import RunningApp
from tests.support.asgi_client import FORM, Answer, send_request
from tests.support.fakes import SeededRandomness
from verification.models import BUILT_IN_SERVICE, OPERATOR
from verification.services import new_api_key, new_service
from webhooks.api.openapi import describe
from webhooks.routes import public_urls


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer."""

    status: int
    body: Any
    answer: Answer

    @property
    def code(self) -> Any:
        return self.body["code"]


@dataclass(frozen=True, slots=True)
class Client:
    """A key and its service."""

    app: ASGIApp
    service: str
    key: str
    secret: str

    async def post(self, path: str = "", **fields: str) -> Reply:
        """Post a form to a path below the service, or to an absolute path."""
        return await self.send("POST", path, body=urlencode(fields).encode(), headers={"Content-Type": FORM})

    async def post_json(self, path: str, body: Any, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Post JSON; bytes are sent unchanged."""
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
        """Send one request; `failing` as in `send_request`."""
        target = path if path.startswith("/") else f"/v2/Services/{self.service}" + (f"/{path}" if path else "")
        shown = {"Authorization": basic(self.key, self.secret), **(headers or {})}
        answer = await send_request(self.app, method, target, headers=list(shown.items()), body=body, failing=failing)
        reply = Reply(answer.status, json.loads(answer.body) if answer.body else None, answer)
        require_described(method, target.partition("?")[0], reply)
        return reply

    async def start(self, to: str = "+14155550100", channel: str = "sms", **fields: str) -> Reply:
        """POST …/Verifications"""
        return await self.post("Verifications", To=to, Channel=channel, **fields)

    async def check(self, code: str, **fields: str) -> Reply:
        """POST …/VerificationCheck"""
        return await self.post("VerificationCheck", Code=code, **fields)


DESCRIPTION = describe(public_urls("https://verify.example"))
_OPERATIONS = [
    (re.compile(re.sub(r"{\w+}", "[^/]+", path) + r"\Z"), methods)
    # /v2/Attempts/Summary before /v2/Attempts/{attempt}.
    for path, methods in sorted(DESCRIPTION["paths"].items(), key=lambda entry: "{" in entry[0])
]


def require_described(method: str, path: str, reply: Reply) -> None:
    """Assert that the description has the answer: its status and its fields."""
    methods: dict[str, Any] = next((methods for pattern, methods in _OPERATIONS if pattern.match(path)), {})
    # A method or path that is not described may answer with a common error.
    answers = methods.get(method.lower(), {"responses": {"404": _ERROR, "405": _ERROR, "401": _ERROR}})["responses"]
    assert str(reply.status) in answers, (method, path, reply.status)
    content = answers[str(reply.status)].get("content")
    if content is None:
        assert reply.answer.body == b""
    else:
        assert reply.answer.header("content-type") == "application/json"
        _validator(json.dumps(content["application/json"]["schema"])).validate(reply.body)


_ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


@lru_cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema) | {"components": DESCRIPTION["components"]})


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


async def client(running: RunningApp, name: str = "Acme Shop", *, seed: int = 7) -> Client:
    """A client with a new service."""
    services, randomness = services_of(running), SeededRandomness(seed)
    service = new_service(name, now=running.clock.now(), randomness=randomness)
    await services.put(service, actor=OPERATOR)
    return await another_key(running, service.sid, seed=seed + 100)


async def operator(running: RunningApp) -> Client:
    """A client with a key of the built-in service."""
    return await another_key(running, BUILT_IN_SERVICE, seed=1000)


async def another_key(running: RunningApp, service: str, *, seed: int) -> Client:
    key, secret = new_api_key(service, now=running.clock.now(), randomness=SeededRandomness(seed))
    assert await services_of(running).add_key(key, actor=OPERATOR)
    return Client(running.app, service, key.sid, secret)


def services_of(running: RunningApp) -> SqliteServices:
    assert isinstance(running.store.store, SqlStore)
    return SqliteServices(running.store.store)


def other(code: str) -> str:
    """A wrong code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)
