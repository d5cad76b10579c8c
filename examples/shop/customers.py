"""Customers and their sessions, kept in memory: this is a shop to look at."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum


class Thing(StrEnum):
    """What a customer can change about the account. All of it needs the phone."""

    BILLING = "billing"
    SHIPPING = "shipping-address"
    PASSWORD = "password"

    @property
    def action(self) -> str:
        """What Saycode calls it, and says on the phone."""
        return f"change-{self}"

    @property
    def done(self) -> str:
        """What the customer is told afterwards."""
        details = {"billing": "Your billing details are", "shipping-address": "Your shipping address is"}
        return f"{details.get(self, 'Your password is')} changed."


FIELDS = {
    Thing.BILLING: {"name": "Name on the invoice", "address": "Invoice address"},
    Thing.SHIPPING: {"name": "Name on the parcel", "street": "Street", "city": "Postcode and city"},
    Thing.PASSWORD: {"password": "New password"},
}
LONGEST, SHORTEST_PASSWORD = 120, 10


@dataclass(frozen=True, slots=True)
class Password:
    """Salted and slow to guess (RFC 7914)."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, text: str) -> "Password":
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(text, salt))

    def matches(self, text: str) -> bool:
        return hmac.compare_digest(self.digest, _scrypt(text, self.salt))


def _scrypt(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, n=2**14, r=8, p=1)


@dataclass(slots=True)
class Customer:
    """A person who buys tea. Their phone number is Saycode's to know."""

    name: str
    password: Password
    details: dict[Thing, dict[str, str]]
    letters: bool = True

    def change(self, thing: Thing, values: dict[str, str]) -> None:
        """Take over what was asked for and approved."""
        if thing is Thing.PASSWORD:
            self.password = Password.of(values["password"])
        else:
            self.details[thing] = values


@dataclass(frozen=True, slots=True)
class Login:
    """What an answer of the OpenID provider is checked against."""

    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class Change:
    """What a customer asked for, until the phone says yes. `verification` is Saycode's name for that, or `login` what
    the OpenID provider's answer is checked against.
    """

    thing: Thing
    values: dict[str, str]
    verification: str = ""
    channel: str = "call"
    login: Login | None = None


@dataclass(slots=True)
class Session:
    """A browser: who signed in, what is waiting for the phone, and what to tell on the next page."""

    user: str = ""
    change: Change | None = None
    notice: str = ""


@dataclass(slots=True)
class Customers:
    """All customers and their browsers."""

    known: dict[str, Customer]
    sessions: dict[str, Session] = field(default_factory=dict)

    def sign_in(self, name: str, password: str) -> str | None:
        """A new session's cookie; None when name and password do not belong together."""
        customer = self.known.get(name.strip().lower())
        right = (customer.password if customer else _NOBODYS).matches(password)
        if customer is None or not right:
            return None
        cookie = secrets.token_urlsafe(32)
        self.sessions[cookie] = Session(user=customer.name)
        return cookie


_NOBODYS = Password.of(secrets.token_hex(16))


def wrong(thing: Thing, values: dict[str, str]) -> str:
    """What is wrong with a form; empty when nothing is."""
    if not all(values.values()):
        return "Please fill in every field."
    if any(len(value) > LONGEST for value in values.values()):
        return f"Please use at most {LONGEST} characters."
    if thing is Thing.PASSWORD and len(values["password"]) < SHORTEST_PASSWORD:
        return f"A password needs {SHORTEST_PASSWORD} characters or more."
    return ""


def demo_customers(password: str) -> Customers:
    """One customer, who signs in as `ada`."""
    ada = Customer(
        name="ada",
        password=Password.of(password),
        details={
            Thing.BILLING: {"name": "Ada Byron", "address": "12 St James's Square, London"},
            Thing.SHIPPING: {"name": "Ada Byron", "street": "5 Ockham Lane", "city": "GU23 6NQ Ockham"},
        },
    )
    return Customers({ada.name: ada})
