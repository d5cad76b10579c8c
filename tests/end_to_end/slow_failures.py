"""Faults that take their time: `make faults` runs these, `make test` does not.

Clocks are set with Debian's package `faketime`; without it these tests fail, and say so.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

import pytest

from tests.support.fault_injection import fault_setup
from tests.support.processes import Browser, Deployment, Page, Phone, deploy

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 198))
LIFETIME = 12
HOUR = 3600


def begin(browser: Browser, phone: Phone, channel: str = "sms") -> Page:
    return browser.post("/start", username=f"ann {phone.number[-4:]}", phone=phone.number, channel=channel)


def texted_code(phone: Phone) -> str:
    phone.wait_for("text")
    hit = re.search(r"#(\d+)$", phone.texts[-1])
    assert hit
    return hit[1]


def test_a_database_that_is_locked_for_half_a_minute_keeps_nobody_waiting_for_it(tmp_path: Path) -> None:
    with fault_setup(tmp_path) as deployment:
        browser, phone = deployment.browser(), deployment.phone(next(NUMBERS))
        begin(browser, phone)
        code = texted_code(phone)
        with deployment.locked():
            until = time.monotonic() + 30
            while time.monotonic() < until:
                began = time.monotonic()
                assert begin(deployment.browser(), deployment.phone(next(NUMBERS))).status == 503
                assert browser.open().state == "code", "what is known can be read"
                assert time.monotonic() - began < 10
                assert "database" in deployment.wait_for("/health/ready", 503)
        assert browser.post("/code", code=code).state == "welcome"
        assert deployment.is_intact()


class Clock:
    """The clock of a service that was started with libfaketime; `set_to` an offset in seconds."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "faketime"
        self.set_to(0)

    def set_to(self, seconds: int) -> None:
        self.file.write_text(f"{seconds:+}")

    @property
    def environ(self) -> dict[str, str]:
        found = glob("/usr/lib/*/faketime/libfaketime.so.1")
        assert found, "the package faketime is not installed: apt-get install faketime"
        return {
            "LD_PRELOAD": found[0],
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@contextmanager
def clocked(tmp_path: Path, clock: Clock, **settings: str) -> Iterator[Deployment]:
    environ: dict[str, Any] = {"SAYCODE_CODE_LIFETIME": str(LIFETIME)} | settings | clock.environ
    with deploy(tmp_path / "deployment", **environ) as started:
        yield started


def test_no_code_lives_longer_when_the_clock_is_set_back(tmp_path: Path, clock: Clock) -> None:
    with clocked(tmp_path, clock) as deployment:
        browser, phone = deployment.browser(), deployment.phone(next(NUMBERS))
        began = time.monotonic()
        begin(browser, phone)
        clock.set_to(-HOUR)
        code = texted_code(phone)
        assert browser.open().state == "code"
        time.sleep(max(0.0, began + LIFETIME + 1 - time.monotonic()))
        assert browser.post("/code", code=code).state == "ended"
        begin(browser, phone)
        assert browser.post("/code", code=texted_code(phone)).state == "welcome"


def test_codes_end_early_and_nothing_else_breaks_when_the_clock_is_set_forward(tmp_path: Path, clock: Clock) -> None:
    with clocked(tmp_path, clock) as deployment:
        browser, phone = deployment.browser(), deployment.phone(next(NUMBERS))
        begin(browser, phone)
        code = texted_code(phone)
        clock.set_to(2 * HOUR)
        assert browser.post("/code", code=code).state in ("ended", "form")
        later = deployment.phone(next(NUMBERS))
        begin(browser, later)
        assert browser.post("/code", code=texted_code(later)).state == "welcome"


def test_no_limit_opens_and_no_wait_is_negative_when_the_clock_is_set_back(tmp_path: Path, clock: Clock) -> None:
    limits = {"SAYCODE_LIMITS": "enforce", "SAYCODE_LIMIT_NUMBER": "1/10m"}
    with clocked(tmp_path, clock, **limits) as deployment:
        phone = deployment.phone(next(NUMBERS))
        begin(deployment.browser(), phone)
        clock.set_to(-HOUR)
        refused = begin(deployment.browser(), phone)
        assert refused.status == 429
        assert re.search(r"\b(10|9) minutes\b", refused.text), refused.text


def children_of(pid: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for stat in glob("/proc/[0-9]*/stat"):
        try:
            fields = Path(stat).read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(Path(stat).parent.name))
    return found


def serving(deployment: Deployment) -> int:
    """The process that was asked to serve this address."""
    port = deployment.address.rpartition(":")[2].encode()
    for line in glob("/proc/[0-9]*/cmdline"):
        words = Path(line).read_bytes().split(b"\0")
        if b"serve" in words and port in words:
            return int(Path(line).parent.name)
    raise AssertionError("no server answers")


def test_of_two_workers_one_may_die_and_nobody_is_stranded(tmp_path: Path) -> None:
    with deploy(tmp_path, workers=2) as deployment:
        browser, phone = deployment.browser(), deployment.phone(next(NUMBERS))
        begin(browser, phone)
        code = texted_code(phone)
        workers = [
            pid
            for pid in children_of(serving(deployment))
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        assert len(workers) == 2
        os.kill(workers[0], 9)
        until = time.monotonic() + 20
        state = ""
        while state != "welcome" and time.monotonic() < until:
            try:
                state = browser.post("/code", code=code).state
            except OSError:  # the connection that the dead worker had taken
                time.sleep(0.1)
        assert state == "welcome"
        other = deployment.browser()
        later = deployment.phone(next(NUMBERS))
        begin(other, later)
        assert other.post("/code", code=texted_code(later)).state == "welcome"
