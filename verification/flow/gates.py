"""Wrong keys at the gates of calls, counted per number over calls.

A mailbox that sends tones guesses. One call allows two guesses of 504: 0.4 %. After MAX_WRONG_KEYS wrong entries within
a day no further call says a code to that number, so a day allows at most MAX_WRONG_KEYS + 1 guesses: 1 %. A text still
goes, and a trusted browser still calls, so a person cannot be locked out by it.
"""

from ..context import Context
from ..counters.counter import DAY, AddSend, Update
from ..counters.rules import EXTRA_KEPT, Limit
from ..types import Channel, Scope
from .rate_limits import LimitKeys, Send

#: The last call may begin with one less, and allows two more.
MAX_WRONG_KEYS = 4
RULE = Limit(count=MAX_WRONG_KEYS, seconds=DAY)


def gates_wait(send: Send) -> float:
    """Seconds until a call to this number may say a code again; 0 when it may now, and for a text."""
    key = send.keys.by_scope[Scope.GATES]
    if send.channel is not Channel.CALL or key is None:
        return 0
    last = send.keys.of(key).nth_last_send(RULE.count)
    return max(0.0, last + RULE.seconds - send.at) if last is not None else 0


def count_wrong_keys(keys: LimitKeys, context: Context) -> tuple[Update, ...]:
    """The update that counts one wrong entry."""
    key = keys.by_scope[Scope.GATES]
    return (AddSend(key, context.now, RULE.count + EXTRA_KEPT),) if key is not None else ()
