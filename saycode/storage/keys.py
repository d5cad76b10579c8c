"""The data key as the database holds it, and the codes of keys that are no longer in the settings."""

import logging

from verification.values.codes import key_id

from .connection import Connection
from .encryption import DecryptionError, WrappedKey, wrap

log = logging.getLogger(__name__)


def wrapped_key(conn: Connection) -> WrappedKey:
    """Raises DecryptionError when there is none."""
    rows = conn.execute("SELECT key_id, wrapped FROM data_key").fetchall()
    if not rows:
        # It is created with the schema. A new one would silently drop every suppression.
        raise DecryptionError("the data key is missing")
    return WrappedKey(*rows[0])


def put_key(conn: Connection, key: bytes, secret: bytes) -> None:
    """Store the data key, wrapped with this secret, in the caller's transaction."""
    wrapped = wrap(key, secret)
    conn.execute(
        "INSERT INTO data_key (id, key_id, wrapped) VALUES (1, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET key_id = excluded.key_id, wrapped = excluded.wrapped",
        (wrapped.key_id, wrapped.wrapped),
    )


def expire_codes_without_key(conn: Connection, database: object, secrets: tuple[bytes, ...]) -> None:
    """Expire pending codes whose key was removed from the settings: they can be neither read out nor checked."""
    key_ids = [key_id(secret) for secret in secrets]
    keyless = f"status = 'pending' AND expires_at > created_at AND key_id NOT IN ({', '.join('?' * len(key_ids))})"
    if not conn.execute(f"SELECT EXISTS (SELECT 1 FROM verifications WHERE {keyless})", key_ids).fetchone()[0]:
        return
    expired = conn.execute(f"UPDATE verifications SET expires_at = created_at WHERE {keyless}", key_ids).rowcount
    log.error("%d pending codes in %s are invalid: their key was removed from SAYCODE_SECRET_KEY", expired, database)
