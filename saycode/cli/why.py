"""`saycode why`, which explains what the limits refused, and `saycode unlock`, which ends a stop after wrong codes."""

import json
import time
from typing import TYPE_CHECKING, Any

import click

from .context import json_option, with_store

if TYPE_CHECKING:
    from verification.counters.rules import LimitKey
    from verification.counters.updates import RuleStatus
    from verification.values.phone_numbers import PhoneNumber

    from ..storage.store import SqliteStore

number_option = click.option("--number", metavar="+1…", help="A phone number in E.164, instead.")


@click.command()
@click.argument("sid", required=False, metavar="VE…|VL…")
@number_option
@json_option
def why(sid: str | None, number: str | None, as_json: bool) -> None:
    """Explain a refusal: all rules, their state, and what would have allowed it.

    For a start that was refused the log names the VL… that was not sent. Where nothing was refused: the rules now.
    """
    from ..reports.explain import explain_refusal
    from ..reports.explain import rule_table as lines_of
    from ..storage import refusals

    asked = _sid_or_number(sid, number)

    async def work(store: "SqliteStore") -> tuple[list[dict[str, Any]], "tuple[RuleStatus, ...]"]:
        if not isinstance(asked, str):
            return store.ask(lambda conn: refusals.find_by_number(conn, store.cipher, asked)), ()
        found = store.ask(lambda conn: refusals.find_by_sid(conn, asked))
        return found, () if found else await _current_rules(store, asked)

    found, now = with_store(work)
    if as_json:
        click.echo(json.dumps({"refusals": found, "now": [refusals.status_to_dict(one) for one in now]}))
        return
    for refusal in found:
        click.echo("\n".join(explain_refusal(refusal)))
    if not found:
        click.echo("No refusal is on record." + (" The rules as they stand now:" if now else ""))
    for line in lines_of(list(now)):
        click.echo(line)


@click.command()
@click.argument("verification", required=False, metavar="VE…")
@number_option
@click.option("--account", metavar="USERNAME", help="A user name, instead.")
@click.option("--service", metavar="VA…", help="The service of the user name; default: the built-in service.")
@json_option
def unlock(
    verification: str | None, number: str | None, account: str | None, service: str | None, as_json: bool
) -> None:
    """Forget the wrong codes of an account or a number, so that codes are checked again.

    With VE…, as the alert names it, those of its account and of its number.
    """
    from verification.counters.counter import Failures
    from verification.counters.updates import SetFailures
    from verification.models import OPERATOR, Event, EventKind
    from verification.ports import ByVerification, Changes

    whom = _lockout_keys(verification, number, account, service)

    async def work(store: "SqliteStore") -> int:
        locked = await whom(store)
        counts = (await store.read(ByVerification(""))).counts
        failures = sum(counted.failures.count for counted in counts.of(*locked))
        detail = f"wrong codes, {' and '.join(who.scope.value for who in locked)}"
        changes: Changes[None] = Changes(
            result=None,
            counted=tuple(SetFailures(who, Failures()) for who in locked),
            events=(Event(kind=EventKind.LIFTED, at=time.time(), actor=OPERATOR, detail=detail),),
        )
        await store.apply(ByVerification(""), lambda _: changes)
        return failures

    failures = with_store(work)
    click.echo(json.dumps({"forgotten": failures}) if as_json else f"Forgotten: {failures} wrong codes in a row.")


def _lockout_keys(verification: str | None, number: str | None, account: str | None, service: str | None) -> Any:
    from verification.counters.rules import LimitKey
    from verification.flow import rate_limits
    from verification.models import BUILT_IN_SERVICE
    from verification.ports import ByVerification
    from verification.types import Scope
    from verification.values import usernames

    if account is not None:
        if verification or number:
            raise click.UsageError("Say one of VE…, --number and --account.")
        name = f"{service or BUILT_IN_SERVICE} {usernames.account_name(account)}"

        async def of_account(_: "SqliteStore") -> "list[LimitKey]":
            return [LimitKey(Scope.ACCOUNT, name)]

        return of_account
    asked = _sid_or_number(verification, number)

    async def of_asked(store: "SqliteStore") -> "list[LimitKey]":
        if not isinstance(asked, str):
            return [LimitKey(Scope.NUMBER, asked.e164)]
        known = (await store.read(ByVerification(asked))).verification
        if known is None:
            raise click.ClickException("there is no such verification any more; say --number or --account")
        found = rate_limits.limit_keys(known)
        return [who for scope in (Scope.ACCOUNT, Scope.NUMBER) if (who := found[scope]) is not None]

    return of_asked


async def _current_rules(store: "SqliteStore", sid: str) -> "tuple[RuleStatus, ...]":
    from verification.flow.admission import all_rule_statuses, spacing_left
    from verification.flow.rate_limits import LimitKeys, Send
    from verification.ports import ByVerification
    from verification.types import Channel

    from ..server.app import build_policy
    from .context import load_settings_or_exit

    rules = build_policy(load_settings_or_exit())
    state, at = await store.read(ByVerification(sid)), time.time()
    if state.verification is None:
        return ()
    channel = state.latest.channel if state.latest else Channel.CALL
    send = Send(people=LimitKeys(state.verification, state.counts), channel=channel, at=at, prices=rules.prices)
    return all_rule_statuses(state, send, rules, pause=spacing_left(state, now=at, policy=rules))


def _sid_or_number(verification: str | None, number: str | None) -> "str | PhoneNumber":
    from verification.errors import NumberInvalid
    from verification.values.phone_numbers import parse

    if (verification is None) is (number is None):
        raise click.UsageError("Say a sid, or a number with --number.")
    if number is None:
        return str(verification)
    try:
        return parse(number)
    except NumberInvalid as problem:
        raise click.BadParameter("--number must be in E.164: a plus sign, the country, the number") from problem
