"""The SQL of the store, as constants: SQLite's driver caches prepared statements by their text.

A state is read by one statement, so that it is a snapshot without a transaction.
"""

from verification.models import Manner

# An update that names a column writes its indexes anew, even where the value is the same.
_VERIFICATION_MUTABLE = "language, status, seed, checks, ended_at, manner, redeemed_at, android_app, tags, sealed_code"
_VERIFICATION = (
    "sid, service, account_hash, number_hash, personal_data, action, key_id, code_length, max_checks, style, "
    f"created_at, expires_at, brand, keypress, trusted_browser, {_VERIFICATION_MUTABLE}"
)
_DELIVERY_MUTABLE = (
    "status, updated_at, provider_sid, error, stage, progress, tries, silences, position, keys, machine, webhook"
)
_DELIVERY = f"sid, channel, created_at, {_DELIVERY_MUTABLE}"
_SESSION = "session_id, verification, channel, expires_at, approved, replaced_at, answer"

#: Where the parts of a state begin in its row; the delivery has its row id before its columns.
VERIFICATION_AT = 3
DELIVERY_AT = VERIFICATION_AT + _VERIFICATION.count(",") + 1
SESSION_AT = DELIVERY_AT + 1 + _DELIVERY.count(",") + 1


def _qualified(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns.split(", "))


def _select_state(
    verification: str, number_hash: str = "v.number_hash", session: str | None = None, *, sending: bool = True
) -> str:
    """The state of a query: always one row, and one more for each further delivery.

    Without `sending`, what only forbids sending is not read: Twilio waits for the answer to a webhook. A session's page
    shows the pause after a report.
    """
    pause = f"coalesce((SELECT until FROM pauses WHERE number_hash = {number_hash}), 0)"
    send_checks = f"""
        {pause},
        (SELECT max(created_at) FROM deliveries WHERE number_hash = {number_hash} AND live = 1
         AND channel = 'call' AND (v.id IS NULL OR verification_id <> v.id))
    """
    return f"""
        SELECT EXISTS (SELECT 1 FROM suppressions WHERE number_hash = {number_hash}),
               {send_checks if sending else f"{pause if session else 0}, NULL"},
               {_qualified("v", _VERIFICATION)}, d.id, {_qualified("d", _DELIVERY)}
               {", " + _qualified("s", _SESSION) if session else ""}
        FROM (SELECT 1) AS one
        {f"LEFT JOIN sessions s ON {session}" if session else ""}
        LEFT JOIN verifications v ON {verification}
        LEFT JOIN deliveries d ON d.verification_id = v.id
    """


_NEWEST = "v.id = (SELECT id FROM verifications WHERE status = 'pending' AND {} ORDER BY id DESC LIMIT 1)"
_NEWEST_OF_ACCOUNT = _NEWEST.format("account_hash = :account AND action = :action")
_BY_DELIVERY = "v.id = (SELECT verification_id FROM deliveries WHERE sid = :sid)"
BY_DELIVERY = _select_state(_BY_DELIVERY, sending=False)
BY_DELIVERY_TO_SEND = _select_state(_BY_DELIVERY)
BY_VERIFICATION = _select_state("v.sid = :sid")
BY_VERIFICATION_AND_SESSION = _select_state("v.sid = :sid", session="s.session_id = :session")
BY_SESSION = _select_state("v.sid = s.verification", session="s.session_id = :session", sending=False)
_NEWEST_EXHAUSTED = """(SELECT id FROM verifications WHERE status = 'max_attempts_reached' AND account_hash = :account
    AND action = :action AND expires_at > :now ORDER BY id DESC LIMIT 1)"""
_CHECK_TARGET = f"v.id = coalesce({_NEWEST_OF_ACCOUNT.removeprefix('v.id = ')}, {_NEWEST_EXHAUSTED})"
BY_CHECK = _select_state(_CHECK_TARGET, sending=False)
BY_NUMBER = _select_state(_NEWEST.format("number_hash = :number"), ":number")
BY_ACCOUNT = _select_state(_NEWEST_OF_ACCOUNT, ":number")
BY_ACCOUNT_AND_SESSION = _select_state(_NEWEST_OF_ACCOUNT, ":number", session="s.session_id = :session")
BY_ACCOUNT_OF_SESSION = _select_state(
    "v.sid = s.verification AND v.status = 'pending' AND v.account_hash = :account AND v.action = :action",
    ":number",
    session="s.session_id = :session",
)


