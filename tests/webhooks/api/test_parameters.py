"""What a client may ask for: nothing is accepted and then not done, and what is refused is named."""

import json
from typing import Any

import pytest

from tests.support.api_client import Client
from tests.support.app import PHONE, RunningApp
from tests.support.processes import ROOT
from verification.policy import DEFAULT_POLICY
from webhooks.api import create_parameters, services

HASH = "FA+9qCX9VSu"
OTHER_PHONE = "+14155550101"

# Unknown names.


@pytest.mark.parametrize("path", ["Verifications", "VerificationCheck", "", "Verifications/VE" + "1" * 32])
async def test_an_unknown_parameter_is_named(running: RunningApp, shop: Client, path: str) -> None:
    reply = await shop.post(path, Acton="pay")
    assert (reply.status, reply.code, reply.body["message"]) == (400, 60200, "Invalid parameter: Acton (unknown)")
    assert running.provider.asked == 0


async def test_an_unknown_parameter_of_a_list_and_of_a_json_body_is_named(shop: Client) -> None:
    assert "PageSise" in (await shop.get("/v2/Attempts?PageSise=5")).body["message"]
    assert "to" in (await shop.post_json("Verifications", {"to": PHONE})).body["message"]


@pytest.mark.parametrize("name", ["+14155550100", "code123456", "a b", "<b>", "x" * 41, "Ünbekannt", "To\n"])
async def test_a_name_that_could_be_a_number_or_a_sentence_is_not_repeated(shop: Client, name: str) -> None:
    reply = await shop.post("Verifications", **{name: "1"})
    assert (reply.code, reply.body["message"]) == (60200, "Invalid parameter: unknown name")


async def test_the_length_of_a_parameter_is_named(shop: Client) -> None:
    assert "AppHash (11 characters)" in (await shop.start(AppHash="short")).body["message"]
    assert "To (8 to 16 characters)" in (await shop.start("+1")).body["message"]


# Channels and languages.


@pytest.mark.parametrize("channel", ["email", "whatsapp", "sna", "auto", "rcs"])
async def test_a_channel_of_verify_that_is_not_here_is_disabled_as_verify_says_it(
    running: RunningApp, shop: Client, channel: str
) -> None:
    reply = await shop.start(channel=channel)
    assert (reply.status, reply.code) == (400, 60223)
    assert reply.body["message"] == f"Delivery channel disabled: {channel.upper()}"
    assert running.provider.asked == 0


@pytest.mark.parametrize("locale", ["xx", "eu", "tlh-KX", "xx_YY", "zz-Latn-ZZ"])
async def test_a_language_that_we_do_not_have_falls_back_to_the_operators(
    running: RunningApp, shop: Client, locale: str
) -> None:
    assert (await shop.start(Locale=locale)).status == 201
    assert running.provider.texts[-1].language == "en-US"


async def test_a_region_that_we_do_not_have_keeps_its_language(running: RunningApp, shop: Client) -> None:
    await shop.start(Locale="de_LU")
    assert running.provider.texts[-1].language == "de-DE"


# Tags.


async def test_tags_come_back_in_the_attempt_and_are_not_stored_in_clear(running: RunningApp, shop: Client) -> None:
    tags = {"campaign": "spring sale", "店": "東京"}
    assert (await shop.start(Tags=json.dumps(tags, indent=2))).status == 201
    (attempt,) = (await shop.get("/v2/Attempts")).body["attempts"]
    assert attempt["channel_data"]["tags"] == tags
    assert (await shop.get(f"/v2/Attempts/{attempt['sid']}")).body["channel_data"]["tags"] == tags
    stored = b"".join(path.read_bytes() for path in running.path.parent.iterdir())
    assert b"spring" not in stored


async def test_tags_in_json_are_an_object_or_its_text(shop: Client) -> None:
    for to, tags in ((PHONE, {"a": "b"}), (OTHER_PHONE, '{"a": "b"}')):
        assert (await shop.post_json("Verifications", {"To": to, "Channel": "sms", "Tags": tags})).status == 201
    listed = (await shop.get("/v2/Attempts")).body["attempts"]
    assert [attempt["channel_data"]["tags"] for attempt in listed] == [{"a": "b"}] * 2


async def test_ten_tags_of_the_greatest_length_are_taken(shop: Client) -> None:
    tags = {f"{n}" + "名" * 127: "値" * 128 for n in range(10)}
    assert (await shop.post_json("Verifications", {"To": PHONE, "Channel": "sms", "Tags": tags})).status == 201
    assert (await shop.get("/v2/Attempts")).body["attempts"][0]["channel_data"]["tags"] == tags


@pytest.mark.parametrize(
    "tags",
    [
        {"a": 1},
        {"a": None},
        {"a": {"b": "c"}},
        {"a": "b" * 129},
        {"a" * 129: "b"},
        {"a": "\x00"},
        {"a": "\ud800"},
        {str(n): "x" for n in range(11)},
        [["a", "b"]],
        [],
        7,
        None,
        "[]",
        '{"a": "b", "a": "c"}',
        '"a"',
        "{",
        "{" * 5000,
        '{"a": NaN}',
    ],
    ids=range(18),
)
async def test_tags_that_are_none_are_refused(running: RunningApp, shop: Client, tags: Any) -> None:
    reply = await shop.post_json("Verifications", {"To": PHONE, "Channel": "sms", "Tags": tags})
    assert (reply.status, reply.code) == (400, 60200)
    assert reply.body["message"].startswith("Invalid parameter: Tags")
    assert running.provider.asked == 0


