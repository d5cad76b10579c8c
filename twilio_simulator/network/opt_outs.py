"""STOP, START and HELP: the opt-outs, and Twilio's automatic replies.

With Advanced Opt-Out a messaging service has words and replies of its own, for all its senders but toll-free ones. The
words STOP, START and HELP themselves always count. There are no words of single countries here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..core.account import MessagingService
from ..core.phone_numbers import is_toll_free
from ..core.wordlist import word_set


class Keyword(StrEnum):
    """The value is Twilio's `OptOutType`."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


_WORDS = {
    Keyword.STOP: word_set("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT"),
    Keyword.START: word_set("START YES UNSTOP"),
    Keyword.HELP: word_set("HELP INFO"),
}
_TOLL_FREE_WORDS = {Keyword.STOP: frozenset({"STOP"}), Keyword.START: frozenset({"START", "UNSTOP"})}

REPLIES = {
    Keyword.STOP: "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    Keyword.START: "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    Keyword.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
TOLL_FREE_REPLIES = {
    Keyword.STOP: "NETWORK MSG: Texts from this number are blocked. Text back UNSTOP to receive them again.",
    Keyword.START: "NETWORK MSG: Texts from this number are no longer blocked.",
}


def keyword_of(body: str, sender: str, service: MessagingService | None = None) -> Keyword | None:
    """The keyword that is the whole message, ignoring case and surrounding spaces. `sender`: the account's number."""
    word = body.strip().upper()
    if is_toll_free(sender):
        return next((keyword for keyword, known in _TOLL_FREE_WORDS.items() if word in known), None)
    own = service.keywords if service is not None and service.advanced_opt_out else {}
    words = {keyword: {keyword.value, *own.get(keyword.value, known)} for keyword, known in _WORDS.items()}
    return next((keyword for keyword, known in words.items() if word in known), None)


def reply_to(keyword: Keyword, sender: str, service: MessagingService | None = None) -> str:
    if is_toll_free(sender):
        return TOLL_FREE_REPLIES[keyword]
    own = service.replies if service is not None and service.advanced_opt_out else {}
    return own.get(keyword.value, REPLIES[keyword])


@dataclass(slots=True)
class OptOuts:
    """Opt-outs. Their scope is one sender, or the sid of a messaging service for all its senders."""

    _blocked: set[tuple[str, str]] = field(default_factory=set)

    def apply_keyword(self, keyword: Keyword, *, scope: str, number: str) -> None:
        if keyword is Keyword.STOP:
            self._blocked.add((scope, number))
        elif keyword is Keyword.START:
            self._blocked.discard((scope, number))

    def blocks(self, *, scope: str, number: str) -> bool:
        return (scope, number) in self._blocked

    def to_json(self) -> list[dict[str, str]]:
        return [{"scope": scope, "number": number} for scope, number in sorted(self._blocked)]
