"""A browser and a Twilio for tests. They call the ASGI application directly, byte for byte as a server would."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import unquote_to_bytes, urlencode

from msgspec import Struct
from starlette.types import ASGIApp, Message
from twilio.request_validator import RequestValidator

FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        """The only value of a header; None when it is absent."""
        values = self.all(name)
        assert len(values) < 2, f"{name} is repeated"
        return values[0] if values else None


async def send_request(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    chunk: int = 64 * 1024,
    failing: bool = False,
    peer: str = "192.0.2.1",
) -> Answer:
    """Send one request. `failing`: the application may raise after its answer, as Starlette does for the log.

    `peer`: the address that it comes from.
    """
    path, _, query = target.partition("?")
    sent: list[Message] = []
    headers = list(headers)
    if body and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
        headers.append(("content-length", str(len(body))))
    pieces = [body[start : start + chunk] for start in range(0, len(body), chunk)] or [b""]

    async def receive() -> Message:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": (peer, 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    try:
        await app(scope, receive, send)
    except Exception:
        if not (failing and sent):
            raise
    start = sent[0]
    headers_received = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
    return Answer(start["status"], headers_received, b"".join(message.get("body", b"") for message in sent[1:]))


#: What a page links to, and where its forms go.
OF_A_TAB = ("/", "/start", "/code", "/next", "/language", "/progress", "/authorize/proceed")


@dataclass(slots=True)
class Browser:
    """Keeps cookies and sends Sec-Fetch-Site, as browsers do. `asked`: the query of the links and forms of its tab."""

    app: ASGIApp
    language: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    asked: str = ""

    async def get(self, target: str, *, headers: Iterable[tuple[str, str]] = (), failing: bool = False) -> Answer:
        """Open an address."""
        return await self._request("GET", target, headers=headers, failing=failing)

    async def post(
        self,
        target: str,
        fields: Fields = (),
        *,
        body: bytes | None = None,
        kind: str = FORM,
        site: str | None = "same-origin",
        headers: Iterable[tuple[str, str]] = (),
        failing: bool = False,
    ) -> Answer:
        """Send a form. `site` is the value of Sec-Fetch-Site; None for a browser without it."""
        sent = [("content-type", kind), *headers]
        if site is not None:
            sent.append(("sec-fetch-site", site))
        return await self._request("POST", target, headers=sent, body=_encoded(fields, body), failing=failing)

    async def _request(
        self, method: str, target: str, *, headers: Iterable[tuple[str, str]], body: bytes = b"", failing: bool = False
    ) -> Answer:
        sent = [("host", "verify.example"), *headers]
        if self.asked and target in OF_A_TAB:
            target = f"{target}?{self.asked}"
        if self.language:
            sent.append(("accept-language", self.language))
        if self.cookies:
            sent.append(("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        if body:
            sent.append(("content-length", str(len(body))))
        answer = await send_request(self.app, method, target, headers=sent, body=body, failing=failing)
        for cookie in answer.all("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        return answer


class Twilio(Struct, frozen=True):
    """Sends webhooks, signed by Twilio's own class.

    Webhooks about a delivery have both numbers, as Twilio's do: ours, and the recipient's.
    """

    app: ASGIApp
    public_url: str
    account_sid: str
    token: str
    sender: str = "+14155550199"
    phone: str = "+14155550100"

    async def post(
        self, target: str, fields: Fields = (), *, signed_with: str | None = None, failing: bool = False
    ) -> Answer:
        """A webhook about our account, signed with the account's token or another one."""
        pairs = [("AccountSid", self.account_sid), *_pairs(fields)]
        if target.startswith(("/webhooks/calls/", "/webhooks/messages/")):
            known = {name for name, _ in pairs}
            numbers = {"From": self.sender, "To": self.phone}
            pairs += [(name, number) for name, number in numbers.items() if name not in known]
        signature = self.sign(target, pairs, token=signed_with)
        return await self.send(target, pairs, headers=[("x-twilio-signature", signature)], failing=failing)

    def sign(self, target: str, fields: Fields, *, token: str | None = None, base: str | None = None) -> str:
        """The signature that Twilio would send. A repeated field is signed with each of its values."""
        values: dict[str, list[str]] = {}
        for name, value in _pairs(fields):
            values.setdefault(name, []).append(value)
        validator = RequestValidator(token or self.token)
        return str(validator.compute_signature((base or self.public_url) + target, _Lists(values)))

    async def send(
        self,
        target: str,
        fields: Fields = (),
        *,
        headers: Iterable[tuple[str, str]],
        body: bytes | None = None,
        kind: str = f"{FORM}; charset=UTF-8",
        failing: bool = False,
    ) -> Answer:
        """A POST with exactly these headers besides those that every webhook has."""
        sent = [("host", "localhost:8000"), ("content-type", kind), ("user-agent", "TwilioProxy/1.1"), *headers]
        return await send_request(self.app, "POST", target, headers=sent, body=_encoded(fields, body), failing=failing)


class _Lists(dict[str, list[str]]):
    """Fields with several values, in the form that the validator reads."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _pairs(fields: Fields) -> list[tuple[str, str]]:
    return list(fields.items()) if isinstance(fields, Mapping) else list(fields)


def _encoded(fields: Fields, body: bytes | None) -> bytes:
    return urlencode(_pairs(fields)).encode() if body is None else body
