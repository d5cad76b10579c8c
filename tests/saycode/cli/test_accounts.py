"""`saycode accounts`: enrollment from a file and one by one; invalid rows are named, and nothing is half done."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from saycode.config.accounts_csv import ParsedAccounts
from saycode.maintenance.bulk_import import import_accounts
from saycode.storage.accounts import AccountMapper
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.engine import all_rows, another_program, open_store
from tests.support.processes import ROOT
from twiml.words import LANGUAGES
from verification.models import BUILT_IN_SERVICE, Account
from verification.ports import ByEnrolled

__all__ = ["alone"]
FILE = Path("customers.csv")
KEY = GOOD["SAYCODE_SECRET_KEY"].encode()
HEADER = "username,phone,channel,language\n"


def accounts(*arguments: str) -> Result:
    return run("accounts", *arguments, **GOOD)


@pytest.fixture(autouse=True)
def database(alone: None) -> None:
    """The database is there, so no command has to tell that it made one."""
    accounts("list")


def import_text(text: str | bytes, *arguments: str) -> Result:
    FILE.write_bytes(text if isinstance(text, bytes) else text.encode())
    return accounts("import", str(FILE), *arguments)


def enrolled() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(accounts("list", "--json").stdout)
    return found


def names() -> list[str]:
    return [account["username"] for account in enrolled()]


def find(name: str) -> Account:
    async def work() -> Account:
        async with open_store(Path("saycode.db"), secrets=(KEY,)) as store:
            account = (await store.read(ByEnrolled(BUILT_IN_SERVICE, name))).account
            assert account is not None
            return account

    return asyncio.run(work())


def test_accounts_are_enrolled_with_their_numbers_in_the_order_of_the_file() -> None:
    done = import_text(
        f'{HEADER}Ada,"+14155550100; (415) 555-0101",sms,de\nBob,+442079460123,,\nada,+1 415 555 0102,sms,de-DE\n'
    )
    assert (done.exit_code, done.stdout) == (0, "2 added, 0 changed, 0 unchanged.\n")
    ada = find("ada")
    assert [entry.number.e164 for entry in ada.numbers] == ["+14155550100", "+14155550101", "+14155550102"]
    assert (ada.username, ada.channel, ada.language) == ("Ada", "sms", "de-DE")
    assert "GB" in done.stderr, "a country that is not called is said"


def test_the_same_file_again_changes_nothing() -> None:
    text = HEADER + "ada,+14155550100,sms,de-DE\nbob,+14155550101,call,\n"
    import_text(text)
    before = all_rows(Path("saycode.db"))
    assert import_text(text).stdout == "0 added, 0 changed, 2 unchanged.\n"
    assert all_rows(Path("saycode.db")) == before


def test_a_changed_row_changes_its_account_and_a_missing_one_stays() -> None:
    import_text(HEADER + "ada,+14155550100,,\nbob,+14155550101,,\n")
    assert import_text(HEADER + "ADA,+14155550177,sms,\n").stdout == "0 added, 1 changed, 0 unchanged.\n"
    assert names() == ["ADA", "bob"]
    assert find("ada").numbers[0].since > 0, "it is new for its account"


BAD = {
    "no,such,number,": "phone is not a phone number; write it in E.164, as in +14155550100",
    "ann,,call,": "phone is missing",
    ",+14155550103,call,": "username is missing",
    "a\u200bb,+14155550103,call,": (
        "username has characters that cannot be seen, or alphabets that do not belong together"
    ),
    f"{'a' * 65},+14155550103,call,": "username has more than 64 characters",
    "ann,+14155550103,fax,": "channel must be call or sms or whatsapp",
    "ann,+14155550103,call,xx": f"language must be one of {', '.join(LANGUAGES)}",
    "ann": "phone is missing",
    "ann,+14155550103,call,,,de": "has 6 fields where the header has 4",
    "ann,+19002345678,call,": "phone is a number of a kind that is not called: premium rate",
    "ann,+448001234567,call,": "phone is a number of a kind that is not called: toll-free",
    "ann,4930123456.0,call,": "phone is not a phone number; write it in E.164, as in +14155550100",
    "ann,+4930123456.0,call,": "phone is not a phone number; write it in E.164, as in +14155550100",
    "ann,+49 30 123456 ext.,call,": "phone is not a phone number; write it in E.164, as in +14155550100",
    "ann,+447700900123,call,": "phone is of a range that its country has not assigned: no phone has it",
    "ann," + ";".join(f"+1415555010{n}" for n in range(6)) + ",,": "phone has more than 5 numbers",
    "ada,+14155550104,sms,": "channel differs from line 2",
}


@pytest.mark.parametrize(("row", "reason"), BAD.items(), ids=range(len(BAD)))
def test_an_invalid_row_is_named_with_its_line_and_stops_the_import(row: str, reason: str) -> None:
    done = import_text(f"{HEADER}ada,+14155550100,call,\n\n{row}\nbob,+14155550101,,\n")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"line 4: {reason}" in done.stderr.splitlines()
    assert names() == []


def test_keep_good_imports_valid_accounts_and_none_with_only_some_of_its_numbers() -> None:
    done = import_text(HEADER + "ada,+14155550100,,\nbob,+14155550101,,\nBOB,bad,,\ncyd,+1,,\n", "--keep-good")
    assert (done.exit_code, done.stdout) == (1, "1 added, 0 changed, 0 unchanged, 2 invalid rows skipped.\n")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["line 4", "line 5"]
    assert names() == ["ada"]


def test_one_invalid_row_is_counted_as_one() -> None:
    stopped = import_text(HEADER + "ada,+14155550100,,\ncyd,+1,,\n")
    assert stopped.stderr.splitlines()[-1].startswith("1 invalid row, so nothing was imported.")
    done = import_text(HEADER + "ada,+14155550100,,\ncyd,+1,,\n", "--keep-good")
    assert done.stdout == "1 added, 0 changed, 0 unchanged, 1 invalid row skipped.\n"


def test_invalid_rows_are_reported_as_json() -> None:
    report = json.loads(import_text(HEADER + "ada,+1,,\n", "--json").stdout)
    assert report == {
        "added": 0,
        "changed": 0,
        "same": 0,
        "imported": False,
        "bad": [{"line": 2, "reason": "phone is not a phone number; write it in E.164, as in +14155550100"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffusername,phone\r\nada,+14155550100\r\n".encode(),
        b"Phone;Username\n+14155550100;ada\n",
        b"username\tphone\nada\t+14155550100\n",
        b'username,phone\n"ada","+14155550100"\n',
        b'username,phone\n\n"ada",+14155550100',
        "username,phone\r\nada,+14155550100\r\n".encode("utf-16"),
        b"sep=;\r\nusername;phone\r\nada;+14155550100\r\n",
        b"\xef\xbb\xbfSEP=,\nusername,phone\nada,+14155550100\n",
        b'"sep=;"\nusername;phone\nada;"+14155550100"\n',
        b"sep=\t\n\nusername\tphone\nada\t+14155550100\n",
        b"sep=|\nusername|phone\nada|+14155550100;+14155550101\n",
        b"sep=;,\nusername;phone\nada;+14155550100\n",
        "sep=;\r\nusername;phone\r\nada;+14155550100\r\n".encode("utf-16"),
    ],
)
def test_files_of_other_programs_are_read(text: bytes) -> None:
    assert import_text(text).exit_code == 0
    assert names() == ["ada"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("username,phone,,\nada,+14155550100,,\n", id="blank columns at the end"),
        pytest.param("username,,phone\nada,,+14155550100\n", id="a blank column in between"),
        pytest.param("\nusername,phone\nada,+14155550100\n", id="a blank first line"),
        pytest.param(";;;\r\n\r\nusername;phone;;\r\nada;+14155550100;;\r\n", id="blank rows before the header"),
        pytest.param("username,phone\n,\nada,+14155550100\n,\n,\n", id="blank rows"),
        pytest.param('username,phone\n"","  "\nada,+14155550100\n', id="a row of quoted blanks"),
        pytest.param("username,phone,channel,language\nada,+14155550100\n", id="a row without its last delimiters"),
        pytest.param("username,phone\nada,+14155550100,,,\n", id="a row with more delimiters than the header"),
        pytest.param("username\tphone\t\r\nada\t+14155550100\t\r\n", id="tabs"),
    ],
)
def test_blank_columns_and_rows_of_a_spreadsheet_are_no_rows(text: str) -> None:
    done = import_text(text)
    assert (done.exit_code, done.stdout) == (0, "1 added, 0 changed, 0 unchanged.\n")
    assert find("ada").numbers[0].number.e164 == "+14155550100"


def test_a_field_in_a_column_without_a_name_is_named_with_its_line() -> None:
    done = import_text("\n,\nusername,phone,\nada,+14155550100,\n\nbob,+14155550101,sms\n")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "line 6: has a field in a column without a name" in done.stderr.splitlines()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "there is no username"),
        (b"\n,,\n", "there is no username"),
        (b"ada,+14155550100\n", "there is no username"),
        (b"username,phone,mail\n", "Unknown columns: mail."),
        (b"username,phone,phone\n", "names a column twice"),
        (HEADER.encode() + "Zo\u00eb,+1,,\n".encode("latin-1"), "not UTF-8"),
        (b'username,phone\nada,"+14155550100\n', "not CSV from line 2 on"),
        (b"username,phone\n" + b"a" * 200_000 + b",+1\n", "not CSV from line 2 on"),
    ],
)
def test_a_file_that_cannot_be_read_stops_with_one_sentence(text: bytes, reason: str) -> None:
    stopped = import_text(text)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    assert reason in stopped.stderr
    assert len(stopped.stderr.splitlines()) == 1


@pytest.mark.parametrize("file", ["-", "/dev/stdin"])
def test_accounts_come_from_a_pipe(file: str) -> None:
    script = f"from saycode.cli.main import main; main(['accounts', 'import', '{file}'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **GOOD, "PYTHONPATH": str(ROOT)},
        input=b"\xef\xbb\xbfsep=;\r\nusername;phone\r\nada;+14155550100\r\n",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"1 added, 0 changed, 0 unchanged.\n"), done.stderr
    assert names() == ["ada"]


def test_a_line_that_names_the_delimiter_is_a_line_of_the_file() -> None:
    done = import_text("sep=;\nusername;phone\nada;+14155550100\nbob;+1\n")
    assert done.stderr.splitlines()[0].startswith("line 4: ")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    done = import_text(HEADER + '"a\nb",+14155550100,,\nbob,+1,,\n')
    assert [line.split(":")[0] for line in done.stderr.splitlines()[:2]] == ["line 2", "line 4"]


def test_no_number_is_printed_whole() -> None:
    import_text(HEADER + "ada,+14155556100,,\n")
    printed = [accounts("list"), accounts("list", "--json"), import_text(HEADER + "ada,+1415555610,,\n")]
    printed.append(accounts("change", "ada", "--phone", "+14155556177"))
    assert not any("55561" in done.output for done in printed)


def test_accounts_are_added_changed_and_removed_one_by_one() -> None:
    added = accounts("add", "Ada", "--phone", "+14155550100", "--phone", "4155550101", "--channel", "sms", "--json")
    assert json.loads(added.stdout) == {
        "username": "Ada",
        "phones": ["•••• 00", "•••• 01"],
        "channel": "sms",
        "language": None,
        "became": "added",
    }
    assert accounts("change", "ada", "--phone", "+14155550177").exit_code == 1, "which of the two?"
    changed = accounts("change", "ada", "--phone", "+14155550177", "--old", "+14155550101")
    assert changed.stdout == "Ada  •••• 00, •••• 77  sms: changed\n"
    assert accounts("list").stdout == "Ada  •••• 00, •••• 77  sms\n"
    assert accounts("remove", "ADA").exit_code == 0
    assert accounts("list").stdout == ""
    assert json.loads(accounts("list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("cyd --phone +14155550177", "there is no account of this name"),
        ("ada --phone +14155550177", "several numbers, •••• 00, •••• 01: name the one to replace with --old"),
        ("ada --phone +14155550177 --old +14155550155", "does not have the number of --old, •••• 55"),
        ("ada --phone +14155550101 --old +14155550100", "already has the new number, •••• 01"),
        ("bob --phone +14155550102", "already has the new number, •••• 02"),
    ],
)
def test_a_change_that_is_refused_says_why(arguments: str, reason: str) -> None:
    import_text(f"{HEADER}ada,+14155550100;+14155550101,,\nbob,+14155550102,,\n")
    before = enrolled()
    stopped = accounts("change", *arguments.split())
    assert (stopped.exit_code, stopped.stdout) == (1, "")
    (line,) = stopped.stderr.splitlines()
    assert reason in line
    assert enrolled() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("remove", "nobody"), 1),
        (("change", "nobody", "--phone", "+14155550100"), 1),
        (("add", "ada", "--phone", "+1"), 2),
        (("add", "\u0430da", "--phone", "+14155550100"), 2),
        (("add", "ada", "--phone", "+14155550100", "--channel", "fax"), 2),
        (("add", "ada", "--phone", "+14155550100", "--service", "VA" + "1" * 32), 2),
    ],
)
def test_a_failure_is_reported_in_one_line(arguments: tuple[str, ...], code: int) -> None:
    stopped = accounts(*arguments)
    assert (stopped.exit_code, stopped.stdout) == (code, "")
    assert len(stopped.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        "accounts list",
        "accounts add ada --phone +14155550100",
        "accounts change ada --phone +14155550100",
        "accounts remove ada",
        "accounts import customers.csv",
        "unlock --account ada",
    ],
)
def test_a_service_that_there_is_not_is_named(command: str) -> None:
    """Silently it would be one without accounts."""
    FILE.write_text(HEADER + "ada,+14155550100,,\n")
    stopped = run(*command.split(), "--service", "VA1", **GOOD)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    assert stopped.stderr == "--service: there is no service VA1; saycode services list shows them\n"
    assert run(*command.split(), "--service", BUILT_IN_SERVICE, **GOOD).exit_code in (0, 1)


def test_operator_commands_are_in_the_audit_log() -> None:
    import_text(HEADER + "ada,+14155550100,,\n")
    accounts("add", "bob", "--phone", "+14155550101")
    accounts("change", "bob", "--phone", "+14155550102")
    accounts("remove", "bob")
    lines = json.loads(run("audit", "list", "--json", **GOOD).stdout)
    assert [line["event"] for line in lines] == [
        "accounts-imported",
        "account-added",
        "number-changed",
        "account-removed",
    ]
    assert {line["actor"] for line in lines} == {"operator"}


async def test_a_change_by_another_process_during_an_import_is_not_lost() -> None:
    """Between the read and the transaction another process enrolls one of the names and changes another."""

    def parsed(*rows: str) -> list[Account]:
        parsed_accounts = ParsedAccounts(service=BUILT_IN_SERVICE, region="US", countries=frozenset({"US"}))
        for row in rows:
            username, phone = row.split()
            parsed_accounts.add(1, {"username": username, "phone": phone})
        return parsed_accounts.valid_accounts

    async with (
        open_store(Path("saycode.db"), secrets=(KEY,)) as store,
        open_store(Path("saycode.db"), secrets=(KEY,)) as other,
    ):
        await import_accounts(store, parsed("ada +14155550100"), now=1, progress=lambda _: None)
        changed: list[Account] = []

        def change_accounts(_: int) -> None:
            if not changed:
                changed.extend(parsed("ada +14155550177", "bob +14155550177"))
                with another_program(Path("saycode.db")) as conn:
                    account_mapper = AccountMapper(other.cipher)
                    for account in changed:
                        account_mapper.put(conn, account, at=2)

        done = await import_accounts(
            store, parsed("ada +14155550101", "bob +14155550102"), now=3, progress=change_accounts
        )
        assert (done.added, done.changed) == (0, 2)
        for name, number in (("ada", "+14155550101"), ("bob", "+14155550102")):
            account = (await store.read(ByEnrolled(BUILT_IN_SERVICE, name))).account
            assert account is not None
            assert [entry.number.e164 for entry in account.numbers] == [number]
