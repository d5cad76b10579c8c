"""Step-up verification with the official Twilio library, pointed at Saycode's address.

What Twilio's methods do not have (`Username`, `Action`, the receipt) goes through the library's own `request`.
"""

import json
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

SECONDS = 10


class Refused(Exception):
    """No code was sent or checked; the message is for the customer."""


class StepUp:
    """Codes for customers, who are enrolled under their sign-in names."""

    def __init__(self, *, address: str, service: str, key: str, secret: str) -> None:
        self._service = service
        self._client = Client(key, secret)
        self._client.verify.base_url = address

    def send(self, user: str, action: str, *, channel: str) -> str:
        """Call or text the customer, naming the action. Returns the sid of the verification.

        Raises Refused. A code that is still valid is sent again.
        """
        body = self._post("Verifications", Username=user, Action=action, Channel=channel, Locale="en-US")
        return str(body["sid"])

    def check(self, verification: str, code: str, action: str) -> str | None:
        """The receipt for a right code, None for a wrong one. Raises Refused when the code was not checked."""
        return self._post("VerificationCheck", VerificationSid=verification, Code=code, Action=action).get("receipt")

    def redeem(self, name: str) -> bool:
        """Redeem a receipt. False when it was redeemed before."""
        return bool(self._ask(f"Receipts/{name}/Redeem", {}).status_code == 200)

    def cancel(self, verification: str) -> None:
        """Cancel the verification: the code becomes invalid, and the phone stops ringing."""
        try:
            pending = self._client.verify.v2.services(self._service).verifications(verification)
            pending.update(status="canceled")  # type: ignore[arg-type]  # the library says Status, and means its texts
        except TwilioException:
            return  # it has ended already

    def _post(self, resource: str, **fields: str) -> dict[str, Any]:
        answer = self._ask(resource, fields)
        body: dict[str, Any] = json.loads(answer.text)
        if answer.status_code < 400:
            return body
        raise Refused(_SENTENCES.get(body["code"], "That did not work. Please try again in a moment."))

    def _ask(self, resource: str, fields: dict[str, str]) -> Any:
        try:
            return self._client.verify.request(
                "POST", f"/v2/Services/{self._service}/{resource}", data=dict(fields), timeout=SECONDS
            )
        except (TwilioException, OSError) as problem:
            raise Refused("We cannot reach your phone at the moment. Please try again later.") from problem


_SENTENCES = {
    60200: "A code has six digits.",
    60202: "That code is used up. Please ask for a new one.",
    60203: "We have tried often enough for now. Please try again in a few minutes.",
    60212: "That was a little soon. Please wait half a minute.",
    20404: "That code is no longer good. Please ask for a new one.",
    20429: "We have called you several times. Please try again in a few minutes.",
    21610: "This phone asked not to be called. Text START to our number to allow it again.",
}
