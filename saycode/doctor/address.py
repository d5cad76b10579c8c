"""The public address: whether this service answers there, and whether it checks the address that Twilio signs.

The doctor sends its requests from this machine, not from Twilio's network. They are signed for the address that Twilio
would sign (for calls over https without the port), and have fields that proxies tend to damage: blank values, leading
and trailing spaces, non-ASCII letters.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from twilio.request_validator import RequestValidator

from webhooks.routes import PATHS, public_urls
from webhooks.signature import SignatureProblem, printable
from webhooks.twilio.diagnostics import Side, proof

from ..config.policy import key_ring
from ..config.settings import Settings
from .findings import Check, Finding, note, ok, problem
from .http import Answer, FailureReason, Reply, RequestFailure
from .number import without_secrets

TWILIO_HEADERS = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
TUNNEL = "ngrok start --all --config ngrok.yml"
RESTART = "Restart the service (saycode serve), so that it reads the same settings as the doctor"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A webhook as Twilio would send it."""

    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


def signed_request(settings: Settings, route: str, *, nonce: str, forged: bool = False) -> SignedRequest:
    """A signed request for a route. It names no phone number, so it has no effect."""
    token, url = settings.webhook_keys[0], public_urls(settings.public_url).of(route)
    fields = {
        "AccountSid": settings.account_sid,
        "CallSid": "CA" + nonce,
        "MessageSid": "SM" + nonce,
        "From": "doctor",
        "FromCity": "",
        "CallerName": " Olá  1 + 1 ",
    }
    if route == "probe":
        fields |= {"Nonce": nonce, "Proof": proof(token.encode(), Side.DOCTOR, nonce)}
    validator = RequestValidator(nonce if forged else token)
    signature = validator.compute_signature(_signed_url(url, route), fields)
    return SignedRequest(url, fields, {**TWILIO_HEADERS, settings.dialect.signatures.header: signature})


