"""Three ledgers: what Twilio's simulator was asked for, what people and applications saw, and what is stored."""

import asyncio
import json
import re
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from tests.cluster.nodes import Cluster
from tests.cluster.people import People
from tests.kills.__main__ import ask, wait_until_ready
from tests.kills.comparison import Comparison
from tests.kills.server import start
from tests.support.postgresql import Server
from tests.support.processes import free_port
from tests.support.sql import number, rows

#: `SAYCODE_LIMIT_NUMBER`: sends to a number in ten minutes; a run takes less.
PER_NUMBER = 5
#: Seconds after the load at which everything must be over; the last look at a quiet delivery is at 3,840 s.
LATER = 5000.0


@dataclass(slots=True)
class Ledger:
    """`database`: its address for questions from outside. `lines`: of the audit log."""

    cluster: Cluster
    people: People
    database: str
    comparison: Comparison = field(init=False)
    lines: int = 0

    def __post_init__(self) -> None:
        self.comparison = Comparison(self.database)

    @property
    def differences(self) -> list[str]:
        return self.comparison.differences

    async def compare(self, server: Server | None) -> None:
        """With all nodes down: settle everything with one node of a later time, and compare."""
        if server is not None and not server.running:
            await asyncio.to_thread(server.start)
        self.comparison.add_requests(self.cluster.requests())
        self.comparison.compare(self.people.users)
        for missing in self.people.unanswered:
            self.comparison.require(False, f"{missing} was never answered")
        self._compare_starts()
        self._compare_numbers()
        await asyncio.to_thread(self._settle)
        self._compare_stops()
        self._verify_audit_log()

    def _compare_starts(self) -> None:
        """What was confirmed to an application is stored."""
        stored = {sid for (sid,) in rows(self.database, "SELECT sid FROM verifications")}
        for sid, to in self.people.started.items():
            self.comparison.require(sid in stored, f"{sid} for {to} was confirmed and is lost")

    def _compare_numbers(self) -> None:
        """No number gets more than its limit, and a start with an Idempotency-Key is one text however often it came."""
        sent = Counter(to for _, to in self.comparison.accepted.values())
        for to, count in sent.items():
            self.comparison.require(count <= PER_NUMBER, f"{to} was sent {count}")
        for to in self.people.sent_once:
            self.comparison.require(sent[to] <= 1, f"{to} was sent {sent[to]} for one key")
        for to in self.people.hot:
            # The rest was counted by a node that died before it asked Twilio, and is never asked for again.
            self.comparison.require(sent[to] > 0, f"{to} was never sent")

    def _hang_up(self) -> None:
        """Everyone ends their calls. The nodes are down, so no callback says so."""
        phones = ask(f"{self.cluster.simulator}/simulator/phones")["phones"]
        assert isinstance(phones, list)
        for phone in phones:
            if phone["call"]:
                how = "hang-up" if phone["call"]["answered"] else "decline"
                with suppress(HTTPError):  # it has just ended
                    ask(f"{self.cluster.simulator}/simulator/phones/{quote(phone['number'])}/{how}", "POST")

    def _settle(self) -> None:
        """One node, started later, ends what has to be ended."""
        self._hang_up()
        port, now = free_port(), time.time() + LATER
        process = start(self.cluster.environ, self.cluster.folder, port=port, now=now, name="settling")
        try:
            wait_until_ready(f"http://127.0.0.1:{port}")
            until = time.monotonic() + 60
            while self.comparison.due(now) and time.monotonic() < until:
                time.sleep(0.1)
            self.comparison.settle(now)
        finally:
            process.terminate()
            process.join()

    def _compare_stops(self) -> None:
        """A STOP that was answered is kept."""
        heard = {
            webhook["parameters"]["From"]
            for webhook in self._webhooks()
            if webhook["parameters"].get("Body") == "STOP" and webhook["status"] == 200
        }
        kept = number(self.database, "SELECT count(*) FROM suppressions")
        self.comparison.require(kept >= len(heard), f"{len(heard)} numbers texted STOP, and {kept} are suppressed")

    def _webhooks(self) -> list[dict[str, Any]]:
        found = ask(f"{self.cluster.simulator}/simulator/requests")["webhooks"]
        assert isinstance(found, list)
        return found

    def _verify_audit_log(self) -> None:
        try:
            said = json.loads(self.cluster.command("audit", "verify", "--json"))
        except AssertionError as problem:
            self.comparison.require(False, str(problem))
            return
        self.lines = said["lines"]
        stored = number(self.database, "SELECT count(*) FROM events")
        self.comparison.require(said["broken"] is None, f"the audit log is broken: {said['broken']}")
        self.comparison.require(self.lines == stored, f"{self.lines} of {stored} lines are in the chain")
        text = self.cluster.command("audit", "list", "--last", "100000", "--json")
        self.comparison.require(not re.search(r"\+1\d{10}", text), "a number stands in the audit log")
