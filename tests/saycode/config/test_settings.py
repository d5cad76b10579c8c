"""Settings: read once, from an argument; nonsense is refused, all of it at once, by name."""

import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from saycode.config.loader import load, read_environment
from saycode.config.parsers import LimitMode, PhoneSource, Secret
from saycode.config.setting import SettingsError
from saycode.config.settings import SETTINGS
from tests.support.keys import KEY, NEW_KEY
from verification.counters.rules import Limit
from verification.policy import Keypress

REQUIRED = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM_NUMBER": "+14155550100",
    "SAYCODE_PUBLIC_URL": "https://verify.example.com",
    "SAYCODE_SECRET_KEY": KEY,
}


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return caught.value.problems


def test_the_required_ones_are_enough_and_the_rest_has_its_default() -> None:
    settings = load(REQUIRED)
    assert settings.api_base_url == "https://api.twilio.com"
    assert settings.database == Path("saycode.db")
    assert settings.database_create is True
    assert settings.brand == "Saycode"
    assert settings.phones is PhoneSource.TYPED
    assert (settings.code_length, settings.code_lifetime, settings.max_checks) == (6, 300, 1)
    assert settings.keypress is Keypress.DIGITS
    assert settings.language == "en-US"
    assert settings.trusted_proxies == ()
    assert settings.limits is LimitMode.ENFORCE
    assert settings.limit_number == (Limit(count=5, seconds=600), Limit(count=10, seconds=86400))
    assert settings.limit_source == (Limit(count=25, seconds=300),)
    assert settings.repeat_spacing == (30, 60, 120, 300)
    assert (settings.auth_token_previous, settings.api_key, settings.messaging_service_sid) == (None, None, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_with_a_byte_order_mark_are_read_without_it(tmp_path: Path, encoding: str) -> None:
    files = {
        ".env": "SAYCODE_BRAND=Zoë\r\nTWILIO_AUTH_TOKEN_FILE=token\r\n",
        "token": "from-a-file\r\n",
        "key": KEY + "\r\n",
        "prices": "US:0.0140:0.0083\r\n*:0.5:0.2\r\n",
        "actions.toml": "[close-account.spoken]\r\nen-US = 'to close your account'\r\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode(encoding))
    environ = {
        name: value for name, value in REQUIRED.items() if name not in ("TWILIO_AUTH_TOKEN", "SAYCODE_SECRET_KEY")
    }
    environ |= {
        "TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token"),
        "SAYCODE_SECRET_KEY_FILE": str(tmp_path / "key"),
        "SAYCODE_PRICES": str(tmp_path / "prices"),
        "SAYCODE_ACTIONS": str(tmp_path / "actions.toml"),
    }
    settings = load(read_environment(tmp_path, environ))
    assert settings.brand == "Zoë"
    assert (settings.auth_token, settings.secret_keys) == (Secret("from-a-file"), (Secret(KEY),))
    assert set(settings.prices) == {"US", "*"}
    assert settings.actions[0].phrase("en-US") == "to close your account"


def test_the_countries_are_the_from_numbers_unless_named() -> None:
    assert load(REQUIRED).countries == {"US"}
    assert load({**REQUIRED, "TWILIO_FROM_NUMBER": "+16135550100"}).countries == {"CA"}
    assert load({**REQUIRED, "SAYCODE_COUNTRIES": "de, fr"}).countries == {"DE", "FR"}


def test_a_from_number_of_no_country_needs_the_countries_named() -> None:
    environ = {**REQUIRED, "TWILIO_FROM_NUMBER": "+80012345678"}
    assert problems(environ)[0].startswith("SAYCODE_COUNTRIES is missing")
    assert load({**environ, "SAYCODE_COUNTRIES": "DE"}).countries == {"DE"}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("emptied", [True, False], ids=["empty", "absent"])
def test_a_required_setting_that_is_missing_is_named(name: str, emptied: bool) -> None:
    environ = {**REQUIRED, name: "  "} if emptied else {n: v for n, v in REQUIRED.items() if n != name}
    (problem,) = problems(environ)
    assert problem.startswith(f"{name} is missing: ")


def test_every_problem_is_told_at_once_each_on_its_line() -> None:
    environ = {"SAYCODE_CODE_LENGTH": "5", "SAYCODE_NONSENSE": "1"}
    with pytest.raises(SettingsError) as caught:
        load(environ)
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines] == [
        "SAYCODE_NONSENSE",
        *(name for name in (row.name for row in SETTINGS) if name in REQUIRED),
        "SAYCODE_CODE_LENGTH",
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SAYCODE_CODE_LIFETME", "SAYCODE_CODE_LIFETIME"),
        ("SAYCODE_PUBLIC_ULR", "SAYCODE_PUBLIC_URL"),
        ("SAYCODE_SECRET_KEY_FLIE", "SAYCODE_SECRET_KEY_FILE"),
        ("SAYCODE_DATABASE", "SAYCODE_DATABASE_URL"),
        ("SAYCODE_brand", "SAYCODE_BRAND"),
        ("saycode_max_checks", "SAYCODE_MAX_CHECKS"),
        ("SAYCODE_RETENTION", "SAYCODE_RETENTION_DAYS"),
        ("SAYCODE_FROM_NUMBER", "TWILIO_FROM_NUMBER"),
        ("SAYCODE_ACCOUNT_SID", "TWILIO_ACCOUNT_SID"),
    ],
)
def test_an_unknown_name_of_ours_is_refused_with_the_nearest_one(name: str, meant: str) -> None:
    (problem,) = problems({**REQUIRED, name: "60"})
    assert problem == f"{name} is not a setting; did you mean {meant}?"