def _signed_url(url: str, route: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port and route == "inbound_call":
        return parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    return url


def check_exposure(settings: Settings) -> Iterator[Finding]:
    """Whether Twilio can reach this address at all."""
    if not reachable(settings):
        yield problem(
            Check.ADDRESS,
            f"Twilio cannot reach {settings.public_url}: it is an address of this machine or its own network.",
            f"Open a tunnel ({TUNNEL}) and set SAYCODE_PUBLIC_URL to the https address that it shows.",
        )


def reachable(settings: Settings) -> bool:
    """Whether the public address is on the internet, or the API is on a private network too."""
    return not _is_private(settings.public_url) or _is_private(settings.api_base_url)


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def check_reachable(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether a Saycode answers at the public address. `answer`: from the route health_live."""
    finding = (
        _failure_finding(settings, answer)
        if isinstance(answer, RequestFailure)
        else _unexpected_reply(settings, answer)
    )
    if finding:
        yield finding
    elif not settings.public_url.startswith("https://"):
        yield ok(Check.ADDRESS, f"{settings.public_url} answers (on this machine, so https is not required).")
    else:
        yield ok(Check.ADDRESS, f"{settings.public_url} answers over https, from this machine.")


def _failure_finding(settings: Settings, answer: RequestFailure) -> Finding:
    fixes = {
        FailureReason.NO_SUCH_NAME: "Correct the name in SAYCODE_PUBLIC_URL; a tunnel may have a new one.",
        FailureReason.CERTIFICATE: "Get a certificate for this name from a public authority: Twilio accepts no other.",
        FailureReason.NO_TLS: "Let the proxy or the tunnel serve https there.",
    }
    return problem(
        Check.ADDRESS,
        f"{settings.public_url} cannot be reached: {answer}.",
        fixes.get(answer.why, f"Start the service (saycode serve), and the tunnel if there is one ({TUNNEL})."),
    )


def _unexpected_reply(settings: Settings, answer: Reply) -> Finding | None:
    url = settings.public_url
    if target := answer.redirects_to:
        return _redirect_finding(settings, public_urls(url).of("health_live"), target)
    if code := answer.headers.get("ngrok-error-code"):
        return problem(
            Check.ADDRESS,
            f"At {url} ngrok answers in place of the service ({printable(code)}).",
            f"Start the service (saycode serve) and the tunnel ({TUNNEL}). "
            "If ngrok shows another address, set SAYCODE_PUBLIC_URL to it and restart the service.",
        )
    if answer.status in (502, 503, 504):
        return problem(
            Check.ADDRESS,
            f"At {url} a proxy answers HTTP {answer.status}: there is no service behind it.",
            "Start the service (saycode serve), or point the proxy at its port.",
        )
    if answer.status != 200 or answer.record != {"status": "ok"}:
        return problem(
            Check.ADDRESS,
            f"What answers at {url} is not Saycode (HTTP {answer.status}).",
            "Set SAYCODE_PUBLIC_URL to the address of this service, without a login in front of it.",
        )
    return None


def _redirect_finding(settings: Settings, url: str, target: str) -> Finding:
    location, path = without_secrets(urljoin(url, target)), url.removeprefix(settings.public_url)
    new_base = location.removesuffix(path)
    return problem(
        Check.ADDRESS,
        f"{url} redirects to {location}. Twilio would follow, and lose its fields.",
        f"Set SAYCODE_PUBLIC_URL to {new_base}, and restart the service."
        if location.endswith(path) and new_base != settings.public_url
        else "Let the proxy forward every path unchanged, without redirects.",
    )


def check_identity(settings: Settings, nonce: str, answer: Answer) -> Iterator[Finding]:
    """Whether this service answers, and no other. `answer`: from the route probe."""
    url = public_urls(settings.public_url).of("probe")
    if isinstance(answer, RequestFailure):
        yield _failure_finding(settings, answer)
    elif target := answer.redirects_to:
        yield _redirect_finding(settings, url, target)
    elif answer.status == 403:
        yield problem(
            Check.IDENTITY,
            f"What answers at {settings.public_url} rejects the doctor: it does not know {settings.key_name}.",
            f"{RESTART}. If that is another service, fix SAYCODE_PUBLIC_URL.",
        )
    elif (record := _proven_record(settings, nonce, answer)) is None:
        yield problem(
            Check.IDENTITY,
            f"What answers at {settings.public_url} cannot prove that it is this service (HTTP {answer.status}).",
            "Set SAYCODE_PUBLIC_URL to this service, with nothing in front of /webhooks/ that answers for it, "
            "and run only one version of it.",
        )
    elif record.get("key") != key_ring(settings).newest:
        yield problem(
            Check.IDENTITY,
            "The Saycode that answers was started with another SAYCODE_SECRET_KEY.",
            f"{RESTART}.",
        )
    else:
        yield ok(Check.IDENTITY, "This service answers there.")


def _proven_record(settings: Settings, nonce: str, answer: Answer) -> dict[str, Any] | None:
    """The service's report on the request, if it proved that it has the token."""
    record = answer.record if isinstance(answer, Reply) and answer.status == 200 else None
    expected = proof(settings.webhook_keys[0].encode(), Side.SERVICE, nonce)
    return record if record and record.get("proof") == expected else None


def check_same_database(settings: Settings, nonce: str, answer: Answer, database_id: str | None) -> Iterator[Finding]:
    """Whether the service uses the database of these settings. `answer`: from the route probe."""
    used = (_proven_record(settings, nonce, answer) or {}).get("database")
    if used and used != database_id:
        here = settings.database.absolute() if isinstance(settings.database, Path) else settings.database
        yield problem(
            Check.DATABASE,
            f"The service that answers uses another database than {here}, where commands with these settings read "
            "and write.",
            "Set SAYCODE_DATABASE_URL to the service's file, with its absolute path, in the .env file that both read.",
        )


def check_signed_request(settings: Settings, nonce: str, answer: Answer) -> Iterator[Finding]:
    """How a signed request arrived. Nothing when the answer has no valid proof."""
    record = _proven_record(settings, nonce, answer)
    if record is None:
        return
    public_url, path = settings.public_url, PATHS["probe"]
    signed, checked = f"{public_url}/…", str(record.get("checked")).removesuffix(path)
    changed_headers = "".join(f" {name} arrives as {value}." for name, value in (record.get("hearsay") or {}).items())
    signature = record.get("signature")
    if checked != public_url:
        yield problem(
            Check.SIGNATURE,
            f"Twilio would sign {signed}, but the service checks {checked}/….{changed_headers}",
            f"{RESTART}: SAYCODE_PUBLIC_URL={public_url}.",
        )
    elif signature in (SignatureProblem.MISSING, SignatureProblem.DOUBLED):
        yield problem(
            Check.SIGNATURE,
            f"The header X-Twilio-Signature arrives {signature}.{changed_headers}",
            "Let the proxy forward it once and unchanged.",
        )
    elif signature != "right":
        yield problem(
            Check.SIGNATURE,
            f"Twilio would sign {signed}, which the service checks, but the fields change in transit.{changed_headers}",
            "Let the proxy forward bodies unchanged: without trimming spaces or dropping blank fields.",
        )
    else:
        yield ok(Check.SIGNATURE, f"Twilio would sign {signed}, and the service checks the same.")
        if changed_headers:
            yield note(Check.SIGNATURE, f"{changed_headers.strip()} That is harmless: only SAYCODE_PUBLIC_URL counts.")


def check_clients(settings: Settings, nonce: str, answer: Answer) -> Iterator[Finding]:
    """Whether limits tell clients apart. `answer`: from the route probe."""
    record = _proven_record(settings, nonce, answer) or {}
    clients = record.get("clients") or {}
    proxy, only = clients.get("proxy"), clients.get("only")
    if _is_private(settings.public_url) or not (proxy or only):
        return
    fix = f"Let the proxy set X-Forwarded-For, and name it: SAYCODE_TRUSTED_PROXIES={proxy or only}."
    if proxy:
        yield note(
            Check.ADDRESS,
            f"The proxy at {proxy} is not trusted, so limits count all its clients as one source.",
            fix,
        )
    else:
        yield note(
            Check.ADDRESS,
            f"All requests so far ({clients.get('requests')}) came from {only}, a private address: most likely a "
            "proxy's, so limits count all clients as one source.",
            fix,
        )


def check_webhook(settings: Settings, route: str, *, valid: Answer, forged: Answer) -> Iterator[Finding]:
    """Whether a webhook accepts a valid signature, and only that."""
    url = public_urls(settings.public_url).of(route)
    if isinstance(valid, Reply) and (target := valid.redirects_to):
        yield _redirect_finding(settings, url, target)
    elif not (isinstance(forged, Reply) and forged.status == 403):
        yield problem(
            Check.SIGNATURE,
            f"{url} does not reject a forged signature ({_how(forged)}).",
            "Let the proxy forward this path to the service instead of answering itself.",
        )
    elif not (isinstance(valid, Reply) and valid.status == 200 and b"<Response" in valid.body):
        yield problem(
            Check.SIGNATURE,
            f"{url} does not answer a valid signature with TwiML ({_how(valid)}).",
            f"{RESTART}, and let the proxy forward this path to it. Its log says more.",
        )
    else:
        yield ok(Check.SIGNATURE, f"{url} accepts a valid signature, and rejects a forged one.")


def check_database(answer: Answer) -> Iterator[Finding]:
    """Whether the running service can read its database."""
    if isinstance(answer, Reply) and answer.status == 503:
        yield problem(
            Check.DATABASE,
            "The running service cannot read its database.",
            "Its log says why; fix that, or SAYCODE_DATABASE_URL, and restart it.",
        )


def _how(answer: Answer) -> str:
    return f"HTTP {answer.status}" if isinstance(answer, Reply) else str(answer)
