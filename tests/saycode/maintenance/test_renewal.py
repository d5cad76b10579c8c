"""The data key is renewed: what a thief has opens nothing that is written from then on, and the service goes on."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest

from saycode.events.outbox import Outbox, new_event_target
from saycode.maintenance.renewal import ENCRYPTED_COLUMNS, Renewal, renew_data_key
from saycode.storage.audit_log import AuditLog
from saycode.storage.connection import DatabaseUnusable
from saycode.storage.encryption import DecryptionError, FieldCipher
from saycode.storage.sqlite.database import open_database
from saycode.storage.store import SqlStore
from saycode.testing import SECRET
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.api_client import Client, client
from tests.support.app import PHONE, RunningApp, running_app
from tests.support.asgi_client import send_request
from tests.support.engine import another_program, open_store
from verification.accounts import Accounts
from verification.models import BUILT_IN_SERVICE, Event, EventKind
from verification.values.phone_numbers import PhoneNumber

pytestmark = pytest.mark.sqlite

__all__ = ["alone"]
SECRETS = (SECRET,)
#: Columns of bytes that are not encrypted: hashes, digests, links and what has its own protection.
NOT_ENCRYPTED = {
    *("verifications.account_hash", "verifications.number_hash", "verifications.seed", "deliveries.number_hash"),
    *("sessions.answer", "events.source", "events.link", "audit_log_ends.link", "audit_log_ends.mac"),
    *("audit_log_closed.link", "audit_log_closed.mac", "suppressions.number_hash", "pauses.number_hash"),
    *("accounts.account_hash", "account_numbers.number_hash", "counters.counter_hash", "counters.packed"),
    *("counter_chunks.counter_hash", "counter_chunks.sends", "alerts.alert_hash", "trusted_browsers.browser_hash"),
    *("trusted_browsers.counter_hash", "trusted_browsers.number_hash", "denials.number_hash", "api_keys.digest"),
    *("idempotency_keys.key_hash", "idempotency_keys.body_hash", "data_key.wrapped"),
    *("inbound_messages.message_hash", "account_numbers.line_hash", "openid_clients.digest", "operators.digest"),
    *("openid_requests.request_hash", "openid_requests.number_hash", "openid_requests.source_hash"),
    *("openid_grants.code_hash", "openid_grants.nonce_hash", "openid_grants.token_hash"),
    "openid_grants.request_hash",
}
KEY = {"Idempotency-Key": "order-1"}
BODY = {"To": PHONE, "Channel": "sms", "Tags": {"order": "4711"}}


def data_key(path: Path) -> bytes:
    conn, key = open_database(path, secrets=SECRETS, create=False, patience=1)
    conn.close()
    return key


def renew(path: Path, secrets: tuple[bytes, ...] = SECRETS) -> Renewal:
    return renew_data_key(path, secrets, known=None, now=1_800_000_000.0)


def values(path: Path) -> Mapping[str, list[tuple[Any, bytes]]]:
    """Every encrypted value, with the key of its row."""
    with another_program(path) as conn:
        return {
            column.aad("")[:-1]: [
                (key, value)
                for key, value in conn.execute(f"SELECT {column.key}, {column.column} FROM {column.table}")
                if value is not None
            ]
            for column in ENCRYPTED_COLUMNS
        }


async def fill(running: RunningApp) -> tuple[Client, str]:
    """A value in every encrypted column. Returns the client and a receipt."""
    shop = await client(running)
    assert isinstance(running.store.store, SqlStore)
    target = new_event_target(shop.service, "https://shop.example/hook", now=1.0)
    await Outbox(running.store.store).add(target)
    await Accounts(running.verifier).put(account(REAL, *NUMBERS[REAL]))
    other = PhoneNumber("+14155550177", "US")
    await Accounts(running.verifier).replace_number(BUILT_IN_SERVICE, REAL, old=NUMBERS[REAL][0], new=other)
    assert (await shop.post_json("Verifications", BODY, headers=KEY)).status == 201
    openid, now = running.context.openid.store, running.clock.now()
    assert await openid.push("0" * 64, "OC1", {"login_hint": PHONE}, source="", now=now)
    checked = await shop.check(running.provider.texts[-1].code, To=PHONE)
    await running.verifier.handle_text(PhoneNumber("+14155550199", "US"), "STOP")
    return shop, str(checked.body["receipt"])


async def key_ids(running: RunningApp) -> set[str]:
    answer = await send_request(running.app, "GET", "/.well-known/jwks.json")
    return {key.key_id or "" for key in jwt.PyJWKSet.from_json(answer.text).keys}


async def test_everything_is_encrypted_anew_and_the_service_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with running_app(path) as running:
        shop, receipt = await fill(running)
        assert jwt.get_unverified_header(receipt)["kid"] in await key_ids(running)
    stolen, before = FieldCipher(data_key(path)), values(path)
    assert all(before.values()), "a value in every column"
    renewal = renew(path)
    assert (renewal.encrypted, renewal.unreadable) == (sum(map(len, before.values())), 0)
    after = values(path)
    for column in ENCRYPTED_COLUMNS:
        name = column.aad("")[:-1]
        assert {key for key, _ in after[name]} == {key for key, _ in before[name]}
        for key, value in after[name]:
            with pytest.raises(DecryptionError):
                stolen.decrypt(value, aad=column.aad(key))
    async with running_app(path) as running:
        shop = replace(shop, app=running.app)
        assert isinstance(running.store.store, SqlStore)
        assert (await shop.post_json("Verifications", BODY, headers=KEY)).status == 201, "the idempotent answer"
        assert running.provider.asked == 0
        found = await Accounts(running.verifier).find(BUILT_IN_SERVICE, "Ada")
        assert found.numbers[0].number.e164 == "+14155550177"
        assert (await shop.start("+14155550199")).code == 21610, "a suppressed number is still found"
        assert [target.url for target in await Outbox(running.store.store).targets()] == ["https://shop.example/hook"]
        assert jwt.get_unverified_header(receipt)["kid"] not in await key_ids(running)
        assert (await running.store.store.query(running.store.store.audit_log.verify)).broken is None


async def test_a_thief_cannot_write_lines_that_verify(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with running_app(path) as running:
        await fill(running)
    stolen = data_key(path)
    renewal = renew(path)
    with another_program(path) as conn:
        assert AuditLog(FieldCipher(stolen)).verify(conn).broken is not None
        log = AuditLog(FieldCipher(data_key(path)))
        report = log.verify(conn, known=renewal.head)
        assert (report.broken, report.compared) == (None, True)
        *_, last = log.entries(conn)
        assert (last.kind, last.actor) == ("data-key-renewed", "operator")
        AuditLog(FieldCipher(stolen)).add(conn, [Event(kind=EventKind.LIFTED, at=1.0)])
        assert log.verify(conn).broken is not None


async def test_a_broken_log_stays_broken(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with running_app(path) as running:
        await fill(running)
    with another_program(path) as conn:
        conn.execute("UPDATE events SET detail = 'x' WHERE id = 3")
    renewal = renew(path)
    assert renewal.before.broken is not None
    with another_program(path) as conn:
        report = AuditLog(FieldCipher(data_key(path))).verify(conn)
    assert any("entry 3: changed" in str(found) for found in (report.broken, *report.later))


async def test_codes_of_former_secrets_end(tmp_path: Path) -> None:
    path, new = tmp_path / "store.db", b"the new key of the tests, 32 characters"
    async with running_app(path) as running:
        shop = await client(running)
        await shop.start()
    assert renew(path, (new, *SECRETS)).ended_codes == 1
    async with open_store(path, secrets=(new,)) as store:
        assert (await store.query(store.audit_log.verify)).broken is None


async def test_it_is_refused_while_the_service_runs(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with running_app(path):
        with pytest.raises(DatabaseUnusable, match="stop the service"):
            renew(path)
    key = data_key(path)
    renew(path)
    assert data_key(path)[:32] != key[:32]
    assert data_key(path)[32:] == key[32:]


def test_every_column_of_bytes_is_encrypted_anew_or_need_not_be(tmp_path: Path) -> None:
    conn, _ = open_database(tmp_path / "store.db", secrets=SECRETS, create=True, patience=1)
    with closing(conn):
        tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            f"{table}.{row[1]}"
            for table in tables
            for row in conn.execute(f"PRAGMA table_info({table})")
            if row[2] == "BLOB"
        }
    assert columns - NOT_ENCRYPTED == {f"{column.table}.{column.column}" for column in ENCRYPTED_COLUMNS}


async def test_a_damaged_value_is_counted_and_left(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with running_app(path) as running:
        await fill(running)
    with another_program(path) as conn:
        conn.execute("UPDATE accounts SET personal_data = x'00'")
    assert renew(path).unreadable == 1


def test_the_command_says_what_it_did_and_what_is_left_to_do() -> None:
    assert run("numbers", "suppress", "+14155550100", **GOOD).exit_code == 0
    done = run("renew", **GOOD)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "The data key is renewed: 0 values are encrypted anew."
    assert done.stdout.splitlines()[-1] == "Now leave only the newest key in SAYCODE_SECRET_KEY, and start the service."
    assert run("audit", "verify", **GOOD).exit_code == 0
    wrong = run("renew", "--head", f"1:{'0' * 64}", "--json", **GOOD)
    assert (wrong.exit_code, "not the entry of the head" in wrong.stdout) == (1, True)
