"""What happens to people when the machine fails: real processes, a real file, and a disk, a lock, a kill."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.support.fault_injection import FaultSetup, fault_setup, lift_file_size_limit, limit_file_size
from tests.support.processes import Browser, Page, Phone

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 198))
SORRY = "We're sorry, something went wrong on our side."


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultSetup]:
    with fault_setup(tmp_path_factory.mktemp("faults")) as started:
        yield started


@pytest.fixture
def phone(here: FaultSetup) -> Phone:
    return here.phone(next(NUMBERS))


def begin(browser: Browser, phone: Phone, channel: str = "sms") -> Page:
    return browser.post("/start", username=f"ann {phone.number[-4:]}", phone=phone.number, channel=channel)


def texted_code(phone: Phone) -> str:
    phone.wait_for("text")
    hit = re.search(r"#(\d+)$", phone.texts[-1])
    assert hit
    return hit[1]


def said(phone: Phone, pattern: str) -> str:
    hits = [hit[1] for sentence in phone.sentences if (hit := re.search(pattern, sentence))]
    assert hits, phone.sentences
    return hits[-1].replace(", ", "")


def test_a_full_disk_approves_no_code_is_reported_and_ends_when_there_is_room(here: FaultSetup, phone: Phone) -> None:
    browser, other = here.browser(), here.phone(next(NUMBERS))
    begin(browser, phone)
    code = texted_code(phone)
    begin(here.browser(), other, "call")
    other.wait_for("ringing")
    limit_file_size(here.pid, 1)  # a file as long as the write-ahead log has room again when SQLite begins it anew
    assert begin(here.browser(), here.phone(next(NUMBERS))).status == 503
    status, _, wait = here.ask("/start", f"username=bob&phone={next(NUMBERS).replace('+', '%2B')}&channel=sms")
    assert (status, wait) == (503, "5")
    assert browser.post("/code", code=code).status == 503
    assert browser.open().state == "code", "nothing was verified that could not be written down"
    other.do("answer")
    other.do("listen")
    other.do("press", digits=said(other, r"press these three keys: (\d, \d, \d)$"))
    other.do("listen")
    assert SORRY in " ".join(other.sentences)
    assert "database" in here.wait_for("/health/ready", 503)
    lift_file_size_limit(here.pid)
    assert browser.post("/code", code=code).state == "welcome"
    here.wait_for("/health/ready", 200)
    assert here.is_intact()


def test_a_lock_that_ends_soon_is_waited_for_and_one_that_does_not_is_told(here: FaultSetup, phone: Phone) -> None:
    browser = here.browser()
    with here.locked():
        began = time.monotonic()
        assert begin(browser, phone).status == 503
        assert time.monotonic() - began < 10
        assert "database" in here.wait_for("/health/ready", 503)
    assert begin(browser, phone).state == "code"
    assert browser.post("/code", code=texted_code(phone)).state == "welcome"
    here.wait_for("/health/ready", 200)


def test_a_restart_between_the_answer_and_the_key_goes_on_where_it_was(here: FaultSetup, phone: Phone) -> None:
    browser = here.browser()
    begin(browser, phone, "call")
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("listen")
    asked = said(phone, r"press these three keys: (\d, \d, \d)$")
    here.kill()
    here.start()
    phone.do("press", digits=asked)
    phone.do("listen")
    assert browser.post("/code", code=said(phone, r"code is: (\d(?:, \d)+)$")).state == "welcome"


def test_a_twilio_that_takes_the_call_and_then_says_500_rings_once_and_the_page_says_that_it_may_ring(
    here: FaultSetup, phone: Phone
) -> None:
    browser = here.browser()
    here.fail_next("Calls.json", kind="timeout-after-create", hang=0.0)
    with here.callbacks_lost():
        assert begin(browser, phone, "call").state == "code"
        assert "may be ringing" in browser.open().text
        browser.post("/next", next="call")
    assert len(here.asked("/Calls.json", phone.number)) == 1
    phone.do("answer")
    phone.do("listen")
    phone.do("press", digits=said(phone, r"press these three keys: (\d, \d, \d)$"))
    phone.do("listen")
    assert browser.post("/code", code=said(phone, r"code is: (\d(?:, \d)+)$")).state == "welcome"
