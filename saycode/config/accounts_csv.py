"""Accounts in a CSV file, read row by row and validated as the API validates them.

    username, phone, channel, language      the header; the last two are optional, the order is free

Several numbers of an account are in one field, separated by semicolons, or in several rows: they add up, in the order
of the file. An invalid row excludes the whole account, so that none is enrolled with only some of its numbers.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import zip_longest
from pathlib import Path
from typing import TextIO

from msgspec.structs import replace

from twiml.words import LANGUAGES, match_language
from verification.errors import KindNotAllowed, NumberInvalid, UsernameInvalid
from verification.flow.accounts import MAX_NUMBERS
from verification.models import Account, EnrolledNumber
from verification.types import Channel
from verification.values import phone_numbers
from verification.values.phone_numbers import PhoneNumber
from verification.values.usernames import account_name as name_of
from verification.values.usernames import clean_username

from .text_files import encoding_of

#: What a line of blank fields consists of.
BLANK = ' ,;\t\r\n"'
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?[,;\s]*', re.IGNORECASE)
COLUMNS = ("username", "phone", "channel", "language")
REQUIRED = COLUMNS[:2]


class UnreadableFile(Exception):
    """The whole file cannot be read; the message says why and where."""


@dataclass(frozen=True, slots=True)
class RowError:
    """An invalid row, by the line on which it begins."""

    line: int
    reason: str


@dataclass(slots=True)
class ParsedAccounts:
    """The rows that were read so far."""

    service: str
    region: str | None
    countries: frozenset[str]
    accounts: dict[str, Account] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    disallowed_countries: set[str] = field(default_factory=set)
    _rejected: set[str] = field(default_factory=set)
    _lines: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, row: dict[str, str]) -> None:
        name = ""
        try:
            username = parse_username(row["username"])
            name = name_of(username)
            self._merge(name, line, parse_account(self.service, username, row, region=self.region))
        except FieldError as problem:
            self.errors.append(RowError(line, str(problem)))
            if name:
                self._rejected.add(name)

    @property
    def valid_accounts(self) -> list[Account]:
        """The accounts of which every row is valid."""
        return [account for name, account in self.accounts.items() if name not in self._rejected]

    def _merge(self, name: str, line: int, account: Account) -> None:
        previous = self.accounts.get(name)
        first_line = self._lines.setdefault(name, line)
        if previous is not None:
            for column in ("channel", "language"):
                if getattr(previous, column) != getattr(account, column):
                    raise FieldError(column, f"differs from line {first_line}")
            added = [enrolled for enrolled in account.numbers if not previous.holds(enrolled.number)]
            numbers = (*previous.numbers, *added)
            if len(numbers) > MAX_NUMBERS:
                raise FieldError("phone", f"makes more than {MAX_NUMBERS} numbers, since line {first_line}")
            account = replace(previous, numbers=numbers)
        self.accounts[name] = account
        self.disallowed_countries |= {enrolled.number.region for enrolled in account.numbers} - self.countries


class FieldError(ValueError):
    """An invalid field. The message never repeats its value, which may be a phone number."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}")


def parse_account(service: str, username: str, row: dict[str, str], *, region: str | None) -> Account:
    """The account of a cleaned user name and these fields. Raises FieldError."""
    phones = [text.strip() for text in row["phone"].split(";") if text.strip()]
    if not phones:
        raise FieldError("phone", "is missing")
    numbers = {number.identity: number for number in (parse_phone(text, region=region) for text in phones)}
    if len(numbers) > MAX_NUMBERS:
        raise FieldError("phone", f"has more than {MAX_NUMBERS} numbers")
    return Account(
        service=service,
        name=name_of(username),
        username=username,
        numbers=tuple(EnrolledNumber(number) for number in numbers.values()),
        channel=parse_channel(row.get("channel", "")),
        language=parse_language(row.get("language", "")),
    )


def parse_username(text: str) -> str:
    """A cleaned user name. Raises FieldError."""
    try:
        return clean_username(text)
    except UsernameInvalid as problem:
        why = {"missing": "is missing", "too long": "has more than 64 characters"}.get(problem.problem.value)
        raise FieldError(
            "username", why or "has characters that cannot be seen, or alphabets that do not belong together"
        ) from problem


