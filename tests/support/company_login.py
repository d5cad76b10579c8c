"""A browser that signs in to the console at the company's provider."""

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

from saycode.console.company import Company
from saycode.console.company_sign_in import BEGIN, CALLBACK
from saycode.console.visit import COOKIE
from saycode.storage.store import SqlStore
from tests.support.asgi_client import Answer, send_request
from tests.support.company_provider import CLIENT_ID, CLIENT_SECRET, CompanyProvider
from tests.support.operators_console import HOST, Console

LOGIN = f"{COOKIE}-login"


def company(provider: CompanyProvider) -> Company:
    return Company(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri=provider.redirect_uri,
        help_desk=frozenset({"hanna@acme.example", "desk"}),
        administrators=frozenset({"saycode-admins"}),
    )


async def begin(console: Console) -> tuple[str, str]:
    """Press the button. Where it leads, and the secret of the login."""
    answer = await console.get(BEGIN)
    assert answer.status == 303, answer.text
    cookie = answer.header("set-cookie") or ""
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part in cookie
    name, _, secret = cookie.partition(";")[0].partition("=")
    assert name == LOGIN
    return answer.header("location") or "", secret


def at_provider(address: str, person: str) -> dict[str, str]:
    """The person signs in there. The parameters of the address that the provider leads back to."""
    parts = urlsplit(address)
    with closing(HTTPConnection("127.0.0.1", parts.port or 0, timeout=20)) as connection:
        connection.request("POST", f"{parts.path}?{parts.query}", body=f"person={person}")
        location = connection.getresponse().headers["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def back(console: Console, answer: dict[str, str], secret: str) -> Answer:
    headers = [HOST, ("cookie", f"{LOGIN}={secret}")]
    reply = await send_request(console.app, "GET", f"/console{CALLBACK}?{urlencode(answer)}", headers=headers)
    for line in reply.all("set-cookie"):
        name, _, value = line.partition(";")[0].partition("=")
        if name == COOKIE:
            console.cookie = value
    return reply


async def sign_in(console: Console, person: str) -> Answer:
    address, secret = await begin(console)
    return await back(console, at_provider(address, person), secret)


async def is_signed_in(console: Console) -> bool:
    return (await console.get("/now")).status == 200


async def newest_entry(store: SqlStore) -> tuple[str, str, str]:
    (entry,) = await store.query(lambda conn: store.audit_log.newest(conn, before=2**62, limit=1))
    return entry.kind, entry.actor, entry.detail
