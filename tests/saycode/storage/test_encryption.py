"""A stolen database reveals nothing."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from saycode.storage.connection import DatabaseUnusable
from saycode.storage.encryption import DecryptionError, FieldCipher, UnknownKey, new_data_key, unwrap, wrap
from tests.support.engine import another_program, open_store
from tests.support.store import NUMBER, SECRETS, account, change, put, verification
from verification.models import State
from verification.ports import ByNumber, Changes
from verification.types import VerificationStatus
from verification.values.codes import key_id

OLD, NEW, FOREIGN = (letter * 40 for letter in (b"o", b"n", b"f"))
KEY = bytes(range(32))
AAD = "verifications.personal_data VE1"


def test_an_encrypted_value_is_decrypted_with_the_same_aad() -> None:
    cipher = FieldCipher(KEY)
    assert cipher.decrypt(cipher.encrypt("+12025550100 Äcme", aad=AAD), aad=AAD) == "+12025550100 Äcme"


def test_an_encrypted_value_cannot_be_decrypted_in_another_place() -> None:
    cipher = FieldCipher(KEY)
    with pytest.raises(DecryptionError):
        cipher.decrypt(cipher.encrypt("text", aad=AAD), aad=f"{AAD}1")


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[:5], lambda b: b"", lambda b: bytes([b[0] ^ 1]) + b[1:]]
)
def test_a_changed_value_cannot_be_decrypted(spoil: Callable[[bytes], bytes]) -> None:
    cipher = FieldCipher(KEY)
    with pytest.raises(DecryptionError):
        cipher.decrypt(spoil(cipher.encrypt("text", aad=AAD)), aad=AAD)


def test_another_data_key_decrypts_and_finds_nothing() -> None:
    cipher, other = FieldCipher(KEY), FieldCipher(new_data_key())
    with pytest.raises(DecryptionError):
        other.decrypt(cipher.encrypt("text", aad=AAD), aad=AAD)
    assert cipher.number_hash(NUMBER.e164) != other.number_hash(NUMBER.e164)
    assert cipher.account_hash("VA", "acme") != other.account_hash("VA", "acme")


def test_the_same_text_is_never_encrypted_the_same_way_twice() -> None:
    cipher = FieldCipher(KEY)
    assert len({cipher.encrypt("text", aad=AAD) for _ in range(100)}) == 100


def test_the_nonce_comes_from_the_random_generator() -> None:
    numbers = itertools.count()
    cipher = FieldCipher(KEY, random=lambda size: next(numbers).to_bytes(size))
    assert [cipher.encrypt("text", aad=AAD)[:12] for _ in range(2)] == [bytes(12), bytes(11) + b"\x01"]


def test_hashes_of_a_number_and_of_an_account_have_nothing_in_common() -> None:
    cipher = FieldCipher(KEY)
    assert cipher.number_hash("VA\0acme") != cipher.account_hash("VA", "acme")
    assert cipher.account_hash("VA", "acme") != cipher.account_hash("VB", "acme")


def test_the_data_key_is_unwrapped_with_the_secret_that_wrapped_it() -> None:
    wrapped = wrap(KEY, OLD)
    assert unwrap(wrapped, (NEW, OLD)) == KEY
    assert KEY not in wrapped.wrapped
    assert wrapped.key_id == key_id(OLD)


def test_the_data_key_is_not_unwrapped_with_another_secret() -> None:
    wrapped = wrap(KEY, OLD)
    with pytest.raises(UnknownKey):
        unwrap(wrapped, (NEW, FOREIGN))
    with pytest.raises(DecryptionError):
        unwrap(replace(wrapped, key_id=key_id(NEW)), (NEW,))


def test_keys_are_not_in_a_repr() -> None:
    assert repr(KEY)[2:-1] not in repr(wrap(KEY, OLD)) + repr(FieldCipher(KEY))
    assert "wrapped=" not in repr(wrap(KEY, OLD))


def files(path: Path) -> bytes:
    """Every byte of the database, its log and its index."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


