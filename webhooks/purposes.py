"""What a code is for, in the words of a language: said in the call, and written in the text."""

import twiml.call as call_words
import twiml.text as text_words
from twiml.words import Words
from verification.actions import SIGN_IN, Action
from verification.payments import Payment


def purpose(words: Words, action: str, actions: tuple[Action, ...]) -> str:
    """The operator's phrase for an action, or that of the language; the neutral one where neither has any."""
    declared = next((one.phrase(words.tag) for one in actions if one.name == action), None)
    return declared or words.purpose(action)


def approval(words: Words, payment: Payment | None) -> str:
    """The sentence that says which payment a code approves; nothing where there is none."""
    if payment is None:
        return ""
    return call_words.approval(words, amount=payment.amount, currency=payment.currency, payee=payment.payee)


def texted(words: Words, action: str, payment: Payment | None, actions: tuple[Action, ...]) -> str:
    """What stands beside "code" in a text. Nothing for a sign-in: the text is shorter, and everybody knows those."""
    if payment is not None:
        return text_words.payment(words, amount=payment.amount, currency=payment.currency, payee=payment.payee)
    return "" if action == SIGN_IN else purpose(words, action, actions)
