"""WhatsApp set up: the service's settings, and a simulator whose account has the sender and its templates."""

from tests.support.processes import put

SENDER = "+14155550177"
ENGLISH, SPANISH = "HX" + "e" * 32, "HX" + "5" * 32
SETTINGS = {
    "SAYCODE_WHATSAPP_SENDER": SENDER,
    "SAYCODE_WHATSAPP_TEMPLATES": f"es:{SPANISH},en:{ENGLISH}",
}
SPANISH_BODY = "Tu código de verificación es {{1}}."


def set_up(simulator: str, service: str) -> None:
    """Give the simulated account the sender, whose messages go to the service, and the templates."""
    put(f"{simulator}/simulator/whatsapp-senders/%2B{SENDER[1:]}", {"sms_url": f"{service}/webhooks/sms"})
    put(f"{simulator}/simulator/content-templates/{ENGLISH}", {})
    put(f"{simulator}/simulator/content-templates/{SPANISH}", {"language": "es", "body": SPANISH_BODY})
