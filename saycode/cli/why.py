"""`saycode why` explains what the limits refused; `saycode unlock` ends a lockout after wrong codes."""

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from .context import Subject, json_option, parse_number, parse_subject, service_option, with_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from verification.counters.counter import LimitKey
    from verification.counters.rules import RuleStatus

    from ..storage.store import SqlStore

number_option = click.option("--number", metavar="+1…", help="A phone number in E.164, instead.")


@click.command()
@click.argument("subject", required=False, metavar="[VE…|VL…|+1…|REFERENCE]")
@number_option
@json_option
def why(subject: str | None, number: str | None, as_json: bool) -> None:
    """Explain a refusal: the state of all rules, and what would have allowed it.

    For a refused start use the VL… sid in the log; REFERENCE is the eight digits that the page shows. Without a refusal
    the command shows the rules as they are now.
    """
    from ..reports.explain import explain_denial, rule_table
    from ..storage import denials

    asked = _subject(subject, number)

    async def work(store: "SqlStore") -> tuple[list[dict[str, Any]], "tuple[RuleStatus, ...]"]:
        sids = await asked.sids(store)
        recorded = [found for sid in sids for found in await store.query(partial(denials.find_by_sid, sid=sid))]
        if (number := asked.number) is not None:
            recorded += await store.query(lambda conn: denials.find_by_number(conn, store.cipher, number))
        return recorded, () if recorded or not sids else await _current_rules(store, sids[0])

    recorded, current = with_store(work)
    if as_json:
        rules = [denials.status_to_dict(status) for status in current]
        click.echo(json.dumps({"refusals": recorded, "now": rules}))
        return
    for denial in recorded:
        click.echo("\n".join(explain_denial(denial)))
    if not recorded:
        click.echo("No refusal is on record." + (" The current state of the rules:" if current else ""))
    for line in rule_table(list(current)):
        click.echo(line)


@click.command()
@click.argument("verification", required=False, metavar="VE…")
@number_option
@click.option("--account", metavar="USERNAME", help="A user name, instead.")
@service_option("user name")
@json_option
def unlock(
    verification: str | None, number: str | None, account: str | None, service: str | None, as_json: bool
) -> None:
    """End the lockout of an account or a number: its wrong codes no longer count.

    With VE…, the sid in the alert, of the verification's account and number.
    """
    from verification.counters.counter import Failures, SetFailures
    from verification.models import OPERATOR, Event, EventKind
    from verification.ports import ByVerification, Changes

    find_keys = _lockout_keys(verification, number, account, service)

    async def work(store: "SqlStore") -> int:
        keys = await find_keys(store)
        counters = (await store.read(ByVerification(""))).counters
        failures = sum(counter.failures.count for counter in counters.of(*keys))
        detail = f"wrong codes, {' and '.join(key.scope.value for key in keys)}"
        changes: Changes[None] = Changes(
            result=None,
            counter_updates=tuple(SetFailures(key, Failures()) for key in keys),
            events=(Event(kind=EventKind.LIFTED, at=time.time(), actor=OPERATOR, detail=detail),),
        )
        await store.apply(ByVerification(""), lambda _: changes)
        return failures

    failures = with_store(work)
    click.echo(json.dumps({"forgotten": failures}) if as_json else f"Wrong codes that no longer count: {failures}.")


def _lockout_keys(
    verification: str | None, number: str | None, account: str | None, service: str | None
) -> "Callable[[SqlStore], Awaitable[list[LimitKey]]]":
    from verification.counters.counter import LimitKey
    from verification.flow import rate_limits
    from verification.models import BUILT_IN_SERVICE
    from verification.ports import ByVerification
    from verification.types import Scope
    from verification.values import usernames

    if account is not None:
        if verification or number:
            raise click.UsageError("Give only one of VE…, --number and --account.")
        name = f"{service or BUILT_IN_SERVICE} {usernames.account_name(account)}"

        async def account_key(_: "SqlStore") -> "list[LimitKey]":
            return [LimitKey(Scope.ACCOUNT, name)]

        return account_key
    asked = _subject(verification, number)

    async def keys(store: "SqlStore") -> "list[LimitKey]":
        if asked.number is not None:
            return [LimitKey(Scope.NUMBER, asked.number.line)]
        sid = next(iter(await asked.sids(store)), "")
        stored = (await store.read(ByVerification(sid))).verification
        if stored is None:
            raise click.ClickException("there is no such verification; give --number or --account")
        by_scope = rate_limits.limit_keys(stored)
        return [key for scope in (Scope.ACCOUNT, Scope.NUMBER) if (key := by_scope[scope]) is not None]

    return keys


async def _current_rules(store: "SqlStore", sid: str) -> "tuple[RuleStatus, ...]":
    from verification.context import Context
    from verification.flow.admission import all_rule_statuses, spacing_left
    from verification.flow.rate_limits import LimitKeys, Send
    from verification.ports import ByVerification

    from ..config.policy import build_policy
    from .context import load_settings_or_exit

    context = Context(time.time(), build_policy(load_settings_or_exit()))
    state = await store.read(ByVerification(sid))
    if state.verification is None:
        return ()
    channel = state.channel
    keys = LimitKeys(state.verification, state.counters)
    send = Send(keys=keys, channel=channel, at=context.now, prices=context.policy.prices)
    return all_rule_statuses(state, send, context, spacing=spacing_left(state, channel, context))


def _subject(subject: str | None, number: str | None) -> Subject:
    if (subject is None) is (number is None):
        raise click.UsageError("Give a sid, a reference or a number.")
    return parse_subject(subject) if subject is not None else Subject("", number=parse_number(str(number)))
