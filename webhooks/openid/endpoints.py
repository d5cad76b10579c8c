"""The endpoints of the provider.

    application        browser                                     page
    push (RFC 9126) ─┐
                     └ authorize ── proven before ──→ code
                              └─ not proven ── cookie ──→ form, call, code typed
                                 proceed ←─ at once ──────────┘
                                    └→ code, or access_denied, or temporarily_unavailable
    token ← code

What was asked is in the store, under the digest of a cookie and of an id in the addresses of the tab. So the browser
that began is the only one that can finish, and each of its tabs has a request of its own.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from verification.accounts import Accounts
from verification.authorizations import (
    PUSHED_LIFETIME,
    Authorization,
    Client,
    Grant,
    Identity,
    Issued,
    concerns,
    refused,
)
from verification.errors import NotPending
from verification.models import Manner, State
from verification.ports import ByVerification

from .. import requests
from ..context import app_context, loop_time, request_words
from ..page import session
from ..page.handlers import session_state
from ..page.rendering import render_error
from ..page.session import redirect_to_page
from .messages import NO_STORE, client_id_of, invalid, read_form, read_parameters, respond

if TYPE_CHECKING:
    from .grants import CodeGrant
    from .provider import Server
    from .records import Reply
    from .records import Request as OAuthRequest

#: What a pushed request is called (RFC 9126, section 2.2).
REQUEST_URN = "urn:ietf:params:oauth:request_uri:"


async def authorize(request: Request) -> Response:
    """The authorization endpoint (OpenID Connect Core, 3.1.2)."""
    from . import provider  # Authlib is imported after the start (see lifespan)

    ctx = app_context(request)
    parameters = await read_parameters(request)
    client = await ctx.openid.store.client(parameters.get("client_id", ""))
    if client is not None and (uri := parameters.get("request_uri", "")).startswith(REQUEST_URN):
        pushed = await ctx.openid.store.take(uri.removeprefix(REQUEST_URN), client.id, now=ctx.verifier.clock.now())
        if pushed is None:
            return render_error(request, request_words(request).page.errors.form_expired, status=400)
        parameters = dict(pushed)
    state = await session_state(request)
    server, oauth = await _server(request, client, parameters, state=state)
    try:
        grant = server.validated(oauth)
        asked = server.asked(oauth)
        proven = ctx.openid.proven(asked, state, ctx.verifier.policy, now=server.loaded.now)
        identity = server.known(asked, proven and server.loaded.identity)
        server.check_prompt(grant, identity)
    except provider.OAuth2Error as error:
        return respond(request, server.error_reply(oauth, error))
    if identity is None:
        return await _begin(request, server, oauth, asked)
    return await _issue(request, server, grant, identity, key=None)


async def proceed(request: Request) -> Response:
    """The browser has done what it was asked: back to the application, if it was. One that has lost the answer gets it
    again. `?cancel`: the person does not want to.
    """
    from . import provider

    ctx, received_at = app_context(request), loop_time()
    key, asked = session.authorization_key(request), await session.authorization(request)
    if key is None or asked is None:
        return redirect_to_page(request)
    state = await session_state(request)
    hang_up = BackgroundTask(ctx.verifier.hang_up, ())
    if "cancel" in request.query_params and not asked.error:
        canceling = _cancel(request, key, asked, state)
        hang_up = BackgroundTask(ctx.verifier.hang_up, await ctx.time_padded(canceling, since=received_at))
        asked = replace(asked, error="access_denied")
    client = await ctx.openid.store.client(asked.client)
    server, oauth = await _server(request, client, asked.parameters, state=state, key=key)
    policy, now = ctx.verifier.policy, server.loaded.now
    identity = server.known(asked, server.loaded.identity)
    try:
        grant = server.validated(oauth)
        if asked.error or refused(asked, state, policy, now=now):
            raise server.refusal(grant, asked.error or "access_denied")
        if ctx.openid.proven(asked, state, policy, now=now) is None:
            return redirect_to_page(request)
        if identity is None:
            raise server.refusal(grant, "access_denied")
    except provider.OAuth2Error as error:
        await ctx.openid.store.answer(key, now=now)
        response = respond(request, server.error_reply(oauth, error))
        response.background = hang_up
        return response
    return await _issue(request, server, grant, identity, key=key)


async def _cancel(request: Request, key: str, asked: Authorization, state: State) -> tuple[str, ...]:
    """The person does not want to prove it: no code of this tab is right any more. Returns the calls to hang up."""
    ctx, verification = app_context(request), state.verification
    await ctx.openid.store.refuse(key, "access_denied")
    if verification is None or verification.status.final or not concerns(asked, state):
        return ()
    with suppress(NotPending):  # it has just ended
        return (await ctx.verifier.cancel(verification.sid)).hang_up
    return ()


async def push(request: Request) -> Response:
    """A pushed authorization request (RFC 9126)."""
    from . import provider

    ctx = app_context(request)
    try:
        parameters = await read_form(request)
    except requests.FormMalformed as error:
        return invalid(error)
    client = await ctx.openid.store.client(client_id_of(request, parameters))
    server, oauth = await _server(request, client, parameters)
    try:
        authenticated = server.pushing_client(oauth)
        sent = {name: value for name, value in parameters.items() if name != "client_secret"}
        server.validated(server.request(sent | {"client_id": authenticated.id}, {}))
    except provider.OAuth2Error as error:
        error.redirect_uri = None  # the answer is for the application, not for a browser
        return respond(request, server.handle_error_response(oauth, error))
    key = session.new_cookie(request)
    sent["client_id"] = authenticated.id
    source = ctx.client_source(request) if authenticated.public else ""
    if not await ctx.openid.store.push(key, authenticated.id, sent, source=source, now=server.loaded.now):
        return JSONResponse({"error": "temporarily_unavailable"}, status_code=503, headers=NO_STORE)
    answer = {"request_uri": REQUEST_URN + key, "expires_in": PUSHED_LIFETIME}
    return JSONResponse(answer, status_code=201, headers=NO_STORE)


async def token(request: Request) -> Response:
    """The token endpoint (RFC 6749, 3.2)."""
    from .records import Request as OAuthRequest

    ctx = app_context(request)
    try:
        parameters = await read_form(request)
    except requests.FormMalformed as error:
        return invalid(error)
    client = await ctx.openid.store.client(client_id_of(request, parameters))
    oauth = OAuthRequest("POST", ctx.urls.public_url, parameters, request.headers)
    return respond(request, await exchange(request, oauth, client))


async def exchange(request: Request, oauth: "OAuthRequest", client: Client | None) -> "Reply":
    """Exchange a code. It works once; shown again, it revokes what it was exchanged for."""
    ctx, code = app_context(request), oauth.parameters.get("code", "")
    grant = await ctx.openid.store.grant(code) if code else None
    state = await ctx.verifier.get(ByVerification(grant.verification)) if grant else State()
    server, _ = await _server(request, client, oauth.parameters, state=state, code=code, grant=grant)
    reply = server.token_reply(oauth)
    if server.reused:
        await ctx.openid.store.revoke(code, now=server.loaded.now)
    elif reply.status == 200:
        access_token = reply.body["access_token"]
        if not await ctx.openid.store.redeem(code, access_token, now=server.loaded.now):
            return server.reused_reply(oauth)
    return reply


async def userinfo(request: Request) -> Response:
    """The UserInfo endpoint (OpenID Connect Core, 5.3)."""
    from . import provider

    ctx = app_context(request)
    _, _, bearer = request.headers.get("authorization", "").partition(" ")
    grant = await ctx.openid.store.grant_of_token(bearer.strip(), now=ctx.verifier.clock.now())
    known = grant is not None and await ctx.openid.store.client(grant.client) is not None
    identity = None
    if grant is not None and known:
        identity = await _person(request, await ctx.verifier.get(ByVerification(grant.verification)))
    reply = provider.user_info_reply(request.headers, grant, identity)
    return respond(request, reply)


async def _server(
    request: Request,
    client: Client | None,
    parameters: Mapping[str, str],
    *,
    state: State | None = None,
    key: str | None = None,
    code: str = "",
    grant: Grant | None = None,
) -> "tuple[Server, OAuthRequest]":
    """Authlib's server with all that this request needs, and the request as Authlib reads it."""
    from . import provider

    ctx, nonce = app_context(request), parameters.get("nonce", "")
    used = client is not None and nonce != "" and await ctx.openid.store.nonce_used(client.id, nonce, key=key)
    verification = state.verification if state else None
    server = provider.Server(
        provider.Loaded(
            issuer=ctx.urls.public_url,
            now=ctx.verifier.clock.now(),
            policy=ctx.verifier.policy,
            randomness=ctx.verifier.randomness,
            signer=ctx.openid.signer,
            client=client,
            nonce_used=used,
            code=code,
            grant=grant,
            identity=await _person(request, state) if state else None,
            verification=verification.sid if verification else "",
        )
    )
    return server, server.request(parameters, request.headers, method=request.method)


