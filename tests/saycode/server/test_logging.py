"""Logs: one JSON object a line, no full number in it."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from saycode.server.log_repeats import MAX_LINES, MINUTE, RepeatFilter
from saycode.server.logging import JsonFormatter, configure, mask_numbers

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logging as configured for the service, written to memory; put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    access = logging.getLogger("uvicorn.access")
    stream = io.StringIO()
    configure("DEBUG", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    access.disabled = False


def test_a_line_says_when_how_grave_who_and_what(lines: Lines) -> None:
    logging.getLogger("webhooks").warning("signature refused")
    (line,) = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"level": "warning", "logger": "webhooks", "event": "signature refused"}


def test_facts_stand_beside_the_event(lines: Lines) -> None:
    facts = {"verification": "VE1", "delivery": "VL1", "carrier_sid": "CA1"}
    logging.getLogger("saycode").info("delivery placed", extra={"fields": facts})
    assert facts.items() <= lines()[0].items()


def test_facts_cannot_change_what_the_line_says_of_itself(lines: Lines) -> None:
    logging.getLogger("saycode").info("refused", extra={"fields": {"event": "approved", "level": "debug"}})
    assert lines()[0]["event"] == "refused"
    assert lines()[0]["level"] == "info"


def test_text_with_line_breaks_stays_one_line_of_ascii(lines: Lines) -> None:
    logging.getLogger("saycode").info("named", extra={"fields": {"name": 'x\n{"event": "forged"}\u2028\x1b[2J\udc80'}})
    (line,) = lines()
    assert line["event"] == "named"
    assert JsonFormatter().format(logging.makeLogRecord({"msg": "\u202e"})).isascii()


def test_a_value_that_json_does_not_know_is_written_as_text(lines: Lines) -> None:
    logging.getLogger("saycode").info("seen", extra={"fields": {"value": ValueError("odd")}})
    assert lines()[0]["value"] == "odd"


@pytest.mark.parametrize("written", ["+14155550100", "To=%2B14155550100&x=1", "tel:+14155550100;", "%2b14155550100"])
@pytest.mark.parametrize("place", ["event", "field", "exception"])
def test_a_number_keeps_only_its_last_two_digits_wherever_it_stands(lines: Lines, written: str, place: str) -> None:
    log = logging.getLogger("saycode")
    if place == "event":
        log.info("calling %s", written)
    elif place == "field":
        log.info("calling", extra={"fields": {"at": {"deep": [written]}}})
    else:
        try:
            raise ValueError(written)
        except ValueError:
            log.exception("not called")
    text = json.dumps(lines())
    assert "4155550" not in text
    assert "***00" in text


@pytest.mark.parametrize(("number", "masked"), [("+1234567", "+***67"), ("+123456789012345", "+***45")])
def test_the_shortest_and_the_longest_number_are_masked(number: str, masked: str) -> None:
    assert mask_numbers(number) == masked


@pytest.mark.parametrize("text", ["VE0123456789abcdef0123456789abcdef", "+123456", "2026-01-02T03:04:05.678Z", "1+1"])
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert mask_numbers(text) == text


def test_an_exception_is_told_within_its_line_under_an_id(lines: Lines) -> None:
    try:
        raise LookupError("no such row")
    except LookupError:
        logging.getLogger("saycode").exception("request failed")
    (line,) = lines()
    assert line["error"] == "LookupError: no such row"
    assert "test_logging.py" in line["traceback"]
    assert re.fullmatch(r"[0-9a-f]{16}", line["error_id"])


def test_an_error_id_that_a_person_was_shown_is_kept(lines: Lines) -> None:
    try:
        raise LookupError
    except LookupError:
        logging.getLogger("webhooks").exception("request failed", extra={"fields": {"error_id": "abc"}})
    assert lines()[0]["error_id"] == "abc"


@pytest.mark.parametrize("name", ["twilio.http_client", "twilio.async_http_client", "urllib3.connectionpool"])
def test_client_libraries_do_not_tell_what_they_send(lines: Lines, name: str) -> None:
    logging.getLogger(name).info("POST Request: /Calls.json")
    logging.getLogger(name).warning("connection lost")
    assert [line["event"] for line in lines()] == ["connection lost"]


def test_the_servers_access_log_is_off(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").warning('"GET /?code=123456 HTTP/1.1" 200')
    assert lines() == []


def test_configuring_twice_does_not_write_twice(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logging.getLogger("saycode").info("once")
    assert lines() == []
    assert len(capsys.readouterr().out.splitlines()) == 1


# Floods.


@pytest.mark.parametrize(("place", "longest"), [("part", 500), ("field", 100), ("exception", 100)])
def test_no_value_is_longer_than_a_hundred_characters(lines: Lines, place: str, longest: int) -> None:
    log, long = logging.getLogger("saycode"), "x" * 5000
    if place == "part":
        log.warning("refused: %s", long)
    elif place == "field":
        log.warning("refused", extra={"fields": {"path": long, "why": ValueError(long)}})
    else:
        try:
            raise ValueError(long)
        except ValueError:
            log.exception("refused")
    (line,) = lines()
    assert "x" * 80 in json.dumps(line)
    line.pop("traceback", None)
    assert max(len(str(value)) for value in line.values()) <= longest + 20
    assert "x" * (longest + 1) not in json.dumps(line)


def test_numbers_stay_numbers(lines: Lines) -> None:
    logging.getLogger("saycode").info("%d of %s", 7, "y", extra={"fields": {"seconds": 1.5}})
    assert (lines()[0]["event"], lines()[0]["seconds"]) == ("7 of y", 1.5)


@dataclass
class Minutes:
    """A filter with a clock of its own, and what it lets through."""

    now: float = 0

    def __post_init__(self) -> None:
        self.filter = RepeatFilter(clock=lambda: self.now)

    def write(self, source: str | None, message: str = "refused") -> logging.LogRecord | None:
        record = logging.makeLogRecord({"name": "saycode.http", "msg": message, "source": source})
        return record if self.filter.filter(record) else None


def test_of_one_source_and_reason_one_line_a_minute_is_written_and_the_next_says_how_many_were_not() -> None:
    minutes = Minutes()
    assert [minutes.write("192.0.2.1") is not None for _ in range(1000)] == [True] + [False] * 999
    assert minutes.write("192.0.2.1", "another reason")
    assert minutes.write("192.0.2.2")
    minutes.now += MINUTE
    record = minutes.write("192.0.2.3")
    assert record is not None
    assert record.__dict__["fields"] == {"repeated": 999}


def test_many_sources_write_a_few_lines_a_minute_and_others_are_not_washed_away() -> None:
    minutes = Minutes()
    written = [minutes.write(f"192.0.2.{number}") for number in range(200)]
    assert len([record for record in written if record]) == MAX_LINES
    assert minutes.write(None)
    assert minutes.write("192.0.2.200", "another reason")


def test_what_the_server_says_of_malformed_requests_is_written_once_a_minute() -> None:
    minutes = Minutes()
    facts = {"name": "uvicorn.error", "msg": "Invalid HTTP request received.", "levelno": logging.WARNING}
    assert [minutes.filter.filter(logging.makeLogRecord(facts)) for _ in range(1000)] == [True] + [False] * 999
    starting = facts | {"msg": "Started server process [%d]", "levelno": logging.INFO}
    assert all(minutes.filter.filter(logging.makeLogRecord(starting)) for _ in range(4))


def test_what_was_not_written_is_told_when_nothing_follows(lines: Lines) -> None:
    minutes = Minutes()
    for _ in range(5):
        minutes.write("192.0.2.1")
    minutes.filter.flush()
    assert lines() == []
    minutes.now += MINUTE
    minutes.filter.flush()
    minutes.filter.flush()
    (line,) = lines()
    assert (line["event"], line["repeated"]) == ("repeated: refused", 4)


def test_repeats_of_a_message_with_values_are_told_without_its_placeholders(lines: Lines) -> None:
    minutes = Minutes()
    for _ in range(2):
        minutes.write("192.0.2.1", "signature invalid (%s), checked for %s%s")
    minutes.now += MINUTE
    minutes.filter.flush()
    (line,) = lines()
    assert line["event"] == "repeated: signature invalid (…), checked for …"


def test_the_source_is_not_written(lines: Lines) -> None:
    logging.getLogger("saycode").warning("refused", extra={"source": "192.0.2.77"})
    assert "192.0.2.77" not in json.dumps(lines())


class CountingStream(io.StringIO):
    """Counts how often it is flushed."""

    flushes = 0

    def flush(self) -> None:
        self.flushes += 1


async def test_the_lines_of_one_turn_of_the_loop_are_written_together(lines: Lines) -> None:
    stream = CountingStream()
    configure(stream=stream)
    for number in range(30):
        logging.getLogger("saycode").info("event %d", number)
    await asyncio.sleep(0)
    assert (stream.flushes, len(stream.getvalue().splitlines())) == (1, 30)


def test_without_a_loop_each_line_is_written_at_once(lines: Lines) -> None:
    stream = CountingStream()
    configure(stream=stream)
    for _ in range(3):
        logging.getLogger("saycode").info("event")
    assert stream.flushes == 3
