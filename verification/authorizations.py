"""OpenID Connect's clients, what they ask a browser to prove, and when it is proven.

One login may serve several clients while the browser's session lasts. A risky action, a payment, `prompt=login` and
`max_age=0` each need a verification that was started after the client asked. For a risky action or a payment it serves
one request only, and not after the approval has expired.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from .flow.check import approval_valid_until
from .flow.ending import reported
from .models import BUILT_IN_SERVICE, State, Verification, new_sid
from .policy import SIGN_IN, Policy
from .ports import Randomness
from .services import SECRET_BYTES, secret_digest
from .types import Record, VerificationStatus
from .values.payments import Payment
from .values.usernames import account_name

#: Seconds that a pushed request (RFC 9126), a code (RFC 6749, 4.1.2) and an access token are valid.
PUSHED_LIFETIME, CODE_LIFETIME, TOKEN_LIFETIME = 60, 60, 300
#: Seconds that a browser has to prove what was asked, and then to get the answer again, should it have lost it.
REQUEST_LIFETIME, ANSWER_LIFETIME = 1800, 300


class Client(Record, frozen=True, kw_only=True):
    """An application that may ask. A public one (RFC 6749, 2.1) has no secret."""

    hidden: ClassVar = frozenset({"digest"})

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    digest: bytes | None = None
    created_at: float

    @property
    def public(self) -> bool:
        return self.digest is None


def new_client(
    name: str, redirect_uris: tuple[str, ...], *, public: bool, now: float, randomness: Randomness
) -> tuple[Client, str | None]:
    """A client, and its secret, which is not stored."""
    secret = None if public else randomness(SECRET_BYTES).hex()
    digest = None if secret is None else secret_digest(secret)
    client = Client(id=new_sid("OC", randomness), name=name, redirect_uris=redirect_uris, digest=digest, created_at=now)
    return client, secret


class Authorization(Record, frozen=True, kw_only=True):
    """What a client asks this browser to prove. `parameters` are those of its request, as it sent them.

    `fresh`: by a verification that was started after the request; `once`: that serves no other request. `max_age` in
    seconds. `subject`: whose proof it must be; empty for any person's. `hint`: the user name or number that the form
    begins with. `error` is the answer that was decided before any proof: an error code of OAuth.
    """

    hidden: ClassVar = frozenset({"parameters", "subject", "hint"})

    client: str
    client_name: str
    parameters: Mapping[str, str]
    action: str = SIGN_IN
    payment: Payment | None = None
    fresh: bool = False
    once: bool = False
    max_age: int | None = None
    subject: str = ""
    hint: str = ""
    since: float
    error: str = ""

    def allows(self, identity: "Identity") -> bool:
        """Whether this person's proof can be the answer. A user name may have been typed in another spelling."""
        return not self.subject or account_name(self.subject) == account_name(identity.subject)


class Grant(Record, frozen=True, kw_only=True):
    """What a code stands for. It is bound to the client, its redirect URI and its PKCE challenge (RFC 7636).

    `once`: the verification must serve no other code. `used_at`: when the code was exchanged.
    """

    hidden: ClassVar = frozenset({"challenge", "nonce"})

    client: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str = ""
    acr: str
    verification: str
    once: bool = False
    issued_at: float
    used_at: float | None = None


class Issued(StrEnum):
    """What became of a new code. Anything but `YES` means that there is none."""

    YES = "yes"
    NONCE_USED = "nonce used"
    PROOF_USED = "proof used"
    ANSWERED = "answered"


class Identity(Record, frozen=True):
    """The person that was proven, as in receipts. `methods` are those of RFC 8176; `number` is in E.164."""

    hidden: ClassVar = frozenset({"number"})

    subject: str
    methods: tuple[str, ...]
    approved_at: float
    number: str
    payment: Payment | None = None


class IdentitySigner(Protocol):
    """Signs ID tokens with the keys of receipts, about the same people."""

    def signing_key(self, *, now: float) -> dict[str, Any]:
        """The private key of this time, as a JWK (RFC 7517)."""

    def keys(self, *, now: float) -> dict[str, Any]:
        """The public keys of ID tokens that are not too old, as a JWK Set (RFC 7517)."""

    def identity(self, state: State) -> Identity | None:
        """Who an approved verification has proven; None when no code was typed."""


def concerns(asked: Authorization, state: State) -> bool:
    """Whether the browser's verification is about what was asked. One that ended without an approval before the request
    is not: it must not answer it.
    """
    verification = state.verification
    if verification is None or verification.service != BUILT_IN_SERVICE:
        return False
    if (verification.action, verification.payment) != (asked.action, asked.payment):
        return False
    failed = verification.status.final and verification.status is not VerificationStatus.APPROVED
    return _answers(asked, verification) or not (asked.fresh or failed)


