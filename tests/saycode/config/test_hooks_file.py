"""hooks.toml: which systems post their codes, and what is refused in it before anything listens."""

from base64 import b64encode
from pathlib import Path

import pytest

from saycode.config.hooks_file import parse_hooks
from saycode.config.loader import load
from saycode.config.parsers import InvalidValue
from tests.saycode.config.test_settings import REQUIRED, problems
from verification.types import Channel
from webhooks.senders import KNOWN_FIELDS, Fields, Hook, Sender

SERVICE = "VA" + "a" * 32
KEY = bytes(range(32))
SECRET = "whsec_" + b64encode(KEY).decode()
FILE = f"""
[supabase]
sender = "supabase"
service = "{SERVICE}"
channel = "sms"
secrets = ["v1,{SECRET}", "{SECRET.rstrip("=")}"]

[supabase.fields]
address = "metadata.ip_address"

[kratos]
sender = "kratos"
service = "{SERVICE}"

[zitadel]
service = "{SERVICE}"
action = "change-password"
[zitadel.fields]
number = ["to", "payload.to"]
code = "payload.code"
language = "payload.locale"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "hooks.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_known_senders_need_no_fields_and_may_have_some(tmp_path: Path) -> None:
    hooks = parse_hooks(written(tmp_path, FILE))
    known = KNOWN_FIELDS[Sender.SUPABASE]
    assert hooks["supabase"] == Hook(
        name="supabase",
        sender=Sender.SUPABASE,
        service=SERVICE,
        fields=Fields(number=known.number, code=known.code, address=("metadata.ip_address",)),
        channel=Channel.SMS,
        action="sign-in",
        secrets=(KEY, KEY),
    )
    assert hooks["kratos"].fields == KNOWN_FIELDS[Sender.KRATOS]
    assert (hooks["kratos"].channel, hooks["kratos"].secrets) == (Channel.CALL, ())


def test_of_another_sender_the_file_says_where_number_and_code_are(tmp_path: Path) -> None:
    hook = parse_hooks(written(tmp_path, FILE))["zitadel"]
    assert hook.sender is Sender.OTHER
    assert hook.fields == Fields(
        number=("to", "payload.to"), code=("payload.code",), language=("payload.locale",), address=()
    )


def test_the_settings_bring_them_and_no_repr_shows_a_key(tmp_path: Path) -> None:
    settings = load({**REQUIRED, "SAYCODE_HOOKS": written(tmp_path, FILE)})
    assert set(settings.hooks) == {"supabase", "kratos", "zitadel"}
    assert repr(KEY)[2:20] not in repr(settings)
    assert load(REQUIRED).hooks == {}


GOOD = f'service = "{SERVICE}"\nfields = {{number = "to", code = "code"}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"[Supabase]\n{GOOD}", "Supabase is no name"),
        ("hook = 1", "hook must be a table"),
        (f'[hook]\n{GOOD}url = "x"', "hook.url is unknown"),
        (f'[hook]\n{GOOD}sender = "zitadel"', "hook.sender must be one of: supabase, kratos, logto, other"),
        ('[hook]\nsender = "kratos"', "hook.service must be the sid of a service"),
        ('[hook]\nsender = "kratos"\nservice = "VA1"', "hook.service must be the sid of a service"),
        (f'[hook]\n{GOOD}channel = "email"', "hook.channel must be one of: call, sms"),
        (f"[hook]\n{GOOD}channel = 1", "hook.channel must be one of: call, sms"),
        (f'[hook]\n{GOOD}action = "Sign In"', "hook.action must be the name of an action"),
        (f'[hook]\n{GOOD}secrets = "{SECRET}"', "hook.secrets must be a list"),
        (f'[hook]\n{GOOD}secrets = ["whsec_{b64encode(bytes(23)).decode()}"]', "hook.secrets must be a list"),
        (f'[hook]\n{GOOD}secrets = ["correct horse"]', "hook.secrets must be a list"),
        (f"[hook]\n{GOOD}secrets = [1]", "hook.secrets must be a list"),
        (f"[hook]\n{GOOD}secrets = [{', '.join([repr(SECRET)] * 6)}]", "hook.secrets must be a list of at most 5"),
        (f'[hook]\nservice = "{SERVICE}"', "hook.fields must say where number and code are"),
        (f'[hook]\nservice = "{SERVICE}"\nfields = {{number = "to"}}', "hook.fields must say where"),
        (f'[hook]\nservice = "{SERVICE}"\nfields = 1', "hook.fields must be a table"),
        (f'[hook]\n{GOOD}[hook.fields2]\na = "b"', "hook.fields2 is unknown"),
        (
            f'[hook]\nservice = "{SERVICE}"\nfields = {{number = "a..b", code = "c"}}',
            "hook.fields.number must be a path",
        ),
        (f'[hook]\nservice = "{SERVICE}"\nfields = {{number = [], code = "c"}}', "hook.fields.number must be a path"),
        (f'[hook]\nservice = "{SERVICE}"\nfields = {{number = 1, code = "c"}}', "hook.fields.number must be a path"),
        (
            f'[hook]\nservice = "{SERVICE}"\nfields = {{number = "n", code = "c", to = "t"}}',
            "hook.fields.to is unknown",
        ),
    ],
)
def test_what_is_wrong_is_named_without_a_secret(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_hooks(written(tmp_path, text))
    lines = [str(line) for line in caught.value.args]
    assert any(line.startswith(f"names a file where {expected}") for line in lines), lines
    assert not any(SECRET in line or "correct horse" in line for line in lines)


def test_an_action_must_be_declared_and_allow_the_channel(tmp_path: Path) -> None:
    unknown = written(tmp_path, f'[hook]\n{GOOD}action = "close-account"')
    (found,) = problems({**REQUIRED, "SAYCODE_HOOKS": unknown})
    assert found.startswith("SAYCODE_HOOKS names a file in which hook.action is not declared")
    actions = tmp_path / "actions.toml"
    actions.write_text('[sign-in]\nchannels = ["sms"]\n', encoding="utf-8")
    calls = written(tmp_path, f"[hook]\n{GOOD}")
    (found,) = problems({**REQUIRED, "SAYCODE_HOOKS": calls, "SAYCODE_ACTIONS": str(actions)})
    assert found.endswith("hook.action is not declared, or not for calls")
    actions.write_text('[sign-in]\nchannels = ["call"]\n', encoding="utf-8")
    texts = written(tmp_path, f'[hook]\n{GOOD}channel = "sms"\n')
    (found,) = problems({**REQUIRED, "SAYCODE_HOOKS": texts, "SAYCODE_ACTIONS": str(actions)})
    assert found.endswith("hook.action is not declared, or not for texts")


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    (found,) = problems({**REQUIRED, "SAYCODE_HOOKS": str(tmp_path / "missing.toml")})
    assert found.startswith("SAYCODE_HOOKS names a file that cannot be read")
