"""Customers in a CSV file: read a row at a time, and checked as the doors check.

    username, phone, channel, language      the header; the last two may be left out, the order is free

Several numbers of a user stand in one field with semicolons between, or in several rows: they add up, in the order of
the file. A bad row takes its user's other rows along, so that nobody is enrolled with half of their numbers.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from twiml.words import LANGUAGES, match_language
from verification.errors import CountryNotAllowed, NumberInvalid, UsernameInvalid
from verification.flow.accounts import MAX_NUMBERS
from verification.models import Account, EnrolledNumber
from verification.types import Channel
from verification.values import phone_numbers
from verification.values.phone_numbers import PhoneNumber
from verification.values.usernames import account_name as name_of
from verification.values.usernames import clean_username

COLUMNS = ("username", "phone", "channel", "language")
REQUIRED = COLUMNS[:2]


class UnreadableFile(Exception):
    """The file as a whole cannot be read; the message says why and where."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that enrols nobody, by the line on which it begins."""

    line: int
    reason: str


@dataclass(slots=True)
class ParsedAccounts:
    """What a file says, so far."""

    service: str
    region: str | None
    countries: frozenset[str]
    accounts: dict[str, Account] = field(default_factory=dict)
    bad: list[RowError] = field(default_factory=list)
    disallowed_countries: set[str] = field(default_factory=set)
    _rejected: set[str] = field(default_factory=set)
    _lines: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, row: dict[str, str]) -> None:
        """One row more."""
        name = ""
        try:
            username = parse_username(row["username"])
            name = name_of(username)
            self._merge(name, line, parse_account(self.service, username, row, region=self.region))
        except FieldError as problem:
            self.bad.append(RowError(line, str(problem)))
            if name:
                self._rejected.add(name)

    @property
    def good(self) -> list[Account]:
        """The accounts of which every row is good."""
        return [account for name, account in self.accounts.items() if name not in self._rejected]

    def _merge(self, name: str, line: int, found: Account) -> None:
        known = self.accounts.get(name)
        first = self._lines.setdefault(name, line)
        if known is not None:
            for what in ("channel", "language"):
                if getattr(known, what) != getattr(found, what):
                    raise FieldError(what, f"is another one than in line {first}")
            held = [*known.numbers, *(one for one in found.numbers if not known.holds(one.number))]
            if len(held) > MAX_NUMBERS:
                raise FieldError("phone", f"makes more than {MAX_NUMBERS} numbers, with those from line {first} on")
            found = replace(known, numbers=tuple(held))
        self.accounts[name] = found
        self.disallowed_countries |= {one.number.region for one in found.numbers} - self.countries


class FieldError(ValueError):
    """A field means nothing here. What stands in it is never repeated: it may be somebody's number."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}")


def parse_account(service: str, username: str, row: dict[str, str], *, region: str | None) -> Account:
    """The account of a clean user name and these fields. Raises BadField."""
    phones = [text.strip() for text in row["phone"].split(";") if text.strip()]
    if not phones:
        raise FieldError("phone", "is missing")
    found = {number.e164: number for number in (parse_phone(text, region=region) for text in phones)}
    if len(found) > MAX_NUMBERS:
        raise FieldError("phone", f"has more than {MAX_NUMBERS} numbers")
    return Account(
        service=service,
        name=name_of(username),
        username=username,
        numbers=tuple(EnrolledNumber(number) for number in found.values()),
        channel=parse_channel(row.get("channel", "")),
        language=parse_language(row.get("language", "")),
    )


def parse_username(text: str) -> str:
    """A clean user name. Raises BadField."""
    try:
        return clean_username(text)
    except UsernameInvalid as problem:
        why = {"missing": "is missing", "too long": "has more than 64 characters"}.get(problem.problem.value)
        raise FieldError(
            "username", why or "has characters that cannot be seen, or alphabets that do not belong together"
        ) from problem


def parse_phone(text: str, *, region: str | None) -> PhoneNumber:
    """A number that might be called: of any country, but not on a line that nobody should be billed for."""
    try:
        number = phone_numbers.parse(text, region=region)
    except NumberInvalid as problem:
        raise FieldError("phone", "is no phone number; write it in E.164, as in +14155550100") from problem
    try:
        phone_numbers.require_allowed(number, frozenset({number.region}))
    except CountryNotAllowed as problem:
        raise FieldError("phone", "is a line that is not called, such as a premium rate number") from problem
    return number


def parse_channel(text: str) -> Channel:
    """`call` when nothing is said. Raises BadField."""
    try:
        return Channel(text.strip().lower() or Channel.CALL)
    except ValueError as problem:
        raise FieldError("channel", "must be call or sms") from problem


def parse_language(text: str) -> str:
    """The tag of one of our languages; empty when nothing is said. Raises BadField."""
    if not text.strip():
        return ""
    known = match_language(text.strip())
    if known is None:
        raise FieldError("language", f"must be one of {', '.join(LANGUAGES)}")
    return known


def read_rows(file: TextIO) -> Iterator[tuple[int, dict[str, str] | RowError]]:
    """The rows with the lines on which they begin. Commas, semicolons or tabs may part them. Raises FileUnusable."""
    begins = 1
    try:
        header = file.readline()
        delimiter = max(",;\t", key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
        _check_header(names)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        begins = 2
        for fields in reader:
            line, begins = begins, reader.line_num + 2
            if len(fields) == len(names):
                yield line, dict(zip(names, fields, strict=True))
            elif any(text.strip() for text in fields):
                yield line, RowError(line, f"has {len(fields)} fields where the header has {len(names)}")
    except UnicodeDecodeError as problem:
        raise UnreadableFile('The file is not UTF-8: save it as "CSV UTF-8".') from problem
    except csv.Error as problem:
        raise UnreadableFile(f"The file is no CSV from line {begins} on: {problem}.") from problem


def _check_header(names: list[str]) -> None:
    for name in REQUIRED:
        if name not in names:
            raise UnreadableFile(f"The first line must name the columns {', '.join(COLUMNS)}; there is no {name}.")
    if strange := [name for name in names if name not in COLUMNS]:
        raise UnreadableFile(f"Columns that mean nothing here: {', '.join(strange)}. There are {', '.join(COLUMNS)}.")
    if len(set(names)) < len(names):
        raise UnreadableFile("The first line names a column twice.")


def parse_file(path: Path, into: ParsedAccounts, *, progress: Callable[[int], None]) -> None:
    """Read the file. `progress` is told how many bytes were read. Raises FileUnusable."""
    try:
        with path.open("rb") as raw, open(raw.fileno(), encoding="utf-8-sig", newline="", closefd=False) as file:
            for count, (line, row) in enumerate(read_rows(file)):
                if isinstance(row, RowError):
                    into.bad.append(row)
                else:
                    into.add(line, row)
                if count % 500 == 0:
                    progress(raw.tell())
    except OSError as problem:
        raise UnreadableFile(f"{path} cannot be read ({type(problem).__name__}).") from problem
