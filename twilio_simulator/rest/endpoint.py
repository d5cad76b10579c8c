"""What every REST endpoint does: credentials, injected faults, error responses, headers, the request log.

An endpoint maps HTTP methods to handlers. A handler takes a `RestContext` and returns an `ApiResponse`. Only here does
a `RestError` become Twilio's error body.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ..core.errors import MORE_INFO, REST_ERRORS, RestError
from ..core.events import RestRequestReceived
from ..core.faults import DEFAULT_ERROR_CODES, Fault
from ..core.formats import API_VERSION
from ..core.request_log import Pairs, RestRequest
from ..core.urls import region_of
from ..engine import Twilio
from .parameters import Parameters
from .xml_body import xml_response

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class RestContext:
    """An authenticated request. `is_test`: with test credentials."""

    twilio: Twilio
    parameters: Parameters
    path: dict[str, str]
    is_test: bool


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """`sid`: of the resource, for the request log."""

    body: dict[str, Any] | None
    status: int = 200
    sid: str | None = None


Handler = Callable[[RestContext], ApiResponse]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`element`: the resource's name in XML. `for_tests`: accepts POST with test credentials. `account_only`: rejects
    API keys. `is_open`: needs no credentials.
    """

    handlers: dict[str, Handler]
    element: str = ""
    for_tests: bool = False
    account_only: bool = False
    is_open: bool = False

    async def handle(self, request: Request) -> Response:
        twilio: Twilio = request.app.state.twilio
        pairs = await _pairs(request)
        fault = twilio.faults.take(request.method, request.url.path)
        twilio.requests_in_flight += 1
        try:
            response = await self._respond(twilio, request, pairs, fault)
            _add_headers(response, twilio)
        finally:
            twilio.requests_in_flight -= 1
        return response

    async def _respond(self, twilio: Twilio, request: Request, pairs: Pairs, fault: Fault | None) -> Response:
        if fault is not None and not fault.kind.is_after:
            _log_request(twilio, request, pairs, status=fault.status, code=_code(fault), injected=fault.kind.value)
            if fault.kind.hangs:
                await _hang(request, fault)
            return _fault_response(twilio, fault)
        try:
            result = self._dispatch(twilio, request, pairs)
        except RestError as error:
            _log_request(twilio, request, pairs, status=error.status, code=error.code)
            twilio.debugger.record_rest_error(error, method=request.method, url=request.url.path)
            return _body_response(request, error.body(), error.status, "RestException")
        injected = fault.kind.value if fault else None
        _log_request(twilio, request, pairs, status=result.status, sid=result.sid, injected=injected)
        if fault is not None:
            if fault.kind.hangs:
                await _hang(request, fault)
            return _fault_response(twilio, fault)
        if result.body is None:
            return Response(status_code=204)
        return _body_response(request, result.body, result.status, self.element)

    def _dispatch(self, twilio: Twilio, request: Request, pairs: Pairs) -> ApiResponse:
        account = twilio.account
        if account.concurrent_requests is not None and twilio.requests_in_flight > account.concurrent_requests:
            raise RestError(20429)
        path = {name: str(value) for name, value in request.path_params.items()}
        if self.is_open:
            return self._handle(RestContext(twilio, Parameters(pairs), path, is_test=False), request.method)
        user, password = _credentials(request)
        if region_of(request.headers.get("Host", "")) not in (None, account.region):
            raise RestError(20003)
        is_test = account.accepts_test(user, password)
        if not is_test and not account.accepts(user, password):
            raise RestError(20003)
        expected = account.test_sid if is_test else account.sid
        if path.get("account", expected) != expected:
            raise RestError(20003)
        if user.startswith("SK") and self.account_only:
            raise RestError(20003)
        if is_test and not (self.for_tests and request.method == "POST"):
            raise RestError(20008)
        return self._handle(RestContext(twilio, Parameters(_known(twilio, pairs)), path, is_test), request.method)

    def _handle(self, context: RestContext, method: str) -> ApiResponse:
        handler = self.handlers.get(method)
        if handler is None:
            raise RestError(20004)
        return handler(context)


def _known(twilio: Twilio, pairs: Pairs) -> Pairs:
    """The parameters without those that the company does not have, which are noted."""
    missing = twilio.account.dialect.no_parameters
    for name in sorted({name for name, _ in pairs if name in missing}):
        twilio.debugger.notice(f"{twilio.account.dialect.name} has no parameter {name}: it has no effect")
    return tuple(pair for pair in pairs if pair[0] not in missing)


def _body_response(request: Request, body: dict[str, Any], status: int, element: str) -> Response:
    """JSON; for paths of the 2010 API without `.json`, XML."""
    dialect = request.app.state.twilio.account.dialect
    path, body = request.url.path.removeprefix(dialect.api_path), dialect.body(body)
    if path.startswith(f"/{API_VERSION}/") and not path.endswith(".json"):
        return xml_response(body, status, element)
    return JSONResponse(body, status)


def _not_found(request: RestContext) -> ApiResponse:
    raise RestError(20404, f"/{request.path['rest']} (the simulator does not do it)")


NOT_FOUND = Endpoint(dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), _not_found), is_open=True)
"""404 for every other path, including Twilio's other resources and APIs."""


async def _pairs(request: Request) -> Pairs:
    """The fields of query and form. A body of another type is ignored, as at Twilio."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    body = await request.body()
    if body and request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == FORM:
        pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return tuple(pairs)


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise RestError(20003)
    try:
        user, _, password = base64.b64decode(secret, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RestError(20003) from error
    return user, password


async def _hang(request: Request, fault: Fault) -> None:
    """Send nothing until the client disconnects or the fault's time is over."""

    async def disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(disconnected(), fault.hang)
    except TimeoutError:
        return


def _code(fault: Fault) -> int | None:
    return fault.code or DEFAULT_ERROR_CODES.get(fault.status)


def _fault_response(twilio: Twilio, fault: Fault) -> Response:
    status = 504 if fault.kind.hangs else fault.status
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.html:
        return HTMLResponse("<html><body>Upstream failure</body></html>", status, headers)
    code = _code(fault)
    message = REST_ERRORS[code][1].format("") if code in REST_ERRORS else "Injected fault"
    body = {"code": code, "message": message, "more_info": MORE_INFO.format(code), "status": status}
    return JSONResponse(twilio.account.dialect.body(body), status, headers)


def _add_headers(response: Response, twilio: Twilio) -> None:
    if not twilio.account.dialect.own_headers:
        return
    response.headers["Twilio-Request-Id"] = "RQ" + secrets.token_hex(16)
    response.headers["Twilio-Request-Duration"] = "0.010"
    response.headers["Twilio-Concurrent-Requests"] = str(twilio.requests_in_flight)
    response.headers["X-Home-Region"] = twilio.account.region
    response.headers["X-API-Domain"] = "api.twilio.com"
    response.headers["X-Powered-By"] = "AT-5000"
    response.headers["X-Shenanigans"] = "none"


def _log_request(
    twilio: Twilio,
    request: Request,
    pairs: Pairs,
    *,
    status: int,
    code: int | None = None,
    sid: str | None = None,
    injected: str | None = None,
) -> None:
    path = request.url.path
    twilio.request_log.requests.append(
        RestRequest(twilio.clock.now(), request.method, path, pairs, status, code, sid, injected)
    )
    twilio.events.publish(RestRequestReceived(request.method, path, pairs, status, code, sid))
