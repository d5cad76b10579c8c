"""What the tests of text messages share."""

from tests.support.simulator import BASE, PHONE, TWILIO_NUMBER, Answer, Simulator, make_simulator
from twilio_simulator.core.account import MessagingService
from twilio_simulator.messages.texting import deliver, register_message
from twilio_simulator.network.message import Message, MessageDirection, MessageStatus

TOLL_FREE = "+18005550199"
SERVICE = "MG" + "3" * 32


def send_text(
    sim: Simulator,
    *,
    to: str = PHONE,
    sender: str | None = TWILIO_NUMBER,
    body: str = "Hello",
    service: MessagingService | None = None,
    validity: int = 36_000,
) -> Message:
    """Send a text without the REST API, with status callbacks to `/status`."""
    message = register_message(
        sim.twilio.exchange,
        to=to,
        sender=sender,
        body=body,
        direction=MessageDirection.OUTBOUND_API,
        status=MessageStatus.ACCEPTED if service else MessageStatus.QUEUED,
        service=service,
        status_callback=BASE + "/status",
        validity=validity,
    )
    sim.twilio.clock.spawn(deliver(sim.twilio.exchange, message, service))
    return message


def simulator_with_sms_webhook(answer: Answer = "<Response/>", **answers: Answer) -> Simulator:
    """A simulator with a number whose inbound texts go to `/sms`, which returns `answer`."""
    sim = make_simulator(sms=answer, **answers)
    sim.twilio.add_number(TWILIO_NUMBER, sms_url=BASE + "/sms")
    return sim


def received_bodies(sim: Simulator, number: str = PHONE) -> list[str]:
    return [text.body for text in sim.twilio.phone(number).texts]
