"""Services and keys: made by the command line, kept as digests, revoked at once."""

import itertools
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from saycode.cli.main import main
from saycode.storage.api.services import SqliteServices
from saycode.storage.store import SqlStore
from tests.saycode.cli.test_main import GOOD
from tests.support.app import SECRET, create_empty_store
from tests.support.engine import another_program, open_store
from tests.support.fakes import SeededRandomness
from verification.models import BUILT_IN_SERVICE, OPERATOR
from verification.policy import Keypress
from verification.services import ApiKey, Service, new_api_key, new_service, secret_digest

NOW = 1_800_000_000.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    await create_empty_store(tmp_path / "store.db")
    async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
        yield store


@pytest.fixture
def tenants(store: SqlStore) -> SqliteServices:
    return SqliteServices(store)


async def add(tenants: SqliteServices, name: str = "Acme", seed: int = 1) -> tuple[Service, ApiKey, str]:
    randomness = SeededRandomness(seed)
    tenant = new_service(name, now=NOW, randomness=randomness)
    await tenants.put(tenant, actor=OPERATOR)
    key, secret = new_api_key(tenant.sid, now=NOW, randomness=randomness)
    assert await tenants.add_key(key, actor=OPERATOR)
    return tenant, key, secret


async def test_a_key_finds_its_service(tenants: SqliteServices) -> None:
    tenant, key, secret = await add(tenants)
    assert await tenants.find_key(key.sid) == (key, tenant)
    assert key.digest == secret_digest(secret)
    assert await tenants.find_key("SK" + "0" * 32) is None


async def test_a_secret_is_nowhere_in_the_file(tmp_path: Path, tenants: SqliteServices) -> None:
    _, _, secret = await add(tenants)
    for path in tmp_path.glob("table.db*"):
        assert secret.encode() not in path.read_bytes()


async def test_a_revoked_key_finds_nothing_from_the_next_query_on(tenants: SqliteServices, tmp_path: Path) -> None:
    _, key, _ = await add(tenants)
    async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as elsewhere:
        another_worker = SqliteServices(elsewhere)
        assert await another_worker.find_key(key.sid) is not None
        assert await tenants.revoke(key.sid, now=NOW, actor=OPERATOR)
        assert await another_worker.find_key(key.sid) is None
        assert not await another_worker.revoke(key.sid, now=NOW, actor=OPERATOR), "it has ended already"


async def test_the_keys_of_a_deleted_service_find_nothing(tenants: SqliteServices) -> None:
    tenant, key, _ = await add(tenants)
    assert await tenants.remove(tenant.sid, now=NOW, actor=OPERATOR)
    assert await tenants.find_key(key.sid) is None
    assert await tenants.service(tenant.sid) is None
    assert not await tenants.add_key(replace(key, sid="SK" + "1" * 32), actor=OPERATOR)
    assert not await tenants.remove(tenant.sid, now=NOW, actor=OPERATOR)


async def test_the_built_in_service_exists_from_the_start_and_cannot_be_deleted(tenants: SqliteServices) -> None:
    built_in = await tenants.service(BUILT_IN_SERVICE)
    assert built_in is not None
    assert built_in.built_in
    assert not await tenants.remove(BUILT_IN_SERVICE, now=NOW, actor=OPERATOR)


async def test_a_service_keeps_its_settings(tenants: SqliteServices) -> None:
    tenant, _, _ = await add(tenants)
    changed = replace(
        tenant, name="Acme Bank", code_length=8, keypress=Keypress.OFF, custom_codes=True, updated_at=NOW + 1
    )
    await tenants.put(changed, actor=OPERATOR)
    assert await tenants.service(tenant.sid) == changed


async def test_services_are_listed_in_pages_the_oldest_first(tenants: SqliteServices) -> None:
    made = [(await add(tenants, f"Shop {n}", seed=n))[0] for n in range(1, 4)]
    first = await tenants.services(after=None, limit=2)
    rest = await tenants.services(after=first[-1].sid, limit=10)
    assert [tenant.sid for tenant in first + rest] == [BUILT_IN_SERVICE, *(tenant.sid for tenant in made)]