@pytest.mark.parametrize(
    "bare",
    [
        "NONSENSE",
        "PORT",
        "HOST",
        "TOKEN",
        "WORKERS",
        "DEBUG",
        "TIMEOUT",
        "PROXIES",
        "REDIS_URL",
        "LOG_LEVEL",
        "ENV",
        "LOCKOUT",
    ],
)
def test_no_setting_is_proposed_for_a_name_that_is_near_none(bare: str) -> None:
    (problem,) = problems({**REQUIRED, f"SAYCODE_{bare}": "60"})
    assert problem == f"SAYCODE_{bare} is not a setting; remove it"


def test_other_programs_names_are_none_of_our_business() -> None:
    load({**REQUIRED, "TWILIO_PROFILE": "x", "PATH": "/bin"})


@pytest.mark.parametrize("name", [row.name for row in SETTINGS if not row.required])
def test_an_empty_optional_setting_is_the_same_as_none(name: str) -> None:
    assert load({**REQUIRED, name: ""}) == load(REQUIRED)


def test_keys_stay_in_order_newest_first() -> None:
    settings = load({**REQUIRED, "SAYCODE_SECRET_KEY": f"{NEW_KEY}, {KEY}"})
    assert [key.reveal() for key in settings.secret_keys] == [NEW_KEY, KEY]


def test_an_api_key_and_its_secret_come_together() -> None:
    key = {"TWILIO_API_KEY": "SK" + "1" * 32}
    secret = {"TWILIO_API_SECRET": "hush"}
    assert problems({**REQUIRED, "TWILIO_API_KEY": "AC" + "1" * 32})[0].startswith("TWILIO_API_KEY must be SK")
    assert problems({**REQUIRED, **key})[0].startswith("TWILIO_API_SECRET is missing")
    assert problems({**REQUIRED, **secret})[0].startswith("TWILIO_API_KEY is missing")
    assert load({**REQUIRED, **key, **secret}).api_secret == Secret("hush")


def test_a_sign_in_at_the_companys_provider_is_set_as_a_whole() -> None:
    whole = {
        "SAYCODE_CONSOLE_ISSUER": "https://login.acme.example/realms/acme/",
        "SAYCODE_CONSOLE_CLIENT_ID": "saycode",
        "SAYCODE_CONSOLE_CLIENT_SECRET": "hush",
        "SAYCODE_CONSOLE_HELP_DESK": "Ann@Acme.example, Help Desk",
    }
    settings = load({**REQUIRED, **whole})
    assert settings.console_issuer == "https://login.acme.example/realms/acme/"
    assert settings.console_help_desk == {"ann@acme.example", "Help Desk"}
    assert settings.console_administrators == frozenset()
    for name in whole:
        partly = {other: value for other, value in whole.items() if other != name}
        assert problems({**REQUIRED, **partly})[0].startswith(f"{name} is missing")


def test_a_secret_hides_wherever_settings_are_shown() -> None:
    settings = load({**REQUIRED, "TWILIO_AUTH_TOKEN": "very-secret", "SAYCODE_SECRET_KEY": KEY})
    shown = f"{settings} {settings!r} {settings.auth_token} {settings.secret_keys}"
    assert "very-secret" not in shown
    assert KEY[:8] not in shown
    assert "5550100" not in shown


