"""Reads the settings from the environment and a `.env` file, and finds every problem with them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv.parser import Binding, Original, parse_stream

from twiml.words import match_language
from verification.policy import BUILT_IN_ACTIONS

from .actions_file import actions_without_phrase
from .parsers import InvalidValue
from .policy import set_up_channels
from .setting import Setting, SettingsError
from .settings import SETTINGS, Settings
from .sizes import DEFAULT_SIZE, SIZES, Size
from .text_files import read_text, why_unreadable
from .twilio_settings import TWILIO_API_URL, Carrier, carrier_conflicts, regional_url, standby_conflicts

_NAMES = tuple(name for row in SETTINGS for name in row.names)
_BY_BARE_NAME = {name.partition("_")[2]: name for name in _NAMES}
#: Near enough for a slip of the fingers: RETENTION for RETENTION_DAYS, but not PROXIES for PRICES.
_NEAR = 0.78


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises SettingsError with every problem, not only the first."""
    problems = list(_unknown_settings(environ))
    environ = _with_size(environ)
    values: dict[str, Any] = {}
    for row in fields(Settings):
        declared: Setting = row.metadata["setting"]
        try:
            values[row.name] = declared.read(environ)
        except InvalidValue as problem:
            problems.extend(f"{declared.name} {line}" for line in problem.args)
    if not problems:
        problems.extend(_conflicts(values))
    if problems:
        raise SettingsError(problems)
    values["senders"] = values["senders"] or {}
    values["countries"] = values["countries"] or frozenset({values["from_number"].region, *values["senders"]})
    if values["region"] or values["edge"]:
        values["api_base_url"] = regional_url(values["region"], values["edge"])
    values["prices"] = values["prices"] or {}
    values["trusted_proxies"] = values["trusted_proxies"] or ()
    values["test_numbers"] = values["test_numbers"] or ()
    values["actions"] = values["actions"] or BUILT_IN_ACTIONS
    values["alert_urls"] = values["alert_urls"] or ()
    values["hooks"] = values["hooks"] or {}
    values["console_help_desk"] = values["console_help_desk"] or frozenset()
    values["console_administrators"] = values["console_administrators"] or frozenset()
    return Settings(**values)


