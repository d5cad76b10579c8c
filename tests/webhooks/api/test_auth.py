"""The API: authentication, access to services, and the form of requests."""

import base64
import json
from typing import Any

import pytest

from tests.support.api_client import Client, Reply, another_key, basic, client, operator, services_of
from tests.support.app import PHONE, RunningApp
from tests.support.asgi_client import FORM, send_request
from verification.errors import Unavailable, VerificationError
from verification.models import BUILT_IN_SERVICE, OPERATOR
from webhooks.api import errors

JSON = "application/json"


@pytest.fixture
async def other_client(running: RunningApp) -> Client:
    return await client(running, "Other", seed=8)


def routes(service: str, verification: str = "VE" + "1" * 32) -> list[tuple[str, str]]:
    """Every route of the API with a method that it allows."""
    return [
        ("POST", f"/v2/Services/{service}/Verifications"),
        ("GET", f"/v2/Services/{service}/Verifications/{verification}"),
        ("POST", f"/v2/Services/{service}/Verifications/{verification}"),
        ("POST", f"/v2/Services/{service}/VerificationCheck"),
        ("GET", f"/v2/Services/{service}"),
        ("POST", f"/v2/Services/{service}"),
        ("DELETE", f"/v2/Services/{service}"),
        ("GET", "/v2/Services"),
        ("POST", "/v2/Services"),
        ("GET", "/v2/Attempts"),
        ("GET", "/v2/Attempts/Summary"),
        ("GET", "/v2/Attempts/VL" + "1" * 32),
    ]


# Keys.


async def test_every_route_requires_a_key_and_answers_the_same_without_one(running: RunningApp, shop: Client) -> None:
    revoked = await another_key(running, shop.service, seed=50)
    await services_of(running).revoke(revoked.key, now=running.clock.now(), actor=OPERATOR)
    wrong: list[list[tuple[str, str]]] = [
        [],
        [("Authorization", basic(shop.key, "0" * 64))],
        [("Authorization", basic(revoked.key, revoked.secret))],
        [("Authorization", basic("SK" + "0" * 32, shop.secret))],
        [("Authorization", basic(shop.key, ""))],
        [("Authorization", f"Bearer {shop.secret}")],
        [("Authorization", "Basic !!!")],
        [("Authorization", "Basic " + base64.b64encode(b"\xff:\xff").decode())],
        [("Authorization", "Basic " + "A" * 600)],
    ]
    bodies = set()
    for method, path in routes(shop.service):
        for headers in wrong:
            answer = await send_request(running.app, method, path, headers=headers)
            bodies.add((answer.status, answer.body, answer.header("www-authenticate")))
    ((status, body, header),) = bodies
    assert (status, header) == (401, 'Basic realm="Saycode"')
    assert json.loads(body)["code"] == 20003


@pytest.mark.parametrize("names", [("key", "secret"), ("AccountSid", "AuthToken"), ("username", "password")])
async def test_a_key_in_the_address_opens_nothing(running: RunningApp, shop: Client, names: tuple[str, str]) -> None:
    query = f"?{names[0]}={shop.key}&{names[1]}={shop.secret}"
    for method, path in routes(shop.service):
        assert (await send_request(running.app, method, path + query)).status == 401


async def test_a_key_opens_until_it_is_revoked(running: RunningApp, shop: Client) -> None:
    second = await another_key(running, shop.service, seed=50)
    assert (await second.get()).status == 200
    await services_of(running).revoke(second.key, now=running.clock.now(), actor=OPERATOR)
    assert (await second.get()).status == 401
    assert (await shop.get()).status == 200


# Access.


