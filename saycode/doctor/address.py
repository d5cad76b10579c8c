"""The public address: whether it leads here, and whether what Twilio signs is what the service checks.

The doctor is no substitute for Twilio's place in the network: it asks from this machine. What it sends is what Twilio
would send, signed for the address that Twilio would sign (over https without the port for calls), with fields that
careless proxies spoil: blank ones, outer spaces, letters beyond ASCII.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

from twilio.request_validator import RequestValidator

from webhooks.routes import PATHS, PublicUrls
from webhooks.signature import SignatureProblem, printable
from webhooks.twilio.diagnostics import Side, proof

from ..config.settings import Settings
from ..server.app import key_ring
from .findings import Check, Finding, note, ok, problem
from .http import Answer, FailureReason, Reply, RequestFailure
from .number import without_secrets

TWILIO_HEADERS = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
TUNNEL = "ngrok start --all --config ngrok.yml"
RESTART = "Start the service again (saycode serve), so that it reads the same settings as the doctor"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A webhook as Twilio would send it."""

    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


def signed_request(settings: Settings, door: str, *, nonce: str, forged: bool = False) -> SignedRequest:
    """A signed request for a door. It names no phone number, so nothing comes of it."""
    token, url = settings.auth_token.reveal(), PublicUrls(settings.public_url).of(door)
    fields = {
        "AccountSid": settings.account_sid,
        "CallSid": "CA" + nonce,
        "MessageSid": "SM" + nonce,
        "From": "doctor",
        "FromCity": "",
        "CallerName": " Olá  1 + 1 ",
    }
    if door == "probed":
        fields |= {"Nonce": nonce, "Proof": proof(token.encode(), Side.DOCTOR, nonce)}
    validator = RequestValidator(nonce if forged else token)
    signature = validator.compute_signature(_signed(url, door), fields)
    return SignedRequest(url, fields, {**TWILIO_HEADERS, "X-Twilio-Signature": signature})


