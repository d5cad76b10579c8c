"""What the doctor finds on this machine: settings and the database."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.responses import Response

from saycode.config.settings import load
from saycode.doctor import local
from saycode.doctor.findings import Check, Finding, Level
from tests.support.doctor import Proxy, Town, levels, problems, said, settled, the_problem


@pytest.fixture(scope="module")
def settle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    with settled(tmp_path_factory.mktemp("town")) as settle:
        yield settle


@pytest.fixture
def town(settle: Callable[[], Town]) -> Town:
    """All is well, until a test spoils something."""
    return settle()


# Settings


async def test_every_problem_of_the_settings_is_listed_and_nothing_else_is_looked_at(town: Town) -> None:
    found = await town.examine(TWILIO_AUTH_TOKEN="", SAYCODE_CODE_LENGTH="4", SAYCODE_COLOUR="red")
    assert [finding.said.split()[0] for finding in found] == [
        "SAYCODE_COLOUR",
        "TWILIO_AUTH_TOKEN",
        "SAYCODE_CODE_LENGTH",
    ]
    assert {(finding.check, finding.level) for finding in found} == {(Check.SETTINGS, Level.PROBLEM)}


async def test_a_language_that_saycode_does_not_speak_is_a_problem(town: Town) -> None:
    found = the_problem(await town.examine(SAYCODE_LANGUAGE="sw-KE"))
    assert (found.check, "SAYCODE_LANGUAGE" in found.mend, "de-DE" in found.mend) == (Check.LANGUAGE, True, True)


async def test_a_language_of_another_country_is_said_as_what_will_be_spoken(town: Town) -> None:
    assert "de-DE, Deutsch" in said(await town.examine(SAYCODE_LANGUAGE="de-AT"))


async def test_countries_without_the_numbers_own_are_noted(town: Town) -> None:
    found = await town.examine(SAYCODE_COUNTRIES="GB,FR")
    (noted,) = [finding for finding in found if finding.check is Check.COUNTRIES]
    assert (noted.level, "FR, GB" in noted.said, "SAYCODE_COUNTRIES" in noted.mend) == (Level.NOTE, True, True)


async def test_very_many_countries_are_noted(town: Town) -> None:
    many = "US,CA,GB,FR,DE,IT,ES,PT,NL,BE,LU,AT,CH,DK,SE,NO,FI,PL,CZ,SK,HU,RO,BG,GR,TR,IE,IS,EE,LV,LT,MT"
    found = await town.examine(SAYCODE_COUNTRIES=many)
    assert levels(found, Check.COUNTRIES) == {Level.OK, Level.NOTE}
    assert "Numbers of 31 countries" in said(found)


async def test_limits_are_summed_up_and_watching_only_is_noted(town: Town) -> None:
    changed = {"SAYCODE_LIMIT_NUMBER": "1/1m,5/2h", "SAYCODE_LIMIT_TOTAL": "7/45s,9/3d"}
    for mode, level in (("enforce", Level.OK), ("watch", Level.NOTE)):
        found = await town.examine(SAYCODE_LIMITS=mode, **changed)
        (told,) = [finding for finding in found if finding.check is Check.LIMITS]
        assert told.level is level
        assert "1 in a minute and 5 in 2 hours for one number, 7 in 45 seconds and 9 in 3 days altogether" in told.said


# The database


async def database(town: Town, path: Path, **changed: str) -> Finding:
    """What is found about a file, which must be left as it is."""
    before = {inside: inside.read_bytes() for inside in path.parent.iterdir()} if path.parent.is_dir() else {}
    found = await town.examine(SAYCODE_DATABASE_URL=f"sqlite:///{path}", **changed)
    after = {inside: inside.read_bytes() for inside in path.parent.iterdir()} if path.parent.is_dir() else {}
    assert after == before
    (finding,) = [finding for finding in found if finding.check is Check.DATABASE]
    return finding


async def test_a_database_that_is_not_there_yet_is_noted_and_not_made(town: Town, tmp_path: Path) -> None:
    assert (await database(town, tmp_path / "new.db")).level is Level.NOTE


async def test_a_database_that_is_gone_and_must_not_be_made_is_a_problem(town: Town, tmp_path: Path) -> None:
    found = await database(town, tmp_path / "gone.db", SAYCODE_DATABASE_CREATE="no")
    assert (found.level, "SAYCODE_DATABASE_CREATE" in found.mend) == (Level.PROBLEM, True)


@pytest.mark.parametrize(("create", "level"), [("yes", Level.NOTE), ("no", Level.PROBLEM)])
async def test_an_empty_file_gets_no_tables(town: Town, tmp_path: Path, create: str, level: Level) -> None:
    (tmp_path / "empty.db").touch()
    assert (await database(town, tmp_path / "empty.db", SAYCODE_DATABASE_CREATE=create)).level is level


async def test_a_folder_that_does_not_exist_is_a_problem(town: Town, tmp_path: Path) -> None:
    found = await database(town, tmp_path / "no" / "such.db")
    assert (found.level, "SAYCODE_DATABASE_URL" in found.mend) == (Level.PROBLEM, True)


async def test_a_folder_in_place_of_the_file_is_a_problem(town: Town, tmp_path: Path) -> None:
    (tmp_path / "folder" / "saycode.db").mkdir(parents=True)
    found = await town.examine(SAYCODE_DATABASE_URL=f"sqlite:///{tmp_path / 'folder' / 'saycode.db'}")
    assert (the_problem(found).check, "is not a file" in said(problems(found))) == (Check.DATABASE, True)


async def test_a_place_that_the_system_refuses_is_a_problem(town: Town, tmp_path: Path) -> None:
    found = the_problem(await town.examine(SAYCODE_DATABASE_URL=f"sqlite:///{tmp_path / ('x' * 300)}"))
    assert (found.check, "cannot be opened" in found.said) == (Check.DATABASE, True)


@pytest.mark.parametrize(("closed", "mend"), [("folder", "Change the folder's"), ("file", "Change its")])
def test_a_folder_or_file_without_permission_is_a_problem(town: Town, closed: str, mend: str) -> None:
    locked = {"folder": town.folder, "file": town.folder / "saycode.db"}[closed]
    (found,) = local.check_database(load(town.environ), may=lambda path, _: path != locked)
    assert (found.level, mend in found.mend) == (Level.PROBLEM, True)


async def test_a_file_that_is_no_database_is_a_problem(town: Town, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("Buy milk. " * 200)
    found = await database(town, tmp_path / "notes.db")
    assert (found.level, "SAYCODE_DATABASE_URL" in found.mend) == (Level.PROBLEM, True)


async def test_the_database_of_another_program_is_a_problem(town: Town, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        file.execute("CREATE TABLE recipes (name TEXT)")
    found = await database(town, tmp_path / "other.db")
    assert (found.level, "another program" in found.said) == (Level.PROBLEM, True)


async def test_the_database_of_a_newer_saycode_is_a_problem(town: Town, tmp_path: Path) -> None:
    path = copied(town, tmp_path, "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('saycode', 'm9999')")
    found = await database(town, path)
    assert (found.level, "newer Saycode" in found.said) == (Level.PROBLEM, True)


async def test_a_database_of_an_earlier_version_is_noted_and_not_migrated(town: Town, tmp_path: Path) -> None:
    path = copied(town, tmp_path, "DELETE FROM _sqlite_migrations WHERE name = 'make_suppressions'")
    found = await database(town, path)
    assert (found.level, "earlier version" in found.said) == (Level.NOTE, True)


async def test_a_page_of_accounts_without_any_is_noted(town: Town) -> None:
    assert "no account is enrolled" in said(await town.examine(SAYCODE_PHONES="accounts"))
    assert "no account is enrolled" not in said(await town.examine())


async def test_a_database_of_another_secret_key_is_a_problem(town: Town) -> None:
    found = await town.examine(SAYCODE_SECRET_KEY="t" * 40)
    (first, *_) = problems(found)
    assert (first.check, "SAYCODE_SECRET_KEY" in first.mend) == (Check.DATABASE, True)


async def test_a_data_key_that_is_gone_or_damaged_is_a_problem(town: Town, tmp_path: Path) -> None:
    for harm in ("DELETE FROM data_key", "UPDATE data_key SET wrapped = x'00'"):
        found = await database(town, copied(town, tmp_path, harm))
        assert (found.level, found.mend) == (Level.PROBLEM, "Restore a backup.")


def copied(town: Town, folder: Path, change: str) -> Path:
    """The town's file with one change."""
    path = folder / "copy.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(town.folder / "saycode.db")) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute(change)
        copy.commit()
    return path


def test_a_database_that_another_program_locks_is_a_problem(town: Town, tmp_path: Path) -> None:
    path = copied(town, tmp_path, "SELECT 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        settings = load(town.environ | {"SAYCODE_DATABASE_URL": f"sqlite:///{path}"})
        found = the_problem([*local.check_database(settings, patience=0.01)])
    assert (found.check, found.mend) == (Check.DATABASE, "End that program.")


async def test_a_running_service_that_cannot_read_its_database_is_a_problem(town: Town) -> None:
    town.site.switch.app = Proxy(town.serve(), answers={"/health/ready": Response(status_code=503)})
    found = the_problem(await town.examine())
    assert (found.check, "SAYCODE_DATABASE_URL" in found.mend) == (Check.DATABASE, True)