async def test_the_things_of_another_service_look_like_things_that_never_were(
    running: RunningApp, shop: Client, other_client: Client
) -> None:
    started = (await shop.start()).body
    attempt = started["send_code_attempts"][0]["attempt_sid"]
    before = await shop.get(f"Verifications/{started['sid']}")
    never = {shop.service: "VA" + "9" * 32, started["sid"]: "VE" + "9" * 32, attempt: "VL" + "9" * 32}
    targets = [
        *((method, path) for method, path in routes(shop.service, started["sid"]) if shop.service in path),
        ("GET", f"/v2/Services/{other_client.service}/Verifications/{started['sid']}"),
        ("POST", f"/v2/Services/{other_client.service}/Verifications/{started['sid']}"),
        ("GET", f"/v2/Services/{other_client.service}/Verifications/{PHONE}"),
        ("GET", f"/v2/Attempts/{attempt}"),
        ("GET", f"/v2/Attempts?VerifyServiceSid={shop.service}"),
        ("GET", f"/v2/Attempts/Summary?VerifyServiceSid={shop.service}"),
    ]
    headers = {"Content-Type": FORM}
    for method, path in targets:
        body = b"Status=canceled" if method == "POST" and started["sid"] in path else b""
        made_up = path
        for real, other in never.items():
            made_up = made_up.replace(real, other)
        foreign = await other_client.send(method, path, body=body, headers=headers)
        unknown = await other_client.send(method, made_up, body=body, headers=headers)
        assert (foreign.status, foreign.code) == (404, 20404), (method, path)
        assert foreign.answer == unknown.answer
    assert (await shop.get(f"Verifications/{started['sid']}")).body == before.body
    listed = await other_client.get("/v2/Attempts")
    assert listed.body["attempts"] == []


async def test_the_page_and_the_api_do_not_see_each_other(running: RunningApp, shop: Client) -> None:
    await running.started(running.browser())
    assert (await shop.get(f"Verifications/{PHONE}")).status == 404
    assert (await shop.check(running.provider.texts[-1].code, To=PHONE)).status == 404


# Services.


async def test_a_key_looks_after_its_own_service(running: RunningApp, shop: Client) -> None:
    fetched = await shop.get()
    address = f"https://verify.example/v2/Services/{shop.service}"
    assert fetched.body == {
        "sid": shop.service,
        "account_sid": "AC" + "0" * 32,
        "friendly_name": "Acme Shop",
        "code_length": 6,
        "lookup_enabled": False,
        "psd2_enabled": True,
        "skip_sms_to_landlines": False,
        "dtmf_input_required": True,
        "tts_name": None,
        "do_not_share_warning_enabled": True,
        "custom_code_enabled": False,
        "push": {"include_date": False, "apn_credential_sid": None, "fcm_credential_sid": None},
        "totp": {"issuer": None, "time_step": None, "code_length": None, "skew": None},
        "whatsapp": {"msg_service_sid": None, "from": None},
        "passkeys": {
            "relying_party": {"id": None, "name": None, "origins": None},
            "authenticator_attachment": None,
            "discoverable_credentials": None,
            "user_verification": None,
        },
        "default_template_sid": None,
        "verify_event_subscription_enabled": False,
        "date_created": "2027-01-15T08:00:00Z",
        "date_updated": "2027-01-15T08:00:00Z",
        "url": address,
        "links": {"verifications": f"{address}/Verifications", "verification_checks": f"{address}/VerificationCheck"},
    }
    running.clock.advance(5)
    changed = await shop.post(FriendlyName="Acme Bank", CodeLength="8", DtmfInputRequired="false")
    assert changed.body == fetched.body | {
        "friendly_name": "Acme Bank",
        "code_length": 8,
        "dtmf_input_required": False,
        "date_updated": "2027-01-15T08:00:05Z",
    }
    listed = await shop.get("/v2/Services")
    assert listed.body["services"] == [changed.body]
    assert listed.body["meta"] == {
        "key": "services",
        "page": 0,
        "page_size": 50,
        "first_page_url": "https://verify.example/v2/Services?PageSize=50&Page=0",
        "previous_page_url": None,
        "next_page_url": None,
        "url": "https://verify.example/v2/Services?PageSize=50&Page=0",
    }


