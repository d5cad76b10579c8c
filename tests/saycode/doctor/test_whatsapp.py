"""What the doctor finds about WhatsApp: the sender, where its messages go, and the templates."""

import pytest
from starlette.responses import PlainTextResponse

from saycode.doctor.findings import Check, Finding, Level
from tests.support.doctor import PUBLIC, DoctorSetup, Proxy, levels, messages, problems, the_problem

SENDER, ENGLISH, SPANISH = "+14155550177", "HX" + "e" * 32, "HX" + "5" * 32
SMS = f"{PUBLIC}/webhooks/sms"
SET_UP = {
    "SAYCODE_WHATSAPP_SENDER": SENDER,
    "SAYCODE_WHATSAPP_TEMPLATES": f"en:{ENGLISH},es:{SPANISH}",
}


@pytest.fixture
def whatsapp(setup: DoctorSetup) -> DoctorSetup:
    """WhatsApp set up as it should be."""
    for product in ("messaging", "content"):
        setup.hosts[f"https://{product}.twilio.com"] = setup.api.url
    setup.twilio.add_whatsapp_sender(SENDER, sms_url=SMS)
    setup.twilio.add_template(ENGLISH)
    setup.twilio.add_template(SPANISH, language="es")
    return setup


def of_whatsapp(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.check is Check.WHATSAPP]


async def test_nothing_is_asked_where_it_is_not_set_up(setup: DoctorSetup) -> None:
    assert of_whatsapp(await setup.examine()) == []


async def test_all_is_well_where_it_is_set_up_as_it_should_be(whatsapp: DoctorSetup) -> None:
    found = await whatsapp.examine(**SET_UP)
    assert problems(found) == []
    assert levels(found, Check.WHATSAPP) == {Level.OK}
    assert len(of_whatsapp(found)) == 3


async def test_a_sender_of_another_account_is_a_problem(whatsapp: DoctorSetup) -> None:
    found = the_problem(await whatsapp.examine(**SET_UP | {"SAYCODE_WHATSAPP_SENDER": "+14155550178"}))
    assert (found.check, "has no sender whatsapp:+14155550178" in found.message) == (Check.WHATSAPP, True)


@pytest.mark.parametrize(("url", "where"), [("", "goes nowhere"), ("https://old.example/sms?k=1", "old.example/sms?…")])
async def test_messages_to_the_sender_that_go_elsewhere_are_a_problem(
    whatsapp: DoctorSetup, url: str, where: str
) -> None:
    whatsapp.twilio.add_whatsapp_sender(SENDER, sms_url=url)
    found = the_problem(await whatsapp.examine(**SET_UP))
    assert where in found.message
    assert SMS in found.fix


@pytest.mark.parametrize(
    ("approval", "level"),
    [
        ("approved", Level.OK),
        ("pending", Level.NOTE),
        ("received", Level.NOTE),
        ("rejected", Level.PROBLEM),
        ("paused", Level.PROBLEM),
        ("unsubmitted", Level.PROBLEM),
    ],
)
async def test_a_template_that_whatsapp_does_not_send_is_a_problem(
    whatsapp: DoctorSetup, approval: str, level: Level
) -> None:
    whatsapp.twilio.add_template(SPANISH, language="es", approval=approval)
    found = await whatsapp.examine(**SET_UP)
    assert levels(found, Check.WHATSAPP) == {Level.OK, level}


async def test_a_template_that_is_not_there_or_not_for_codes_is_a_problem(whatsapp: DoctorSetup) -> None:
    whatsapp.twilio.add_template(SPANISH, language="es", content_type="twilio/text")
    assert "whatsapp/authentication" in the_problem(await whatsapp.examine(**SET_UP)).message
    del whatsapp.twilio.account.templates[SPANISH]
    assert f"no template {SPANISH}" in the_problem(await whatsapp.examine(**SET_UP)).message


async def test_a_template_of_another_language_is_noted(whatsapp: DoctorSetup) -> None:
    whatsapp.twilio.add_template(SPANISH, language="pt_BR")
    found = await whatsapp.examine(**SET_UP)
    assert problems(found) == []
    assert "is set for es-ES, and its language is pt_BR" in messages(of_whatsapp(found))


async def test_an_api_without_these_parts_is_noted(whatsapp: DoctorSetup) -> None:
    paths = ("/v2/Channels/Senders", f"/v1/Content/{ENGLISH}", f"/v1/Content/{SPANISH}")
    nothing = {path: PlainTextResponse("not here", 404) for path in paths}
    whatsapp.api.switch.app = Proxy(whatsapp.simulator, answers=dict(nothing))
    found = await whatsapp.examine(**SET_UP)
    assert problems(found) == []
    assert levels(found, Check.WHATSAPP) == {Level.NOTE}
