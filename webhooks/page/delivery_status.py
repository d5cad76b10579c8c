"""The status of a delivery on the page: one sentence, and the buttons that can work next.

Twilio's error code tells the operator whether our account, our sender or the recipient's phone is the cause; it stays
in the record and the log. The page says the same for every cause: who asks has not proven that the phone is theirs, and
must not learn what kind of line it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from twiml.sentences import PageWords, ProgressWords
from twiml.words import fill
from verification.models import Delivery, Progress
from verification.types import Channel, DeliveryStatus


class NextStep(StrEnum):
    """The values of the buttons named `next`."""

    REPEAT = "repeat"
    CALL = "call"
    SMS = "sms"
    BEGIN_AGAIN = "begin-again"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Button:
    """A button named `next`; `main` is the one that most people need."""

    value: NextStep
    label: str
    main: bool = False

    @property
    def resends(self) -> bool:
        """Whether it sends the same code again, which is allowed only some time after the last delivery."""
        return self.value in (NextStep.REPEAT, NextStep.CALL, NextStep.SMS)


_CALL_FAILED = (DeliveryStatus.NO_ANSWER, DeliveryStatus.FAILED, DeliveryStatus.CANCELED)
_SMS_FAILED = (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELED)
_CALL_SENTENCES = {
    DeliveryStatus.RINGING: "call_ringing",
    DeliveryStatus.COMPLETED: "call_completed",
    DeliveryStatus.BUSY: "call_busy",
    DeliveryStatus.NO_ANSWER: "call_no_answer",
    DeliveryStatus.FAILED: "call_failed",
    DeliveryStatus.CANCELED: "call_failed",
}
_SMS_SENTENCES = {DeliveryStatus.SENT: "text_sent", DeliveryStatus.DELIVERED: "text_delivered"}


def status_sentence(delivery: Delivery, words: ProgressWords, masked: str) -> str:
    """The sentence for the status of a delivery."""
    if delivery.channel is Channel.SMS:
        if delivery.status in _SMS_FAILED:
            return words.text_undelivered
        name = _SMS_SENTENCES.get(delivery.status)
        return str(getattr(words, name)) if name else fill(words.texting, number=masked)
    if _stopped_by_machine(delivery):
        return words.call_machine
    if delivery.status in (DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED) and delivery.progress is Progress.HEARD:
        return words.call_heard
    if delivery.status is DeliveryStatus.ANSWERED:
        return words.call_reading if delivery.progress is Progress.READING else words.call_answered
    if delivery.status is DeliveryStatus.UNKNOWN:
        return words.maybe_ringing
    name = _CALL_SENTENCES.get(delivery.status)
    return str(getattr(words, name)) if name else fill(words.calling, number=masked)


def resend_buttons(latest: Delivery | None, page: PageWords) -> tuple[Button, ...]:
    """The buttons that send the same code again, the most promising one first."""
    channel = latest.channel if latest else Channel.CALL
    repeat = page.code.call_again if channel is Channel.CALL else page.code.text_again
    if latest is None:
        return Button(NextStep.REPEAT, repeat), other_channel_button(channel, page)
    if channel is Channel.CALL:
        if latest.status is DeliveryStatus.BUSY:
            return Button(NextStep.REPEAT, repeat, main=True), other_channel_button(channel, page)
        if latest.status in _CALL_FAILED or _stopped_by_machine(latest):
            return other_channel_button(channel, page, main=True), Button(NextStep.REPEAT, repeat)
    elif latest.status in _SMS_FAILED:
        return other_channel_button(channel, page, main=True), Button(NextStep.REPEAT, repeat)
    return Button(NextStep.REPEAT, repeat), other_channel_button(channel, page)


def other_channel_button(channel: Channel, page: PageWords, *, main: bool = False) -> Button:
    if channel is Channel.CALL:
        return Button(NextStep.SMS, page.code.text_instead, main)
    return Button(NextStep.CALL, page.code.call_instead, main)


def _stopped_by_machine(delivery: Delivery) -> bool:
    """A machine answered before the code was said. Once it is being said, a person has pressed keys."""
    return delivery.machine and delivery.progress < Progress.READING and delivery.status is not DeliveryStatus.BUSY
