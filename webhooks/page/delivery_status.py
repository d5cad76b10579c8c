"""The status of a delivery on the page: one sentence with its tone, and the buttons that can work next.

Twilio's error code tells the operator whether our account, our sender or the recipient's phone is the cause; it stays
in the record and the log. The page says the same for every cause: who asks has not proven that the phone is theirs, and
must not learn what kind of line it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from twiml.sentences import PageWords, ProgressWords
from verification.flow.ending import brought_nothing
from verification.models import Delivery, Progress
from verification.types import CallStyle, Channel, DeliveryStatus


class NextStep(StrEnum):
    """The values of the buttons named `next`."""

    REPEAT = "repeat"
    CALL = "call"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    BEGIN_AGAIN = "begin-again"
    CHANGE = "change"

    def channel(self, latest: Channel) -> Channel:
        """The channel that it sends by; `latest` is that of the last delivery."""
        return next((channel for channel in Channel if channel.value == self.value), latest)


@dataclass(frozen=True, slots=True)
class Button:
    """A button named `next`; `main` is the one that most people need. One that `waits` works only after a pause."""

    value: NextStep
    label: str
    main: bool = False
    waits: bool = False

    @property
    def resends(self) -> bool:
        """Whether it sends the same code again, which is allowed only some time after the last delivery."""
        return self.value not in (NextStep.BEGIN_AGAIN, NextStep.CHANGE)

    def channel(self, latest: Channel) -> Channel:
        """The channel that it sends by; `latest` is that of the last delivery."""
        return self.value.channel(latest)


class Tone(StrEnum):
    """How a sentence is meant: something is under way, it has worked, or it has not."""

    LIVE = "live"
    DONE = "done"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Status:
    sentence: str = ""
    tone: Tone = Tone.LIVE


_MESSAGE_FAILED = (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELED)
_CALL_SENTENCES = {
    DeliveryStatus.UNKNOWN: "maybe_ringing",
    DeliveryStatus.RINGING: "call_ringing",
    DeliveryStatus.BUSY: "call_busy",
    DeliveryStatus.NO_ANSWER: "call_no_answer",
    DeliveryStatus.FAILED: "call_failed",
    DeliveryStatus.CANCELED: "call_failed",
}
#: Behind the word of the channel. A message that was read has only been delivered, as far as the page tells.
_MESSAGE_SENTENCES = {
    DeliveryStatus.SENT: "sent",
    DeliveryStatus.DELIVERED: "delivered",
    DeliveryStatus.READ: "delivered",
    **dict.fromkeys(_MESSAGE_FAILED, "undelivered"),
}
_MESSAGE_WORDS = {Channel.SMS: "text", Channel.WHATSAPP: "whatsapp"}


def status_of(delivery: Delivery, style: CallStyle, words: ProgressWords) -> Status:
    """The sentence for the status of a delivery, and its tone."""
    if has_failed(delivery):
        tone = Tone.PROBLEM
    else:
        arrived = delivery.status.arrived or delivery.progress is Progress.HEARD
        tone = Tone.DONE if arrived else Tone.LIVE
    spoken = delivery.channel.spoken
    return Status(_call_sentence(delivery, style, words) if spoken else _message_sentence(delivery, words), tone)


def _message_sentence(delivery: Delivery, words: ProgressWords) -> str:
    stage = _MESSAGE_SENTENCES.get(delivery.status, "queued")
    return str(getattr(words, f"{_MESSAGE_WORDS[delivery.channel]}_{stage}"))


def if_known(channel: Channel, words: ProgressWords) -> str:
    """What is done if the user name is known; takes {digits}."""
    sentences = {
        Channel.CALL: words.calling_if_known,
        Channel.SMS: words.texting_if_known,
        Channel.WHATSAPP: words.whatsapp_if_known,
    }
    return sentences[channel]


def not_to_extension(channel: Channel, words: ProgressWords) -> str:
    """Why no written message goes to a phone behind a switchboard."""
    return words.text_landline if channel.needs_text_line else words.whatsapp_undelivered


def try_instead(channel: Channel, words: ProgressWords) -> str:
    """The hint to use this channel."""
    hints = {Channel.CALL: words.try_call, Channel.SMS: words.try_text, Channel.WHATSAPP: words.try_whatsapp}
    return hints[channel]


def _call_sentence(delivery: Delivery, style: CallStyle, words: ProgressWords) -> str:
    if _stopped_by_machine(delivery):
        return words.call_machine
    if delivery.status in (DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED) and delivery.progress is Progress.HEARD:
        return words.call_heard
    if delivery.status is DeliveryStatus.ANSWERED:
        answered = words.call_answered_typed if style is CallStyle.KEY else words.call_answered
        return words.call_reading if delivery.progress is Progress.READING else answered
    if delivery.status is DeliveryStatus.COMPLETED:
        return _why_no_code(delivery, style, words) if has_failed(delivery) else words.call_completed
    return str(getattr(words, _CALL_SENTENCES.get(delivery.status, "call_queued")))


def _why_no_code(delivery: Delivery, style: CallStyle, words: ProgressWords) -> str:
    """Why a call that was answered ended without the code: a voicemail presses no keys."""
    if style is CallStyle.KEY:
        return words.call_not_typed
    return words.call_wrong_keys if delivery.tries else words.call_no_keys


def has_failed(delivery: Delivery) -> bool:
    """Whether the person needs another way to get the code."""
    return brought_nothing(delivery) or (delivery.channel.spoken and _stopped_by_machine(delivery))


def is_answered(delivery: Delivery) -> bool:
    """Whether a call was answered, or is over."""
    return delivery.channel.spoken and (delivery.status.final or delivery.status is DeliveryStatus.ANSWERED)


def resend_buttons(latest: Delivery | None, page: PageWords, channels: Collection[Channel]) -> tuple[Button, ...]:
    """The buttons that send the same code again by these channels, the most promising one first. After a failure that
    is another channel, which need not wait.
    """
    channel = latest.channel if latest else Channel.CALL
    failed = latest is not None and has_failed(latest)
    again = {
        Channel.CALL: page.code.call_again,
        Channel.SMS: page.code.text_again,
        Channel.WHATSAPP: page.code.whatsapp_again,
    }
    repeat = (Button(NextStep.REPEAT, again[channel]),) if channel in channels else ()
    others = other_channels(channel, page, channels, main=failed)
    return (*others, *repeat) if failed else (*repeat, *others)


def other_channels(
    channel: Channel, page: PageWords, channels: Collection[Channel], *, main: bool
) -> tuple[Button, ...]:
    """The buttons that send by another of these channels. `main`: the first is what most people need."""
    others = [other for other in channel.others if other in channels]
    return tuple(channel_button(other, page, main=main and other is others[0]) for other in others)


def channel_button(channel: Channel, page: PageWords, *, main: bool = False) -> Button:
    """The button that sends by this channel instead of the last one."""
    instead = {
        Channel.CALL: page.code.call_instead,
        Channel.SMS: page.code.text_instead,
        Channel.WHATSAPP: page.code.whatsapp_instead,
    }
    return Button(NextStep(channel), instead[channel], main)


def _stopped_by_machine(delivery: Delivery) -> bool:
    """A machine answered before the code was said. Once it is being said, a person has pressed keys."""
    return delivery.machine and delivery.progress < Progress.READING and delivery.status is not DeliveryStatus.BUSY
