"""What a block shows as data or as a program can be read as that, and Saycode takes what is meant for it."""

import json
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from saycode.config.actions_file import parse_actions
from saycode.config.hooks_file import parse_hooks
from saycode.config.loader import load
from tests.clients.openid_logins import APACHE_CONF
from tests.docs.blocks import ROOT, Block, blocks
from tests.support.missing import missing
from webhooks.routes import PATHS

#: Each language, and what holds for its blocks.
LANGUAGES = {
    "sh": "test_commands.py",
    "console": "test_commands.py",
    "python": "compiled here; run by test_examples.py, or where a test reads its document",
    "py": "compiled here; two lines that every test of the simulator has, with names of their own",
    "js": "read by Node here; tests/node and make clients run the same calls",
    "jsonnet": "make clients evaluates it, with Jsonnet",
    "csv": "imported by test_examples.py",
    "json": "read here",
    "toml": "read here, by the parser of the setting",
    "yaml": "read here",
    "ini": "read here: settings, which the service takes",
    "apache": "compared here with what make clients runs in Apache",
    "http": "a route of the service",
    "text": "what a program prints, a call says or a text holds: no command. Their documents have tests of their own",
}
SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example.com",
    "SAYCODE_SECRET_KEY": "3f9c1a7be2d84650b7c1f0a9d3e58264",
}
PLACEHOLDERS = {"VA…": "VA" + "5e" * 16, "whsec_…": "whsec_" + "QUJD" * 10, "…": "filled-in"}


def filled_in(text: str) -> str:
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return text


def test_every_block_has_a_language_that_is_checked() -> None:
    assert [str(block) for block in blocks() if block.language not in LANGUAGES] == []
    assert Counter(block.language for block in blocks()).keys() == LANGUAGES.keys()


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_can_be_read(block: Block) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_can_be_read(block: Block) -> None:
    assert isinstance(yaml.safe_load(block.text), dict)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_a_file_of_actions_or_hooks_is_taken_by_its_setting(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "shown.toml"
    file.write_text(filled_in(block.text), encoding="utf-8")
    if block.document == "docs/step-up.md":
        taken = {action.name for action in parse_actions(str(file))}
    else:
        taken = set(parse_hooks(str(file)))
    assert taken >= tomllib.loads(block.text).keys()


@pytest.mark.parametrize("block", blocks("ini"), ids=str)
def test_settings_are_taken(block: Block, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a-secret-of-a-document's-example\n", encoding="utf-8")
    shown = dict(line.split("=", 1) for line in filled_in(block.text).splitlines())
    saycode = {name: value for name, value in shown.items() if name.startswith(("SAYCODE_", "TWILIO_"))}
    saycode |= {name: str(secret) for name in saycode if name.endswith("_FILE")}
    assert all(name in saycode or name.startswith("GOTRUE_") for name in shown)  # Supabase's own settings
    assert load(SETTINGS | saycode).public_url == SETTINGS["SAYCODE_PUBLIC_URL"]


@pytest.mark.parametrize("block", blocks("http"), ids=str)
def test_a_request_has_its_route(block: Block) -> None:
    method, path = block.text.split()
    routes = {re.sub(r"\{[^}]*\}", "{}", route) for route in PATHS.values()}
    assert (method, re.sub(r"\{[^}]*\}", "{}", path) in routes) == ("POST", True)


@pytest.mark.parametrize("block", blocks("python", "py"), ids=str)
def test_python_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", blocks("js"), ids=str)
def test_node_can_read_it(block: Block, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        missing("Node", "apt-get install nodejs")
    file = tmp_path / "shown.mjs"
    file.write_text(block.text, encoding="utf-8")
    checked = subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("block", blocks("apache"), ids=str)
def test_apache_is_configured_with_directives_that_make_clients_runs(block: Block) -> None:
    shown, run = (set(re.findall(r"^\s*(<?/?\w+)", text, re.MULTILINE)) for text in (block.text, APACHE_CONF))
    assert len(shown) > 8
    assert shown <= run


def test_the_manifests_of_deployments_can_be_read() -> None:
    for name in (
        "deploy/helm/saycode/values.yaml",
        "deploy/litestream.yml",
        "deploy/guard-traefik.yml",
        "compose.yaml",
    ):
        assert all(isinstance(part, dict) for part in yaml.safe_load_all((ROOT / name).read_text(encoding="utf-8")))