async def test_a_resend_with_tags_replaces_them_and_one_without_keeps_them(running: RunningApp, shop: Client) -> None:
    async def tags() -> list[dict[str, str]]:
        return [each["channel_data"]["tags"] for each in (await shop.get("/v2/Attempts")).body["attempts"]]

    first = await shop.start(Tags='{"a": "1"}', AppHash=HASH)
    running.clock.advance(31)
    await shop.start()
    assert (await tags(), running.provider.texts[-1].app_hash) == ([{"a": "1"}] * 2, HASH)
    running.clock.advance(61)
    again = await shop.start(Tags='{"b": "2"}', AppHash="0" * 11)
    assert again.body["sid"] == first.body["sid"]
    assert (await tags(), running.provider.texts[-1].app_hash) == ([{"b": "2"}] * 3, "0" * 11)


async def test_a_resend_that_is_refused_changes_nothing(running: RunningApp, shop: Client) -> None:
    await shop.start(Tags='{"a": "1"}')
    assert (await shop.start(Tags='{"b": "2"}')).status == 429
    (attempt,) = (await shop.get("/v2/Attempts")).body["attempts"]
    assert attempt["channel_data"]["tags"] == {"a": "1"}


# The hash of an Android app.


async def test_the_hash_of_an_app_goes_with_the_text_also_after_a_call(running: RunningApp, shop: Client) -> None:
    assert (await shop.start(AppHash=HASH)).status == 201
    assert running.provider.texts[-1].app_hash == HASH
    await shop.start(OTHER_PHONE, channel="call", AppHash=HASH)
    running.clock.advance(31)
    await shop.start(OTHER_PHONE)
    assert running.provider.texts[-1].app_hash == HASH


@pytest.mark.parametrize("value", ["", "x", "FA+9qCX9VS", "FA+9qCX9VSuu", "FA-9qCX9VSu", "FA+9qCX9VS\n", "evil.com/aa"])
async def test_what_is_no_hash_of_an_app_is_refused(shop: Client, value: str) -> None:
    reply = await shop.start(AppHash=value)
    assert (reply.code, reply.body["message"].startswith("Invalid parameter: AppHash")) == (60200, True)


# What Verify has and we have not.

NOT_DONE = [
    *(("Verifications", name, "x") for name in ("RateLimits", "CustomMessage", "ChannelConfiguration")),
    ("Verifications", "CustomCode", "0042"),
    *(("Verifications", name, "x") for name in ("TemplateSid", "TemplateCustomSubstitutions", "Templates")),
    ("Verifications", "EnableSnaClientToken", "true"),
    ("Verifications", "RiskCheck", "disable"),
    ("VerificationCheck", "SnaClientToken", "x"),
    *(("", name, "true") for name in ("LookupEnabled", "SkipSmsToLandlines", "Push.IncludeDate")),
    ("", "VerifyEventSubscriptionEnabled", "true"),
    *(("", name, "false") for name in ("Psd2Enabled", "DoNotShareWarningEnabled")),
    *(("", each.name, "x") for each in services.UPDATE if each.refused and each.only is None),
]


@pytest.mark.parametrize(("path", "name", "value"), NOT_DONE)
async def test_what_is_not_done_is_refused_and_named(
    running: RunningApp, shop: Client, path: str, name: str, value: str
) -> None:
    before = (await shop.get()).body
    fields = {"To": PHONE, "Channel": "sms"} if path == "Verifications" else {}
    reply = await shop.post(path, **fields, **{name: value})
    assert (reply.status, reply.code, running.provider.asked) == (403, 60204, 0)
    assert name in reply.body["message"]
    assert (await shop.get()).body == before


@pytest.mark.parametrize(
    ("name", "value"), [("EnableSnaClientToken", "false"), ("RiskCheck", "enable"), ("Tags", "{}"), ("Locale", "en")]
)
async def test_what_is_done_anyway_may_be_asked_for(shop: Client, name: str, value: str) -> None:
    assert (await shop.start(**{name: value})).status == 201


async def test_settings_of_a_service_that_hold_anyway_may_be_asked_for(shop: Client) -> None:
    held = {each.name: each.only for each in services.UPDATE if each.only is not None}
    assert len(held) == 6
    assert (await shop.post(**{name: str(value).lower() for name, value in held.items()})).status == 200
    assert (await shop.post_json("", held)).status == 200
    body = (await shop.get()).body
    shown = {
        "LookupEnabled": body["lookup_enabled"],
        "SkipSmsToLandlines": body["skip_sms_to_landlines"],
        "Psd2Enabled": body["psd2_enabled"],
        "DoNotShareWarningEnabled": body["do_not_share_warning_enabled"],
        "Push.IncludeDate": body["push"]["include_date"],
        "VerifyEventSubscriptionEnabled": body["verify_event_subscription_enabled"],
    }
    assert shown == held


def test_the_documents_list_what_is_refused(docs_api: str) -> None:
    refused = [each.name for each in (*services.UPDATE, *create_parameters.CREATE) if each.refused]
    assert [name for name in refused if f"`{name}`" not in docs_api] == []


def test_the_documents_tell_how_long_a_code_lives(docs_api: str) -> None:
    section = docs_api.partition("## What is different from Verify\n")[2]
    assert DEFAULT_POLICY.code_lifetime == 300
    assert "valid for 5 minutes" in section
    assert "10 minutes" in section


@pytest.fixture
def docs_api() -> str:
    return (ROOT / "docs" / "api.md").read_text("utf-8")
