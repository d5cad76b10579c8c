"""The REST API's error codes, with HTTP status and message.

The codes are Twilio's (https://www.twilio.com/docs/api/errors); the messages are the simulator's, because programs must
not depend on them. `http.debugger` has the codes for webhooks and TwiML.
"""

from __future__ import annotations

REST_ERRORS: dict[int, tuple[int, str]] = {
    10001: (400, "Account is not active"),
    10004: (400, "Too many concurrent calls"),
    20001: (400, "Unknown parameters: {}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20006: (403, "Access denied"),
    20007: (400, "Page size must be a whole number from 1 to 1000: {}"),
    20008: (403, "Resource not accessible with Test Account Credentials"),
    20403: (403, "Forbidden"),
    20009: (409, "The record cannot be deleted before it is complete"),
    20404: (404, "The requested resource {} was not found"),
    20409: (409, "Conflict"),
    20422: (400, "Invalid parameter: {}"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {}"),
    21206: (400, "SendDigits is not valid: {}"),
    21208: (400, "Timeout is not valid: {}"),
    21209: (400, "Method is neither GET nor POST: {}"),
    21210: (400, "From {} is not a number of this account, nor verified by it. In the simulator, add it first"),
    21211: (400, "Invalid 'To' Phone Number: {}"),
    21212: (400, "Invalid 'From' Phone Number: {}"),
    21213: (400, "Caller phone number ('From') is required"),
    21214: (400, "To phone number {} cannot be reached"),
    21215: (400, "Account not authorized to call {}: geographic permission missing"),
    21216: (400, "Account not allowed to call {}: the number is on a block list"),
    21217: (400, "Phone number does not appear to be valid: {}"),
    21218: (400, "ApplicationSid is not valid: {}"),
    21219: (400, "Trial accounts can only call verified numbers: {}"),
    21220: (400, "The call is not in the required state: {}"),
    21234: (400, "Machine detection parameter is not valid: {}"),
    21265: (400, "To is a short code: {}"),
    21266: (400, "To and From are the same number: {}"),
    21401: (400, "Invalid phone number: {}"),
    21402: (400, "Invalid URL: {}"),
    21403: (400, "Invalid method: {}"),
    21405: (400, "A voice fallback URL needs a voice URL"),
    21406: (400, "An SMS fallback URL needs an SMS URL"),
    21407: (400, "The number cannot receive SMS: {}"),
    21408: (400, "Account not authorized to text {}: geographic permission missing"),
    21421: (400, "PhoneNumber is invalid: {}"),
    21422: (400, "PhoneNumber is not available: {}"),
    21452: (400, "No phone numbers found in area code {}"),
    21601: (400, "From {} is not SMS-capable"),
    21602: (400, "Message body is required"),
    21603: (400, "A 'From' phone number or a MessagingServiceSid is required"),
    21604: (400, "A 'To' phone number is required"),
    21606: (400, "From {} is not a number of this account that can send SMS. In the simulator, add it first"),
    21608: (400, "Trial accounts can only text verified numbers: {}"),
    21609: (400, "StatusCallback is not a valid URL: {}"),
    21610: (400, "Attempt to send to unsubscribed recipient {}"),
    21611: (400, "The queue of From {} is full"),
    21612: (400, "Message cannot be routed to {} from this sender"),
    21614: (400, "To {} is not a mobile number"),
    21617: (400, "The message body is longer than 1600 characters: {}"),
    21619: (400, "A message needs a body, media or content"),
    21620: (400, "Media URL is not valid: {}"),
    21623: (400, "More than 10 media URLs: {}"),
    21624: (400, "ValidityPeriod must be from 1 to 36000 seconds: {}"),
    21626: (400, "StatusCallbackEvent is not valid: {}"),
    21635: (400, "To {} is a landline"),
    21655: (400, "The ContentSid is not valid: {}"),
    21656: (400, "The ContentVariables are not valid: {}"),
    21660: (400, "From {} does not belong to the messaging service"),
    21701: (404, "The messaging service {} does not exist"),
    21703: (400, "The messaging service {} has no suitable sender"),
    21704: (400, "The messaging service {} has no senders"),
    21705: (400, "The messaging service sid is not valid: {}"),
    21910: (400, "From and To {} are not of the same channel"),
    30409: (409, "The message can no longer be canceled: {}"),
    32018: (400, "Twiml is longer than 4000 characters: {}"),
    63007: (400, "The account has no channel with the From address {}"),
    60606: (400, "Lookup package is not enabled: {}"),
    572002: (400, "Trial: From {} is not the number assigned to this recipient"),
    572005: (400, "Trial: {} is not a verified recipient"),
    572006: (400, "Trial: only predefined message templates can be sent"),
    573002: (400, "Trial: From {} is not the number assigned to this recipient"),
    573005: (400, "Trial: {} is not a verified recipient"),
}

MORE_INFO = "https://www.twilio.com/docs/errors/{}"


class RestError(Exception):
    """A REST request is rejected with one of Twilio's codes."""

    def __init__(self, code: int, about: str = "") -> None:
        self.code = code
        self.status, template = REST_ERRORS[code]
        self.message = template.format(about).removesuffix(": ")
        super().__init__(f"{code}: {self.message}")

    def body(self) -> dict[str, object]:
        """The error body of the 2010 API and of Lookup."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": MORE_INFO.format(self.code),
            "status": self.status,
        }