@pytest.mark.parametrize("name", [row.name for row in SETTINGS])
def test_a_problem_never_repeats_a_secret_or_a_number(name: str) -> None:
    said = "\n".join(problems({**REQUIRED, name: "hunter2 +14155550199x"}))
    assert name in said
    assert "hunter2" not in said
    assert "4155550199" not in said


def test_settings_can_be_sent_to_a_worker_process() -> None:
    assert pickle.loads(pickle.dumps(load(REQUIRED))) == load(REQUIRED)  # noqa: S301 - our own bytes


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    environ = {**REQUIRED, "TWILIO_AUTH_TOKEN": "", "TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token")}
    assert load(environ).auth_token == Secret("from-a-file")


def test_a_secret_can_come_from_a_pipe() -> None:
    """As of `<(op read …)` in a shell. It can be read only once."""
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "wb") as file:
        file.write(b"from-a-pipe\r\n")
        file.close()
        environ = {**REQUIRED, "TWILIO_AUTH_TOKEN": "", "TWILIO_AUTH_TOKEN_FILE": f"/dev/fd/{reading}"}
        assert load(environ).auth_token == Secret("from-a-pipe")


def test_a_secret_that_is_set_twice_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems({**REQUIRED, "SAYCODE_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert problem.startswith("SAYCODE_SECRET_KEY must not be set together with SAYCODE_SECRET_KEY_FILE")


@pytest.mark.parametrize("contents", [None, b"", b"\xff"], ids=["absent", "empty", "not text"])
def test_a_secret_file_that_gives_nothing_is_a_problem(tmp_path: Path, contents: bytes | None) -> None:
    if contents is not None:
        (tmp_path / "key").write_bytes(contents)
    (problem,) = problems({**REQUIRED, "SAYCODE_SECRET_KEY": "", "SAYCODE_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert "SAYCODE_SECRET_KEY_FILE names" in problem


def test_only_secrets_come_from_files() -> None:
    (problem,) = problems({**REQUIRED, "SAYCODE_BRAND_FILE": "brand"})
    assert problem.startswith("SAYCODE_BRAND_FILE is not a setting")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nSAYCODE_BRAND='Acme 1'\nexport SAYCODE_PHONES=typed\n", encoding="utf-8")
    assert read_environment(tmp_path, {"SAYCODE_BRAND": "Acme 2"}) == {
        "SAYCODE_BRAND": "Acme 2",
        "SAYCODE_PHONES": "typed",
    }


def test_a_secrets_file_in_the_environment_wins_over_the_secret_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TWILIO_AUTH_TOKEN=old\n", encoding="utf-8")
    environ = {"TWILIO_AUTH_TOKEN_FILE": "somewhere"}
    assert read_environment(tmp_path, environ) == environ


def test_without_the_file_the_environment_is_all(tmp_path: Path) -> None:
    assert read_environment(tmp_path, {"A": "b"}) == {"A": "b"}


def test_a_dollar_in_the_file_is_a_dollar(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=x${B}$C\n", encoding="utf-8")
    assert read_environment(tmp_path, {"B": "no"})["A"] == "x${B}$C"


@pytest.mark.parametrize("bad", ["B='c", "B", "=b"])
def test_a_line_that_cannot_be_read_stops_the_start(tmp_path: Path, bad: str) -> None:
    (tmp_path / ".env").write_text(f"A=b\n\n{bad}\nD=e\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_environment(tmp_path, {})
    assert str(caught.value) == ".env line 3 is not NAME=value"


def test_a_setting_that_the_file_has_twice_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SAYCODE_BRAND=A\n\nA=b\nSAYCODE_BRAND=B\nA=c\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_environment(tmp_path, {})
    assert str(caught.value) == ".env sets SAYCODE_BRAND more than once: lines 1 and 4"


@pytest.mark.parametrize("contents", [b"A=b\0\n", "SAYCODE_BRAND=A\n".encode("utf-16-le")])
def test_a_file_with_null_characters_is_no_text(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / ".env").write_bytes(contents)
    (tmp_path / "key").write_bytes(contents)
    with pytest.raises(SettingsError) as caught:
        read_environment(tmp_path, {})
    assert str(caught.value) == ".env cannot be read: it is not UTF-8"
    (problem,) = problems({**REQUIRED, "SAYCODE_SECRET_KEY": "", "SAYCODE_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert problem.endswith("SAYCODE_SECRET_KEY_FILE names: it is not UTF-8")


def test_a_file_that_is_no_text_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        read_environment(tmp_path, {})
