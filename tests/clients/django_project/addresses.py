"""The one change to each package: the address that its Twilio client asks."""

import os

from django_twilio_2fa import client
from django_twilio_2fa.utils import get_twilio_client
from two_factor.gateways.twilio.gateway import Twilio


class Gateway(Twilio):
    """django-two-factor-auth's gateway, which calls and texts through the simulator."""

    def __init__(self):
        super().__init__()
        self.client.api.base_url = os.environ["ADDRESS_OF_TWILIO"]


def verify_client(**arguments):
    """django-twilio-2fa's Verify client, which asks Saycode."""
    found = get_twilio_client(**arguments)
    found.verify.base_url = os.environ["ADDRESS_OF_SAYCODE"]
    return found


client.get_twilio_client = verify_client
