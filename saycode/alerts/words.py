"""The words of alerts: what happened, for which country or service, until when, and what to do.

They are in English, and have no personal data.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from verification.alerts import NEAR_PERCENT, AlertKind, Condition
from verification.types import Channel, Record, Scope

from .states import Letter, Told


class Words(Record, frozen=True):
    """An alert in words: a title without a period, what follows from it, and what to do."""

    title: str
    meaning: str
    advice: str

    def __str__(self) -> str:
        return f"{self.title}. {self.meaning} {self.advice}"


#: What a closed limit closes, by its scope, and the setting that says how much it allows.
_CLOSED: dict[str, tuple[str, str]] = {
    Scope.COUNTRY.value: ("Calls and texts to {country} are refused", "SAYCODE_LIMIT_COUNTRY"),
    Scope.SERVICE.value: ("Calls and texts of {service} are refused", "SAYCODE_LIMIT_SERVICE"),
    Scope.SERVICE_COUNTRY.value: (
        "Calls and texts of {service} to {country} are refused",
        "SAYCODE_UNCONFIRMED_COUNTRY",
    ),
    Scope.TOTAL.value: ("All calls and texts are refused", "SAYCODE_LIMIT_TOTAL"),
    Scope.MINUTES.value: ("All calls are refused: the minutes of a day are used up", "SAYCODE_MINUTES_PER_DAY"),
    Scope.MONEY.value: ("Calls are refused: the money of a day is spent", "SAYCODE_MONEY_PER_DAY"),
}
_UNCONFIRMED = "SAYCODE_UNCONFIRMED_COUNTRY"
#: Money is counted in ten-thousandths of the currency.
_MONEY_UNIT = 10_000


def words_of(
    condition: Condition, services: Mapping[str, str], *, enforced: bool = True, standby: str | None = None
) -> Words:
    """The words of an open alert. `services`: names by sid; `enforced`: whether limits refuse, or only record;
    `standby`: the company of the standby account, if there is one.
    """
    names = {"country": condition.country, "service": _service(condition.service, services)}
    match condition.kind:
        case AlertKind.LIMIT_CLOSED:
            return _limit_closed(condition, names, enforced=enforced)
        case AlertKind.CEILING_NEAR:
            return _ceiling_near(condition)
        case AlertKind.CHECKS_FAILED:
            return Words(
                f"Too many codes of {names['service']} are wrong",
                f"The alarm {condition.rule} is raised, until {_utc(condition.until)} at the latest: each wrong code"
                " brings a pause.",
                "Someone may be guessing codes, or your application sends wrong ones: look at `saycode audit log`.",
            )
        case AlertKind.CHANNEL_RESTS:
            return _channel_rests(Channel(condition.subject), standby)
        case AlertKind.OUTBOX_STUCK:
            return Words(
                f"Messages to the event target {condition.subject} are stuck",
                "It has not taken them for minutes. Each is tried for a day and an hour, then it is dropped.",
                "Repair the receiver, or take the target out: `saycode events list`, `saycode events remove`.",
            )
        case _:
            return _OF_THE_MACHINE[condition.kind]


def _channel_rests(channel: Channel, standby: str | None) -> Words:
    meanwhile = "most starts by this channel fail"
    if standby is not None and not channel.templated:
        meanwhile = f"most starts go to the standby account at {standby}"
    return Words(
        f"Twilio takes no {channel.word}s",
        f"After several failures in a row Saycode asks it less often; {meanwhile}.",
        "Look at status.twilio.com and at the account's balance, and run `saycode doctor`.",
    )


_OF_THE_MACHINE = {
    AlertKind.DISK_LOW: Words(
        "The disk of the database is nearly full",
        "Once it is full no verification can be started.",
        "Make room, or move the database to a larger disk: docs/deploy.md.",
    ),
    AlertKind.WRITES_REFUSED: Words(
        "The database cannot be written",
        "No verification can be started or checked.",
        "Look at the disk and at the database: `saycode doctor`, docs/failure-modes.md.",
    ),
    AlertKind.CLOCK_WRONG: Words(
        "The clock of a machine is wrong",
        "Codes and limits may last too long or too short.",
        "Set it, and let it be set by NTP; /health/ready says what is wrong with it.",
    ),
    AlertKind.AUDIT_LOG_BROKEN: Words(
        "The audit log was changed",
        "An entry was changed, removed or added by something other than Saycode. It goes on in a new segment.",
        "Run `saycode audit verify`, find out who can write the database, and keep a copy of it.",
    ),
}


def _limit_closed(condition: Condition, names: Mapping[str, str], *, enforced: bool) -> Words:
    title, setting = _CLOSED[condition.scope]
    title = title.format(**names)
    meaning = f"{setting} allows {_amount(condition)}."
    if "%" in condition.rule:  # a budget
        title = title.replace(" are refused", " are refused to most people")
        of_all = ", for all services together" if condition.scope == Scope.COUNTRY.value else ""
        meaning = f"Too many codes are not typed: {_UNCONFIRMED} allows {condition.rule}{of_all}."
    meaning += f" It opens again from {_utc(condition.until)} on."
    if not enforced:
        title = title.replace(" are refused", " would be refused")
        meaning += " SAYCODE_LIMITS is watch: nothing is refused."
    return Words(
        title,
        meaning,
        "If these are your users, raise the limit; if not, it protects you: see docs/limits.md and the console.",
    )


def _ceiling_near(condition: Condition) -> Words:
    title = "Most of a day's money is spent"
    if condition.scope == Scope.MINUTES.value:
        title = "Most minutes of a day's calls are used"
    return Words(
        title,
        f"Of {_amount(condition)} ({_CLOSED[condition.scope][1]}), {NEAR_PERCENT} % or more are used; at all of it,"
        " calls are refused.",
        "If these are your users, raise the ceiling; if not, look at the countries in the console's charts.",
    )


def _amount(condition: Condition) -> str:
    """What a rule allows: money as its setting has it, and not in the units that are counted."""
    amount = condition.rule.partition("/")[0]
    if condition.scope == Scope.MONEY.value:
        return f"{int(amount) / _MONEY_UNIT:,.2f} a day"
    if condition.scope == Scope.MINUTES.value:
        return f"{int(amount):,} minutes a day"
    return condition.rule


def letter_of(told: Told, words: Callable[[Condition], Words], *, host: str) -> Letter:
    """One message about all that changed at once: a limit that closes for many countries is one message."""
    opened = [words(condition) for condition in told.opened]
    over = [resolved_title(words(alert.condition)) for alert in told.resolved]
    titles = [*(each.title for each in opened), *over]
    title = titles[0] if len(titles) == 1 else f"{titles[0]}, and {len(titles) - 1} more"
    body = [*map(str, opened), *(f"{each}. It has not been seen for some minutes." for each in over)]
    return Letter(f"{host}: {title}", "\n\n".join(body), resolved=not opened)


def resolved_title(words: Words) -> str:
    """What is over, without a period."""
    title = words.title if words.title.startswith("Twilio") else words.title[0].lower() + words.title[1:]
    return f"Resolved: {title}"


def _service(sid: str, services: Mapping[str, str]) -> str:
    name = services.get(sid, "")
    if not sid:
        return ""
    return f"the service {name} ({sid})" if name else f"the service {sid}"


def _utc(at: float | None) -> str:
    return "an unknown time" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