async def _person(request: Request, state: State) -> Identity | None:
    """Who an approved verification has proven: an account by its own spelling of the user name, while it has the
    number.
    """
    ctx, verification = app_context(request), state.verification
    identity = ctx.openid.signer.identity(state)
    if identity is None or verification is None or verification.manner is Manner.TYPED:
        return identity
    account = await Accounts(ctx.verifier).proven(verification)
    return replace(identity, subject=account.username) if account else None


async def _begin(request: Request, server: "Server", oauth: "OAuthRequest", asked: Authorization) -> Response:
    """Remember what was asked, under a cookie of this browser and an id of this tab, and show the page."""
    ctx = app_context(request)
    cookie = session.authorization_cookie(request) or session.new_cookie(request)
    id = ctx.verifier.randomness(16).hex()
    if not await ctx.openid.store.begin(f"{cookie} {id}", asked, source=ctx.client_source(request)):
        error = server.refusal(server.validated(oauth), "temporarily_unavailable")
        return respond(request, server.error_reply(oauth, error))
    response = RedirectResponse(session.page_path(request, asked=id), status_code=303)
    session.set_authorization_cookie(request, response, cookie)
    if oauth.demands and oauth.demands.locale and requests.LANGUAGE_COOKIE not in request.cookies:
        session.set_language_cookie(request, response, oauth.demands.locale, seconds=None)
    return response


async def _issue(
    request: Request, server: "Server", grant: "CodeGrant", identity: Identity, *, key: str | None
) -> Response:
    """A code, once the store has it."""
    reply = server.code_reply(grant, identity)
    if server.issued is None:
        return respond(request, reply)
    issued = await app_context(request).openid.store.issue(*server.issued, key=key)
    if issued is Issued.NONCE_USED:
        reply = server.error_reply(grant.request, server.refusal(grant, "invalid_request"))
    if issued in (Issued.YES, Issued.NONCE_USED):
        return respond(request, reply)
    return redirect_to_page(request, *(["edit"] if issued is Issued.PROOF_USED else []))
