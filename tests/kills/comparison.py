"""Compares the simulator's request log with the database: what Twilio was asked to do, and what is stored about it."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.kills.load import User
from tests.support.sql import damage, number, rows

#: Seconds. The service fetches the status after 60, 120, 240, 480 … seconds, so a delivery is settled by then.
_SETTLED_BY = 4000


@dataclass(slots=True)
class Comparison:
    """The calls and texts that the simulator accepted in all rounds: by sid, the delivery and the number.

    `database`: its address.
    """

    database: str
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def add_requests(self, requests: Iterable[dict[str, Any]]) -> None:
        """The requests of one round. Two for one delivery are a difference."""
        for request in requests:
            if request["method"] != "POST" or request["status"] != 201:
                continue
            delivery = re.search(r"VL[0-9a-f]{32}", request["parameters"]["StatusCallback"])
            assert delivery is not None
            known = {sid for sid, _ in self.accepted.values()}
            self.require(delivery[0] not in known, f"{delivery[0]} was sent twice")
            self.accepted[request["sid"]] = (delivery[0], request["parameters"]["To"])

    def require(self, condition: bool, difference: str) -> None:
        if not condition:
            self.differences.append(difference)

    def compare(self, users: Iterable[User]) -> None:
        """Between rounds: every call and text was planned before, and every confirmed result is stored."""
        result = damage(self.database)
        self.require(result == "ok", f"the file is damaged: {result}")
        stored = {
            sid: (status, provider_sid, verification)
            for sid, status, provider_sid, verification in rows(
                self.database,
                "SELECT d.sid, d.status, d.provider_sid, v.status FROM deliveries d "
                "JOIN verifications v ON v.id = d.verification_id",
            )
        }
        approvals = rows(
            self.database,
            "SELECT verification, count(*) FROM events WHERE kind = 'approved' GROUP BY 1 HAVING count(*) > 1",
        )
        self.require(not approvals, f"approved twice: {approvals}")
        of_number: dict[str, list[str]] = {}
        for sid, (delivery, to) in self.accepted.items():
            self.require(delivery in stored, f"{sid} was sent for {delivery}, which was never planned")
            status, provider_sid, verification = stored.get(delivery, ("", None, ""))
            unclear = provider_sid is None and status in ("planned", "unknown")
            self.require(unclear or provider_sid == sid, f"{delivery} is {status} as {provider_sid}, not {sid}")
            of_number.setdefault(to, []).append(verification)
        for user in users:
            self._compare_user(user, of_number.get(user.number, []))

    def _compare_user(self, user: User, verifications: list[str]) -> None:
        if user.approved:
            self.require("approved" in verifications, f"{user.number} saw an approval, and it is {verifications}")
        if "approved" in verifications:
            right = user.typed != "" and user.typed == user.code
            self.require(right, f"{user.number} is approved without the code")

    def due(self, now: float) -> int:
        """How many deliveries and verifications of earlier rounds the service has to settle now."""
        quiet = (
            f"SELECT count(*) FROM deliveries WHERE live = 1 AND updated_at < {now} - 60 "
            f"AND {now} - updated_at >= updated_at - created_at"
        )
        return number(self.database, quiet) + number(self.database, _late(now))

    def unclear(self) -> int:
        """How many deliveries have no known outcome."""
        return number(self.database, "SELECT count(*) FROM deliveries WHERE status IN ('planned', 'unknown')")

    def settle(self, now: float) -> None:
        """After the background tasks of a new start: every finished delivery is as Twilio has it.

        A lookup may have failed on a busy machine, and the next one comes later; so the youngest may still be live.
        """
        known = {delivery: sid for sid, (delivery, _) in self.accepted.items()}
        alike = self._alike(known)
        query = f"SELECT sid, status, provider_sid, live, created_at FROM deliveries WHERE created_at < {now - 60}"
        for delivery, status, provider_sid, live, created_at in rows(self.database, query):
            if live and created_at > now - _SETTLED_BY:
                continue
            if provider_sid is None and status == "unknown" and delivery in alike:
                continue
            expected = known.get(delivery)
            self.require(provider_sid == expected, f"{delivery} is {provider_sid}, not {expected}")
            self.require(not live, f"{delivery} is {status} after all this time")
            self.require(provider_sid is not None or status == "failed", f"{delivery} was never sent and is {status}")
        stuck = number(self.database, _late(now))
        self.require(stuck == 0, f"{stuck} verifications are stuck")

    def _alike(self, known: Collection[str]) -> set[str]:
        """Deliveries whose record at Twilio cannot be told apart: another verification's went to the same number."""
        sent: dict[bytes, set[int]] = {}
        of = {
            sid: (bytes(number), verification)
            for sid, number, verification in rows(
                self.database, "SELECT sid, number_hash, verification_id FROM deliveries"
            )
        }
        for sid in known:
            if sid in of:
                sent.setdefault(of[sid][0], set()).add(of[sid][1])
        return {sid for sid, (number, verification) in of.items() if sent.get(number, set()) - {verification}}


def _late(now: float) -> str:
    return f"SELECT count(*) FROM verifications WHERE status = 'pending' AND expires_at < {now}"