async def test_only_the_operator_makes_services_and_takes_them_away(running: RunningApp, shop: Client) -> None:
    for refused in (
        await shop.post("/v2/Services", FriendlyName="Mine"),
        await shop.send("DELETE", ""),
    ):
        assert (refused.status, refused.code) == (403, 20403)
    admin = await operator(running)
    made = await admin.post("/v2/Services", FriendlyName="Third", CodeLength="7")
    assert (made.status, made.body["friendly_name"], made.body["code_length"]) == (201, "Third", 7)
    third = f"/v2/Services/{made.body['sid']}"
    assert (await admin.get(third)).body == made.body
    assert (await admin.post(f"{third}/Verifications", To=PHONE, Channel="sms")).status == 201
    gone = await admin.send("DELETE", third)
    assert (gone.status, gone.answer.body) == (204, b"")
    assert (await admin.get(third)).status == 404


async def test_the_operator_sees_all_services_in_pages(running: RunningApp, shop: Client, other_client: Client) -> None:
    admin = await operator(running)
    first = (await admin.get("/v2/Services?PageSize=2")).body
    assert [entry["sid"] for entry in first["services"]] == [BUILT_IN_SERVICE, shop.service]
    path = first["meta"]["next_page_url"].removeprefix("https://verify.example")
    second = (await admin.get(path)).body
    assert [entry["sid"] for entry in second["services"]] == [other_client.service]
    assert second["meta"]["next_page_url"] is None


async def test_the_built_in_service_stays_and_keeps_the_name_of_the_settings(running: RunningApp) -> None:
    admin = await operator(running)
    assert (await admin.get()).body["friendly_name"] == "Acme"
    assert (await admin.send("DELETE", "")).code == 20403
    assert (await admin.post(FriendlyName="Else")).code == 60200
    assert (await admin.post(CodeLength="8")).body["code_length"] == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FriendlyName", "Acme - Bank"),
        ("FriendlyName", ""),
        ("FriendlyName", "x" * 31),
        ("CodeLength", "5"),
        ("CodeLength", "11"),
        ("CodeLength", "six"),
        ("CodeLength", "0x8"),
        ("DtmfInputRequired", "perhaps"),
    ],
)
async def test_a_setting_that_cannot_be_is_named(shop: Client, name: str, value: str) -> None:
    reply = await shop.post(**{name: value})
    assert (reply.status, reply.code) == (400, 60200)
    assert name in reply.body["message"]


# The form of requests.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"To"',
        b"\xff",
        b'{"To": null, "Channel": "sms"}',
        b'{"To": 14155550100, "Channel": "sms"}',
        b'{"To": ["+14155550100"], "Channel": "sms"}',
        b'{"To": {"a": 1}, "Channel": "sms"}',
        b'{"To": "+14155550100", "To": "+14155550100", "Channel": "sms"}',
        b'{"To": "+14155550100", "Channel": "sms", "Acton": "pay"}',
        b'{"To": "+14155550100", "Channel": "sms", "CustomFriendlyName": NaN}',
        b'{"To": "+14155550100", "Channel": "sms", "Tags": Infinity}',
        b'{"To": "+14155550100", "Channel": "sms", "Tags": 1e400}',
        b'{"To": "+14155550100", "Channel": "sms", "Tags": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"To": "+14155550100", "Channel": "sms", "AppHash": "\\ud800"}',
        b'{"To": "+14155550100", "Channel": "sms", "AppHash": "a\\u0000b"}',
        b'{"To": "+14155550100", "Channel": true}',
    ],
    ids=range(19),
)
async def test_json_that_is_not_what_it_must_be_is_refused_in_one_shape(
    running: RunningApp, shop: Client, body: bytes
) -> None:
    refused(await shop.post_json("Verifications", body), running)


@pytest.mark.parametrize(
    "body",
    [
        b"To=%2B14155550100&To=%2B14155550100&Channel=sms",
        b"To=%2B14155550100&Channel=sms&Acton=pay",
        b"To=%2B14155550100&Channel=sms&CustomFriendlyName=%ff",
        b"To=%2B14155550100&Channel=sms&CustomFriendlyName=a%00b",
        b"&".join(b"a%d=1" % n for n in range(300)),
        b"To=%2B14155550100&Channel=sms&CustomFriendlyName=" + b"x" * 4000,
    ],
    ids=range(6),
)
async def test_a_form_that_is_not_what_it_must_be_is_refused_in_one_shape(
    running: RunningApp, shop: Client, body: bytes
) -> None:
    refused(await shop.send("POST", "Verifications", body=body, headers={"Content-Type": FORM}), running)


