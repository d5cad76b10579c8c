"""What a stolen code table tells: nothing."""

import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from saycode.database import DatabaseProblem
from saycode.sealing import KeyMissing, SealBroken, Sealer, new_data_key, unwrap, wrap
from saycode.table import SqliteTable
from tests.table_support import NUMBER, SECRETS, account, change, put, verification
from verification.codes import key_id
from verification.ports import Decision, OfNumber
from verification.records import Case
from verification.states import VerificationStatus

OLD, NEW, FOREIGN = (letter * 40 for letter in (b"o", b"n", b"f"))
KEY = bytes(range(32))
PLACE = "verifications.person VE1"


def test_what_is_sealed_opens_in_its_place() -> None:
    sealer = Sealer(KEY)
    assert sealer.open(sealer.seal("+12025550100 Äcme", place=PLACE), place=PLACE) == "+12025550100 Äcme"


def test_what_is_sealed_does_not_open_in_another_place() -> None:
    sealer = Sealer(KEY)
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal("text", place=PLACE), place=f"{PLACE}1")


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[:5], lambda b: b"", lambda b: bytes([b[0] ^ 1]) + b[1:]]
)
def test_what_was_changed_does_not_open(spoil: Callable[[bytes], bytes]) -> None:
    sealer = Sealer(KEY)
    with pytest.raises(SealBroken):
        sealer.open(spoil(sealer.seal("text", place=PLACE)), place=PLACE)


def test_another_data_key_opens_and_finds_nothing() -> None:
    mine, theirs = Sealer(KEY), Sealer(new_data_key())
    with pytest.raises(SealBroken):
        theirs.open(mine.seal("text", place=PLACE), place=PLACE)
    assert mine.number_hash(NUMBER.e164) != theirs.number_hash(NUMBER.e164)
    assert mine.account_hash("VA", "acme") != theirs.account_hash("VA", "acme")


def test_the_same_text_never_looks_the_same_twice() -> None:
    sealer = Sealer(KEY)
    assert len({sealer.seal("text", place=PLACE) for _ in range(100)}) == 100


def test_the_nonce_is_what_the_generator_gave() -> None:
    numbers = itertools.count()
    sealer = Sealer(KEY, random=lambda size: next(numbers).to_bytes(size))
    assert [sealer.seal("text", place=PLACE)[:12] for _ in range(2)] == [bytes(12), bytes(11) + b"\x01"]


def test_hashes_of_a_number_and_of_an_account_have_nothing_in_common() -> None:
    sealer = Sealer(KEY)
    assert sealer.number_hash("VA\0acme") != sealer.account_hash("VA", "acme")
    assert sealer.account_hash("VA", "acme") != sealer.account_hash("VB", "acme")


def test_the_data_key_opens_with_the_secret_that_wrapped_it() -> None:
    wrapped = wrap(KEY, OLD)
    assert unwrap(wrapped, (NEW, OLD)) == KEY
    assert KEY not in wrapped.sealed
    assert wrapped.key_id == key_id(OLD)


def test_the_data_key_does_not_open_with_another_secret() -> None:
    wrapped = wrap(KEY, OLD)
    with pytest.raises(KeyMissing):
        unwrap(wrapped, (NEW, FOREIGN))
    with pytest.raises(SealBroken):
        unwrap(replace(wrapped, key_id=key_id(NEW)), (NEW,))


def test_keys_do_not_show_when_they_are_printed() -> None:
    assert repr(KEY)[2:-1] not in repr(wrap(KEY, OLD)) + repr(Sealer(KEY))
    assert "sealed" not in repr(wrap(KEY, OLD))


def files(path: Path) -> bytes:
    """Every byte of the database, its log and its index."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


async def test_no_number_no_name_and_no_key_is_readable_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    person = verification(number=replace(NUMBER, extension="98765"), account="acme person", username="Acme Person")
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        await put(table, verifications=(person,), suppress=(NUMBER,))
        await table.apply(account(person), lambda _: Decision(verdict=None, lift=(NUMBER,)))
        while_open = files(path)
    for everything in (while_open, files(path)):
        assert person.sid.encode() in everything  # the sweep looks at the right bytes
        for secret in (NUMBER.e164, NUMBER.e164[2:], "98765", "Acme Person", "acme person"):
            assert secret.encode() not in everything
            assert secret.encode("utf-16-le") not in everything
            assert secret.encode().hex().encode() not in everything
        assert SECRETS[0] not in everything


async def test_the_seed_of_an_ended_verification_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        await put(table, verifications=(verification(seed=b"one seed to find"),))
        await change(table, status=VerificationStatus.CANCELED, seed=None)
    assert b"one seed to find" not in files(path)


def moved(path: Path, statement: str) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(statement)
    conn.close()


async def test_a_new_secret_keeps_numbers_and_suppressions_and_needs_the_old_one_once(tmp_path: Path) -> None:
    path, kept = tmp_path / "codes.db", verification(key_id=key_id(NEW))
    async with SqliteTable.open(path, secrets=(OLD,)) as table:
        await put(table, verifications=(kept,), suppress=(NUMBER,))
    for secrets in ((NEW, OLD), (NEW,)):
        async with SqliteTable.open(path, secrets=secrets) as table:
            assert await table.read(OfNumber(NUMBER)) == Case(verification=kept, suppressed=True)


async def test_a_worker_with_the_old_secret_goes_on_while_another_brings_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with SqliteTable.open(path, secrets=(OLD,)) as before, SqliteTable.open(path, secrets=(NEW, OLD)) as after:
        await put(before, verifications=(verification(),), suppress=(NUMBER,))
        assert await after.read(OfNumber(NUMBER)) == await before.read(OfNumber(NUMBER))


async def test_a_secret_that_does_not_fit_stops_the_opening_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with SqliteTable.open(path, secrets=(OLD,)) as table:
        await put(table, suppress=(NUMBER,))
    with pytest.raises(DatabaseProblem, match=r"SAYCODE_SECRET_KEY does not open .*add the former key after a comma"):
        SqliteTable.open(path, secrets=(NEW, FOREIGN))
    async with SqliteTable.open(path, secrets=(OLD,)) as table:
        assert (await table.read(OfNumber(NUMBER))).suppressed


@pytest.mark.parametrize("statement", ["UPDATE data_key SET wrapped = x'00'", "DELETE FROM data_key"])
async def test_a_damaged_data_key_stops_the_opening(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "codes.db"
    async with SqliteTable.open(path, secrets=(OLD,)):
        pass
    moved(path, statement)
    with pytest.raises(DatabaseProblem, match=r"data key in .* is damaged"):
        SqliteTable.open(path, secrets=(OLD,))


@pytest.mark.parametrize("name", ["with\0NUL", "half a surrogate \ud800"])
async def test_a_name_that_cannot_be_kept_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    async with SqliteTable.open(tmp_path / "codes.db", secrets=SECRETS) as table:
        with pytest.raises(ValueError, match=r"NUL|surrogates"):
            await put(table, verifications=(verification(username=name),))
        assert await table.read(OfNumber(NUMBER)) == Case()


@pytest.mark.parametrize("change_to", [{"account": "other"}, {"username": "Other"}, {"service": "VA1"}], ids=str)
async def test_a_verification_stays_with_its_account(tmp_path: Path, change_to: dict[str, Any]) -> None:
    async with SqliteTable.open(tmp_path / "codes.db", secrets=SECRETS) as table:
        await put(table, verifications=(verification(),))
        with pytest.raises(ValueError, match="stays"):
            await change(table, **change_to)
