"""The same webhook once more: what was said to it, found again from where it led.

Twilio sends a request again when its answer was lost, with the same idempotency token. Nothing moves then and nothing
is counted, or a person would miss a character, and lose a try at the keys or a typed code to a bad line. The documents
are not kept, because some of them hold the code; the stage and the keys tell which one it was.
"""

from .call import AskForCode, Ending, Heard, Line, OfferMenu, ReadCode, ReadOne, ReadSlowly, Talk
from .records import CallStyle, Delivery, Progress, Stage, Verification
from .states import VerificationStatus


def said(talk: Talk, delivery: Delivery, heard: Heard, digits: str) -> Line:
    """What a call that goes on said to the webhook that brought it here."""
    if delivery.stage is Stage.GATE:
        after = Heard.SILENCE if heard is Heard.ANSWERED else heard
        return talk.ask(delivery.tries, after if delivery.tries else None)
    if delivery.stage is Stage.READING:
        return ReadCode(talk.code(), opening=not delivery.keys)
    if delivery.stage is Stage.SLOWLY:
        return ReadSlowly(talk.code())
    if delivery.stage is Stage.SINGLY:
        return ReadOne(talk.code(), delivery.position)
    return OfferMenu(talk.text(), refused=digits == "4" and delivery.keys.endswith("4"))


def asked(verification: Verification, heard: Heard, digits: str) -> Line:
    """The same for a call that goes on and takes the code from the keys."""
    wrong = None if heard is Heard.ANSWERED else len(digits) == verification.code_length
    return AskForCode(verification.code_length, wrong)


def ending(verification: Verification, delivery: Delivery, heard: Heard, digits: str, *, texted: bool) -> Ending:
    """The last sentence of a call, again. There is nothing secret in any of them. `texted`: a text came after it."""
    if delivery.machine:
        return Ending.MACHINE
    if verification.style is CallStyle.KEY:
        return _typed_ending(verification, heard, digits)
    if digits in ("0", "00") and delivery.keys.endswith("0"):
        return Ending.REPORTED
    if delivery.progress < Progress.PRESSED and delivery.stage is Stage.OVER and not delivery.keys:
        return Ending.WRONG_KEYS if heard is Heard.KEYS else Ending.NO_KEYS
    by_key = {"9": Ending.SUPPRESSED, "4": Ending.TEXT_COMES if texted else Ending.GOODBYE}
    return by_key.get(digits, Ending.GOODBYE)


def _typed_ending(verification: Verification, heard: Heard, digits: str) -> Ending:
    if verification.status is VerificationStatus.APPROVED:
        return Ending.TYPED_APPROVED
    if digits.startswith("*"):
        return Ending.REPORTED
    if verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED or len(digits) == verification.code_length:
        return Ending.TYPED_WRONG
    return Ending.NO_KEYS if heard is Heard.SILENCE else Ending.WRONG_KEYS