_CONVERTED = """CASE WHEN v.status = 'approved'
    AND d.id = (SELECT max(id) FROM deliveries WHERE verification_id = v.id) THEN 1 ELSE 0 END"""
_ATTEMPT = f"""
    SELECT {_CONVERTED}, 0, 0, NULL, {_qualified("v", _VERIFICATION)}, d.id, {_qualified("d", _DELIVERY)}
    FROM verifications v JOIN deliveries d ON d.verification_id = v.id
"""
ATTEMPT = f"{_ATTEMPT} WHERE d.sid = ?"
LIVE_DELIVERIES = f"{_ATTEMPT} WHERE d.live = 1 AND d.updated_at > ? ORDER BY d.updated_at DESC LIMIT ?"
_ATTEMPT_FILTER = f"""
    v.service = :service AND v.created_at >= :from AND v.created_at < :until
    AND d.created_at >= :since AND d.created_at < :until
    AND v.sid = coalesce(:verification, v.sid)
    AND d.channel = coalesce(:channel, d.channel)
    AND v.number_hash = coalesce(:number, v.number_hash)
    AND {_CONVERTED} = coalesce(:converted, {_CONVERTED})
"""
ATTEMPTS = f"""{_ATTEMPT} WHERE {_ATTEMPT_FILTER} AND (CAST(:after AS TEXT) IS NULL OR (v.created_at, v.id, -d.id) < (
        SELECT l.created_at, l.id, -a.id FROM deliveries a JOIN verifications l ON l.id = a.verification_id
        WHERE a.sid = :after AND l.service = :service))
    ORDER BY v.created_at DESC, v.id DESC, d.id
"""
ATTEMPT_COUNT = f"""
    SELECT count(*), sum({_CONVERTED}) FROM verifications v JOIN deliveries d ON d.verification_id = v.id
    WHERE {_ATTEMPT_FILTER}
"""


def _insert(table: str, columns: str, **expressions: str) -> str:
    names = columns.split(", ")
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(expressions.get(name, '?') for name in names)})"


def _update(table: str, columns: str) -> str:
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns.split(', '))} WHERE sid = ?"