async def test_the_audit_log_records_changes_of_services_and_keys(store: SqlStore) -> None:
    tenants = SqliteServices(store)
    tenant, key, _ = await add(tenants)
    await tenants.put(replace(tenant, code_length=8, updated_at=NOW + 1), actor=key.sid)
    for _ in range(2):
        await tenants.revoke(key.sid, now=NOW + 2, actor=OPERATOR)
        await tenants.remove(tenant.sid, now=NOW + 3, actor=OPERATOR)
    events = await store.query(
        lambda conn: conn.execute("SELECT kind, detail, actor FROM events ORDER BY id").fetchall()
    )
    assert events == [
        ("service-added", tenant.sid, "operator"),
        ("key-added", key.sid, "operator"),
        ("service-changed", tenant.sid, key.sid),
        ("key-revoked", key.sid, "operator"),
        ("service-removed", tenant.sid, "operator"),
    ]


def test_ten_thousand_ids_have_nothing_in_common() -> None:
    sids = [new_service("Acme", now=NOW, randomness=os.urandom).sid for _ in range(10_000)]
    assert len(set(sids)) == 10_000
    for place in range(2, 34):
        assert {sid[place] for sid in sids} == set("0123456789abcdef")
    rising = sum(a < b for a, b in itertools.pairwise(sids))
    assert 4_500 < rising < 5_500, "they are in an order"


# The command line.


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SAYCODE_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    return GOOD


def run(settings: dict[str, str], *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(arguments), env=settings)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def run_json(settings: dict[str, str], *arguments: str) -> Any:
    return json.loads(run(settings, *arguments, "--json"))


def test_a_service_is_created_with_its_first_key(settings: dict[str, str]) -> None:
    made = run_json(settings, "services", "create", "Acme")
    assert {name: (value[:2], len(value)) for name, value in made.items() if name != "secret"} == {
        "service_sid": ("VA", 34),
        "key_sid": ("SK", 34),
    }
    assert len(made["secret"]) == 64
    assert [entry["name"] for entry in run_json(settings, "services", "list")] == ["", "Acme"]
    assert made["secret"] not in run(settings, "keys", "list", made["service_sid"])


def test_keys_are_created_listed_and_revoked(settings: dict[str, str]) -> None:
    service = run_json(settings, "services", "create", "Acme")["service_sid"]
    second = run_json(settings, "keys", "create", service)
    assert set(second) == {"service_sid", "key_sid", "secret"}
    run(settings, "keys", "revoke", second["key_sid"])
    listed = run_json(settings, "keys", "list", service)
    assert [entry["date_revoked"] is None for entry in listed] == [True, False]
    assert "no valid key" in run(settings, "keys", "revoke", second["key_sid"], code=1)


@pytest.mark.parametrize(
    "name", ["", "your code is 111111", "press nine to confirm now, at once", "acme.example", "Аcme", "x" * 31]
)
def test_a_name_that_could_mislead_makes_no_service(settings: dict[str, str], name: str) -> None:
    assert "NAME must" in run(settings, "services", "create", name, code=1)


@pytest.mark.parametrize("command", ["create", "list"])
def test_there_are_no_keys_of_an_unknown_service(settings: dict[str, str], command: str) -> None:
    assert "there is no service" in run(settings, "keys", command, "VA" + "1" * 32, code=1)


@pytest.mark.sqlite
def test_the_operator_can_have_a_key_of_the_built_in_service(settings: dict[str, str], tmp_path: Path) -> None:
    made = run_json(settings, "keys", "create", BUILT_IN_SERVICE)
    with another_program(tmp_path / "saycode.db") as file:
        assert file.execute("SELECT digest FROM api_keys").fetchall() == [(secret_digest(made["secret"]),)]
