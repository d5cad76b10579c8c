"""Headers on every answer. Nothing is kept by caches, framed, sniffed, or told to other sites.

A door that says itself how long its answer may be kept is believed: the public keys of receipts are for everybody.

No style or script stands in a page, so the policy allows none there (OWASP ASVS 5.0, section 3.4).
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "otp-credentials=(self)",
}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}


class SecurityHeaders:
    """Adds the headers; as plain ASGI, because a middleware that wraps requests costs more than the webhook."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        headers = ALWAYS | (OVER_TLS if https else {})
        self._raw = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]} & {b"cache-control"}
                message["headers"] = [*message["headers"], *(line for line in self._raw if line[0] not in said)]
            await send(message)

        await self._app(scope, receive, add)
