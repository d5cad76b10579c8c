"""What the documents say about settings, commands and dependencies is so."""

import json
import re
import tomllib
from pathlib import Path

import click
import pytest

from saycode.cli.main import main
from saycode.config.setting import Setting
from saycode.config.settings import SETTINGS
from webhooks.routes import PATHS

ROOT = Path(__file__).parent.parent
NAMES = [row.name for row in SETTINGS]
TABLES = ["docs/settings.md", "docs/expert-settings.md"]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
LOCK_OF_THE_IMAGE = "requirements-alerts.txt"
LOCKS_OF_TOOLS = [
    f"{folder}/requirements.txt" for folder in ("tests/clients", "tools/listen", "tools/release", "tools/site")
]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def documented() -> dict[str, str]:
    """The default that the tables of docs/settings.md and docs/expert-settings.md give for every setting."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| .+ \|$", "".join(map(read, TABLES)), re.MULTILINE)
    assert len(dict(rows)) == len(rows), "a setting is in one table"
    return dict(rows)


def exemplary() -> dict[str, str]:
    """The value that .env.example gives for every setting, commented out or not."""
    return dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE))


def test_the_table_of_settings_is_complete_and_has_nothing_else() -> None:
    assert sorted(documented()) == sorted(NAMES)


def test_the_ten_settings_that_matter_first_are_first_and_have_all_that_are_required() -> None:
    first = re.findall(r"^\| `([A-Z_]+)` ", read("docs/settings.md").split("\n## ")[1], re.MULTILINE)
    assert len(first) == 10
    assert {row.name for row in SETTINGS if row.required} <= set(first)


def test_the_example_is_complete_and_has_nothing_else() -> None:
    assert sorted(exemplary()) == sorted(NAMES)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_defaults_are_the_same_in_code_table_and_example(setting: Setting) -> None:
    if setting.default is None:
        assert "`" not in documented()[setting.name]
        assert (documented()[setting.name] == "required") == setting.required
    else:
        assert documented()[setting.name] == f"`{setting.default}`"
    assert exemplary()[setting.name] == (setting.default or "")


def test_the_example_asks_for_what_is_required_and_only_shows_the_rest() -> None:
    asked = re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert sorted(asked) == sorted(row.name for row in SETTINGS if row.required)


@pytest.mark.parametrize("setting", [row for row in SETTINGS if row.secret], ids=lambda setting: setting.name)
def test_secrets_are_marked_in_the_table(setting: Setting) -> None:
    (line,) = (
        line for table in TABLES for line in read(table).splitlines() if line.startswith(f"| `{setting.name}` |")
    )
    assert "(secret)" in line


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_in_a_document_exists(document: str) -> None:
    told = set(re.findall(r"\bmake ([a-z-]+)", "\n".join(commands(read(document)))))
    assert told, f"{document} names no command"
    assert told <= chores()


def commands(text: str) -> list[str]:
    """What stands in code: fenced blocks and backticks."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [*fenced, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))]


def chores() -> set[str]:
    (line,) = re.findall(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    return set(line.split())


def test_every_chore_has_a_line_in_the_help() -> None:
    assert set(re.findall(r"^([a-z-]+):.*## .+$", read("Makefile"), re.MULTILINE)) == chores()


@pytest.mark.parametrize("lock", [*LOCKS, LOCK_OF_THE_IMAGE, *LOCKS_OF_TOOLS])
def test_lock_files_pin_and_hash_everything_and_name_no_index(lock: str) -> None:
    lines = [line for line in read(lock).splitlines() if line and not re.match(r"\s*#", line)]
    pinned = r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\"
    assert [line for line in lines if not re.fullmatch(rf"{pinned}|    --hash=sha256:[0-9a-f]{{64}}( \\)?", line)] == []
    assert "//" not in read(lock)
    assert not re.search(r"#.*(/[a-z]+/|--|index|mirror|find-links)", read(lock))


@pytest.mark.parametrize("folder", ["tests/node", "tests/clients"])
def test_the_lock_files_of_node_pin_and_hash_everything_and_name_no_registry(folder: str) -> None:
    lock = json.loads(read(f"{folder}/package-lock.json"))
    wanted = json.loads(read(f"{folder}/package.json"))["dependencies"]
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_developers_have_what_users_have_and_the_image_has_the_extra_of_alerts() -> None:
    users, developers, image = (
        set(re.findall(r"^\S+==\S+", read(lock), re.MULTILINE)) for lock in (*LOCKS, LOCK_OF_THE_IMAGE)
    )
    assert users < image < developers
    assert any(pinned.startswith("apprise==") for pinned in image - users)


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    for requirement in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        (name,) = re.findall(r"^[a-z0-9-]+", requirement)
        assert f"\n{name}==" in read("requirements-dev.txt")
        assert f"| {name} |" in read("CONTRIBUTING.md")


def test_every_door_is_documented_and_every_documented_door_is_there() -> None:
    written = {path.replace("/…", "") for path in re.findall(r"`(?:GET|POST) (/[^`]*)`", read("docs/http.md"))}
    assert written == set(PATHS.values())


def test_every_command_is_shown_in_the_commands_document() -> None:
    assert sorted(re.findall(r"^## `saycode ([a-z ]+)", read("docs/commands.md"), re.MULTILINE)) == sorted(
        main.list_commands(click.Context(main))
    )


def links(page: str) -> set[str]:
    """The documents that a document links to."""
    targets = re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", read(page))
    return {(ROOT / page).parent.joinpath(target).resolve().relative_to(ROOT).as_posix() for target in targets}


def test_every_document_is_listed_in_the_index_and_the_readme_leads_to_it() -> None:
    documents = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")}
    assert documents - links("docs/index.md") == {"docs/index.md"}
    assert "docs/index.md" in links("README.md")
