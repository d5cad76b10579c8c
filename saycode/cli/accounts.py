"""`saycode accounts`: enroll accounts from a file or one by one."""

import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .context import (
    Group,
    counted,
    exit_with_error,
    find_service,
    json_option,
    load_settings_or_exit,
    service_option,
    with_store,
)

if TYPE_CHECKING:
    from verification.models import Account, State
    from verification.ports import Changes
    from verification.values.phone_numbers import PhoneNumber

    from ..config.accounts_csv import ParsedAccounts
    from ..config.settings import Settings
    from ..maintenance.bulk_import import ImportResult
    from ..storage.store import SqlStore

EXIT_BAD_ROWS = 1
_NO_ACCOUNT = "there is no account of this name in the service; saycode accounts list shows them"
_PAGE = 1000
_LIST = "SELECT id, account_hash, service, personal_data FROM accounts WHERE id > ? AND service = ? ORDER BY id LIMIT ?"
of_service = service_option("accounts")


@click.group(cls=Group)
def accounts() -> None:
    """Enrolled accounts: user names and their phone numbers."""


@accounts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--keep-good", is_flag=True, help="Import the valid accounts; without it, one invalid row stops the import."
)
@of_service
@json_option
def import_file(file: Path, keep_good: bool, service: str | None, as_json: bool) -> None:
    """Enroll the accounts of FILE, a CSV file with username, phone, channel, language; - is the standard input.

    Exit 1 on any invalid row.
    """
    from ..config.accounts_csv import UnreadableFile, parse_file
    from ..maintenance.bulk_import import import_accounts

    settings = load_settings_or_exit()
    parsed = _empty_import(settings, service)
    file = Path("/dev/stdin") if file == Path("-") else file
    try:
        with _progress_bar("Reading", file.stat().st_size) as progress:
            parse_file(file, parsed, progress=progress)
    except UnreadableFile as problem:
        exit_with_error(str(problem))
    accounts = parsed.valid_accounts if keep_good or not parsed.errors else []

    async def work(store: "SqlStore") -> "ImportResult":
        with _progress_bar("Enrolling", len(accounts)) as progress:
            return await import_accounts(store, accounts, now=time.time(), progress=progress)

    result = with_store(work)
    _report(parsed, result, as_json=as_json, imported=bool(accounts) or not parsed.errors)
    if parsed.errors:
        sys.exit(EXIT_BAD_ROWS)


def _report(parsed: "ParsedAccounts", result: "ImportResult", *, as_json: bool, imported: bool) -> None:
    if as_json:
        errors = [asdict(error) for error in parsed.errors]
        click.echo(json.dumps(asdict(result) | {"imported": imported, "bad": errors}))
        return
    for error in parsed.errors:
        click.echo(f"line {error.line}: {error.reason}", err=True)
    if parsed.disallowed_countries:
        listed = ", ".join(sorted(parsed.disallowed_countries))
        click.echo(
            f"Some numbers are of countries that SAYCODE_COUNTRIES does not allow, and are not called: {listed}",
            err=True,
        )
    invalid = counted(len(parsed.errors), "invalid row", "invalid rows")
    if not imported:
        click.echo(f"{invalid}, so nothing was imported. --keep-good imports the valid accounts.", err=True)
        return
    skipped = f", {invalid} skipped" if parsed.errors else ""
    click.echo(f"{result.added} added, {result.changed} changed, {result.same} unchanged{skipped}.")


@accounts.command("add")
@click.argument("username")
@click.option(
    "--phone", "phones", multiple=True, required=True, help="Phone number; repeat for several, the preferred one first."
)
@click.option("--channel", default="call", show_default=True, help="call, sms or whatsapp.")
@click.option("--language", default="", help="A tag such as de-DE.")
@of_service
@json_option
def add(
    username: str, phones: tuple[str, ...], channel: str, language: str, service: str | None, as_json: bool
) -> None:
    """Enroll USERNAME, or replace the account of that name."""
    from verification.flow import accounts as rules

    row = {"phone": ";".join(phones), "channel": channel, "language": language}
    account = _account(username, row, service)
    result = _apply(account, lambda state: rules.put_account(state, account, now=time.time()))
    _show(account, result.value, as_json=as_json)


@accounts.command("change")
@click.argument("username")
@click.option("--phone", "new", required=True, help="The new number.")
@click.option("--old", help="The number to replace; needed if there are several.")
@of_service
@json_option
def change(username: str, new: str, old: str | None, service: str | None, as_json: bool) -> None:
    """Replace a number without proof. Every number that the account had before gets a notice."""
    from verification.flow import accounts as rules
    from verification.models import new_sid

    from ..server.clock import randomness

    account = _account(username, {"phone": new}, service)
    (number,) = (enrolled.number for enrolled in account.numbers)
    replaced = _account(username, {"phone": old}, service).numbers[0].number if old else None
    brand = find_service(service).name if service else ""
    sids = tuple(new_sid("NT", randomness) for _ in range(rules.MAX_NUMBERS))

    def decide(state: "State") -> "Changes[Any]":
        old_number = _number_to_replace(state.account, replaced, number)
        change = rules.NumberChange(old=old_number, new=number, sids=sids, brand=brand)
        return rules.change_number(state, change, now=time.time())

    _show(_require_success(_apply(account, decide)), "changed", as_json=as_json)


