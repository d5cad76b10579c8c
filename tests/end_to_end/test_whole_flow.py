"""Section 2 of the design over real HTTP between separate processes: the flow that the product exists for."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.support.engine import another_program
from tests.support.http_server import ask
from tests.support.keys import NEW_KEY
from tests.support.processes import Browser, Deployment, Page, Phone, deploy

SCRAPER = NEW_KEY
NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 198))
#: So many that no block of numbers is used up.
AREAS = (415, 212, 312, 213, 617)
BUDGETS = ("UNCONFIRMED_SOURCE", "UNCONFIRMED_PREFIX", "UNCONFIRMED_COUNTRY")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("one")) as started:
        yield started


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


def start(browser: Browser, phone: Phone, channel: str = "call") -> Page:
    return browser.post("/start", username=f"ann {phone.number[-4:]}", phone=phone.number, channel=channel)


def spoken_code(phone: Phone) -> str:
    """Answer, press the keys that are said, and read the code where a person would: on the phone."""
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("listen")
    phone.do("press", digits=pressed(phone))
    phone.do("listen")
    return found(r"code is: (\d(?:, \d)+)$", phone)


def pressed(phone: Phone) -> str:
    return found(r"press these three keys: (\d, \d, \d)$", phone)


def found(pattern: str, phone: Phone) -> str:
    hits = [hit[1] for sentence in phone.sentences if (hit := re.search(pattern, sentence))]
    assert hits, f"{pattern} was not among {phone.sentences}"
    return hits[-1].replace(", ", "")


def texted_code(phone: Phone) -> str:
    phone.wait_for("text")
    hit = re.search(r"#(\d+)$", phone.texts[-1])
    assert hit, phone.texts
    return hit[1]


def other(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def test_a_call_from_the_form_to_the_welcome(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    assert browser.open().state == "form"
    assert start(browser, phone).state == "code"
    code = spoken_code(phone)
    page = browser.post("/code", code=code)
    assert (page.state, page.address) == ("welcome", deployment.address + "/")
    assert f"ann {phone.number[-4:]}" in page.text
    assert not deployment.warnings


def test_a_text_from_the_form_to_the_welcome(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    assert start(browser, phone, "sms").state == "code"
    assert browser.post("/code", code=texted_code(phone)).state == "welcome"


def test_a_wrong_code_ends_it_and_one_press_begins_again_with_everything_filled_in(
    deployment: Deployment, phone: Phone
) -> None:
    browser = deployment.browser()
    start(browser, phone)
    first = spoken_code(phone)
    phone.do("hang-up")
    page = browser.post("/code", code=other(first))
    assert page.state == "ended"
    assert phone.number[-2:] in page.text
    assert phone.number not in page.html
    assert browser.post("/code", code=first).state == "ended", "the first code is dead"
    assert browser.post("/next", next="begin-again").state == "code"
    second = spoken_code(phone)
    assert browser.post("/code", code=second).state == "welcome"


def test_the_same_code_comes_again_by_text(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    start(browser, phone)
    code = spoken_code(phone)
    phone.do("hang-up")
    browser.post("/next", next="sms")
    assert texted_code(phone) == code
    assert browser.post("/code", code=code).state == "welcome"


def confirm(phone: Phone, key: str) -> None:
    """Press a key of the menu, and the star key once it is asked for."""
    phone.until_said(r"(for it), press 0$")
    phone.do("press", digits=key)
    phone.until_said(r"press the (star) key\.$")
    phone.do("press", digits="*")
    phone.until_over()


def test_the_menu_says_it_slower_and_sends_a_text(deployment: Deployment, phone: Phone) -> None:
    start(deployment.browser(), phone)
    code = spoken_code(phone)
    phone.until_said(r"(slowly), press 2$")
    phone.do("press", digits="2")
    phone.until_said(r"(one digit at a time), press 3$")
    slowly = phone.sentences[phone.sentences.index("Here it is slowly:") + 1 :]
    assert "".join(slowly[: len(code)]) == code
    phone.do("press", digits="4")
    phone.until_said(r"(sending the code) as a text message")
    assert texted_code(phone) == code
    assert not deployment.warnings


def test_a_reported_code_is_no_longer_valid(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    start(browser, phone)
    code = spoken_code(phone)
    confirm(phone, "0")
    assert browser.post("/code", code=code).state == "ended"


def test_a_suppressed_number_is_never_called(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    start(browser, phone)
    spoken_code(phone)
    confirm(phone, "9")
    before = len(deployment.asked("/Calls.json")) + len(deployment.asked("/Messages.json"))
    for channel in ("call", "sms"):
        page = start(deployment.browser(), phone, channel)
        assert (page.status, page.state) == (403, "form")
    assert len(deployment.asked("/Calls.json")) + len(deployment.asked("/Messages.json")) == before


def test_call_by_text_rings_the_pending_verification_again(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    start(browser, phone, "sms")
    code = texted_code(phone)
    phone.do("text", to="+14155550199", body="call")
    assert spoken_code(phone) == code
    assert browser.post("/code", code=code).state == "welcome"


def test_stop_and_start_by_text(deployment: Deployment, phone: Phone) -> None:
    phone.do("text", to="+14155550199", body="Stop")
    assert start(deployment.browser(), phone).status == 403
    phone.do("text", to="+14155550199", body="START")
    assert start(deployment.browser(), phone).state == "code"


def test_an_inbound_caller_hears_the_brand_and_never_a_code(deployment: Deployment, phone: Phone) -> None:
    start(deployment.browser(), phone, "sms")
    code = texted_code(phone)
    phone.do("call", to="+14155550199")
    phone.do("listen")
    phone.do("press", digits="1")
    phone.do("listen")
    assert phone.sentences[0].startswith("Hello, you've reached the automated line of Saycode.")
    assert phone.sentences[-1] == "If there's a code waiting for this number, we'll call you now. Goodbye."
    assert not any(", ".join(code) in sentence for sentence in phone.sentences)


@pytest.mark.parametrize("behaviour", ["busy", "no-answer", "decline", "failed"])
def test_a_call_that_does_not_get_through_leaves_the_code_usable_by_text(
    deployment: Deployment, phone: Phone, behaviour: str
) -> None:
    phone.behave(behaviour=behaviour)
    browser = deployment.browser()
    start(browser, phone)
    phone.until_over()
    assert browser.post("/next", next="sms").state == "code"
    assert browser.post("/code", code=texted_code(phone)).state == "welcome"


def test_voicemail_never_hears_the_code(deployment: Deployment, phone: Phone) -> None:
    phone.behave(behaviour="voicemail")
    start(deployment.browser(), phone)
    phone.until_over()
    assert not any("code is" in sentence for sentence in phone.sentences)
    assert phone.sentences[-1].startswith("You didn't press any keys.")


@pytest.mark.sqlite
def test_no_code_and_no_key_is_left_anywhere(tmp_path: Path) -> None:
    with deploy(tmp_path, SAYCODE_METRICS_ACCESS=SCRAPER) as deployment:
        deployment.command("numbers", "suppress", "+14155550999")
        said: list[str] = []
        for channel in ("call", "sms"):
            phone, browser = deployment.phone(next(NUMBERS)), deployment.browser()
            start(browser, phone, channel)
            code = spoken_code(phone) if channel == "call" else texted_code(phone)
            wrong = deployment.browser()
            wrong.post("/start", username="bob", phone=phone.number, channel="sms")
            wrong.post("/code", code=other(code))
            assert browser.post("/code", code=code).state == "welcome"
            said += [code, phone.number, *(str(cookie.value) for cookie in [*browser.jar, *wrong.jar])]
            assert not any(code in address for address in browser.visited + wrong.visited)
            assert not any(code in str(cookie.value) for cookie in browser.jar)
        codes = said[0::4][:1] + [entry for entry in said if len(entry) == 6]
        assert len(codes) >= 2
        asked = [str(entry) for entry in deployment.asked("/Calls.json")]
        assert asked
        assert not any(code in entry for entry in asked for code in codes), "a code in the address of a webhook"
        files = sorted(deployment.folder.glob("saycode.db*"))
        endings = [file.name.removeprefix("saycode.db") for file in files]
        assert endings == ["", "-mark", "-shm", "-wal"], "the database, its mark, its index and its write-ahead log"
        stored = {path.name: path.read_bytes() for path in [*files, *deployment.logs]}
        stored |= {name: told.encode() for name, told in operator_output(deployment).items()}
        for text in [*said, deployment.secret, deployment.token, SCRAPER, "+14155550999"]:
            for name, data in stored.items():
                assert text.encode() not in data, f"{name} has something that it must not have"
                digits = text.lstrip("+").encode()
                assert not (text.startswith("+") and digits in data), f"{name} has a number"


def operator_output(deployment: Deployment) -> dict[str, str]:
    """What every view of a running service shows."""
    with another_program(deployment.database) as database:
        sids = [sid for (sid,) in database.execute("SELECT sid FROM verifications")]
    commands = [("audit", "list", "--json"), ("audit", "export"), ("numbers", "list"), ("show", sids[0], "--json")]
    views = {
        " ".join(command): deployment.command(*command) for command in [*commands, *(("show", sid) for sid in sids)]
    }
    scrape = Request(f"{deployment.address}/metrics", headers={"Authorization": f"Bearer {SCRAPER}"})
    for name, request in (("metrics", scrape), ("ready", Request(f"{deployment.address}/health/ready"))):
        with urlopen(request) as answer:
            views[name] = answer.read().decode()
    assert all(views.values())
    return views


def test_a_verification_can_be_followed_through_the_log_to_twilios_sid(deployment: Deployment, phone: Phone) -> None:
    start(deployment.browser(), phone, "sms")
    texted_code(phone)
    lines = [json.loads(line) for line in deployment.logs[1].read_text().splitlines()]
    begun = [line for line in lines if line["event"] == "started"][-1]
    planned = next(line for line in lines if line.get("verification") == begun["verification"] and "delivery" in line)
    taken = [line for line in lines if line["event"] == "delivery accepted" and line["delivery"] == planned["delivery"]]
    assert [line["carrier_sid"][:2] for line in taken] == ["SM"]


@pytest.mark.parametrize("workers", [1, 4])
def test_checks_at_the_same_instant_are_counted_exactly(tmp_path: Path, workers: int) -> None:
    with deploy(tmp_path, workers=workers, SAYCODE_MAX_CHECKS="5") as deployment:
        right, wrong = deployment.phone(next(NUMBERS)), deployment.phone(next(NUMBERS))
        good, bad = deployment.browser(), deployment.browser()
        start(good, right, "sms")
        start(bad, wrong, "sms")
        code, not_the_code = texted_code(right), other(texted_code(wrong))
        with ThreadPoolExecutor(30) as people:
            welcomed = list(people.map(lambda _: copy(good).post("/code", code=code).state, range(30)))
            refused = list(people.map(lambda _: copy(bad).post("/code", code=not_the_code).state, range(200)))
        assert set(welcomed) == {"welcome"}, "the same browser is told again, but nothing is approved twice"
        assert "welcome" not in refused
        assert bad.post("/code", code=texted_code(wrong)).state == "ended", "the right code comes too late"
        with another_program(deployment.database) as database:
            counted = dict(database.execute("SELECT kind, count(*) FROM events GROUP BY kind").fetchall())
        assert counted["approved"] == 1
        assert counted["check-failed"] == 5


async def test_two_hundred_starts_and_checks_at_once_over_two_workers_are_counted_exactly(tmp_path: Path) -> None:
    """One limit that is reached in the middle, and one pause: to the number, without a failure and a locked file."""
    wide = {f"SAYCODE_{name}": "1000/30%/1d" for name in BUDGETS}
    limits: dict[str, Any] = wide | {"SAYCODE_LIMIT_SOURCE": "1000/5m", "SAYCODE_LIMIT_TOTAL": "160/1h"}
    with deploy(tmp_path, workers=2, SAYCODE_LIMITS="enforce", **limits) as deployment:
        port = urlsplit(deployment.address).port or 0

        async def post(path: str, cookie: str = "", **fields: str) -> tuple[int, str]:
            body = urlencode(fields)
            headers = f"Host: localhost\nConnection: close\nContent-Length: {len(body)}\nCookie: {cookie}"
            form = "Content-Type: application/x-www-form-urlencoded\nSec-Fetch-Site: same-origin"
            return await ask(port, f"POST {path} HTTP/1.1\n{headers}\n{form}", body)

        def start(person: int) -> Awaitable[tuple[int, str]]:
            phone = f"+1{AREAS[person % len(AREAS)]}555{person:03}1"
            return post("/start", username=f"user {person}", phone=phone, channel="sms")

        def cookie_of(answer: str) -> str:
            found = re.search(r"(?i)^set-cookie: ([^;]+)", answer, re.MULTILINE)
            assert found, answer
            return found[1]

        cookies = [cookie_of(answer) for _, answer in await asyncio.gather(*map(start, range(100)))]
        both = ((start(100 + n), post("/code", cookie, code="1")) for n, cookie in enumerate(cookies))
        told = [status for status, _ in await asyncio.gather(*chain.from_iterable(both))]
        assert Counter(told[0::2]) == {303: 60, 429: 40}
        assert Counter(told[1::2]) == {303: 10, 429: 90}, "ten wrong codes of a source are compared, then comes a pause"
        with another_program(deployment.database) as database:
            counted = dict(database.execute("SELECT kind, count(*) FROM events GROUP BY kind").fetchall())
        assert (counted["started"], counted["check-failed"]) == (160, 10)
        assert counted["start-refused"] + counted["check-refused"] < 10, (
            "one of a source and a reason is recorded a minute"
        )
        await wait_for_totals(deployment.database, {"starts_refused": 40, "checks": 100})
        assert len(deployment.asked("/Messages.json")) == 160
        assert "database is locked" not in "".join(log.read_text() for log in deployment.logs)


async def wait_for_totals(database: Path, wanted: dict[str, int]) -> None:
    """Wait until the workers have added what they count in memory."""
    statement = "SELECT name, sum(value) FROM metric_totals WHERE name IN ('starts_refused', 'checks') GROUP BY name"
    async with asyncio.timeout(20):
        while True:
            with another_program(database) as conn:
                totals = dict(conn.execute(statement).fetchall())
            if totals == wanted:
                return
            await asyncio.sleep(0.2)


def copy(browser: Browser) -> Browser:
    """The same cookies in a jar of its own, for posts at the same time."""
    twin = Browser(browser.address)
    for cookie in browser.jar:
        twin.jar.set_cookie(cookie)
    return twin


def test_the_service_stops_at_once_although_a_page_is_listening(tmp_path: Path) -> None:
    with deploy(tmp_path) as deployment:
        browser = deployment.browser()
        start(browser, deployment.phone(next(NUMBERS)), "sms")
        request = Request(deployment.address + "/progress")
        browser.jar.add_cookie_header(request)
        listening = urlopen(request, timeout=20)
        assert listening.readline().startswith(b"data: ")
        told = time.monotonic()
    assert time.monotonic() - told < 5, "the grace for running answers is eight seconds"
    listening.close()


def test_a_number_is_not_called_without_end_and_the_page_says_how_long_to_wait(tmp_path: Path) -> None:
    with deploy(
        tmp_path,
        workers=2,
        SAYCODE_LIMITS="enforce",
        SAYCODE_LIMIT_NUMBER="3/10m",
        SAYCODE_UNCONFIRMED_SOURCE="100/30%/1d",
        SAYCODE_UNCONFIRMED_PREFIX="100/30%/1d",
        SAYCODE_UNCONFIRMED_COUNTRY="100/30%/1d",
    ) as deployment:
        phone = deployment.phone(next(NUMBERS))
        with ThreadPoolExecutor(20) as people:
            pages = list(
                people.map(
                    lambda name: deployment.browser().post("/start", username=name, phone=phone.number, channel="sms"),
                    [f"user {n}" for n in range(20)],
                )
            )
        assert sorted(page.status for page in pages) == [200] * 3 + [429] * 17
        refused = next(page for page in pages if page.status == 429)
        assert "Please wait 10 minutes" in refused.text
        assert len(deployment.asked("/Messages.json")) == 3