def _signed(url: str, door: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port and door == "called":
        return parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    return url


def check_exposure(settings: Settings) -> Iterator[Finding]:
    """Whether Twilio could reach this address at all."""
    if not reachable(settings):
        yield problem(
            Check.ADDRESS,
            f"Twilio cannot reach {settings.public_url}: it leads only to this machine or its own network.",
            f"Open a tunnel ({TUNNEL}) and put the https address that it shows into SAYCODE_PUBLIC_URL.",
        )


def reachable(settings: Settings) -> bool:
    """Whether the public address is one of the internet's. On loopback it is enough that the API is there as well."""
    return not _is_private(settings.public_url) or _is_private(settings.api_base_url)


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def check_reachable(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether a Saycode answers at the public address; `answer` is that of its door "live"."""
    trouble = (
        _failure_finding(settings, answer)
        if isinstance(answer, RequestFailure)
        else _unexpected_reply(settings, answer)
    )
    if trouble:
        yield trouble
    elif not settings.public_url.startswith("https://"):
        yield ok(Check.ADDRESS, f"{settings.public_url} answers (on this machine, so https is not asked for).")
    else:
        yield ok(Check.ADDRESS, f"{settings.public_url} answers over https, as seen from here.")


def _failure_finding(settings: Settings, answer: RequestFailure) -> Finding:
    mends = {
        FailureReason.NO_SUCH_NAME: "Correct the name in SAYCODE_PUBLIC_URL; a tunnel may have got a new one.",
        FailureReason.CERTIFICATE: "Get a certificate for this name from a public authority: Twilio accepts no other.",
        FailureReason.NO_TLS: "Let the proxy or the tunnel speak https there.",
    }
    return problem(
        Check.ADDRESS,
        f"{settings.public_url} cannot be reached: {answer}.",
        mends.get(answer.why, f"Start the service (saycode serve), and the tunnel if there is one ({TUNNEL})."),
    )


def _unexpected_reply(settings: Settings, answer: Reply) -> Finding | None:
    url = settings.public_url
    if target := answer.redirects_to:
        return _redirect_finding(settings, PublicUrls(url).of("live"), target)
    if code := answer.headers.get("ngrok-error-code"):
        return problem(
            Check.ADDRESS,
            f"At {url} ngrok answers in place of the service ({printable(code)}).",
            f"Start the service (saycode serve) and the tunnel ({TUNNEL}). "
            "If ngrok shows another address, put that into SAYCODE_PUBLIC_URL and start the service again.",
        )
    if answer.status in (502, 503, 504):
        return problem(
            Check.ADDRESS,
            f"At {url} a proxy answers HTTP {answer.status}: nothing is behind it.",
            "Start the service (saycode serve), or let the proxy lead to its port.",
        )
    if answer.status != 200 or answer.record != {"status": "ok"}:
        return problem(
            Check.ADDRESS,
            f"What answers at {url} is not Saycode (HTTP {answer.status}).",
            "Let SAYCODE_PUBLIC_URL name the address that leads to this service, without a login in front of it.",
        )
    return None


def _redirect_finding(settings: Settings, asked: str, target: str) -> Finding:
    place, path = without_secrets(urljoin(asked, target)), asked.removeprefix(settings.public_url)
    moved = place.removesuffix(path)
    return problem(
        Check.ADDRESS,
        f"{asked} sends visitors on to {place}. Twilio would follow, and lose its fields.",
        f"Put {moved} into SAYCODE_PUBLIC_URL, and start the service again."
        if place.endswith(path) and moved != settings.public_url
        else "Let the proxy hand on every path as it is, without redirects.",
    )


def check_identity(settings: Settings, nonce: str, answer: Answer) -> Iterator[Finding]:
    """Whether it is this very service that answers; `answer` is that of its door "probed"."""
    asked = PublicUrls(settings.public_url).of("probed")
    if isinstance(answer, RequestFailure):
        yield _failure_finding(settings, answer)
    elif target := answer.redirects_to:
        yield _redirect_finding(settings, asked, target)
    elif answer.status == 403:
        yield problem(
            Check.IDENTITY,
            f"What answers at {settings.public_url} refuses the doctor: it does not know TWILIO_AUTH_TOKEN.",
            f"{RESTART}. If that is another service, fix SAYCODE_PUBLIC_URL.",
        )
    elif (record := _proven_record(settings, nonce, answer)) is None:
        yield problem(
            Check.IDENTITY,
            f"What answers at {settings.public_url} cannot prove that it is this service (HTTP {answer.status}).",
            "Let SAYCODE_PUBLIC_URL lead to this service, with nothing in front of /webhooks/ that answers for it, "
            "and run one version of it.",
        )
    elif record.get("key") != key_ring(settings).newest:
        yield problem(
            Check.IDENTITY,
            "A Saycode answers that was started with another SAYCODE_SECRET_KEY: an older one, or another's.",
            f"{RESTART}.",
        )
    else:
        yield ok(Check.IDENTITY, "It is this service that answers there.")


def _proven_record(settings: Settings, nonce: str, answer: Answer) -> dict[str, Any] | None:
    """What the service told about the request, if it proved that it holds the token."""
    record = answer.record if isinstance(answer, Reply) and answer.status == 200 else None
    expected = proof(settings.auth_token.reveal().encode(), Side.SERVICE, nonce)
    return record if record and record.get("proof") == expected else None


def check_signed_request(settings: Settings, nonce: str, answer: Answer) -> Iterator[Finding]:
    """What became of a signed request on its way. Nothing when it is not known that the service itself answered."""
    record = _proven_record(settings, nonce, answer)
    if record is None:
        return
    here, path = settings.public_url, PATHS["probed"]
    signed, checked = f"{here}/…", str(record.get("checked")).removesuffix(path)
    heard = "".join(f" {name} arrives as {value}." for name, value in (record.get("hearsay") or {}).items())
    signature = record.get("signature")
    if checked != here:
        yield problem(
            Check.SIGNATURE,
            f"Twilio would sign {signed}, but the service checks {checked}/….{heard}",
            f"{RESTART}: SAYCODE_PUBLIC_URL={here}.",
        )
    elif signature in (SignatureProblem.MISSING, SignatureProblem.DOUBLED):
        yield problem(
            Check.SIGNATURE,
            f"The header X-Twilio-Signature arrives {signature}.{heard}",
            "Let the proxy hand it on, once and as it is.",
        )
    elif signature != "right":
        yield problem(
            Check.SIGNATURE,
            f"Twilio would sign {signed}, and the service checks the same, but the fields change on the way.{heard}",
            "Let the proxy hand bodies on as they are: no trimming of spaces, no dropping of blank fields.",
        )
    else:
        yield ok(Check.SIGNATURE, f"Twilio would sign {signed}, and the service checks the same.")
        if heard:
            yield note(Check.SIGNATURE, f"{heard.strip()} That does no harm: only SAYCODE_PUBLIC_URL counts.")


def check_webhook(settings: Settings, door: str, *, right: Answer, forged: Answer) -> Iterator[Finding]:
    """Whether a door of Twilio's lets a right signature in, and only that."""
    url = PublicUrls(settings.public_url).of(door)
    if isinstance(right, Reply) and (target := right.redirects_to):
        yield _redirect_finding(settings, url, target)
    elif not (isinstance(forged, Reply) and forged.status == 403):
        yield problem(
            Check.SIGNATURE,
            f"{url} does not refuse a forged signature ({_how(forged)}).",
            "Let the proxy lead this path to the service, and answer nothing itself.",
        )
    elif not (isinstance(right, Reply) and right.status == 200 and b"<Response" in right.body):
        yield problem(
            Check.SIGNATURE,
            f"{url} does not answer a right signature with a document ({_how(right)}).",
            f"{RESTART}, and let the proxy lead this path to it. Its log says more.",
        )
    else:
        yield ok(Check.SIGNATURE, f"{url} lets a right signature in, and refuses a forged one.")


def check_database(answer: Answer) -> Iterator[Finding]:
    """Whether the running service reads its code table."""
    if isinstance(answer, Reply) and answer.status == 503:
        yield problem(
            Check.DATABASE,
            "The running service cannot read its database.",
            "Its log says why; mend that, or SAYCODE_DATABASE_URL, and start it again.",
        )


def _how(answer: Answer) -> str:
    return f"HTTP {answer.status}" if isinstance(answer, Reply) else str(answer)
