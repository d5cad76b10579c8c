"""The doctor's checks on this machine: settings and the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from starlette.responses import Response

from saycode.config.loader import load
from saycode.doctor import local
from saycode.doctor.findings import Check, Finding, Level
from saycode.storage.sqlite import migrations
from saycode.storage.sqlite.store import SqliteStore
from tests.support.doctor import SECRET, DoctorSetup, Proxy, levels, messages, problems, the_problem
from tests.support.keys import NEW_KEY
from verification.models import BUILT_IN_SERVICE

# Settings


async def test_every_problem_of_the_settings_is_listed_and_nothing_else_is_checked(setup: DoctorSetup) -> None:
    found = await setup.examine(TWILIO_AUTH_TOKEN="", SAYCODE_CODE_LENGTH="4", SAYCODE_COLOUR="red")
    assert [finding.message.split()[0] for finding in found] == [
        "SAYCODE_COLOUR",
        "TWILIO_AUTH_TOKEN",
        "SAYCODE_CODE_LENGTH",
    ]
    assert {(finding.check, finding.level) for finding in found} == {(Check.SETTINGS, Level.PROBLEM)}


async def test_a_key_that_can_be_guessed_is_noted_and_not_shown(setup: DoctorSetup) -> None:
    weak = "change-me-please-change-me-please"
    found = await setup.examine(SAYCODE_SECRET_KEY=weak, SAYCODE_METRICS_ACCESS=f"10.0.0.1,{'m' * 32}")
    noted = [finding for finding in found if finding.check is Check.SETTINGS and finding.level is Level.NOTE]
    assert ["SAYCODE_SECRET_KEY" in noted[0].message, "SAYCODE_METRICS_ACCESS" in noted[1].message] == [True, True]
    assert "openssl rand -hex 32" in noted[0].fix
    assert weak not in messages(found)
    rotated = await setup.examine(SAYCODE_SECRET_KEY=f"{NEW_KEY},{weak}")
    assert not [finding for finding in rotated if finding.check is Check.SETTINGS and finding.level is Level.NOTE]


async def test_a_language_that_saycode_does_not_speak_is_a_problem(setup: DoctorSetup) -> None:
    found = the_problem(await setup.examine(SAYCODE_LANGUAGE="sw-KE"))
    assert found.check is Check.SETTINGS
    assert "SAYCODE_LANGUAGE must be a language that Saycode speaks" in found.message
    assert "de-DE" in found.message


async def test_a_language_of_another_country_is_reported_as_the_one_that_is_spoken(setup: DoctorSetup) -> None:
    assert "de-DE, Deutsch" in messages(await setup.examine(SAYCODE_LANGUAGE="de-AT"))


async def test_countries_without_the_numbers_own_are_noted(setup: DoctorSetup) -> None:
    found = await setup.examine(SAYCODE_COUNTRIES="GB,FR")
    (noted,) = [finding for finding in found if finding.check is Check.COUNTRIES]
    assert (noted.level, "FR, GB" in noted.message, "SAYCODE_COUNTRIES" in noted.fix) == (Level.NOTE, True, True)


async def test_very_many_countries_are_noted(setup: DoctorSetup) -> None:
    many = "US,CA,GB,FR,DE,IT,ES,PT,NL,BE,LU,AT,CH,DK,SE,NO,FI,PL,CZ,SK,HU,RO,BG,GR,TR,IE,IS,EE,LV,LT,MT"
    found = await setup.examine(SAYCODE_COUNTRIES=many)
    assert levels(found, Check.COUNTRIES) == {Level.OK, Level.NOTE}
    assert "Numbers of 31 countries" in messages(found)


async def test_limits_are_summarized_and_watch_mode_is_noted(setup: DoctorSetup) -> None:
    changed = {"SAYCODE_LIMIT_NUMBER": "1/1m,5/2h", "SAYCODE_LIMIT_TOTAL": "7/45s,9/3d"}
    for mode, level in (("enforce", Level.OK), ("watch", Level.NOTE)):
        found = await setup.examine(SAYCODE_LIMITS=mode, **changed)
        (limits,) = [finding for finding in found if finding.check is Check.LIMITS]
        assert limits.level is level
        assert (
            "1 in a minute and 5 in 2 hours for one number, 7 in 45 seconds and 9 in 3 days in total" in limits.message
        )


# The database


async def database(setup: DoctorSetup, path: Path, **changed: str) -> Finding:
    """What is found about a file first, which must be left as it is."""
    before = {inside: inside.read_bytes() for inside in path.parent.iterdir()} if path.parent.is_dir() else {}
    found = await setup.examine(SAYCODE_DATABASE_URL=f"sqlite:///{path}", **changed)
    after = {inside: inside.read_bytes() for inside in path.parent.iterdir()} if path.parent.is_dir() else {}
    assert after == before
    return next(finding for finding in found if finding.check is Check.DATABASE)


async def test_a_missing_database_is_noted_and_not_created(setup: DoctorSetup, tmp_path: Path) -> None:
    assert (await database(setup, tmp_path / "new.db")).level is Level.NOTE


async def test_a_missing_database_that_must_not_be_created_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    found = await database(setup, tmp_path / "gone.db", SAYCODE_DATABASE_CREATE="no")
    assert (found.level, "SAYCODE_DATABASE_CREATE" in found.fix) == (Level.PROBLEM, True)


@pytest.mark.parametrize(("create", "level"), [("yes", Level.NOTE), ("no", Level.PROBLEM)])
async def test_an_empty_file_gets_no_tables(setup: DoctorSetup, tmp_path: Path, create: str, level: Level) -> None:
    (tmp_path / "empty.db").touch()
    assert (await database(setup, tmp_path / "empty.db", SAYCODE_DATABASE_CREATE=create)).level is level


async def test_a_folder_that_does_not_exist_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    found = await database(setup, tmp_path / "no" / "such.db")
    assert (found.level, "SAYCODE_DATABASE_URL" in found.fix) == (Level.PROBLEM, True)


async def test_a_folder_in_place_of_the_file_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    (tmp_path / "folder" / "saycode.db").mkdir(parents=True)
    found = await setup.examine(SAYCODE_DATABASE_URL=f"sqlite:///{tmp_path / 'folder' / 'saycode.db'}")
    assert (the_problem(found).check, "is not a file" in messages(problems(found))) == (Check.DATABASE, True)


async def test_a_path_that_the_system_rejects_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    found = the_problem(await setup.examine(SAYCODE_DATABASE_URL=f"sqlite:///{tmp_path / ('x' * 300)}"))
    assert (found.check, "cannot be opened" in found.message) == (Check.DATABASE, True)


@pytest.mark.parametrize(("closed", "fix"), [("folder", "Change the folder's"), ("file", "Change its")])
def test_a_folder_or_file_without_permission_is_a_problem(setup: DoctorSetup, closed: str, fix: str) -> None:
    locked = {"folder": setup.folder, "file": setup.folder / "saycode.db"}[closed]
    (found,) = local.check_database(load(setup.environ), may=lambda path, _: path != locked)
    assert (found.level, fix in found.fix) == (Level.PROBLEM, True)


async def test_a_file_that_is_no_database_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("Buy milk. " * 200)
    found = await database(setup, tmp_path / "notes.db")
    assert (found.level, "SAYCODE_DATABASE_URL" in found.fix) == (Level.PROBLEM, True)


async def test_the_database_of_another_program_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        file.execute("CREATE TABLE recipes (name TEXT)")
    found = await database(setup, tmp_path / "other.db")
    assert (found.level, "another program" in found.message) == (Level.PROBLEM, True)


async def test_the_database_of_a_newer_saycode_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    path = copied(setup, tmp_path, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('saycode', 'm9999')")
    found = await database(setup, path)
    assert (found.level, "newer Saycode" in found.message) == (Level.PROBLEM, True)


async def test_a_database_of_an_earlier_version_is_noted_and_not_migrated(
    setup: DoctorSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(setup, tmp_path, "SELECT 1")
    monkeypatch.setattr(migrations, "is_current", lambda _: False)  # there is only one version so far
    found = await database(setup, path)
    assert (found.level, "earlier version" in found.message) == (Level.NOTE, True)


async def test_a_hook_whose_service_may_not_send_its_own_codes_is_noted(setup: DoctorSetup, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.toml"
    hooks.write_text(f'[kratos]\nsender = "kratos"\nservice = "{BUILT_IN_SERVICE}"\n', encoding="utf-8")
    note = "the service of the hook kratos may not send its own codes"
    assert note in messages(await setup.examine(SAYCODE_HOOKS=str(hooks)))
    path = copied(setup, tmp_path, "UPDATE services SET custom_codes = 1")
    allowed = await setup.examine(SAYCODE_HOOKS=str(hooks), SAYCODE_DATABASE_URL=f"sqlite:///{path}")
    assert note not in messages(allowed)
    assert "opens with this secret key" in messages(allowed)


async def test_accounts_mode_without_accounts_is_noted(setup: DoctorSetup) -> None:
    assert "no account is enrolled" in messages(await setup.examine(SAYCODE_PHONES="accounts"))
    assert "no account is enrolled" not in messages(await setup.examine())


async def test_a_database_of_another_secret_key_is_a_problem(setup: DoctorSetup) -> None:
    found = await setup.examine(SAYCODE_SECRET_KEY=NEW_KEY)
    (first, *_) = problems(found)
    assert (first.check, "SAYCODE_SECRET_KEY" in first.fix) == (Check.DATABASE, True)


async def test_a_missing_or_damaged_data_key_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    for harm in ("DELETE FROM data_key", "UPDATE data_key SET wrapped = x'00'"):
        found = await database(setup, copied(setup, tmp_path, harm))
        assert (found.level, found.fix) == (Level.PROBLEM, "Restore a backup.")


def copied(setup: DoctorSetup, folder: Path, change: str) -> Path:
    """The setup's file with one change."""
    path = folder / "copy.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(setup.folder / "saycode.db")) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute(change)
        copy.commit()
    return path