def _number_to_replace(account: "Account | None", old: "PhoneNumber | None", new: "PhoneNumber") -> "PhoneNumber":
    """The number that the new one replaces; `old` is that of --old. Raises click.ClickException with what is wrong."""
    if account is None:
        raise click.ClickException(_NO_ACCOUNT)
    if account.holds(new):
        raise click.ClickException(f"the account already has the new number, {new.masked}")
    if old is not None and not account.holds(old):
        raise click.ClickException(f"the account does not have the number of --old, {old.masked}")
    if old is None and len(account.numbers) != 1:
        masked = ", ".join(enrolled.number.masked for enrolled in account.numbers)
        raise click.ClickException(f"the account has several numbers, {masked}: name the one to replace with --old")
    return old or account.numbers[0].number


@accounts.command("remove")
@click.argument("username")
@of_service
@json_option
def remove(username: str, service: str | None, as_json: bool) -> None:
    """Remove USERNAME, and end its open verifications."""
    from verification.flow import accounts as rules

    account = _account(username, None, service)
    result = _apply(account, lambda state: rules.remove_account(state, now=time.time()))
    _show(_require_success(result), "removed", as_json=as_json)


@accounts.command("list")
@of_service
@json_option
def list_accounts(service: str | None, as_json: bool) -> None:
    """List the accounts in the order of enrollment, with the last two digits of their numbers."""
    from verification.models import BUILT_IN_SERVICE

    async def work(store: "SqlStore") -> None:
        first = True
        async for account in _iter_accounts(store, service or BUILT_IN_SERVICE):
            if as_json:
                click.echo(("[" if first else ",") + json.dumps(_fields(account)))
            else:
                click.echo(_plain(account))
            first = False
        if as_json:
            click.echo("[]" if first else "]")

    with_store(work)


async def _iter_accounts(store: "SqlStore", service: str) -> "AsyncIterator[Account]":
    from ..storage.accounts import AccountMapper

    mapper, after = AccountMapper(store.cipher), 0

    def page(conn: Any) -> "list[tuple[int, Account]]":
        rows = conn.execute(_LIST, (after, service, _PAGE)).fetchall()
        return [(row[0], mapper.from_row(conn, *row)) for row in rows]

    while rows := await store.query(page):
        for _, account in rows:
            yield account
        after = rows[-1][0]


def _empty_import(settings: "Settings", service: str | None) -> "ParsedAccounts":
    from verification.models import BUILT_IN_SERVICE

    from ..config.accounts_csv import ParsedAccounts
    from ..config.policy import home_region

    return ParsedAccounts(
        service=service or BUILT_IN_SERVICE, region=home_region(settings), countries=settings.countries
    )


def _account(username: str, row: dict[str, str] | None, service: str | None) -> "Account":
    """The account of the arguments, validated like a row of a file."""
    from verification.models import Account as Record
    from verification.values.usernames import account_name as name_of

    from ..config.accounts_csv import FieldError, parse_account, parse_username

    parsed = _empty_import(load_settings_or_exit(), service)
    try:
        name = parse_username(username)
        if row is None:
            return Record(service=parsed.service, name=name_of(name), username=name)
        return parse_account(parsed.service, name, row, region=parsed.region)
    except FieldError as problem:
        exit_with_error(str(problem))


def _apply(account: "Account", decide: "Callable[[State], Changes[Any]]") -> Any:
    from verification.models import OPERATOR
    from verification.ports import ByEnrolled

    query = ByEnrolled(account.service, account.name)
    return with_store(lambda store: store.apply(query, lambda state: decide(state).with_actor(OPERATOR)))


def _require_success(result: Any) -> "Account":
    from verification.errors import VerificationError

    if isinstance(result, VerificationError):
        raise click.ClickException(_NO_ACCOUNT)
    account: Account = result
    return account


def _show(account: "Account", result: str, *, as_json: bool) -> None:
    click.echo(json.dumps(_fields(account) | {"became": result}) if as_json else f"{_plain(account)}: {result}")


def _fields(account: "Account") -> dict[str, Any]:
    return {
        "username": account.username,
        "phones": [enrolled.number.masked for enrolled in account.numbers],
        "channel": account.channel.value,
        "language": account.language or None,
    }


def _plain(account: "Account") -> str:
    phones = ", ".join(enrolled.number.masked for enrolled in account.numbers) or "no number"
    return "  ".join((account.username, phones, account.channel.value, account.language)).rstrip()


@contextmanager
def _progress_bar(label: str, length: int) -> "Iterator[Callable[[int], None]]":
    """A progress bar on a terminal's standard error. Yields the function that sets the position."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done: bar.update(done - bar.pos)
