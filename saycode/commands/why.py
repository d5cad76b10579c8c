"""`saycode why`, which explains what the limits refused, and `saycode unlock`, which ends a stop after wrong codes."""

import json
import time
from typing import TYPE_CHECKING, Any

import click

from .opening import JSON, with_table

if TYPE_CHECKING:
    from verification.counts import Ruling
    from verification.limits import Who
    from verification.numbers import Number

    from ..table import SqliteTable

NUMBER = click.option("--number", metavar="+1…", help="A phone number in E.164, instead.")


@click.command()
@click.argument("sid", required=False, metavar="VE…|VL…")
@NUMBER
@JSON
def why(sid: str | None, number: str | None, as_json: bool) -> None:
    """Say why something was refused: all rules, how they stood, and what would have let it through.

    For a start that was refused the log names the VL… that was not sent. Where nothing was refused: the rules now.
    """
    from .. import refusals
    from ..why import table as lines_of
    from ..why import told

    asked = _one_of(sid, number)

    async def work(table: "SqliteTable") -> tuple[list[dict[str, Any]], "tuple[Ruling, ...]"]:
        if not isinstance(asked, str):
            return table.ask(lambda conn: refusals.of_number(conn, table.sealer, asked)), ()
        found = table.ask(lambda conn: refusals.of_sid(conn, asked))
        return found, () if found else await _now(table, asked)

    found, now = with_table(work)
    if as_json:
        click.echo(json.dumps({"refusals": found, "now": [refusals.shown(one) for one in now]}))
        return
    for refusal in found:
        click.echo("\n".join(told(refusal)))
    if not found:
        click.echo("Nothing that is still remembered was refused." + (" The rules as they stand now:" if now else ""))
    for line in lines_of(list(now)):
        click.echo(line)


@click.command()
@click.argument("verification", required=False, metavar="VE…")
@NUMBER
@click.option("--account", metavar="USERNAME", help="A user name, instead.")
@click.option("--service", metavar="VA…", help="Whose user name; the page's unless you say.")
@JSON
def unlock(
    verification: str | None, number: str | None, account: str | None, service: str | None, as_json: bool
) -> None:
    """Forget the wrong codes of an account or a number, so that codes are checked again.

    With VE…, as the alert names it, those of its account and of its number.
    """
    from verification.counted import Failures
    from verification.counts import Failed
    from verification.ports import Decision, OfVerification
    from verification.records import OPERATOR, Event, EventKind

    whom = _whom(verification, number, account, service)

    async def work(table: "SqliteTable") -> int:
        locked = await whom(table)
        counts = (await table.read(OfVerification(""))).counts
        failures = sum(counted.failures.count for counted in counts.of(*locked))
        detail = f"wrong codes, {' and '.join(who.scope.value for who in locked)}"
        decision: Decision[None] = Decision(
            verdict=None,
            counted=tuple(Failed(who, Failures()) for who in locked),
            events=(Event(kind=EventKind.LIFTED, at=time.time(), actor=OPERATOR, detail=detail),),
        )
        await table.apply(OfVerification(""), lambda _: decision)
        return failures

    failures = with_table(work)
    click.echo(json.dumps({"forgotten": failures}) if as_json else f"Forgotten: {failures} wrong codes in a row.")


def _whom(verification: str | None, number: str | None, account: str | None, service: str | None) -> Any:
    from verification import counting, usernames
    from verification.limits import Scope, Who
    from verification.ports import OfVerification
    from verification.records import BUILT_IN_SERVICE

    if account is not None:
        if verification or number:
            raise click.UsageError("Say one of VE…, --number and --account.")
        name = f"{service or BUILT_IN_SERVICE} {usernames.account(account)}"

        async def of_account(_: "SqliteTable") -> "list[Who]":
            return [Who(Scope.ACCOUNT, name)]

        return of_account
    asked = _one_of(verification, number)

    async def of_asked(table: "SqliteTable") -> "list[Who]":
        if not isinstance(asked, str):
            return [Who(Scope.NUMBER, asked.e164)]
        known = (await table.read(OfVerification(asked))).verification
        if known is None:
            raise click.ClickException("there is no such verification any more; say --number or --account")
        found = counting.everybody(known)
        return [who for scope in (Scope.ACCOUNT, Scope.NUMBER) if (who := found[scope]) is not None]

    return of_asked


async def _now(table: "SqliteTable", sid: str) -> "tuple[Ruling, ...]":
    from verification.counting import People, Send
    from verification.ports import OfVerification
    from verification.sending import spacing, standing
    from verification.states import Channel

    from ..preconditions import settings_or_stop
    from ..wiring import policy

    rules = policy(settings_or_stop())
    case, at = await table.read(OfVerification(sid)), time.time()
    if case.verification is None:
        return ()
    channel = case.latest.channel if case.latest else Channel.CALL
    send = Send(people=People(case.verification, case.counts), channel=channel, at=at, prices=rules.prices)
    return standing(case, send, rules, pause=spacing(case, now=at, policy=rules))


def _one_of(verification: str | None, number: str | None) -> "str | Number":
    from verification.errors import NumberInvalid
    from verification.numbers import parse

    if (verification is None) is (number is None):
        raise click.UsageError("Say a sid, or a number with --number.")
    if number is None:
        return str(verification)
    try:
        return parse(number)
    except NumberInvalid as problem:
        raise click.BadParameter("--number must be in E.164: a plus sign, the country, the number") from problem
