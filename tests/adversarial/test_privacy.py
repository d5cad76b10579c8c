"""A stolen database: whoever has it alone finds no code in it."""

import hashlib
import hmac
from pathlib import Path

from tests.support import engine
from tests.support.verifier import open_verifier


async def test_the_database_alone_holds_no_code(tmp_path: Path) -> None:
    async with open_verifier(tmp_path / "codes.db") as setup:
        _, code = await setup.texted_code()
        rows = [row for table in engine.all_rows(setup.path).values() for row in table]
    kept = {value.encode() if isinstance(value, str) else value for row in rows for value in row if value}
    values = {value for value in kept if isinstance(value, bytes)}
    assert code.encode() not in b"\0".join(values)
    salts = [b"", *(value for value in values if len(value) <= 64)]
    assert len(salts) > 20
    found = {
        made[:length]
        for salt in salts
        for name in ("md5", "sha1", "sha256", "blake2b")
        for made in (
            hashlib.new(name, salt + code.encode()).digest(),
            hashlib.new(name, code.encode() + salt).digest(),
            hmac.digest(salt, code.encode(), name),
        )
        for length in (16, 20, 32, 64)
    }
    assert not found & values
    hexadecimal = {made.hex().encode() for made in found}
    assert not hexadecimal & values
