"""`saycode accounts`: who is enrolled, from a file or one by one."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..preconditions import settings_or_stop, stop
from .opening import JSON, with_table

if TYPE_CHECKING:
    from verification.ports import Decision
    from verification.records import Account, Case
    from verification.tenants import Tenant

    from ..customers import Gathered
    from ..importing import Imported
    from ..settings import Settings
    from ..table import SqliteTable

BAD_ROWS = 1
_PAGE = 1000
_LIST = "SELECT id, account_hash, service, person FROM accounts WHERE id > ? AND service = ? ORDER BY id LIMIT ?"
SERVICE = click.option("--service", metavar="VA…", help="The service that they belong to; the page's without it.")


@click.group()
def accounts() -> None:
    """Enrolled accounts: user names with the numbers that are theirs."""


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keep-good", is_flag=True, help="Enrol those whose rows are all good; without it, one bad row stops all."
)
@SERVICE
@JSON
def import_file(file: Path, keep_good: bool, service: str | None, as_json: bool) -> None:
    """Enrol the customers of FILE, a CSV with username, phone, channel, language. Exit 1 on any bad row."""
    from ..customers import FileUnusable, gather
    from ..importing import write

    settings = settings_or_stop()
    gathered = _gathered(settings, service)
    try:
        with _bar("Reading", file.stat().st_size) as progress:
            gather(file, gathered, progress=progress)
    except FileUnusable as problem:
        stop(str(problem))
    wanted = gathered.good if keep_good or not gathered.bad else []

    async def work(table: "SqliteTable") -> "Imported":
        with _bar("Enrolling", len(wanted)) as progress:
            return await write(table, wanted, now=time.time(), progress=progress)

    done = with_table(work)
    _report(gathered, done, as_json=as_json, imported=bool(wanted) or not gathered.bad)
    if gathered.bad:
        sys.exit(BAD_ROWS)


def _report(gathered: "Gathered", done: "Imported", *, as_json: bool, imported: bool) -> None:
    if as_json:
        bad = [asdict(row) for row in gathered.bad]
        click.echo(json.dumps(asdict(done) | {"imported": imported, "bad": bad}))
        return
    for row in gathered.bad:
        click.echo(f"line {row.line}: {row.reason}", err=True)
    if gathered.foreign:
        listed = ", ".join(sorted(gathered.foreign))
        click.echo(
            f"Some numbers are of countries that SAYCODE_COUNTRIES does not allow, and are not called: {listed}",
            err=True,
        )
    if not imported:
        click.echo(f"{len(gathered.bad)} bad rows, so nothing was imported. With --keep-good the others are.", err=True)
        return
    left = f", {len(gathered.bad)} bad rows left out" if gathered.bad else ""
    click.echo(f"{done.added} added, {done.changed} changed, {done.same} as they were{left}.")


@accounts.command("add")
@click.argument("username")
@click.option("--phone", "phones", multiple=True, required=True, help="The preferred one first.")
@click.option("--channel", default="call", show_default=True, help="call or sms.")
@click.option("--language", default="", help="A tag such as de-DE.")
@SERVICE
@JSON
def add(
    username: str, phones: tuple[str, ...], channel: str, language: str, service: str | None, as_json: bool
) -> None:
    """Enrol USERNAME, or put this in the place of what is enrolled under that name."""
    from verification import accounts as rules
    from verification.records import OPERATOR

    row = {"phone": ";".join(phones), "channel": channel, "language": language}
    wanted = _account(username, row, service)
    became = _apply(wanted, lambda case: rules.put(case, wanted, now=time.time(), actor=OPERATOR))
    _show(wanted, became.value, as_json=as_json)


@accounts.command("change")
@click.argument("username")
@click.option("--phone", "new", required=True, help="The new number.")
@click.option("--old", help="Which one it replaces, where there are several.")
@SERVICE
@JSON
def change(username: str, new: str, old: str | None, service: str | None, as_json: bool) -> None:
    """Put a new number in the place of the old one, without proof. Everybody whom the account had before is told."""
    from verification import accounts as rules
    from verification.making import new_sid
    from verification.records import OPERATOR

    from ..clock import randomness

    asked = _account(username, {"phone": new}, service)
    (number,) = (one.number for one in asked.numbers)
    replaced = _account(username, {"phone": old}, service).numbers[0].number if old else None
    brand = _service(service).name if service else ""
    sids = tuple(new_sid("NT", randomness) for _ in range(rules.MOST_NUMBERS))

    def decide(case: "Case") -> "Decision[Any]":
        known = case.account.numbers if case.account else ()
        if replaced is None and len(known) != 1:
            raise click.ClickException("--old must say which number, or there is no such account")
        given_up = replaced or known[0].number
        wanted = rules.NumberChange(old=given_up, new=number, sids=sids, actor=OPERATOR, brand=brand)
        return rules.change_number(case, wanted, now=time.time())

    _show(_granted(_apply(asked, decide)), "changed", as_json=as_json)


@accounts.command("remove")
@click.argument("username")
@SERVICE
@JSON
def remove(username: str, service: str | None, as_json: bool) -> None:
    """Forget USERNAME. What is open for it ends."""
    from verification import accounts as rules
    from verification.records import OPERATOR

    asked = _account(username, None, service)
    gone = _granted(_apply(asked, lambda case: rules.remove(case, now=time.time(), actor=OPERATOR)))
    _show(gone, "removed", as_json=as_json)


@accounts.command("list")
@SERVICE
@JSON
def list_accounts(service: str | None, as_json: bool) -> None:
    """Who is enrolled, in the order of enrolment; of their numbers the last two digits."""
    from verification.records import BUILT_IN_SERVICE

    async def work(table: "SqliteTable") -> None:
        first = True
        for account in _enrolled(table, service or BUILT_IN_SERVICE):
            if as_json:
                click.echo(("[" if first else ",") + json.dumps(_fields(account)))
            else:
                click.echo(_plain(account))
            first = False
        if as_json:
            click.echo("[]" if first else "]")

    with_table(work)


def _enrolled(table: "SqliteTable", service: str) -> "Iterator[Account]":
    from ..account_rows import AccountRows

    store, after = AccountRows(table.sealer), 0

    def page(conn: Any) -> "list[tuple[int, Account]]":
        rows = conn.execute(_LIST, (after, service, _PAGE)).fetchall()
        return [(row[0], store.opened(conn, *row)) for row in rows]

    while found := table.ask(page):
        yield from (account for _, account in found)
        after = found[-1][0]


def _gathered(settings: "Settings", service: str | None) -> "Gathered":
    from verification.records import BUILT_IN_SERVICE

    from ..customers import Gathered
    from ..wiring import home

    theirs = _service(service).sid if service else BUILT_IN_SERVICE
    return Gathered(service=theirs, region=home(settings), countries=settings.countries)


def _service(sid: str) -> "Tenant":
    from ..tenants import SqliteTenants

    found = with_table(lambda table: SqliteTenants(table).tenant(sid))
    if found is None:
        stop(f"--service: there is no service {sid}")
    return found


def _account(username: str, row: dict[str, str] | None, service: str | None) -> "Account":
    """What the arguments say, checked as a file is."""
    from verification.records import Account as Record
    from verification.usernames import account as name_of

    from ..customers import BadField, account_of, parse_username

    gathered = _gathered(settings_or_stop(), service)
    try:
        name = parse_username(username)
        if row is None:
            return Record(service=gathered.service, name=name_of(name), username=name)
        return account_of(gathered.service, name, row, region=gathered.region)
    except BadField as problem:
        stop(str(problem))


def _apply(account: "Account", decide: "Callable[[Case], Decision[Any]]") -> Any:
    from verification.ports import OfEnrolled

    return with_table(lambda table: table.apply(OfEnrolled(account.service, account.name), decide))


def _granted(verdict: Any) -> "Account":
    from verification.errors import Refused

    if isinstance(verdict, Refused):
        raise click.ClickException("there is no such account, or it has no such number, or it has the new one already")
    account: Account = verdict
    return account


def _show(account: "Account", became: str, *, as_json: bool) -> None:
    click.echo(json.dumps(_fields(account) | {"became": became}) if as_json else f"{_plain(account)}: {became}")


def _fields(account: "Account") -> dict[str, Any]:
    return {
        "username": account.username,
        "phones": [one.number.masked for one in account.numbers],
        "channel": account.channel.value,
        "language": account.language or None,
    }


def _plain(account: "Account") -> str:
    phones = ", ".join(one.number.masked for one in account.numbers) or "no number"
    return "  ".join((account.username, phones, account.channel.value, account.language)).rstrip()


@contextmanager
def _bar(label: str, length: int) -> "Iterator[Callable[[int], None]]":
    """A progress bar on standard error, for whoever watches; told how far it is."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.pos)
