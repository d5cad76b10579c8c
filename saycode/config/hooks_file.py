"""hooks.toml: the systems that post their own codes, declared by the operator.

    [supabase]                            the name in its address: /hooks/supabase
    sender = "supabase"                   supabase, kratos, logto or other (the default)
    service = "VA…"                       in whose name it is said or texted
    channel = "sms"                       call (the default), sms, whatsapp
    action = "sign-in"                    the default
    secrets = ["v1,whsec_…"]              keys of its signatures; without one it needs an API key of the service

    [supabase.fields]                     where a message has what counts, for another sender at least these two
    number = "user.phone"                 or a list, of which the first with a value counts
    code = "sms.otp"
    language = "user.user_metadata.lang"
    address = "metadata.ip_address"

A table `fields` of a known sender replaces what is known of it, path by path.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from verification.policy import ACTION_NAME, SIGN_IN
from verification.types import Channel
from webhooks.senders import KNOWN_FIELDS, Fields, Hook, Sender

from .parsers import InvalidValue
from .text_files import read_toml

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SERVICE = re.compile(r"VA[0-9a-f]{32}")
_PATH = re.compile(r"[^.\s]+(\.[^.\s]+){0,9}")
_KEYS = ("sender", "service", "channel", "action", "secrets", "fields")
_FIELDS = ("number", "code", "language", "address")
#: Bytes of a signing key (https://www.standardwebhooks.com).
_LEAST_KEY, _MOST_KEY = 24, 64
_MOST_SECRETS = 5


def parse_hooks(path: str) -> Mapping[str, Hook]:
    """The hooks of the file, by name. Raises InvalidValue with a line for each problem; none shows a secret."""
    declared = read_toml(path)
    problems = [f"{name}{problem}" for name, hook in declared.items() for problem in _problems(name, hook)]
    if problems:
        raise InvalidValue(*(f"names a file where {problem}" for problem in problems))
    return {name: _hook(name, hook) for name, hook in declared.items()}


def _problems(name: str, hook: object) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield " is no name: use up to 40 of a-z, 0-9 and -, and begin with a letter"
    if not isinstance(hook, Mapping):
        yield " must be a table"
        return
    for key in sorted(hook.keys() - set(_KEYS)):
        yield f".{key} is unknown; the keys are {', '.join(_KEYS)}"
    if hook.get("sender", Sender.OTHER) not in [*Sender]:
        yield f".sender must be one of: {', '.join(Sender)}"
    if not _matches(_SERVICE, hook.get("service")):
        yield ".service must be the sid of a service: VA and 32 digits"
    if hook.get("channel", Channel.CALL) not in [*Channel]:
        yield f".channel must be one of: {', '.join(Channel)}"
    if not _matches(ACTION_NAME, hook.get("action", SIGN_IN)):
        yield ".action must be the name of an action"
    secrets = hook.get("secrets", [])
    if not isinstance(secrets, list) or len(secrets) > _MOST_SECRETS or None in map(_key, secrets):
        yield f".secrets must be a list of at most {_MOST_SECRETS}: whsec_ and {_LEAST_KEY} bytes or more in base64"
    yield from _field_problems(hook)


def _field_problems(hook: Mapping[str, Any]) -> Iterator[str]:
    fields = hook.get("fields", {})
    if not isinstance(fields, Mapping):
        yield ".fields must be a table"
        return
    for key in sorted(fields.keys() - set(_FIELDS)):
        yield f".fields.{key} is unknown; the fields are {', '.join(_FIELDS)}"
    for key, paths in fields.items():
        if not _paths(paths) or not all(_matches(_PATH, path) for path in _paths(paths)):
            yield f".fields.{key} must be a path such as user.phone, or a list of them"
    if hook.get("sender", Sender.OTHER) == Sender.OTHER and not {"number", "code"} <= fields.keys():
        yield ".fields must say where number and code are"


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _key(secret: object) -> bytes | None:
    """The bytes of a signing key; None for anything else. Supabase puts the version of the signature before it."""
    if not isinstance(secret, str):
        return None
    encoded = secret.removeprefix("v1,").removeprefix("whsec_")
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if _LEAST_KEY <= len(key) <= _MOST_KEY else None


def _paths(value: object) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _hook(name: str, declared: Mapping[str, Any]) -> Hook:
    sender = Sender(declared.get("sender", Sender.OTHER))
    known = KNOWN_FIELDS[sender]
    own = {key: _paths(paths) for key, paths in declared.get("fields", {}).items()}
    return Hook(
        name=name,
        sender=sender,
        service=declared["service"],
        fields=Fields(**{key: own.get(key, getattr(known, key)) for key in _FIELDS}),
        channel=Channel(declared.get("channel", Channel.CALL)),
        action=declared.get("action", SIGN_IN),
        secrets=tuple(key for secret in declared.get("secrets", []) if (key := _key(secret)) is not None),
    )
