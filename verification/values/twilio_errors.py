"""Twilio's error codes that change what we do (https://www.twilio.com/docs/api/errors).

Any other code means: permanent, and another text may work. Twilio splits and renames its codes now and then.
"""

from enum import Enum

from ..types import Record


class NoText(Enum):
    """Why no further message of the channel will reach a number."""

    LANDLINE = "landline"
    NO_WHATSAPP = "no WhatsApp"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    SENDER = "sender"


class Refusal(Enum):
    """Why Twilio neither calls nor texts a number."""

    INVALID = "invalid"
    COUNTRY = "country"
    UNVERIFIED = "unverified"


class TwilioError(Record, frozen=True, kw_only=True):
    """What a code means. `temporary`: repeating the same request later can work. `opted_out`: the holder of the number
    has told Twilio to stop us. `no_text`: set if further texts cannot work either. `refusal`: set if the number itself
    is refused.
    """

    meaning: str
    temporary: bool = False
    opted_out: bool = False
    no_text: NoText | None = None
    refusal: Refusal | None = None

    @property
    def of_number(self) -> bool:
        """Whether the requested number is the cause, and not Twilio, our account or our sender."""
        return self.refusal is not None or self.no_text not in (None, NoText.SENDER)


#: Errors of messengers. Texts and calls to the number may work after any of them.
WHATSAPP_ERRORS = {
    63010: TwilioError(meaning="Internal error of the channel's provider", temporary=True),
    63012: TwilioError(meaning="Internal error of the channel's provider", temporary=True),
    63018: TwilioError(meaning="Rate limit of the channel exceeded", temporary=True),
    63022: TwilioError(meaning="The sender's certificate is not valid", no_text=NoText.SENDER),
    63003: TwilioError(meaning="The recipient is not on WhatsApp", no_text=NoText.NO_WHATSAPP),
    63024: TwilioError(meaning="The recipient cannot get WhatsApp messages", no_text=NoText.NO_WHATSAPP),
    63032: TwilioError(meaning="WhatsApp does not let businesses write to the recipient", no_text=NoText.NO_WHATSAPP),
    63033: TwilioError(meaning="The recipient has blocked the sender", no_text=NoText.BLOCKED),
    63001: TwilioError(meaning="The channel could not authenticate the sender", no_text=NoText.SENDER),
    63007: TwilioError(meaning="The account has no such sender on WhatsApp", no_text=NoText.SENDER),
    63013: TwilioError(meaning="The message breaks a policy of WhatsApp", no_text=NoText.SENDER),
    63016: TwilioError(meaning="Not a template, and the recipient has not written for a day", no_text=NoText.SENDER),
    63020: TwilioError(meaning="Twilio's invitation was not accepted in Meta's console", no_text=NoText.SENDER),
    63027: TwilioError(meaning="The template does not exist in its language", no_text=NoText.SENDER),
    63028: TwilioError(meaning="The template has another number of variables", no_text=NoText.SENDER),
    63038: TwilioError(meaning="The account's messages of the day are used up", no_text=NoText.SENDER),
    63040: TwilioError(meaning="WhatsApp rejected the template", no_text=NoText.SENDER),
    63041: TwilioError(meaning="WhatsApp paused the template", no_text=NoText.SENDER),
    63042: TwilioError(meaning="WhatsApp disabled the template", no_text=NoText.SENDER),
}
TWILIO_ERRORS = {
    # Rates, queues and failures of Twilio's own.
    10004: TwilioError(meaning="Call concurrency limit exceeded", temporary=True),
    20429: TwilioError(meaning="Too many requests", temporary=True),
    20500: TwilioError(meaning="Internal server error", temporary=True),
    20503: TwilioError(meaning="Service unavailable", temporary=True),
    21611: TwilioError(meaning="The sender's message queue is full", temporary=True),
    30001: TwilioError(meaning="Queue overflow", temporary=True),
    # The recipient.
    21610: TwilioError(meaning="The recipient has opted out", opted_out=True, no_text=NoText.BLOCKED),
    30004: TwilioError(meaning="Message blocked", no_text=NoText.BLOCKED),
    30005: TwilioError(meaning="Unknown destination handset", no_text=NoText.UNKNOWN),
    21614: TwilioError(meaning="Not a mobile number", no_text=NoText.LANDLINE),
    21635: TwilioError(meaning="The number is a landline", no_text=NoText.LANDLINE),
    30006: TwilioError(meaning="Landline or unreachable carrier", no_text=NoText.LANDLINE),
    # The number: it does not exist or cannot be reached, its country or kind of line is not allowed to the account, or
    # a trial account has not verified it.
    21211: TwilioError(meaning="Invalid 'To' phone number", refusal=Refusal.INVALID),
    21214: TwilioError(meaning="'To' phone number cannot be reached", refusal=Refusal.INVALID),
    21217: TwilioError(meaning="Phone number does not appear to be valid", refusal=Refusal.INVALID),
    21265: TwilioError(meaning="'To' is a short code", refusal=Refusal.INVALID),
    21266: TwilioError(meaning="'To' and 'From' are the same number", refusal=Refusal.INVALID),
    21401: TwilioError(meaning="Invalid phone number", refusal=Refusal.INVALID),
    21421: TwilioError(meaning="Invalid phone number", refusal=Refusal.INVALID),
    21612: TwilioError(meaning="Message cannot be routed to the number", refusal=Refusal.INVALID),
    21215: TwilioError(meaning="No geographic permission to call", refusal=Refusal.COUNTRY),
    21216: TwilioError(meaning="Account not allowed to call the number", refusal=Refusal.COUNTRY),
    21408: TwilioError(meaning="No geographic permission to text", refusal=Refusal.COUNTRY),
    32205: TwilioError(meaning="No geographic permission to call", refusal=Refusal.COUNTRY),
    21219: TwilioError(meaning="Trial: number not verified for calls", refusal=Refusal.UNVERIFIED),
    21608: TwilioError(meaning="Trial: number not verified for texts", refusal=Refusal.UNVERIFIED),
    572005: TwilioError(meaning="Trial: recipient not verified", refusal=Refusal.UNVERIFIED),
    573005: TwilioError(meaning="Trial: recipient not verified", refusal=Refusal.UNVERIFIED),
    # Our sender.
    30018: TwilioError(meaning="Destination country requires a registered sender", no_text=NoText.SENDER),
    30024: TwilioError(meaning="Sender not provisioned by the carrier", no_text=NoText.SENDER),
    30032: TwilioError(meaning="Toll-free number not verified", no_text=NoText.SENDER),
    30033: TwilioError(meaning="Campaign suspended", no_text=NoText.SENDER),
    30034: TwilioError(meaning="Number not registered for A2P 10DLC", no_text=NoText.SENDER),
    30035: TwilioError(meaning="Number being registered or removed", no_text=NoText.SENDER),
    **WHATSAPP_ERRORS,
}
_OTHER = TwilioError(meaning="Permanent failure")


def twilio_error(code: int | None) -> TwilioError:
    """What a code means, also one that is not in the table, or none."""
    return TWILIO_ERRORS.get(code or 0, _OTHER)
