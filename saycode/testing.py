"""Verifiers and application contexts for tests, benchmarks and the simulation.

They are made as `saycode.server.app` makes them, with the defaults that tests share.
"""

from collections.abc import Sequence
from typing import Any

from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import Clock, Provider, Randomness, Store
from verification.values.codes import KeyRing
from verification.verifier import Verifier
from webhooks.context import AppContext

from .server.app import build_context as build_app_context
from .server.clock import randomness as secure_randomness
from .storage.store import SqlStore

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "12345"
SENDER = "+14155550199"
PUBLIC_URL = "https://verify.example"
SECRET = b"a key of the tests, and 32 bytes long"


def build_verifier(
    store: Store,
    *,
    provider: Provider,
    clock: Clock,
    policy: Policy = DEFAULT_POLICY,
    randomness: Randomness = secure_randomness,
    secrets: tuple[bytes, ...] = (SECRET,),
    **fields: Any,
) -> Verifier:
    """A verifier over this store. `fields`: the other fields of Verifier, such as `lookup`."""
    return Verifier(
        store=store,
        provider=provider,
        clock=clock,
        randomness=randomness,
        policy=policy,
        keys=KeyRing(secrets),
        **fields,
    )


def build_context(
    verifier: Verifier,
    store: SqlStore,
    *,
    public_url: str = PUBLIC_URL,
    auth_tokens: Sequence[str] = (AUTH_TOKEN,),
    **fields: Any,
) -> AppContext:
    """A context for `webhooks.app.create_app` that calls back at once. `fields`: the other fields of AppContext."""
    defaults: dict[str, Any] = {
        "account_sid": ACCOUNT_SID,
        "brand": "Acme",
        "language": "en-US",
        "region": "US",
        "sender": SENDER,
        "callback_delay": 0,
    }
    return build_app_context(verifier, store, public_url=public_url, auth_tokens=auth_tokens, **defaults | fields)
