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

from .context import exit_with_error, json_option, load_settings_or_exit, with_store

if TYPE_CHECKING:
    from verification.models import Account, State
    from verification.ports import Changes
    from verification.services import Service

    from ..config.accounts_csv import ParsedAccounts
    from ..config.settings import Settings
    from ..maintenance.bulk_import import ImportResult
    from ..storage.store import SqliteStore

EXIT_BAD_ROWS = 1
_PAGE = 1000
_LIST = "SELECT id, account_hash, service, person FROM accounts WHERE id > ? AND service = ? ORDER BY id LIMIT ?"
service_option = click.option(
    "--service", metavar="VA…", help="The service they belong to; default: the built-in service."
)


@click.group()
def accounts() -> None:
    """Enrolled accounts: user names with the numbers that are theirs."""


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keep-good", is_flag=True, help="Import the valid accounts; without it, one invalid row stops the import."
)
@service_option
@json_option
def import_file(file: Path, keep_good: bool, service: str | None, as_json: bool) -> None:
    """Enrol the customers of FILE, a CSV with username, phone, channel, language. Exit 1 on any bad row."""
    from ..config.accounts_csv import UnreadableFile, parse_file
    from ..maintenance.bulk_import import import_accounts

    settings = load_settings_or_exit()
    gathered = _empty_import(settings, service)
    try:
        with _progress_bar("Reading", file.stat().st_size) as progress:
            parse_file(file, gathered, progress=progress)
    except UnreadableFile as problem:
        exit_with_error(str(problem))
    wanted = gathered.good if keep_good or not gathered.bad else []

    async def work(store: "SqliteStore") -> "ImportResult":
        with _progress_bar("Enrolling", len(wanted)) as progress:
            return await import_accounts(store, wanted, now=time.time(), progress=progress)

    done = with_store(work)
    _report(gathered, done, as_json=as_json, imported=bool(wanted) or not gathered.bad)
    if gathered.bad:
        sys.exit(EXIT_BAD_ROWS)


def _report(gathered: "ParsedAccounts", done: "ImportResult", *, as_json: bool, imported: bool) -> None:
    if as_json:
        bad = [asdict(row) for row in gathered.bad]
        click.echo(json.dumps(asdict(done) | {"imported": imported, "bad": bad}))
        return
    for row in gathered.bad:
        click.echo(f"line {row.line}: {row.reason}", err=True)
    if gathered.disallowed_countries:
        listed = ", ".join(sorted(gathered.disallowed_countries))
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
@click.option(
    "--phone", "phones", multiple=True, required=True, help="Phone number; repeat for several, the preferred one first."
)
@click.option("--channel", default="call", show_default=True, help="call or sms.")
@click.option("--language", default="", help="A tag such as de-DE.")
@service_option
@json_option
def add(
    username: str, phones: tuple[str, ...], channel: str, language: str, service: str | None, as_json: bool
) -> None:
    """Enrol USERNAME, or put this in the place of what is enrolled under that name."""
    from verification.flow import accounts as rules
    from verification.models import OPERATOR

    row = {"phone": ";".join(phones), "channel": channel, "language": language}
    wanted = _account(username, row, service)
    became = _apply(wanted, lambda state: rules.put_account(state, wanted, now=time.time(), actor=OPERATOR))
    _show(wanted, became.value, as_json=as_json)


@accounts.command("change")
@click.argument("username")
@click.option("--phone", "new", required=True, help="The new number.")
@click.option("--old", help="The number to replace; needed if there are several.")
@service_option
@json_option
def change(username: str, new: str, old: str | None, service: str | None, as_json: bool) -> None:
    """Put a new number in the place of the old one, without proof. Everybody whom the account had before is told."""
    from verification.flow import accounts as rules
    from verification.flow.start import new_sid
    from verification.models import OPERATOR

    from ..server.clock import randomness

    asked = _account(username, {"phone": new}, service)
    (number,) = (one.number for one in asked.numbers)
    replaced = _account(username, {"phone": old}, service).numbers[0].number if old else None
    brand = _service(service).name if service else ""
    sids = tuple(new_sid("NT", randomness) for _ in range(rules.MAX_NUMBERS))

    def decide(state: "State") -> "Changes[Any]":
        known = state.account.numbers if state.account else ()
        if replaced is None and len(known) != 1:
            raise click.ClickException("--old must say which number, or there is no such account")
        given_up = replaced or known[0].number
        wanted = rules.NumberChange(old=given_up, new=number, sids=sids, actor=OPERATOR, brand=brand)
        return rules.change_number(state, wanted, now=time.time())

    _show(_require_success(_apply(asked, decide)), "changed", as_json=as_json)