def _with_size(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with the limits of its size, where it does not set them itself."""
    size = environ.get("SAYCODE_SIZE", "").strip() or DEFAULT_SIZE
    limits = SIZES[Size(size)] if size in [known.value for known in Size] else {}
    return {**environ, **{name: text for name, text in limits.items() if not environ.get(name, "").strip()}}


def _unknown_settings(environ: Mapping[str, str]) -> Iterator[str]:
    # Only our own prefix: Twilio's own programs read TWILIO_ names too.
    for name in sorted(name for name in environ if name.upper().startswith("SAYCODE_") and name not in _NAMES):
        # Without the prefix, which all have in common.
        nearest = get_close_matches(name.upper().removeprefix("SAYCODE_"), _BY_BARE_NAME, n=1, cutoff=_NEAR)
        guess = f"did you mean {_BY_BARE_NAME[nearest[0]]}?" if nearest else "remove it"
        yield f"{name} is not a setting; {guess}"


def _conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    if values["api_key"] and not values["api_secret"]:
        yield "TWILIO_API_SECRET is missing: TWILIO_API_KEY is set and needs it"
    if values["money_per_day"] is not None and not values["prices"]:
        yield "SAYCODE_PRICES is missing: SAYCODE_MONEY_PER_DAY is set and needs them"
    if values["api_secret"] and not values["api_key"]:
        yield "TWILIO_API_KEY is missing: TWILIO_API_SECRET is set and belongs to it"
    yield from carrier_conflicts(values)
    yield from standby_conflicts(values)
    for name, other in (("SENDER", "templates"), ("TEMPLATES", "sender")):
        if values[f"whatsapp_{other}"] and not values[f"whatsapp_{name.lower()}"]:
            yield f"SAYCODE_WHATSAPP_{name} is missing: SAYCODE_WHATSAPP_{other.upper()} is set and needs it"
    yield from _console_conflicts(values)
    if values["audit_retention_days"] < values["retention_days"]:
        yield "SAYCODE_AUDIT_RETENTION_DAYS must not be less than SAYCODE_RETENTION_DAYS"
    spoken = match_language(values["language"]) or "en-US"
    for name in actions_without_phrase(values["actions"] or (), spoken):
        yield f"SAYCODE_ACTIONS names a file in which {name}.spoken has nothing for {spoken}, your language"
    yield from _channel_conflicts(values)
    for name, value in (("TWILIO_REGION", values["region"]), ("TWILIO_EDGE", values["edge"])):
        if value and values["api_base_url"] != TWILIO_API_URL and values["carrier"] is Carrier.TWILIO:
            yield f"{name} must not be set together with TWILIO_API_BASE_URL: keep one of them"
    if values["countries"] and (others := sorted((values["senders"] or {}).keys() - values["countries"])):
        yield f"SAYCODE_SENDERS names countries that SAYCODE_COUNTRIES does not: {', '.join(others)}"
    if not values["countries"] and values["from_number"].region == "001":
        yield "SAYCODE_COUNTRIES is missing: TWILIO_FROM_NUMBER belongs to no country"


def _channel_conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    """Actions and hooks that no channel is left for. An action may name one that is not set up beside others."""
    known = {action.name: action for action in values["actions"] or BUILT_IN_ACTIONS}
    set_up = set_up_channels(values["whatsapp_sender"])
    for action in known.values():
        if not action.channels.intersection(set_up):
            missing = f"{action.name}.channels has only {', '.join(sorted(action.channels))}"
            yield f"SAYCODE_ACTIONS names a file in which {missing}, and SAYCODE_WHATSAPP_SENDER is not set"
    for hook in (values["hooks"] or {}).values():
        if hook.action not in known or hook.channel not in known[hook.action].channels.intersection(set_up):
            missing = f"{hook.name}.action is not declared, or not for {hook.channel.word}s"
            yield f"SAYCODE_HOOKS names a file in which {missing}"


def _console_conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    """What the sign-in at the company's provider needs, all of it or nothing."""
    needed = ("client_id", "client_secret")
    roles = ("help_desk", "administrators")
    if not values["console_issuer"]:
        for name in (*needed, *roles):
            if values[f"console_{name}"]:
                yield f"SAYCODE_CONSOLE_ISSUER is missing: SAYCODE_CONSOLE_{name.upper()} is set and belongs to it"
        return
    for name in needed:
        if not values[f"console_{name}"]:
            yield f"SAYCODE_CONSOLE_{name.upper()} is missing: SAYCODE_CONSOLE_ISSUER is set and needs it"
    if not any(values[f"console_{name}"] for name in roles):
        yield (
            "SAYCODE_CONSOLE_HELP_DESK is missing: with SAYCODE_CONSOLE_ISSUER, it or SAYCODE_CONSOLE_ADMINISTRATORS"
            " says who may sign in"
        )


def read_environment(directory: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment on top of the `.env` file of `directory`, if there is one. Raises SettingsError.

    Values in the file are taken literally; `$` has no meaning. A secret in the environment, as NAME or NAME_FILE, hides
    both names in the file.
    """
    values = _read_file(directory / ".env")
    for setting in SETTINGS:
        if any(name in environ for name in setting.names):
            for name in setting.names:
                values.pop(name, None)
    return {**values, **environ}


def _read_file(path: Path) -> dict[str, str]:
    try:
        # dotenv_values() would only log a malformed line, and continue without the setting.
        bindings = list(parse_stream(StringIO(read_text(path))))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f".env cannot be read: {why_unreadable(problem)}"]) from problem
    if lines := [_line(row.original) for row in bindings if row.error or (row.key and row.value is None)]:
        raise SettingsError([f".env line {line} is not NAME=value" for line in lines])
    if problems := list(_set_twice(bindings)):
        raise SettingsError(problems)
    return {binding.key: binding.value or "" for binding in bindings if binding.key is not None}


def _set_twice(bindings: Sequence[Binding]) -> Iterator[str]:
    """The settings that the file has more than once: the last would count, and the others look as if they did."""
    lines: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.key in _NAMES:
            lines.setdefault(binding.key, []).append(str(_line(binding.original)))
    for name, of_name in lines.items():
        if len(of_name) > 1:
            yield f".env sets {name} more than once: lines {' and '.join(of_name)}"


def _line(original: Original) -> int:
    # The parser counts the blank lines in front of a line as its beginning.
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")
