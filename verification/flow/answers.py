"""Whether a text to us gets an answer by text.

Machines answer texts too: a notice of absence answers our answer, and neither side ever stops. So a number gets one
answer a day, whatever it texts; HELP and START are answered more often, five answers in all. There is none for a
number that we would not text: suppressed, of another country, of a kind that is never called. Answers cost money as
codes do, so they are counted in the limits and ceilings of a block of numbers, a country and in all, and end with them.
"""

from ..context import Context
from ..counters.counter import DAY, AddSend, AddToWindows, Counter, LimitKey, Update
from ..counters.rules import Limit, ScopeRules, rules_of_scope
from ..models import State
from ..types import Scope
from ..values.keywords import Keyword
from ..values.phone_numbers import PhoneNumber, blocked_kind
from .rate_limits import BLOCK_DIGITS

ANSWERS = Limit(count=5, seconds=DAY)
PASSIVE_ANSWERS = Limit(count=1, seconds=DAY)
#: Asked for on purpose, so they may be repeated. START also answers a number that is suppressed until then.
_REPEATABLE = frozenset({Keyword.HELP, Keyword.START})


def count_answer(state: State, number: PhoneNumber, keyword: Keyword, context: Context) -> tuple[Update, ...] | None:
    """The counter updates of an answer to this number; None when it gets none. `state` is that before the text."""
    policy, at = context.policy, context.now
    if state.suppressed and keyword is not Keyword.START:
        return None
    if number.region not in policy.countries or blocked_kind(number.e164):
        return None
    rules = [(rules_of_scope(Scope.ANSWERS, (ANSWERS,)), LimitKey(Scope.ANSWERS, number.line))]
    if keyword not in _REPEATABLE:
        passive = rules_of_scope(Scope.PASSIVE_ANSWERS, (PASSIVE_ANSWERS,))
        rules.append((passive, LimitKey(Scope.PASSIVE_ANSWERS, number.line)))
    ceilings = [(rule, _ceiling_key(rule.scope, number)) for rule in policy.answer_rules]
    price = policy.prices.get(number.region) or policy.prices.get("*")
    cost = price.text if price else 0
    enforced = [*rules, *(ceilings if policy.enforce else ())]
    counters = state.counters.of(*(key for _, key in enforced))
    if any(_is_exceeded(rule, counter, at, cost) for (rule, _), counter in zip(enforced, counters, strict=True)):
        return None
    updates: list[Update] = []
    for rule, key in (*rules, *ceilings):
        if rule.kept:
            updates.append(AddSend(key, at, rule.kept))
        if rule.spans and cost:
            updates.append(AddToWindows(key, rule.spans, at, made=cost))
    return tuple(updates)


def _ceiling_key(scope: Scope, number: PhoneNumber) -> LimitKey:
    """The same keys as those of codes."""
    keys = {Scope.PREFIX: number.line[:-BLOCK_DIGITS], Scope.COUNTRY: number.region}
    return LimitKey(scope, keys.get(scope, ""))


def _is_exceeded(rule: ScopeRules, counter: Counter, at: float, cost: int) -> bool:
    for limit in rule.limits:
        last = counter.nth_last_send(limit.count)
        if last is not None and at - last < limit.seconds:
            return True
    return any(
        cost and counter.window_total(ceiling.seconds, at).open + cost > ceiling.amount for ceiling in rule.ceilings
    )
