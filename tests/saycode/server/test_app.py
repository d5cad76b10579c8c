"""From settings to a service that answers; and the clock and the sweep that run beside it."""

import asyncio
import logging
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from saycode.config.settings import Settings, load
from saycode.server.app import (
    build_app,
    build_policy,
    home_region,
    key_ring,
    log_events,
    open_store,
    run_periodically,
    worker,
)
from saycode.server.clock import SteadyClock, randomness
from saycode.twilio.lazy import LazyProvider
from tests.support.app import House, open_house, open_page, path_of
from tests.support.asgi_client import Browser, Twilio
from tests.support.fakes import ManualClock, RecordingCarrier
from verification.errors import Unavailable
from verification.models import Event, EventKind
from verification.policy import Keypress
from verification.ports import Accepted, ByNumber
from verification.values.phone_numbers import PhoneNumber

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "the-new-token",
    "TWILIO_AUTH_TOKEN_PREVIOUS": "the-old-token",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "TWILIO_API_BASE_URL": "http://127.0.0.1:9",  # the port where nobody is
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": "n" * 32 + "," + "o" * 32,
    "SAYCODE_BRAND": "Acme",
}
PHONE = PhoneNumber("+14155550100", "US")


def settings_for(path: Path, **changed: str) -> Settings:
    return load(ENVIRONMENT | {"SAYCODE_DATABASE_URL": f"sqlite:///{path}"} | changed)


@asynccontextmanager
async def living(app: Starlette) -> AsyncIterator[Starlette]:
    """The application between its start and its end, as a server sees it."""
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    logging.getLogger("uvicorn.access").disabled = False


# The application.


async def test_settings_become_a_service_that_answers(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "table.db")
    async with living(build_app(settings, open_store(settings))) as app:
        page = await open_page(Browser(app))
        assert page.heading == "Acme: confirm your phone"
        twilio = Twilio(app, settings.public_url, settings.account_sid, "the-new-token")
        for token in ("the-new-token", "the-old-token"):
            assert (await twilio.post(path_of("called"), {"From": "anonymous"}, signed_with=token)).status == 200


async def test_the_real_carrier_stands_behind_the_service(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "table.db")
    async with living(build_app(settings, open_store(settings))) as app:
        browser = Browser(app)
        details = {"username": "ada", "phone": "+14155550100", "channel": "call"}
        assert (await browser.post(path_of("start"), details)).status == 303
        page = await open_page(browser)
        assert (page.state, page.heading) == ("ended", "We could not reach this phone.")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({}, ("AC" + "0" * 32, "the-new-token")),
        ({"TWILIO_API_KEY": "SK" + "1" * 32, "TWILIO_API_SECRET": "a-secret"}, ("SK" + "1" * 32, "a-secret")),
    ],
)
async def test_an_api_key_replaces_the_token_for_requests(
    tmp_path: Path, changed: dict[str, str], key: tuple[str, str]
) -> None:
    asked: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    changed = changed | {"TWILIO_API_BASE_URL": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    settings = settings_for(tmp_path / "table.db", **changed)
    async with living(build_app(settings, open_store(settings))) as app:
        details = {"username": "ada", "phone": "+14155550100", "channel": "call"}
        await Browser(app).post(path_of("start"), details)
    server.close()
    assert b"Authorization: Basic " + b64encode(":".join(key).encode()) in asked[0]


async def test_the_end_of_the_application_closes_the_table(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "table.db")
    store = open_store(settings)
    async with living(build_app(settings, store)):
        await store.read(ByNumber(PHONE))
    with pytest.raises(Unavailable):
        await store.read(ByNumber(PHONE))


async def test_a_worker_reads_the_environment_of_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_put_back: None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SAYCODE_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items()))
    async with living(worker()) as app:
        assert (await open_page(Browser(app))).state == "form"
    assert (tmp_path / "saycode.db").exists()


def test_what_the_operator_allows_becomes_the_policy(tmp_path: Path) -> None:
    changed = {
        "SAYCODE_COUNTRIES": "US,CA",
        "SAYCODE_CODE_LENGTH": "8",
        "SAYCODE_CODE_LIFETIME": "120",
        "SAYCODE_MAX_CHECKS": "3",
        "SAYCODE_KEYPRESS": "any",
        "SAYCODE_REPEAT_SPACING": "5,10",
    }
    policy = build_policy(settings_for(tmp_path / "store.db", **changed))
    assert policy.countries == {"US", "CA"}
    assert (policy.code_length, policy.code_lifetime, policy.max_checks) == (8, 120, 3)
    assert (policy.keypress, policy.repeat_spacing) == (Keypress.ANY, (5, 10))


def test_the_first_key_draws_and_the_others_still_open(tmp_path: Path) -> None:
    assert key_ring(settings_for(tmp_path / "store.db")).secrets == (b"n" * 32, b"o" * 32)


