"""The ways that the form offers, and the number in groups while it is typed."""

import re
from pathlib import Path

import phonenumbers
import pytest
from msgspec.structs import replace

from tests.support.app import Phone, RunningApp, open_page, path_of, running_app
from verification.policy import DEFAULT_POLICY, SIGN_IN, Action, Policy
from verification.types import CallStyle, Channel
from verification.values.phone_numbers import parse
from verification.values.written_numbers import format_as_typed


@pytest.mark.parametrize(
    ("region", "typed", "grouped"),
    [
        ("US", "415", "415"),
        ("US", "4155", "415-5"),
        ("US", "4155550100", "(415) 555-0100"),
        ("US", "(415) 555-01 00", "(415) 555-0100"),
        ("US", "+14155550100", "+1 415-555-0100"),
        ("DE", "017612345678", "0176 12345678"),
        ("DE", "+14155550100", "+1 415-555-0100"),
        ("DE", "+49", "+49"),
        (None, "+447911123456", "+44 7911 123456"),
    ],
)
def test_a_number_is_grouped_as_the_home_country_writes_it(region: str | None, typed: str, grouped: str) -> None:
    assert format_as_typed(typed, region=region) == grouped


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "+",
        "not yet",
        "415 555 0100 ext. 12",
        "(415) 555-01001",
        "4 1 5",
        "٤١٥٥٥٥٠١٠٠",
        "415\n5550100",
        "4" * 65,
        "555 ",
    ],
    ids=ascii,
)
def test_what_cannot_be_grouped_stays_as_it_was_typed(typed: str) -> None:
    assert format_as_typed(typed, region="US") == typed


def test_no_country_reads_another_number_in_groups_and_no_digit_is_lost() -> None:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number(region)
        assert example is not None
        for form in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL):
            typed = re.sub(r"[^+0-9]", "", phonenumbers.format_number(example, form))
            grouped = format_as_typed(typed, region=region)
            assert re.sub(r"[^+0-9]", "", grouped) == typed
            assert parse(grouped, region=region) == parse(typed, region=region)


async def test_the_number_is_answered_in_groups_and_not_stored(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    before = running.rows()
    answer = await running.browser().post(path_of("format_number"), {"phone": "+14155550100"})
    assert (answer.status, answer.text) == (200, "+1 415-555-0100")
    assert (answer.header("content-type"), answer.header("cache-control")) == ("text/plain; charset=utf-8", "no-store")
    assert running.rows() == before
    assert "555" not in caplog.text


async def test_only_our_own_page_may_ask_and_only_in_the_body_of_a_post(running: RunningApp) -> None:
    browser = running.browser()
    assert (await browser.post(path_of("format_number"), {"phone": "4155"}, site="cross-site")).status == 403
    assert (await browser.get(path_of("format_number") + "?phone=4155")).status == 405
    assert (await browser.post(path_of("format_number") + "?phone=4155", {})).text == ""


@pytest.mark.parametrize("phone", ["<b>1</b>", "1" * 5000])
async def test_nonsense_comes_back_as_text(running: RunningApp, phone: str) -> None:
    answer = await running.browser().post(path_of("format_number"), {"phone": phone})
    assert (answer.status, answer.text) == (200, phone)
    assert answer.header("x-content-type-options") == "nosniff"


# The ways to send a code.


def allowing(channels: set[Channel], styles: set[CallStyle]) -> Policy:
    """A policy whose action of the page allows these."""
    sign_in = Action(name=SIGN_IN, channels=frozenset(channels), styles=frozenset(styles), risky=False)
    return replace(DEFAULT_POLICY, actions=(sign_in,))


CALL, SMS, SAY, KEY = Channel.CALL, Channel.SMS, CallStyle.SAY, CallStyle.KEY


@pytest.mark.parametrize(
    ("style", "channels", "styles", "offered", "proposed"),
    [
        (SAY, {CALL, SMS}, {SAY, KEY}, ["call", "sms"], "call"),
        (KEY, {CALL, SMS}, {SAY, KEY}, ["call", "sms", "key"], "key"),
        (KEY, {CALL, SMS}, {SAY}, ["call", "sms"], "call"),
        (SAY, {CALL, SMS}, {KEY}, ["sms", "key"], "sms"),
        (SAY, {CALL}, {SAY, KEY}, ["call"], "call"),
        (SAY, {SMS}, {SAY, KEY}, ["sms"], "sms"),
    ],
)
async def test_the_form_offers_what_the_operator_allows_and_the_rest_is_refused(
    tmp_path: Path,
    style: CallStyle,
    channels: set[Channel],
    styles: set[CallStyle],
    offered: list[str],
    proposed: str,
) -> None:
    """B14"""
    policy = allowing(channels, styles)
    async with running_app(tmp_path / "store.db", policy=policy, style=style) as running:
        page = await open_page(running.browser())
        assert [field.attributes["value"] for field in page.all("input", name="channel")] == offered
        assert page.fields["channel"] == proposed
        for way in ("call", "sms", "key"):
            details = {"username": f"ada {way}", "phone": f"+1415555010{len(way)}", "channel": way}
            answer = await running.browser().post(path_of("start"), details)
            assert answer.status == (303 if way in offered else 400), way


async def test_the_way_with_a_code_on_the_page_has_its_older_spelling_too(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", style=CallStyle.KEY) as running:
        for name, fields in (("ada", {"channel": "key"}), ("eve", {"channel": "call", "style": "key"})):
            browser = running.browser()
            await browser.post(path_of("start"), {"username": name, "phone": f"+1415555010{len(fields)}", **fields})
            assert len((await open_page(browser)).one("p", **{"class": "code shown"}).text) == 6
            assert (await browser.post(path_of("next_step"), {"next": "change"})).status == 303
            assert (await open_page(browser, "/?edit")).fields["channel"] == "key"


async def test_without_another_channel_none_is_offered_after_a_failure(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=allowing({CALL}, {SAY})) as running:
        browser = running.browser()
        phone = Phone(running.twilio, await running.started(browser, channel="call"), "CA1")
        await phone.status("busy")
        assert (await open_page(browser)).next == ["change", "repeat"]