def parse_phone(text: str, *, region: str | None) -> PhoneNumber:
    """A number of any country, but not a premium rate number or the like. Raises FieldError."""
    try:
        number = phone_numbers.parse(text, region=region)
    except NumberInvalid as problem:
        if phone_numbers.parse_unassigned(text, region=region) is not None:
            raise FieldError("phone", "is of a range that its country has not assigned: no phone has it") from problem
        raise FieldError("phone", "is not a phone number; write it in E.164, as in +14155550100") from problem
    try:
        phone_numbers.require_allowed(number, frozenset({number.region}))
    except KindNotAllowed as problem:
        raise FieldError("phone", f"is a number of a kind that is not called: {problem.kind}") from problem
    return number


def parse_channel(text: str) -> Channel:
    """`call` when the text is empty. Raises FieldError."""
    try:
        return Channel(text.strip().lower() or Channel.CALL)
    except ValueError as problem:
        raise FieldError("channel", f"must be {' or '.join(Channel)}") from problem


def parse_language(text: str) -> str:
    """The tag of a supported language, or empty. Raises FieldError."""
    if not text.strip():
        return ""
    tag = match_language(text.strip())
    if tag is None:
        raise FieldError("language", f"must be one of {', '.join(LANGUAGES)}")
    return tag


def read_rows(file: TextIO) -> Iterator[tuple[int, dict[str, str] | RowError]]:
    """The rows, with the lines on which they begin. Separated by commas, semicolons or tabs. Raises UnreadableFile.

    As spreadsheets write them: with blank rows and columns anywhere, and without the last delimiters of a row whose
    last fields are blank. A first line such as `sep=;`, by which Excel names the delimiter, is believed.
    """
    begins = 1
    try:
        header = file.readline()
        declared = _SEPARATOR.fullmatch(header)
        while header and ((begins == 1 and declared) or not header.strip(BLANK)):
            begins += 1
            header = file.readline()
        delimiter = declared[1] if declared else max(",;\t", key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
        _check_header([name for name in names if name])
        reader, before = csv.reader(file, delimiter=delimiter, strict=True), begins
        begins = before + 1
        for fields in reader:
            line, begins = begins, before + reader.line_num + 1
            if any(text.strip() for text in fields):
                yield line, _row(line, names, fields)
    except UnicodeDecodeError as problem:
        raise UnreadableFile('The file is not UTF-8: save it as "CSV UTF-8".') from problem
    except csv.Error as problem:
        raise UnreadableFile(f"The file is not CSV from line {begins} on: {problem}.") from problem


def _row(line: int, names: list[str], fields: list[str]) -> dict[str, str] | RowError:
    if any(text.strip() for text in fields[len(names) :]):
        return RowError(line, f"has {len(fields)} fields where the header has {len(names)}")
    row = dict(zip_longest(names, fields[: len(names)], fillvalue=""))
    unnamed = [text for name, text in zip(names, fields, strict=False) if not name and text.strip()]
    return RowError(line, "has a field in a column without a name") if unnamed else row


def _check_header(names: list[str]) -> None:
    for name in REQUIRED:
        if name not in names:
            raise UnreadableFile(f"The first line must name the columns {', '.join(COLUMNS)}; there is no {name}.")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise UnreadableFile(f"Unknown columns: {', '.join(unknown)}. The columns are {', '.join(COLUMNS)}.")
    if len(set(names)) < len(names):
        raise UnreadableFile("The first line names a column twice.")


def parse_file(path: Path, into: ParsedAccounts, *, progress: Callable[[int], None]) -> None:
    """Read the file, or a pipe. `progress` gets the number of bytes that were read. Raises UnreadableFile."""
    try:
        with path.open("rb") as raw, TextIOWrapper(raw, encoding_of(raw.peek()), newline="") as file:
            for count, (line, row) in enumerate(read_rows(file)):
                if isinstance(row, RowError):
                    into.errors.append(row)
                else:
                    into.add(line, row)
                if count % 500 == 0 and raw.seekable():
                    progress(raw.tell())
    except OSError as problem:
        raise UnreadableFile(f"{path} cannot be read: {problem.strerror}.") from problem