# An unknown sid becomes row 0, which the foreign key refuses.
_ROW_OF = "coalesce((SELECT id FROM verifications WHERE sid = ?), 0)"
ADD_VERIFICATION = _insert("verifications", _VERIFICATION)
UPDATE_VERIFICATION = _update("verifications", _VERIFICATION_MUTABLE)
_NUMBER_OF = "(SELECT number_hash FROM verifications WHERE sid = ?)"
ADD_DELIVERY = _insert(
    "deliveries",
    f"{_DELIVERY}, live, verification_id, number_hash",
    verification_id=_ROW_OF,
    number_hash=_NUMBER_OF,
)
UPDATE_DELIVERY = _update("deliveries", _DELIVERY_MUTABLE)
#: Where the delivery ceases to be live.
END_DELIVERY = _update("deliveries", f"live, {_DELIVERY_MUTABLE}")
QUARANTINE_VERIFICATION = """
    UPDATE verifications SET status = 'failed', seed = NULL, sealed_code = NULL, ended_at = created_at
    WHERE sid = ? AND status = 'pending'
"""
STOP_SETTLING = "UPDATE deliveries SET live = 0 WHERE verification_id = (SELECT id FROM verifications WHERE sid = ?)"
PUT_SESSION = f"""{_insert("sessions", _SESSION)} ON CONFLICT (session_id) DO UPDATE SET
    verification = excluded.verification, channel = excluded.channel, expires_at = excluded.expires_at,
    approved = excluded.approved, replaced_at = excluded.replaced_at, answer = excluded.answer
"""
SUPPRESS = "INSERT INTO suppressions (number_hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
PAUSE = """INSERT INTO pauses (number_hash, until) VALUES (?, ?)
    ON CONFLICT (number_hash) DO UPDATE SET
    until = CASE WHEN excluded.until > pauses.until THEN excluded.until ELSE pauses.until END
"""
COUNTER_COLUMNS = "at, failures, failed_at, packed"
PUT_COUNTER = f"""INSERT INTO counters (counter_hash, {COUNTER_COLUMNS}) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (counter_hash) DO UPDATE SET at = excluded.at, failures = excluded.failures,
    failed_at = excluded.failed_at, packed = excluded.packed
"""
DELETE_COUNTER = "DELETE FROM counters WHERE counter_hash = ?"
COUNTER_CHUNK = "SELECT sends FROM counter_chunks WHERE counter_hash = ? AND number = ?"
PUT_COUNTER_CHUNK = """INSERT INTO counter_chunks (counter_hash, number, at, sends) VALUES (?, ?, ?, ?)
    ON CONFLICT (counter_hash, number) DO UPDATE SET at = excluded.at, sends = excluded.sends
"""
DELETE_COUNTER_CHUNK = "DELETE FROM counter_chunks WHERE counter_hash = ? AND number = ?"
DELETE_CHUNKS = "DELETE FROM counter_chunks WHERE counter_hash = ?"
LAST_ALERT = "SELECT at FROM alerts WHERE alert_hash = ?"
PUT_ALERT = """INSERT INTO alerts (alert_hash, at) VALUES (?, ?)
    ON CONFLICT (alert_hash) DO UPDATE SET at = excluded.at
"""
TRUSTED_BROWSER = "SELECT at FROM trusted_browsers WHERE browser_hash = ? AND counter_hash = ?"
PUT_TRUSTED_BROWSER = """INSERT INTO trusted_browsers (browser_hash, counter_hash, number_hash, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (browser_hash, counter_hash) DO UPDATE SET at = excluded.at
"""
ADD_DENIAL = """INSERT INTO denials (number_hash, n, verification, delivery, at, report)
    SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5 FROM denials WHERE number_hash = ?1
"""
#: Denials that are kept of a number, so that repeating a request does not fill the database.
MAX_DENIALS = 20
TRIM_DENIALS = f"""DELETE FROM denials WHERE number_hash = ?1
    AND n <= (SELECT max(n) FROM denials WHERE number_hash = ?1) - {MAX_DENIALS}
"""
DENIALS_OF_NUMBER = "SELECT verification, at, report FROM denials WHERE number_hash = ? ORDER BY n"
DENIALS_OF_DELIVERY = "SELECT verification, at, report FROM denials WHERE delivery = ?"
DENIALS_OF_VERIFICATION = "SELECT verification, at, report FROM denials WHERE verification = ? ORDER BY at"
NEWEST_DENIALS = "SELECT verification, at, report FROM denials WHERE at > ? ORDER BY at DESC LIMIT ?"
# A repetition finds its row; the older time stays.
ADD_INBOUND = "INSERT INTO inbound_messages (message_hash, at) VALUES (?, ?) ON CONFLICT (message_hash) DO NOTHING"
HAS_INBOUND = "SELECT EXISTS (SELECT 1 FROM inbound_messages WHERE message_hash = ?)"
UNSUPPRESS = "DELETE FROM suppressions WHERE number_hash = ?"

CHANGES_SINCE = "SELECT n, verification FROM changes WHERE n > ? ORDER BY n"
NEWEST_CHANGE = "SELECT coalesce(max(n), 0) FROM changes"
ADD_CHANGE = "INSERT INTO changes (n, verification) VALUES (?, ?)"
TRIM_CHANGES = "DELETE FROM changes WHERE n <= ?"
PENDING_OF_NUMBER = "SELECT sid FROM verifications WHERE status = 'pending' AND number_hash = ?"