@pytest.mark.parametrize(("countries", "home"), [("US", "US"), ("DE", "DE"), ("US,CA", "US"), ("DE,AT", None)])
def test_national_numbers_are_read_only_where_that_can_mean_one_country(
    tmp_path: Path, countries: str, home: str | None
) -> None:
    assert home_region(settings_for(tmp_path / "store.db", SAYCODE_COUNTRIES=countries)) == home


@pytest.mark.parametrize(("countries", "example"), [("DE", "+49 "), ("DE,AT", "+43 ")])
async def test_the_example_on_the_page_is_a_number_that_may_be_called(
    tmp_path: Path, countries: str, example: str
) -> None:
    settings = settings_for(tmp_path / "store.db", SAYCODE_COUNTRIES=countries)
    async with living(build_app(settings, open_store(settings))) as app:
        assert f"for example {example}" in (await open_page(Browser(app))).text


def test_what_happened_is_logged_by_the_names_that_join_lines_up(caplog: pytest.LogCaptureFixture) -> None:
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


async def test_the_story_of_a_verification_is_logged_without_number_or_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(tmp_path / "store.db")
    with caplog.at_level("DEBUG"):
        async with living(build_app(settings, open_store(settings))) as app:
            details = {"username": "ada", "phone": "+14155550100", "channel": "sms"}
            await Browser(app).post(path_of("start"), details)
    events = [record.getMessage() for record in caplog.records if record.name == "saycode.events"]
    assert events == ["started", "delivery", "delivery", "failed"]
    written = " ".join(f"{record.getMessage()} {record.__dict__.get('fields')}" for record in caplog.records)
    assert "4155550100" not in written
    assert "the-new-token" not in written


def test_twilios_client_is_not_imported_before_the_service_starts() -> None:
    asked = "import sys, saycode.cli; assert 'starlette' not in sys.modules; import saycode.server.serve"
    loaded = "print([name for name in ('twilio.rest', 'aiohttp', 'twilio_simulator') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", f"{asked}; {loaded}"], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# The carrier that comes late.


@dataclass(slots=True)
class ClosingCarrier(RecordingCarrier):
    """Remembers that it was closed."""

    closed: bool = False

    async def close(self) -> None:
        self.closed = True


async def test_whoever_calls_before_the_carrier_is_there_waits_for_it() -> None:
    made = ClosingCarrier()
    late = LazyProvider(lambda: made)
    late.begin()
    first, second = await asyncio.gather(late.call("VL1", PHONE), late.call("VL2", PHONE))
    assert (first, second) == (Accepted("CA1"), Accepted("CA2"))
    await late.hang_up("CA1")
    assert made.hung_up == ["CA1"]
    await late.close()
    assert made.closed


async def test_somebody_who_stops_waiting_does_not_stop_the_import_for_others() -> None:
    late = LazyProvider(ClosingCarrier)
    late.begin()
    impatient = asyncio.create_task(late.call("VL1", PHONE))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await late.call("VL2", PHONE) == Accepted("CA1")


# The chores.


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "store.db") as house:
        yield house


async def test_the_sweep_goes_on_after_failures(house: House, caplog: pytest.LogCaptureFixture) -> None:
    browser = house.browser()
    await house.started(browser)
    house.clock.advance(house.verifier.policy.code_lifetime)
    before = house.rows()["verifications"]
    house.store.failure = Unavailable("the disk is full")
    sweeping = asyncio.create_task(run_periodically(house.verifier.sweep, pause=0.001))
    async with asyncio.timeout(5):
        for failure in (RuntimeError("a surprise"), None):
            while not [record for record in caplog.records if record.getMessage() == "background task failed"]:
                await asyncio.sleep(0.001)
            caplog.clear()
            house.store.failure = failure
        while house.rows()["verifications"] == before:
            await asyncio.sleep(0.001)
    sweeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweeping
    assert (await open_page(browser)).heading == "The code has expired."


# The clock.


def test_the_clock_follows_the_wall_clock() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    assert clock.now() == 1000
    wall.advance(10)
    monotonic.advance(10)
    assert clock.now() == 1010


def test_a_clock_that_is_set_back_does_not_lengthen_anything() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    wall.advance(-500)
    assert clock.now() == 1000
    wall.advance(30)
    monotonic.advance(30)
    assert clock.now() == 1030


def test_a_clock_that_is_set_forward_is_believed_and_never_goes_back() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    wall.advance(3600)
    assert clock.now() == 4600
    wall.advance(-3600)
    monotonic.advance(1)
    assert clock.now() == 4601


def test_randomness_has_the_length_asked_for_and_never_repeats() -> None:
    drawn = [randomness(16) for _ in range(1000)]
    assert {len(found) for found in drawn} == {16}
    assert len(set(drawn)) == 1000
