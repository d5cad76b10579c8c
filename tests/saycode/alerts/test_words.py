"""The words of alerts: every kind says what happened and what to do, in whole sentences."""

import re

import pytest

from saycode.alerts.states import Letter, Told
from saycode.alerts.words import letter_of, words_of
from verification.alerts import Alert, AlertKind, Condition
from verification.types import Channel, Scope

SERVICE = "VA" + "1" * 32
T = 1_800_000_000.0
LIMITS = [
    Condition(kind=AlertKind.LIMIT_CLOSED, scope=scope.value, service=service, country=country, rule=rule, until=T)
    for scope, service, country, rule in (
        (Scope.TOTAL, "", "", "4000/1h"),
        (Scope.MINUTES, "", "", "500/1d"),
        (Scope.MONEY, "", "", "100000/1d"),
        (Scope.COUNTRY, "", "DE", "3000/1h"),
        (Scope.COUNTRY, "", "DE", "90/25%/1h"),
        (Scope.SERVICE, SERVICE, "", "3000/1h"),
        (Scope.SERVICE_COUNTRY, SERVICE, "DE", "30/25%/1h"),
    )
]
OTHERS = [
    Condition(kind=AlertKind.CEILING_NEAR, scope="minutes", rule="500/1d"),
    Condition(kind=AlertKind.CEILING_NEAR, scope="money", rule="100000/1d"),
    Condition(kind=AlertKind.CHECKS_FAILED, scope="checks", service=SERVICE, rule="50/100%/10m", until=T),
    Condition(kind=AlertKind.CHANNEL_RESTS, subject="call"),
    Condition(kind=AlertKind.CHANNEL_RESTS, subject="sms"),
    Condition(kind=AlertKind.OUTBOX_STUCK, subject="EH" + "1" * 32),
    *(
        Condition(kind=kind)
        for kind in (
            *(AlertKind.DISK_LOW, AlertKind.WRITES_REFUSED, AlertKind.CLOCK_WRONG, AlertKind.AUDIT_LOG_BROKEN),
        )
    ),
]


def test_every_kind_is_here() -> None:
    assert {condition.kind for condition in (*LIMITS, *OTHERS)} == set(AlertKind)


@pytest.mark.parametrize("condition", [*LIMITS, *OTHERS], ids=lambda each: " ".join(filter(None, each.key)))
@pytest.mark.parametrize("enforced", [True, False])
def test_an_alert_is_in_whole_sentences(condition: Condition, enforced: bool) -> None:
    words = words_of(condition, {SERVICE: "Shop"}, enforced=enforced)
    assert re.fullmatch(r"[A-Z].{10,200}[a-z)0-9]", words.title)
    for part in (words.meaning, words.advice):
        assert re.fullmatch(r"[A-Z].+\.", part)
    assert "{" not in str(words)
    assert "  " not in str(words)


@pytest.mark.parametrize("condition", LIMITS, ids=lambda each: " ".join(filter(None, each.key)))
def test_a_limit_says_what_where_until_when_and_which_setting(condition: Condition) -> None:
    words = words_of(condition, {SERVICE: "Shop"})
    assert ("DE" in words.title) == bool(condition.country)
    assert (f"the service Shop ({SERVICE})" in words.title) == bool(condition.service)
    assert "2027-01-15 08:00 UTC" in words.meaning
    assert "SAYCODE_" in words.meaning
    amounts = {"minutes": "500 minutes a day", "money": "10.00 a day"}
    assert amounts.get(condition.scope, condition.rule) in words.meaning
    assert ("most people" in words.title) == ("%" in condition.rule)
    watched = words_of(condition, {}, enforced=False)
    assert " would be refused" in watched.title
    assert "nothing is refused" in watched.meaning


def test_a_message_about_one_alert_has_its_title_and_about_more_their_number() -> None:
    def letter(*opened: Condition, resolved: tuple[Condition, ...] = ()) -> Letter:
        told = Told(opened, tuple(Alert(one, T, T) for one in resolved))
        return letter_of(told, lambda condition: words_of(condition, {}), host="verify.example")

    total, country = LIMITS[0], LIMITS[3]
    assert letter(total).title == "verify.example: All calls and texts are refused"
    assert letter(total, country).title == "verify.example: All calls and texts are refused, and 1 more"
    assert not letter(total, resolved=(country,)).resolved
    over = letter(resolved=(country,))
    assert (over.title, over.resolved) == ("verify.example: Resolved: calls and texts to DE are refused", True)


@pytest.mark.parametrize(
    ("channel", "title"), [(Channel.CALL, "calls"), (Channel.SMS, "texts"), (Channel.WHATSAPP, "WhatsApp messages")]
)
def test_a_resting_channel_is_named(channel: Channel, title: str) -> None:
    resting = Condition(kind=AlertKind.CHANNEL_RESTS, subject=channel.value)
    assert words_of(resting, {}).title == f"Twilio takes no {title}"


@pytest.mark.parametrize(
    ("channel", "standby", "meanwhile"),
    [
        (Channel.CALL, None, "most starts by this channel fail."),
        (Channel.CALL, "SignalWire", "most starts go to the standby account at SignalWire."),
        (Channel.SMS, "SignalWire", "most starts go to the standby account at SignalWire."),
        (Channel.WHATSAPP, "SignalWire", "most starts by this channel fail."),
    ],
)
def test_what_becomes_of_the_starts_of_a_resting_channel_is_said(
    channel: Channel, standby: str | None, meanwhile: str
) -> None:
    resting = Condition(kind=AlertKind.CHANNEL_RESTS, subject=channel.value)
    assert words_of(resting, {}, standby=standby).meaning.endswith(meanwhile)
