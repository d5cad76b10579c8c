"""What became of a delivery, told to the person: one sentence, and the next steps that can work.

A failure means two things. To the operator Twilio's code says whose fault it is: our account, our sender, their phone.
The person reads what it means for them; the code itself stays in the record and the log.
"""

from dataclasses import dataclass
from enum import StrEnum

from twiml.sentences import PageWords, ProgressWords
from twiml.words import fill
from verification.models import Delivery, Progress
from verification.types import Channel, DeliveryStatus


class NextStep(StrEnum):
    """What the buttons named `next` ask for."""

    REPEAT = "repeat"
    CALL = "call"
    SMS = "sms"
    BEGIN_AGAIN = "begin-again"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Button:
    """A next step; `main` is the one that most people want."""

    value: NextStep
    label: str
    main: bool = False

    @property
    def spaced(self) -> bool:
        """Whether it sends the same code once more, which has to wait for the pause between two deliveries."""
        return self.value in (NextStep.REPEAT, NextStep.CALL, NextStep.SMS)


#: Twilio's codes for texts that no further text will change, and the sentence for each. Twilio splits and renames its
#: codes now and then: any other one reads as "could not be delivered", and a text may be tried again.
SMS_FAILURES = {
    **dict.fromkeys((30006, 21614, 21635), "text_landline"),
    **dict.fromkeys((30004, 21610), "text_blocked"),
    **dict.fromkeys((30005,), "text_unknown"),
    **dict.fromkeys((30018, 30024, 30032, 30033, 30034, 30035), "text_sender"),
}
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
    """How a delivery is going."""
    if delivery.channel is Channel.SMS:
        if delivery.status in _SMS_FAILED:
            return failure_reason(delivery, words) or words.text_undelivered
        name = _SMS_SENTENCES.get(delivery.status)
        return str(getattr(words, name)) if name else fill(words.texting, number=masked)
    if _kept_from_machine(delivery):
        return words.call_machine
    if delivery.status in (DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED) and delivery.progress is Progress.HEARD:
        return words.call_heard
    if delivery.status is DeliveryStatus.ANSWERED:
        return words.call_reading if delivery.progress is Progress.READING else words.call_answered
    if delivery.status is DeliveryStatus.UNKNOWN:
        return words.maybe_ringing
    name = _CALL_SENTENCES.get(delivery.status)
    return str(getattr(words, name)) if name else fill(words.calling, number=masked)


def failure_reason(delivery: Delivery, words: ProgressWords) -> str:
    """Why no further text will reach this phone; nothing when one might."""
    if delivery.channel is not Channel.SMS or delivery.status not in _SMS_FAILED:
        return ""
    name = SMS_FAILURES.get(delivery.error or 0)
    return str(getattr(words, name)) if name else ""


def resend_buttons(latest: Delivery | None, page: PageWords) -> tuple[Button, ...]:
    """How the same code can be sent once more, the most promising way first."""
    channel = latest.channel if latest else Channel.CALL
    repeat = page.code.call_again if channel is Channel.CALL else page.code.text_again
    if latest is None:
        return Button(NextStep.REPEAT, repeat), other_channel_button(channel, page)
    if channel is Channel.CALL:
        if latest.status is DeliveryStatus.BUSY:
            return Button(NextStep.REPEAT, repeat, main=True), other_channel_button(channel, page)
        if latest.status in _CALL_FAILED or _kept_from_machine(latest):
            return other_channel_button(channel, page, main=True), Button(NextStep.REPEAT, repeat)
    elif failure_reason(latest, page.progress):
        return (other_channel_button(channel, page, main=True),)
    elif latest.status in _SMS_FAILED:
        return other_channel_button(channel, page, main=True), Button(NextStep.REPEAT, repeat)
    return Button(NextStep.REPEAT, repeat), other_channel_button(channel, page)


def other_channel_button(channel: Channel, page: PageWords, *, main: bool = False) -> Button:
    """The button of the other channel."""
    if channel is Channel.CALL:
        return Button(NextStep.SMS, page.code.text_instead, main)
    return Button(NextStep.CALL, page.code.call_instead, main)


def _kept_from_machine(delivery: Delivery) -> bool:
    """A machine answered and the code was not said to it. Once it was being said, whoever heard it had pressed keys."""
    return delivery.machine and delivery.progress < Progress.READING and delivery.status is not DeliveryStatus.BUSY
