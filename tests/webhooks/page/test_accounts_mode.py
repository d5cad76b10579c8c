"""The page in accounts mode: it calls only the account's number, and does not reveal which names exist."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from starlette.types import Message, Receive, Scope, Send

from saycode.config.loader import load
from saycode.config.policy import build_policy
from tests.saycode.cli.test_main import GOOD
from tests.support import engine
from tests.support.account_cases import DAY, NUMBERS, POLICY, REAL, account, enroll_cases
from tests.support.app import Phone, RunningApp, open_page, page_of, path_of, running_app
from tests.support.asgi_client import Answer, Browser
from tests.support.page import References
from verification.accounts import Accounts
from verification.counters.rules import ANSWER_SCOPES, TRUSTED_BROWSER_SCOPES, Limit
from verification.models import BUILT_IN_SERVICE, EventKind
from verification.policy import Fallback
from verification.ports import Rejected
from verification.public import PublicVerifier
from verification.types import CallStyle, Channel
from verification.types import Scope as Who
from verification.values.phone_numbers import PhoneNumber

ADA = NUMBERS[REAL][0]
#: Padded answers with a short step, so that the tests are fast.
QUICK = 0.0001
SECOND = PhoneNumber("+14155550177", "US")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db", policy=POLICY, accounts=True, step=QUICK) as opened:
        await Accounts(opened.verifier).put(account(REAL, ADA))
        yield opened


@pytest.fixture
async def kinds(running: RunningApp) -> dict[str, str]:
    return await enroll_cases(running)


async def ask(browser: Browser, name: str = REAL, channel: str = "sms", **more: str) -> Answer:
    return await browser.post(path_of("start"), {"username": name, "channel": channel, **more})


async def press(browser: Browser, button: str, **more: str) -> Answer:
    return await browser.post(path_of("next_step"), {"next": button, **more})


async def submit(browser: Browser, code: str) -> Answer:
    return await browser.post(path_of("check_code"), {"code": code})


async def test_the_form_asks_for_the_name_and_the_channel_only(running: RunningApp) -> None:
    page = await open_page(running.browser())
    named = {field.attributes["name"] for field in page.all("input")}
    assert named == {"username", "channel"}


async def test_the_number_is_the_accounts_whatever_is_sent(running: RunningApp) -> None:
    browser = running.browser()
    await ask(browser, "ADA", phone="+14155550166")
    assert [text.to for text in running.provider.texts] == [ADA]
    await submit(browser, running.provider.texts[-1].code)
    assert (await open_page(browser)).state == "welcome"


async def test_the_page_shows_the_last_two_digits(running: RunningApp) -> None:
    browser = running.browser()
    await ask(browser)
    page = await open_page(browser)
    sentence = "If this username is registered, we are texting the number ending in 00."
    assert page.one("p", id="progress").text == sentence
    assert page.one("bdi", id="sent-to").text == REAL


async def test_on_whatsapp_a_known_and_an_unknown_user_name_look_the_same(tmp_path: Path) -> None:
    policy = replace(POLICY, channels=frozenset(Channel))
    async with running_app(tmp_path / "whatsapp.db", policy=policy, accounts=True, step=QUICK) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        shown = []
        for name in (REAL, "unknown"):
            browser = running.browser()
            assert (await ask(browser, name, "whatsapp")).status == 303
            page = await open_page(browser)
            told = page.one("p", id="progress").text
            assert re.fullmatch(r"If this username is registered, we are sending a WhatsApp .* ending in \d\d\.", told)
            shown.append([button.attributes.get("value") for button in page.all("button")])
        assert shown[0] == shown[1]
        assert {"sms", "call"} < set(shown[0])
        (order,) = running.provider.texts
        assert (order.channel, order.to) == (Channel.WHATSAPP, ADA)


async def test_the_call_speaks_the_accounts_language_and_the_page_the_browsers(running: RunningApp) -> None:
    browser = running.browser()
    await ask(browser)
    assert running.provider.texts[-1].language == "de-DE"
    assert (await open_page(browser)).one("html").attributes["lang"] == "en-US"


async def test_only_the_real_account_is_called(running: RunningApp, kinds: dict[str, str]) -> None:
    for name in kinds.values():
        browser = running.browser()
        await ask(browser, name, "call")
        running.clock.advance(31)
        await press(browser, "repeat")
        await press(browser, "sms")
    assert {number for _, number in running.provider.calls} == {ADA}
    assert not running.provider.texts


class Walk:
    """What one browser is answered, one step after another, with everything masked that is its own."""

    def __init__(self, running: RunningApp, name: str) -> None:
        self.running, self.name, self.browser = running, name, running.browser()
        self.seen: list[object] = []
        self.references = References()

    def note(self, answer: Answer) -> None:
        body = answer.text.replace(f'"{self.name}"', '"NAME"').replace(f">{self.name}<", ">NAME<")
        body = re.sub("(number ending in )[0-9]{2}", r"\1NN", body)
        body = self.references.hide(body)
        body = re.sub(r'(class="code shown"[^>]*>)[0-9]{6}', r"\1CODE", body)
        headers = [(name, re.sub("=[0-9a-f]{64}", "=ID", value)) for name, value in answer.headers]
        self.seen.append((answer.status, headers, body))

    async def look(self) -> None:
        self.note(await self.browser.get("/"))

    async def press(self, button: str) -> None:
        self.note(await press(self.browser, button))
        await self.look()


async def walk(running: RunningApp, name: str, channel: str, style: str) -> list[object]:
    """Everything that can be done without the phone."""
    one, clock = Walk(running, name), running.clock
    began = clock.now()
    await one.look()
    for _ in range(2):  # twice at once
        one.note(await ask(one.browser, name, channel, style=style))
    await one.look()
    clock.advance(12)
    one.note(await ask(one.browser, name, channel, style=style))
    await one.press("repeat")  # too soon
    one.note(await submit(one.browser, "12"))
    clock.advance(25)
    await one.press("repeat")
    await one.press("repeat")  # too soon
    clock.advance(61)
    await one.press("sms")
    clock.advance(130)
    await one.press("call")
    one.note(await submit(one.browser, "000000"))
    await one.look()
    one.note(await submit(one.browser, "000000"))
    clock.advance(5)
    await one.press("begin-again")
    clock.advance(301)
    await one.look()
    one.note(await submit(one.browser, "000000"))
    for _ in range(4):  # more wrong codes than an account may have in a row
        await one.press("begin-again")
        one.note(await submit(one.browser, "000000"))
        await one.look()
    await one.press("begin-again")
    other = Walk(running, name)
    other.note(await ask(other.browser, name, channel))
    await one.look()  # that of another browser changes nothing here
    await one.press("repeat")
    await other.press("change")
    await other.look()
    for _ in range(6):
        clock.advance(1)
        other.note(await ask(other.browser, name, channel))
    clock.advance(began + DAY / 8 - clock.now())
    return one.seen + other.seen


@pytest.mark.parametrize(("channel", "style"), [("sms", "say"), ("call", "say"), ("call", "key")])
async def test_the_public_sees_the_same_for_every_name(tmp_path: Path, channel: str, style: str) -> None:
    answers_seen = {}
    async with running_app(tmp_path / "store.db", policy=POLICY, accounts=True, step=QUICK) as running:
        for kind, name in (await enroll_cases(running)).items():
            answers_seen[kind] = await walk(running, name, channel, style)
        assert running.provider.asked, "the real one was called"
    assert "Reference: number 6<" in str(answers_seen["real"])
    for kind, answers in answers_seen.items():
        for step, (expected, answer) in enumerate(zip(answers_seen["real"], answers, strict=True)):
            assert answer == expected, f"{kind}, step {step}"


async def test_the_public_sees_the_same_under_the_usual_limits(tmp_path: Path) -> None:
    """Each name in an application of its own: all share one source, whose limits they would see."""
    usual, answers_seen = build_policy(load(GOOD)), {}
    for name in (REAL, "bob", "dot"):
        async with running_app(tmp_path / f"{name}.db", policy=usual, accounts=True, step=QUICK) as running:
            await Accounts(running.verifier).put(account(REAL, ADA))
            await Accounts(running.verifier).put(account("dot", SECOND))
            await running.verifier.handle_text(SECOND, "STOP")
            shown = await PublicVerifier(running.verifier).numbers(BUILT_IN_SERVICE, name)
            if len(shown.numbers) == 1:  # one name in ten shows a second number, and so another page
                answers_seen[name] = await walk(running, name, "call", "say")
            assert bool(running.provider.asked) == (name == REAL)
    for name, answers in answers_seen.items():
        assert answers == answers_seen[REAL], name


async def test_the_public_sees_nothing_of_what_becomes_of_a_call(running: RunningApp) -> None:
    browser = running.browser("en-US")
    await ask(browser, channel="call")
    before = await browser.get("/")
    phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
    for status in ("initiated", "ringing", "in-progress"):
        await phone.status(status)
    await phone.read_code()
    await phone.status("completed")
    assert (await browser.get("/")).body == before.body


async def test_a_call_that_the_provider_rejects_looks_like_any_other(running: RunningApp) -> None:
    browser, unknown = running.browser(), running.browser()
    running.provider.script.append(Rejected(permanent=True, code=21211))
    await ask(browser)
    await ask(unknown, "bob")
    pages = [page_of(await one.get("/")) for one in (browser, unknown)]
    assert [page.state for page in pages] == ["code", "code"]
    running.clock.advance(10)
    answers = [await press(one, "repeat") for one in (browser, unknown)]
    assert [answer.status for answer in answers] == [429, 429]


async def test_the_channel_is_not_switched_by_itself_or_it_would_show(tmp_path: Path) -> None:
    limited = replace(POLICY, fallback=Fallback.AUTO)
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=QUICK) as running:
        await enroll_cases(running)
        browser = running.browser()
        await ask(browser)
        before = await browser.get("/")
        failed = {"MessageSid": f"SM{running.provider.asked}", "MessageStatus": "undelivered", "ErrorCode": "30005"}
        await running.twilio.post(path_of("message_status", delivery=running.provider.texts[-1].delivery), failed)
        assert (await browser.get("/")).body == before.body
        assert not running.provider.calls


async def test_asking_again_twice_at_once_sends_once(running: RunningApp) -> None:
    browser = running.browser()
    await ask(browser)
    running.clock.advance(31)
    assert [(await press(browser, "repeat")).status for _ in range(2)] == [303, 303]
    assert len(running.provider.texts) == 2


async def test_a_code_that_the_page_shows_is_typed_on_the_accounts_phone(tmp_path: Path) -> None:
    async with running_app(
        tmp_path / "typed.db", policy=POLICY, accounts=True, step=QUICK, style=CallStyle.KEY
    ) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        browser = running.browser("en-US")
        await ask(browser, channel="call", style="key")
        code = (await open_page(browser)).one("p", **{"class": "code shown"}).text
        phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
        await phone.press((await phone.answer()).asked_for)
        await phone.press(code)
        assert (await open_page(browser)).state == "welcome"


@pytest.mark.parametrize("key", ["0", "9"])
async def test_a_report_on_the_phone_ends_the_code_and_the_page_does_not_show_it(running: RunningApp, key: str) -> None:
    browser = running.browser("en-US")
    await ask(browser, channel="call")
    before = await browser.get("/")
    phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
    code = await phone.read_code()
    await phone.wait()
    await phone.press(key)
    await phone.press("*")
    assert (await browser.get("/")).body == before.body
    await submit(browser, code)
    assert (await open_page(browser)).state == "ended"
    running.clock.advance(31)
    asked = running.provider.asked
    await ask(running.browser(), channel="call")
    assert running.provider.asked == asked


async def test_a_number_given_up_meanwhile_is_not_called_again(running: RunningApp) -> None:
    browser = running.browser()
    await ask(browser)
    code = running.provider.texts[-1].code
    await Accounts(running.verifier).put(account(REAL, SECOND))
    running.clock.advance(31)
    before = await browser.get("/")
    assert (await press(browser, "repeat")).status == 303
    assert len(running.provider.texts) == 1
    assert page_of(before).state == "code"
    await submit(browser, code)
    assert (await open_page(browser)).state == "ended"
    await press(browser, "begin-again")
    assert running.provider.texts[-1].to == SECOND


async def test_the_person_chooses_among_several_numbers_by_their_last_digits(running: RunningApp) -> None:
    await Accounts(running.verifier).put(account(REAL, ADA, SECOND))
    browser = running.browser()
    await ask(browser)
    page = await open_page(browser)
    first, second = page.all("input", name="number")
    assert ("checked" in first.attributes, "checked" in second.attributes) == (True, False)
    labels = [label.text.strip() for label in page.all("label", **{"class": "choice"})]
    assert labels == ["Number ending in 00", "Number ending in 77"]
    await press(browser, "repeat", number=first.attributes["value"])
    assert [text.to for text in running.provider.texts] == [ADA], "the same number has to wait"
    await press(browser, "repeat", number=second.attributes["value"])
    assert [text.to for text in running.provider.texts] == [ADA, SECOND]
    await submit(browser, running.provider.texts[0].code)  # the newest one counts
    assert (await open_page(browser)).state == "ended"


@pytest.mark.parametrize("place", ["7", "999"])
async def test_a_number_that_is_not_there_is_the_first_one(running: RunningApp, place: str) -> None:
    browser = running.browser()
    await ask(browser)
    running.clock.advance(31)
    await press(browser, "begin-again", number=place)
    assert [text.to for text in running.provider.texts] == [ADA, ADA]


async def test_what_a_name_looks_like_stays_the_same_and_some_have_two_numbers(running: RunningApp) -> None:
    public_verifier = PublicVerifier(running.verifier)
    answers_seen = [await public_verifier.numbers(BUILT_IN_SERVICE, f"nobody {n}") for n in range(120)]
    assert answers_seen == [await public_verifier.numbers(BUILT_IN_SERVICE, f"NOBODY  {n}") for n in range(120)]
    assert len({phones.numbers[0].masked for phones in answers_seen}) > 50
    assert 2 <= sum(len(phones.numbers) == 2 for phones in answers_seen) <= 30


async def test_the_answer_does_not_wait_for_the_provider(running: RunningApp) -> None:
    asked, answered, let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(_: str) -> None:
        asked.set()
        await let_go.wait()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                answered.set()

        await running.app(scope, receive, sent)

    running.provider.meanwhile = hold
    asking = asyncio.create_task(ask(Browser(app)))
    await asyncio.wait_for(asyncio.gather(answered.wait(), asked.wait()), 10)
    let_go.set()
    assert (await asking).status == 303


@pytest.mark.parametrize("name", [REAL, "nobody"])
async def test_every_answer_comes_at_a_full_step(tmp_path: Path, name: str) -> None:
    """`make timing` looks at the ranks of five hundred for each kind of people."""
    step = 0.05
    async with running_app(tmp_path / "store.db", policy=POLICY, accounts=True, step=step) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        browser = running.browser()
        for path, fields in (
            ("start", {"username": name, "channel": "sms"}),
            ("next_step", {"next": "repeat"}),
            ("check_code", {"code": "000000"}),
            ("next_step", {"next": "begin-again"}),
            ("next_step", {"next": "change"}),
        ):
            for asking in (browser.post(path_of(path), fields), browser.get("/")):
                began = time.monotonic()
                await asking
                assert time.monotonic() - began >= step


async def test_only_the_limit_of_the_source_is_shown(tmp_path: Path) -> None:
    limits = ((Who.NUMBER, (Limit(count=1, seconds=DAY),)), (Who.SOURCE, (Limit(count=3, seconds=600),)))
    limited = replace(POLICY, limits=limits)
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=QUICK) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        for name in (REAL, "bob"):
            answers = [await ask(running.browser(), name) for _ in range(4)]
            assert [answer.status for answer in answers] == [303, 303, 303, 429]
            assert answers[-1].header("retry-after")
            running.clock.advance(600)
        assert len(running.provider.texts) == 1


async def test_a_trusted_browser_gets_in_during_an_attack(tmp_path: Path) -> None:
    limits = ((Who.ACCOUNT, (Limit(count=3, seconds=DAY),)), (Who.SOURCE, (Limit(count=100, seconds=600),)))
    limited = replace(POLICY, limits=limits)
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=QUICK) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        mine, other_browser = running.browser(), running.browser()
        await ask(mine)
        await submit(mine, running.provider.texts[-1].code)
        assert (await open_page(mine)).state == "welcome"
        for _ in range(3):
            running.clock.advance(60)
            await ask(other_browser)
        assert len(running.provider.texts) == 3, "the account is locked"
        running.clock.advance(60)
        await ask(mine)
        code = running.provider.texts[-1].code
        assert len(running.provider.texts) == 4
        await ask(running.browser())
        await submit(mine, code)
        assert (await open_page(mine)).state == "welcome"


async def test_a_rejection_by_the_provider_does_not_show_in_the_limit_of_the_source(tmp_path: Path) -> None:
    limited = replace(POLICY, limits=((Who.SOURCE, (Limit(count=3, seconds=600),)),))
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=QUICK) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        for name in (REAL, "nobody"):
            running.provider.script.extend([Rejected(permanent=True, code=21211)] * 3)
            assert [(await ask(running.browser(), name)).status for _ in range(4)] == [303, 303, 303, 429]
            running.provider.script.clear()
            running.clock.advance(600)


async def test_a_decoy_send_uses_up_no_allowance(tmp_path: Path) -> None:
    others = [scope for scope in Who if scope not in TRUSTED_BROWSER_SCOPES | ANSWER_SCOPES | {Who.SOURCE}]
    limits = tuple((scope, (Limit(count=2, seconds=DAY),)) for scope in others)
    limited = replace(POLICY, limits=limits)
    async with running_app(tmp_path / "store.db", policy=limited, accounts=True, step=QUICK) as running:
        await Accounts(running.verifier).put(account(REAL, ADA))
        for n in range(10):
            await ask(running.browser(), f"nobody {n}")
        for _ in range(3):
            await ask(running.browser())
        assert len(running.provider.texts) == 2


async def test_the_operator_sees_why_no_call_was_made(running: RunningApp, kinds: dict[str, str]) -> None:
    for name in kinds.values():
        await ask(running.browser(), name)
    assert refusals(running) == [
        "no such account",
        "no number",
        "suppressed",
        "country",
        "limit account",
        "reported",
        "stopped after wrong codes",
    ]


def refusals(running: RunningApp) -> list[str]:
    with engine.another_program(running.path) as file:
        question = "select detail from events where kind = ? order by id"
        return [why for (why,) in file.execute(question, (EventKind.START_REFUSED.value,))]


async def test_an_invalid_name_is_rejected_before_any_account_is_loaded(running: RunningApp) -> None:
    before = running.rows()
    for name in ("\u0430da", "a\u200bda", "", "a" * 65):
        assert (await ask(running.browser(), name)).status == 400
    assert running.rows() == before
