"""`saycode clients`: applications are added with exact addresses, and a secret that is shown once."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support import engine

__all__ = ["alone"]
REDIRECT = "https://shop.example/callback"


def clients(*arguments: str) -> Result:
    return run("clients", *arguments, **GOOD)


@pytest.fixture(autouse=True)
def database(alone: None) -> None:
    """The database is there, so no command has to tell that it made one."""
    clients("list")


def test_an_application_is_added_listed_and_removed() -> None:
    added = json.loads(clients("add", "Leaf and Kettle", "--redirect", REDIRECT, "--json").stdout)
    assert added["client_id"].startswith("OC")
    assert len(added["client_secret"]) == 64
    (listed,) = json.loads(clients("list", "--json").stdout)
    assert (listed["name"], listed["redirect_uris"], listed["public"]) == ("Leaf and Kettle", [REDIRECT], False)
    assert added["client_secret"] not in json.dumps(listed)
    assert added["client_secret"] not in repr(engine.all_rows(Path("saycode.db")))
    assert clients("remove", added["client_id"]).exit_code == 0
    assert json.loads(clients("list", "--json").stdout) == []
    assert clients("remove", added["client_id"]).exit_code == 1


def test_a_public_application_has_no_secret() -> None:
    shown = clients("add", "App", "--public", "--redirect", REDIRECT, "--redirect", "http://127.0.0.1:5000/cb").stdout
    assert "Secret" not in shown
    assert "public" in clients("list").stdout


@pytest.mark.parametrize(
    "address",
    ["http://shop.example/cb", "shop.example", "https://shop.example/cb#top", "javascript:alert(1)", "https://a b/"],
)
def test_an_address_that_answers_must_not_go_to_is_refused(address: str) -> None:
    refused = clients("add", "Shop", "--redirect", address)
    assert (refused.exit_code, "--redirect" in refused.stderr) == (2, True)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61])
def test_a_name_that_the_page_cannot_show_is_refused(name: str) -> None:
    assert clients("add", name, "--redirect", REDIRECT).exit_code == 2


def test_every_change_is_in_the_audit_log() -> None:
    added = json.loads(clients("add", "Shop", "--redirect", REDIRECT, "--json").stdout)
    clients("remove", added["client_id"])
    lines = [line for line in run("audit", "list", **GOOD).stdout.splitlines() if added["client_id"] in line]
    assert [word in line for word, line in zip(("client-added", "client-removed"), lines, strict=True)] == [True, True]


def test_a_guarded_site_is_a_public_client_with_one_address() -> None:
    assert clients("add", "Admin", "--guard", "https://admin.example/").exit_code == 0
    (listed,) = json.loads(clients("list", "--json").stdout)
    assert (listed["redirect_uris"], listed["public"]) == (["https://admin.example/.saycode/callback"], True)
    assert clients("add", "Admin", "--guard", "https://a.example", "--redirect", REDIRECT).exit_code == 2
    assert clients("add", "Admin").exit_code == 2


@pytest.mark.parametrize(
    "site",
    ["", "http://admin.example", "https://admin.example/intern", "https://admin.example?x=", "https://admin.example#"],
)
def test_a_guarded_site_is_a_host_and_nothing_below_it(site: str) -> None:
    """The blocks for proxies lead `/.saycode/callback` here: below a path no answer would arrive."""
    refused = clients("add", "Admin", "--guard", site)
    assert (refused.exit_code, "--guard" in refused.stderr) == (2, True)