def _answers(asked: Authorization, verification: Verification) -> bool:
    """Whether it was started after the request, and so for it."""
    return verification.created_at >= asked.since


def proves(asked: Authorization, state: State, policy: Policy, *, now: float) -> bool:
    """Whether this browser has proven what was asked.

    `max_age` is for proofs that are older than the request (OpenID Connect Core, 3.1.2.1): for any other one, a second
    from the code to the answer would be too long for `max_age=0`.
    """
    verification, session = state.verification, state.session
    if verification is None or session is None or not session.approved or verification.ended_at is None:
        return False
    if verification.status is not VerificationStatus.APPROVED or not concerns(asked, state):
        return False
    if asked.once and now >= approval_valid_until(verification, policy):
        return False
    return asked.max_age is None or _answers(asked, verification) or now - verification.ended_at <= asked.max_age


class AuthorizationStore(Protocol):
    """The store of clients, requests and codes. Every method raises Unavailable when it cannot answer.

    A key is a random text: of a pushed request, of a browser's cookie, a code, or an access token. Only keyed digests
    of them are stored.
    """

    async def client(self, id: str) -> Client | None:
        """The client of this id, unless it was removed."""

    async def push(self, key: str, client: str, parameters: Mapping[str, str], *, source: str, now: float) -> bool:
        """Store a pushed request. False when too much is open, altogether or of this source; empty for a client that
        has authenticated itself.
        """

    async def take(self, key: str, client: str, *, now: float) -> Mapping[str, str] | None:
        """The parameters of a pushed request of this client, once."""

    async def begin(self, key: str, asked: Authorization, *, source: str) -> bool:
        """Store what a browser is asked for. False when too much is open, altogether or of this source."""

    async def begun(self, key: str, *, now: float) -> Authorization | None:
        """What the tab with this key is asked for, until the client has the answer, or the browser had time to get it
        again.
        """

    async def refuse(self, key: str, error: str) -> None:
        """Decide the answer to what a browser is asked for."""

    async def answer(self, key: str, *, now: float) -> None:
        """What the browser was asked for is answered without a code."""

    async def nonce_used(self, client: str, nonce: str, *, key: str | None) -> bool:
        """Whether a code of this client was issued for this nonce, but as an answer to what `key` stands for."""

    async def issue(self, code: str, grant: Grant, *, key: str | None) -> Issued:
        """Store a code, and with `key` answer what the browser was asked for; all of it or nothing. Of several
        answers to it, one can be exchanged, and then there are no more.
        """

    async def grant(self, code: str) -> Grant | None:
        """What a code stands for, also after its use; None for one that was never issued, or was revoked."""

    async def redeem(self, code: str, token: str, *, now: float) -> bool:
        """Exchange a code for an access token. False for every exchange but the first, which is revoked then."""

    async def revoke(self, code: str, *, now: float) -> None:
        """Revoke a code that was shown again, and its access token."""

    async def grant_of_token(self, token: str, *, now: float) -> Grant | None:
        """What a valid access token stands for."""


class OpenId(Record, frozen=True):
    """What the page and the endpoints need of the provider."""

    store: AuthorizationStore
    signer: IdentitySigner

    def proven(self, asked: Authorization, state: State, policy: Policy, *, now: float) -> Identity | None:
        """Who has proven in this browser what was asked; None while it is not proven.

        The older proof of another person than the one that is asked for is none. A newer one is: it answers the
        request, with a refusal.
        """
        verification, identity = state.verification, self.signer.identity(state)
        if verification is None or identity is None or not proves(asked, state, policy, now=now):
            return None
        return identity if _answers(asked, verification) or asked.allows(identity) else None

    def answerable(self, asked: Authorization, state: State, policy: Policy, *, now: float) -> bool:
        """Whether the client can be answered: it is decided, or proven, or the person on the phone has refused."""
        if asked.error or refused(asked, state, policy, now=now):
            return True
        return self.proven(asked, state, policy, now=now) is not None


def refused(asked: Authorization, state: State, policy: Policy, *, now: float) -> bool:
    """Whether the person on the phone reported the call, or wants none any more."""
    verification = state.verification
    if verification is None or verification.private or not concerns(asked, state):
        return False
    stopped = state.suppressed and verification.status is VerificationStatus.CANCELED
    return stopped or reported(state, report_pause=policy.report_pause, now=now)
