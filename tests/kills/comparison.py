"""Two ledgers, one truth: what Twilio was asked to do, and what the code table says about it."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kills.load import Person

#: Seconds: asked after at 60, 120, 240, 480 and so on, a delivery has an answer by then on any machine.
_SETTLED_BY = 4000


@dataclass(slots=True)
class Books:
    """What the simulator took, over all rounds: the delivery that each call or text is of, and where it went."""

    database: Path
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def enter(self, requests: Iterable[dict[str, Any]]) -> None:
        """The simulator's requests of one round. Two for one delivery are wrong at once."""
        for request in requests:
            if request["method"] != "POST" or request["status"] != 201:
                continue
            delivery = re.search(r"VL[0-9a-f]{32}", request["parameters"]["StatusCallback"])
            assert delivery is not None
            known = {of for of, _ in self.taken.values()}
            self.require(delivery[0] not in known, f"{delivery[0]} went out twice")
            self.taken[request["sid"]] = (delivery[0], request["parameters"]["To"])

    def require(self, truth: bool, what: str) -> None:
        if not truth:
            self.wrong.append(what)

    def look(self, people: Iterable[Person]) -> None:
        """While nothing runs, and nothing is settled yet: the plan came first, and what was told was kept."""
        with closing(sqlite3.connect(self.database)) as conn:
            (sound,) = conn.execute("PRAGMA quick_check").fetchone()
            self.require(sound == "ok", f"the file is damaged: {sound}")
            rows = {
                sid: (status, provider_sid, verification)
                for sid, status, provider_sid, verification in conn.execute(
                    "SELECT d.sid, d.status, d.carrier_sid, v.status FROM deliveries d "
                    "JOIN verifications v ON v.id = d.verification_id"
                )
            }
            approvals = conn.execute(
                "SELECT verification_id, count(*) FROM events WHERE kind = 'approved' GROUP BY 1 HAVING count(*) > 1"
            ).fetchall()
        self.require(not approvals, f"approved twice: {approvals}")
        of_number: dict[str, list[str]] = {}
        for sid, (delivery, to) in self.taken.items():
            self.require(delivery in rows, f"{sid} went out for {delivery}, which was never planned")
            status, provider_sid, verification = rows.get(delivery, ("", None, ""))
            unclear = provider_sid is None and status in ("planned", "unknown")
            self.require(unclear or provider_sid == sid, f"{delivery} is {status} as {provider_sid}, not {sid}")
            of_number.setdefault(to, []).append(verification)
        for person in people:
            self._person(person, of_number.get(person.number, []))

    def _person(self, person: Person, verifications: list[str]) -> None:
        if person.welcome:
            self.require("approved" in verifications, f"{person.number} was welcomed, and it is {verifications}")
        if "approved" in verifications:
            right = person.typed != "" and person.typed == person.right
            self.require(right, f"{person.number} is approved without the code")

    def due(self, now: float) -> int:
        """How many deliveries and verifications of former rounds the service has to look at now."""
        with closing(sqlite3.connect(self.database)) as conn:
            quiet = (
                "SELECT count(*) FROM deliveries WHERE live = 1 AND updated_at < :now - 60 "
                "AND :now - updated_at >= updated_at - created_at"
            )
            late = "SELECT count(*) FROM verifications WHERE status = 'pending' AND expires_at < :now"
            counts: list[int] = [conn.execute(query, {"now": now}).fetchone()[0] for query in (quiet, late)]
            return sum(counts)

    def unclear(self) -> int:
        """How many deliveries nobody knows anything about."""
        with closing(sqlite3.connect(self.database)) as conn:
            query = "SELECT count(*) FROM deliveries WHERE status IN ('planned', 'unknown')"
            found: int = conn.execute(query).fetchone()[0]
            return found

    def settle(self, now: float) -> None:
        """After the chores of a new start: what is over is as Twilio has it, to the last one.

        A look-up may have been in vain on a busy machine, and the next one comes later; after some rounds that is over.
        """
        known = {delivery: sid for sid, (delivery, _) in self.taken.items()}
        with closing(sqlite3.connect(self.database)) as conn:
            query = "SELECT sid, status, carrier_sid, live, created_at FROM deliveries WHERE created_at < ?"
            for delivery, status, provider_sid, live, created_at in conn.execute(query, (now - 60,)):
                if live and created_at > now - _SETTLED_BY:
                    continue
                truth = known.get(delivery)
                self.require(provider_sid == truth, f"{delivery} is {provider_sid}, not {truth}")
                self.require(not live, f"{delivery} is {status} after all this time")
                self.require(provider_sid is not None or status == "failed", f"{delivery} never left and is {status}")
            late = "SELECT count(*) FROM verifications WHERE status = 'pending' AND expires_at < ?"
            (stuck,) = conn.execute(late, (now,)).fetchone()
            self.require(stuck == 0, f"{stuck} verifications are stuck")
