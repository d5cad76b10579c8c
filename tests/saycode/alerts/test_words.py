"""The words of alerts, where a test of the whole job would not read them."""

import pytest

from saycode.alerts.words import words_of
from verification.alerts import AlertKind, Condition
from verification.types import Channel


@pytest.mark.parametrize(
    ("channel", "title"), [(Channel.CALL, "calls"), (Channel.SMS, "texts"), (Channel.WHATSAPP, "WhatsApp messages")]
)
def test_a_resting_channel_is_named(channel: Channel, title: str) -> None:
    resting = Condition(kind=AlertKind.CHANNEL_RESTS, subject=channel.value)
    assert words_of(resting, {}).title == f"Twilio takes no {title}"