@pytest.mark.sqlite
async def test_no_number_no_name_and_no_key_is_readable_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    person = verification(number=replace(NUMBER, extension="98765"), account="acme person", username="Acme Person")
    async with open_store(path, secrets=SECRETS) as store:
        await put(store, verifications=(person,), suppress=(NUMBER,))
        await store.apply(account(person), lambda _: Changes(result=None, lift=(NUMBER,)))
        while_open = files(path)
    for everything in (while_open, files(path)):
        assert person.sid.encode() in everything  # the right files are read
        for secret in (NUMBER.e164, NUMBER.e164[2:], "98765", "Acme Person", "acme person"):
            assert secret.encode() not in everything
            assert secret.encode("utf-16-le") not in everything
            assert secret.encode().hex().encode() not in everything
        assert SECRETS[0] not in everything


@pytest.mark.sqlite
async def test_the_seed_of_an_ended_verification_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with open_store(path, secrets=SECRETS) as store:
        await put(store, verifications=(verification(seed=b"one seed to find"),))
        await change(store, status=VerificationStatus.CANCELED, seed=None)
    assert b"one seed to find" not in files(path)


def execute(path: Path, statement: str, *values: object) -> None:
    with another_program(path) as conn:
        conn.execute(statement, values)


async def test_a_new_secret_keeps_numbers_and_suppressions_and_needs_the_old_one_once(tmp_path: Path) -> None:
    path, kept = tmp_path / "codes.db", verification(key_id=key_id(NEW))
    async with open_store(path, secrets=(OLD,)) as store:
        await put(store, verifications=(kept,), suppress=(NUMBER,))
    for secrets in ((NEW, OLD), (NEW,)):
        async with open_store(path, secrets=secrets) as store:
            assert await store.read(ByNumber(NUMBER)) == State(verification=kept, suppressed=True)


async def test_a_worker_with_the_old_secret_continues_when_another_has_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with open_store(path, secrets=(OLD,)) as before, open_store(path, secrets=(NEW, OLD)) as after:
        await put(before, verifications=(verification(),), suppress=(NUMBER,))
        assert await after.read(ByNumber(NUMBER)) == await before.read(ByNumber(NUMBER))


async def test_a_wrong_secret_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with open_store(path, secrets=(OLD,)) as store:
        await put(store, suppress=(NUMBER,))
    with pytest.raises(DatabaseUnusable, match=r"SAYCODE_SECRET_KEY does not open .*add the former key after a comma"):
        open_store(path, secrets=(NEW, FOREIGN))
    async with open_store(path, secrets=(OLD,)) as store:
        assert (await store.read(ByNumber(NUMBER))).suppressed


@pytest.mark.parametrize("statement", ["UPDATE data_key SET wrapped = ?", "DELETE FROM data_key WHERE wrapped <> ?"])
async def test_a_damaged_data_key_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "codes.db"
    async with open_store(path, secrets=(OLD,)):
        pass
    execute(path, statement, b"\0")
    with pytest.raises(DatabaseUnusable, match=r"data key in .* is damaged"):
        open_store(path, secrets=(OLD,))


@pytest.mark.parametrize("name", ["with\0NUL", "half a surrogate \ud800"])
async def test_a_name_that_cannot_be_stored_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        with pytest.raises(ValueError, match=r"NUL|surrogates"):
            await put(store, verifications=(verification(username=name),))
        assert await store.read(ByNumber(NUMBER)) == State()


@pytest.mark.parametrize(
    "change_to",
    [
        *({"account": "other"}, {"username": "Other"}, {"service": "VA1"}, {"action": "pay"}, {"brand": "Other"}),
        *({"expires_at": 4e9}, {"created_at": 1.0}, {"max_checks": 99}, {"code_length": 4}, {"key_id": "other"}),
    ],
    ids=str,
)
async def test_a_verification_keeps_its_account_and_what_it_began_with(
    tmp_path: Path, change_to: dict[str, Any]
) -> None:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        await put(store, verifications=(verification(),))
        with pytest.raises(ValueError, match="keeps"):
            await change(store, **change_to)
