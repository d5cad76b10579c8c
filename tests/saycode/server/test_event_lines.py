"""Events of the audit log as lines, and lines that are written together."""

import asyncio
import io
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from saycode.server.logging import LineHandler, configure
from saycode.storage.audit_chain import log_events
from tests.saycode.server.test_logging import Lines, lines
from verification.models import Event, EventKind

__all__ = ["lines"]


def test_events_are_logged_with_the_sids_that_join_lines(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="saycode.events"):
        log_events(
            [
                Event(kind=EventKind.STARTED, at=1, verification="VE1", detail="sign-in"),
                Event(kind=EventKind.DELIVERY, at=2, verification="VE1", delivery="VL1", detail="call queued"),
                Event(kind=EventKind.LIFTED, at=3),
            ]
        )
    assert [(record.getMessage(), record.__dict__["fields"]) for record in caplog.records] == [
        ("started", {"verification": "VE1", "detail": "sign-in"}),
        ("delivery", {"verification": "VE1", "delivery": "VL1", "detail": "call queued"}),
        ("lifted", {}),
    ]


EVENTS = (
    Event(kind=EventKind.STARTED, at=1, verification="VE1", detail="sign-in"),
    Event(kind=EventKind.ALERT, at=2, detail="x" * 300, actor="+14155550100"),
    Event(kind=EventKind.DELIVERY, at=3, verification="VE1", delivery="VL1", detail="é\udc80\n\u2028"),
    Event(kind=EventKind.LIFTED, at=4, source="192.0.2.77"),
)


def events_of(lines: Lines) -> list[str]:
    """Without what the loop itself says at the level of DEBUG."""
    return [line["event"] for line in lines() if line["logger"] != "asyncio"]


class Listener(logging.Handler):
    """Keeps the records it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def remove_other_handlers() -> LineHandler:
    """Those of pytest, so that the service's own is the only one. Returns it."""
    root = logging.getLogger()
    [own] = [handler for handler in root.handlers if isinstance(handler, LineHandler)]
    root.handlers[:] = [own]
    return own


@pytest.mark.parametrize("some", [EVENTS, EVENTS[:2]], ids=["odd texts", "ASCII"])
def test_an_event_has_the_same_line_whether_or_not_a_record_is_made_of_it(lines: Lines, some: Sequence[Event]) -> None:
    remove_other_handlers()
    log_events(some)
    alone = lines()
    listener = Listener()
    logging.getLogger().addHandler(listener)
    log_events(some)
    assert [record.getMessage() for record in listener.records] == [event.kind for event in some]
    beside = lines()[len(some) :]
    for line in alone + beside:
        line.pop("time")
    assert [list(line.items()) for line in alone] == [list(line.items()) for line in beside]
    assert alone[1] == {
        "level": "warning",
        "logger": "saycode.events",
        "event": "alert",
        "detail": "x" * 100 + "…",
        "actor": "+***00",
    }


@pytest.mark.parametrize("where", ["logger", "parent", "root"])
def test_each_handler_gets_a_record_of_each_event(lines: Lines, where: str) -> None:
    remove_other_handlers()
    logger = logging.getLogger({"logger": "saycode.events", "parent": "saycode", "root": None}[where])
    listener = Listener()
    logger.addHandler(listener)
    log_events(EVENTS)
    logger.removeHandler(listener)
    assert [record.levelname for record in listener.records] == ["INFO", "WARNING", "INFO", "INFO"]
    assert len(lines()) == 4


def test_a_filter_that_an_application_adds_is_asked_of_events(lines: Lines) -> None:
    remove_other_handlers().addFilter(lambda record: record.getMessage() != "alert")
    log_events(EVENTS)
    assert events_of(lines) == ["started", "delivery", "lifted"]


def test_at_a_level_of_warning_only_alerts_are_written(lines: Lines) -> None:
    remove_other_handlers()
    logging.getLogger().setLevel(logging.WARNING)
    log_events(EVENTS)
    assert events_of(lines) == ["alert"]


async def test_numbers_are_masked_in_each_line_of_a_turn_and_lines_keep_their_order(lines: Lines) -> None:
    remove_other_handlers()
    log = logging.getLogger("saycode")
    log.info("ends with +1415555", extra={"fields": {"at": "+1415555"}})
    log_events(EVENTS)
    log.info("0100", extra={"fields": {"sent": ["+14155550100"]}})
    await asyncio.sleep(0)
    assert events_of(lines) == [
        "ends with +***55", "started", "alert", "delivery", "lifted", "0100",
    ]  # fmt: skip
    assert "4155550" not in json.dumps(lines())


async def test_a_line_says_what_was_so_when_it_was_logged(lines: Lines) -> None:
    parts = ["before"]
    logging.getLogger("saycode").info("seen", extra={"fields": {"parts": parts}})
    parts.append("after")
    await asyncio.sleep(0)
    assert [line["parts"] for line in lines() if line["event"] == "seen"] == [["before"]]


async def test_a_value_that_cannot_be_written_costs_only_its_own_line(lines: Lines) -> None:
    circle: list[Any] = []
    circle.append(circle)
    log = logging.getLogger("saycode")
    log.info("one")
    log.info("bad", extra={"fields": {"circle": circle}})
    log.info("two")
    await asyncio.sleep(0)
    assert events_of(lines) == ["one", "two"]


def test_lines_of_a_loop_that_ended_are_written_with_the_next(lines: Lines) -> None:
    logging.getLogger().setLevel(logging.INFO)  # a loop says at DEBUG how it begins

    async def log_last() -> None:
        asyncio.get_running_loop().stop()
        logging.getLogger("saycode").info("last of one")

    loop = asyncio.new_event_loop()
    task = loop.create_task(log_last())
    loop.run_forever()
    loop.close()
    assert task.done()

    async def log_more() -> None:
        logging.getLogger("saycode").info("first of another")
        await asyncio.sleep(0)

    asyncio.run(log_more())
    assert events_of(lines) == ["last of one", "first of another"]


class FullDisk(io.StringIO):
    """Takes nothing."""

    def write(self, _: str) -> int:
        raise OSError("No space left on device")


async def test_lines_that_cannot_be_written_are_told_on_standard_error_and_not_logged_again(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(stream=FullDisk())
    logging.getLogger("saycode").info("event")
    for _ in range(3):
        await asyncio.sleep(0)
    assert capsys.readouterr().err.count("OSError: No space left on device") == 1


def test_events_that_cannot_be_written_do_not_fail_what_they_tell_of(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(stream=FullDisk())
    remove_other_handlers()
    log_events(EVENTS)
    assert "OSError: No space left on device" in capsys.readouterr().err