@accounts.command("remove")
@click.argument("username")
@service_option
@json_option
def remove(username: str, service: str | None, as_json: bool) -> None:
    """Forget USERNAME. What is open for it ends."""
    from verification.flow import accounts as rules
    from verification.models import OPERATOR

    asked = _account(username, None, service)
    gone = _require_success(_apply(asked, lambda state: rules.remove_account(state, now=time.time(), actor=OPERATOR)))
    _show(gone, "removed", as_json=as_json)


@accounts.command("list")
@service_option
@json_option
def list_accounts(service: str | None, as_json: bool) -> None:
    """Who is enrolled, in the order of enrolment; of their numbers the last two digits."""
    from verification.models import BUILT_IN_SERVICE

    async def work(store: "SqliteStore") -> None:
        first = True
        for account in _iter_accounts(store, service or BUILT_IN_SERVICE):
            if as_json:
                click.echo(("[" if first else ",") + json.dumps(_fields(account)))
            else:
                click.echo(_plain(account))
            first = False
        if as_json:
            click.echo("[]" if first else "]")

    with_store(work)


def _iter_accounts(store: "SqliteStore", service: str) -> "Iterator[Account]":
    from ..storage.accounts import AccountMapper

    account_mapper, after = AccountMapper(store.cipher), 0

    def page(conn: Any) -> "list[tuple[int, Account]]":
        rows = conn.execute(_LIST, (after, service, _PAGE)).fetchall()
        return [(row[0], account_mapper.opened(conn, *row)) for row in rows]

    while found := store.ask(page):
        yield from (account for _, account in found)
        after = found[-1][0]


def _empty_import(settings: "Settings", service: str | None) -> "ParsedAccounts":
    from verification.models import BUILT_IN_SERVICE

    from ..config.accounts_csv import ParsedAccounts
    from ..server.app import home_region

    theirs = _service(service).sid if service else BUILT_IN_SERVICE
    return ParsedAccounts(service=theirs, region=home_region(settings), countries=settings.countries)


def _service(sid: str) -> "Service":
    from ..storage.services import SqliteServices

    found = with_store(lambda store: SqliteServices(store).service(sid))
    if found is None:
        exit_with_error(f"--service: there is no service {sid}")
    return found


def _account(username: str, row: dict[str, str] | None, service: str | None) -> "Account":
    """What the arguments say, checked as a file is."""
    from verification.models import Account as Record
    from verification.values.usernames import account_name as name_of

    from ..config.accounts_csv import FieldError, parse_account, parse_username

    gathered = _empty_import(load_settings_or_exit(), service)
    try:
        name = parse_username(username)
        if row is None:
            return Record(service=gathered.service, name=name_of(name), username=name)
        return parse_account(gathered.service, name, row, region=gathered.region)
    except FieldError as problem:
        exit_with_error(str(problem))


def _apply(account: "Account", decide: "Callable[[State], Changes[Any]]") -> Any:
    from verification.ports import ByEnrolled

    return with_store(lambda store: store.apply(ByEnrolled(account.service, account.name), decide))


def _require_success(result: Any) -> "Account":
    from verification.errors import VerificationError

    if isinstance(result, VerificationError):
        raise click.ClickException("there is no such account, or it has no such number, or it has the new one already")
    account: Account = result
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
def _progress_bar(label: str, length: int) -> "Iterator[Callable[[int], None]]":
    """A progress bar on standard error, for whoever watches; told how far it is."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.pos)