def test_a_database_that_another_program_locks_is_a_problem(setup: DoctorSetup, tmp_path: Path) -> None:
    path = copied(setup, tmp_path, "SELECT 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        settings = load(setup.environ | {"SAYCODE_DATABASE_URL": f"sqlite:///{path}"})
        found = the_problem([*local.check_database(settings, lock_timeout=0.01)])
    assert (found.check, found.fix) == (Check.DATABASE, "Stop that program.")


async def test_a_running_service_that_cannot_read_its_database_is_a_problem(setup: DoctorSetup) -> None:
    setup.site.switch.app = Proxy(setup.serve(), answers={"/health/ready": Response(status_code=503)})
    found = the_problem(await setup.examine())
    assert (found.check, "SAYCODE_DATABASE_URL" in found.fix) == (Check.DATABASE, True)


async def test_another_database_than_that_of_the_running_service_is_a_problem(
    setup: DoctorSetup, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    await SqliteStore.open(other, secrets=(SECRET.encode(),)).close()
    for path in (other, tmp_path / "missing.db"):
        found = the_problem(await setup.examine(SAYCODE_DATABASE_URL=f"sqlite:///{path}"))
        assert (found.check, str(path) in found.message) == (Check.DATABASE, True)
        assert "another database" in found.message
        assert "SAYCODE_DATABASE_URL" in found.fix


async def test_another_way_to_name_the_same_database_is_ok(setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(setup.folder)
    assert problems(await setup.examine(SAYCODE_DATABASE_URL="sqlite:///saycode.db")) == []


# Alerts


async def test_alerts_without_a_target_are_noted(setup: DoctorSetup) -> None:
    (found,) = [finding for finding in await setup.examine() if finding.check is Check.ALERTS]
    assert (found.level, "SAYCODE_ALERT_URLS" in found.fix) == (Level.NOTE, True)


async def test_an_address_of_alerts_that_is_not_known_is_a_problem_and_is_not_shown(setup: DoctorSetup) -> None:
    urls = "mailtos://ann:a-secret@example.com,nothing-known://a-secret"
    found = [one for one in await setup.examine(SAYCODE_ALERT_URLS=urls) if one.check is Check.ALERTS]
    assert [one.level for one in found] == [Level.PROBLEM, Level.OK]
    assert "2 (nothing-known)" in found[0].message
    assert "1 (mailtos)" in found[1].message
    assert "a-secret" not in messages(found)