def refused(reply: Reply, running: RunningApp) -> None:
    assert (reply.status, reply.code, set(reply.body)) == (400, 60200, {"code", "message", "more_info", "status"})
    assert running.provider.asked == 0


async def test_json_does_what_a_form_does(running: RunningApp, shop: Client) -> None:
    reply = await shop.post_json("Verifications", {"To": PHONE, "Channel": "sms"})
    assert (reply.status, running.provider.asked) == (201, 1)
    assert (await shop.post_json("", {"CodeLength": 7, "DtmfInputRequired": True})).body["code_length"] == 7


@pytest.mark.parametrize("value", ["7", 7.5, True, None, [7], 10**400])
async def test_a_number_in_json_is_a_number(shop: Client, value: Any) -> None:
    assert (await shop.post_json("", {"CodeLength": value})).code == 60200


async def test_another_type_of_content_is_refused(shop: Client) -> None:
    reply = await shop.send("POST", "Verifications", body=b"<To/>", headers={"Content-Type": "text/xml"})
    assert (reply.status, reply.code) == (415, 20415)


@pytest.mark.parametrize("path", ["Verifications", "VerificationCheck", "NumberChanges", ""])
async def test_a_body_of_a_megabyte_is_refused(shop: Client, path: str) -> None:
    reply = await shop.post_json(path, {"To": PHONE, "Channel": "sms", "Tags": "x" * 2**20})
    assert (reply.status, set(reply.body)) == (413, {"code", "message", "more_info", "status"})


async def test_an_unknown_parameter_in_an_address_is_refused(shop: Client) -> None:
    for path in ("/v2/Attempts?Sta=1", "/v2/Services?PageSize=1001", "/v2/Services?Page=1", "/v2/Attempts?Page=x"):
        assert (await shop.get(path)).code == 60200


async def test_an_address_takes_its_own_methods_only(shop: Client) -> None:
    for method, path, allowed in (
        ("GET", "Verifications", "POST"),
        ("DELETE", "Verifications/VE" + "1" * 32, "GET, HEAD, POST"),
        ("PUT", "", "DELETE, GET, HEAD, POST"),
        ("OPTIONS", "/v2/Attempts", "GET, HEAD"),
    ):
        reply = await shop.send(method, path)
        assert (reply.status, reply.code, reply.answer.header("allow")) == (405, 20004, allowed)
    assert (await shop.get("/v2/Nothing")).code == 20404


async def test_nothing_about_the_api_is_kept_by_caches(shop: Client) -> None:
    assert (await shop.get()).answer.header("cache-control") == "no-store"


# Errors.


def kinds(of: type[VerificationError]) -> set[type[VerificationError]]:
    return {kind for direct in of.__subclasses__() for kind in {direct, *kinds(direct)}}


def test_every_refusal_of_the_rules_has_its_answer() -> None:
    assert set(errors.BY_ERROR) == kinds(VerificationError)


async def test_an_unavailable_store_is_503_in_the_same_shape_and_reveals_nothing(
    running: RunningApp, shop: Client
) -> None:
    running.store.failure = Unavailable("disk full at /var/lib")
    reply = await shop.start()
    assert (reply.status, reply.code, reply.answer.header("retry-after")) == (503, 20503, "5")
    assert "disk" not in reply.answer.text
    running.store.failure = RuntimeError("secret")
    started = b"To=%2B14155550100&Channel=sms"
    reply = await shop.send("POST", "Verifications", body=started, headers={"Content-Type": FORM}, failing=True)
    assert (reply.status, reply.code) == (500, 20500)
    assert "secret" not in reply.answer.text