OF_REFERENCE = """
    SELECT sid FROM verifications WHERE id IN (
        SELECT id FROM verifications WHERE sid BETWEEN ? AND ?
        UNION SELECT verification_id FROM deliveries WHERE sid BETWEEN ? AND ?)
    ORDER BY created_at DESC, id DESC LIMIT 20
"""
EVENTS = """
    SELECT kind, at, delivery, detail, actor, source FROM events
    WHERE verification_id = (SELECT id FROM verifications WHERE sid = ?) ORDER BY id
"""
OVERDUE_VERIFICATIONS = """
    SELECT sid FROM verifications WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at LIMIT ?
"""
# The lower bound keeps deliveries that were never settled, years of them, out of every scan.
UNSETTLED_DELIVERIES = """
    SELECT sid FROM deliveries
    WHERE live = 1 AND updated_at BETWEEN :oldest AND :latest AND created_at >= :oldest
    AND :now - updated_at >= updated_at - created_at
    ORDER BY updated_at LIMIT :limit
"""

ACCOUNT = "SELECT id, personal_data FROM accounts WHERE account_hash = ?"
NUMBERS_OF_ACCOUNT = "SELECT number_hash, since FROM account_numbers WHERE account_id = ?"
ENROLLED_SINCE = """
    SELECT since FROM account_numbers
    WHERE account_id = (SELECT id FROM accounts WHERE account_hash = ?) AND number_hash = ?
"""
PUT_ACCOUNT = """INSERT INTO accounts (account_hash, service, personal_data) VALUES (?, ?, ?)
    ON CONFLICT (account_hash) DO UPDATE SET personal_data = excluded.personal_data RETURNING id
"""
REMOVE_ACCOUNT = "DELETE FROM accounts WHERE account_hash = ?"
LINES_OF_ACCOUNT = "SELECT number_hash, line_hash FROM account_numbers WHERE account_id = ?"
ADD_NUMBER = "INSERT INTO account_numbers (number_hash, since, line_hash, account_id) VALUES (?, ?, ?, ?)"
REMOVE_NUMBER = "DELETE FROM account_numbers WHERE account_id = ? AND number_hash = ?"
ADD_NOTICE = "INSERT INTO notices (personal_data, next_at, tries, asked_at, at, sid) VALUES (?, ?, ?, ?, ?, ?)"
CHANGE_NOTICE = "UPDATE notices SET personal_data = ?, next_at = ?, tries = ?, asked_at = ?, at = ? WHERE sid = ?"
NOTICES = "SELECT sid, at, next_at, tries, asked_at, personal_data FROM notices WHERE next_at <= ? ORDER BY id LIMIT ?"
REMOVE_NOTICE = "DELETE FROM notices WHERE sid = ?"
# The public must not learn that the number was removed; an API client may.
_OF_REMOVED_NUMBER = "WHERE status = 'pending' AND account_hash = :account AND number_hash = :number"
DECOY_REMOVED_NUMBER = f"""UPDATE verifications SET manner = '{Manner.DECOY}'
    {_OF_REMOVED_NUMBER} AND manner = '{Manner.PRIVATE}'
"""
CANCEL_REMOVED_NUMBER = f"""UPDATE verifications
    SET status = 'canceled', seed = NULL, sealed_code = NULL, ended_at = :at
    {_OF_REMOVED_NUMBER} AND manner IN ('{Manner.TYPED}', '{Manner.ENROLLED}') RETURNING sid
"""
# Most installations have no application that listens, and write no messages.
NEWEST_EVENT_TARGET = "SELECT max(id) FROM event_targets"
# Writes the row to the disk with the commit, and changes nothing.
PADDING_WRITE = "UPDATE restore_marker SET at = at"
#: What a wave writes, in this order: a row before those that belong to it.
WRITES = (
    UPDATE_VERIFICATION,
    ADD_VERIFICATION,
    UPDATE_DELIVERY,
    END_DELIVERY,
    ADD_DELIVERY,
    PUT_SESSION,
    SUPPRESS,
    UNSUPPRESS,
    PAUSE,
    ADD_INBOUND,
    ADD_DENIAL,
    TRIM_DENIALS,
)
#: The next power of two of each number of queries, so that few statements are prepared.
PADDED = tuple(1 << (count - 1).bit_length() if count else 0 for count in range(1025))
