"""django-two-factor-auth with Saycode as its gateway: the package makes and checks the codes, Saycode delivers them."""

import os
from contextlib import suppress

from django.dispatch import receiver
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from two_factor.plugins.phonenumber.models import PhoneDevice
from two_factor.signals import user_verified

#: The same code was sent a moment ago, and is on its way.
TOO_SOON = 60212


def verifications():
    client = Client(os.environ["VERIFY_KEY"], os.environ["VERIFY_SECRET"])
    client.verify.base_url = os.environ["ADDRESS_OF_SAYCODE"]
    return client.verify.v2.services(os.environ["VERIFY_SERVICE"]).verifications


class Gateway:
    def make_call(self, device, token):
        deliver(device, token, "call")

    def send_sms(self, device, token):
        deliver(device, token, "sms")


def deliver(device, token, channel):
    try:
        verifications().create(to=device.number.as_e164, channel=channel, custom_code=token)
    except TwilioRestException as refused:
        if refused.code != TOO_SOON:
            raise


@receiver(user_verified)
def report(device, **_):
    """Tell Saycode that the code was right, which keeps its budgets open."""
    if isinstance(device, PhoneDevice):
        with suppress(TwilioRestException):  # it may have expired meanwhile
            verifications()(device.number.as_e164).update(status="approved")
