"""The page of phones: its files, and its use of the control API."""

import json
import re
import time
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette

from tests.support.asgi_client import Answer, send_request
from tests.support.html import Element, Page
from twilio_simulator.app import create_app
from twilio_simulator.control.page import STATIC
from twilio_simulator.core import events
from twilio_simulator.core.clock import ManualClock, RealClock
from twilio_simulator.core.events import Event, EventStream, KeyPressed, PublishedEvent
from twilio_simulator.http.signing import SigningMode
from twilio_simulator.network.handset import LineType, OnCall, OnText

WEIGHT = 62_000
FILES = {"/": "text/html", "/phone.css": "text/css", "/phone.js": "text/javascript", "/phone.svg": "image/svg+xml"}
SCRIPT = (STATIC / "phone.js").read_text(encoding="utf-8")
PHONE = "/simulator/phones/+14155550100"


@pytest.fixture
def app() -> Starlette:
    return create_app(account_sid="AC" + "1" * 32, auth_token="t" * 32, clock=ManualClock())


@pytest.fixture
def page() -> Page:
    return Page((STATIC / "phone.html").read_text(encoding="utf-8"))


async def control(app: Starlette, method: str, path: str, body: object = None) -> Answer:
    return await send_request(app, method, path, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("path", FILES)
async def test_a_browser_may_do_nothing_with_it_but_show_it_and_talk_to_the_simulator(
    app: Starlette, path: str
) -> None:
    answer = await send_request(app, "GET", path)
    assert answer.status == 200
    assert (answer.header("content-type") or "").partition(";")[0] == FILES[path]
    policy = dict(rule.split(" ", 1) for rule in (answer.header("content-security-policy") or "").split("; "))
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert policy.pop("script-src") == policy.pop("style-src") == policy.pop("connect-src") == "'self'"
    assert policy.pop("require-trusted-types-for") == "'script'", "no text of a webhook becomes markup"
    assert policy == {"img-src": "'self'", "form-action": "'none'", "trusted-types": "'none'"}
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"
    assert answer.header("cache-control") == "no-store"


def test_the_page_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < WEIGHT
    assert {f"/{path.name}" for path in STATIC.iterdir()} - set(FILES) == {"/phone.html"}


@pytest.mark.parametrize("name", [path.name for path in STATIC.iterdir()])
def test_the_page_loads_nothing_from_other_hosts(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    addresses = re.findall(r"(?:https?:)?//[a-z0-9][a-z0-9.-]+", text)
    assert set(addresses) <= {"http://www.w3.org"}, "the name space of the drawings is no address"
    assert "url(" not in text
    assert "@import" not in text


def test_the_template_has_no_inline_script_or_style(page: Page) -> None:
    assert [script.attributes.get("src") for script in page.all("script")] == ["phone.js"]
    assert not page.all("style")
    assert not [e for e in page.elements if any(name.startswith("on") or name == "style" for name in e.attributes)]


def test_the_script_makes_no_markup_from_texts() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", SCRIPT)


def test_what_is_pointed_at_is_there(page: Page) -> None:
    names = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(names) == len(set(names))
    pointed = [
        e.attributes[a] for e in page.elements for a in ("for", "aria-controls", "aria-labelledby") if a in e.attributes
    ]
    used = re.findall(r'(?:\$|put|on|choose)\("([a-z_-]+)"', SCRIPT)
    assert len(used) > 50
    assert set(pointed) | set(used) <= set(names)


def test_every_field_has_a_label_and_every_button_a_name(page: Page) -> None:
    labelled = {label.attributes.get("for") for label in page.all("label")}
    inside = re.findall(
        r'<label class="check"><input id="([a-z-]+)"', (STATIC / "phone.html").read_text(encoding="utf-8")
    )
    fields = [e for e in page.elements if e.tag in ("input", "select", "textarea")]
    assert len(fields) > 12
    assert [e for e in fields if e.attributes["id"] not in labelled | set(inside)] == []
    assert [e for e in page.all("button") if not e.text.strip()] == []


def test_a_screen_reader_announces_events_and_the_structure_of_the_page(page: Page) -> None:
    assert page.one("html").attributes["lang"] == "en"
    assert page.heading == "Telephones"
    assert [len(page.all(tag)) for tag in ("main", "nav", "header")] == [1, 1, 1]
    assert _role(page, "tape") == _role(page, "thread") == "log"
    assert _role(page, "alert") == "alert"
    assert _role(page, "state") == _role(page, "link") == _role(page, "notice") == "status"


def _role(page: Page, name: str) -> str:
    (element,) = (e for e in page.elements if e.attributes.get("id") == name)
    return element.attributes["role"]


def options(page: Page, name: str) -> list[str]:
    """The values of a `<select>`."""
    start = next(place for place, e in enumerate(page.elements) if e.attributes.get("id") == name)
    elements: list[Element] = []
    for element in page.elements[start + 1 :]:
        if element.tag != "option":
            break
        elements.append(element)
    return [option.attributes["value"] for option in elements]


def test_every_behaviour_of_a_phone_can_be_chosen(page: Page) -> None:
    assert set(options(page, "behaviour")) == set(OnCall)
    assert set(options(page, "texts")) == set(OnText)
    assert set(options(page, "signing")) == set(SigningMode)
    assert set(options(page, "line_type")) < set(LineType)


async def test_the_control_api_accepts_every_choice_of_the_page(app: Starlette, page: Page) -> None:
    requests: list[tuple[str, str, object]] = [
        ("PUT", PHONE, {name: value}) for name in ("behaviour", "texts", "line_type") for value in options(page, name)
    ]
    requests += [("PUT", PHONE, {"text_code": int(value) if value else None}) for value in options(page, "text_code")]
    requests += [("PUT", "/simulator/callbacks", json.loads(value)) for value in options(page, "callbacks")]
    requests += [("PUT", "/simulator/webhooks", {"latency": float(value)}) for value in options(page, "latency")]
    requests += [("PUT", "/simulator/webhooks", {"signing": value}) for value in options(page, "signing")]
    requests += [("POST", "/simulator/faults", json.loads(value)) for value in options(page, "refusal")]
    requests += [("PUT", "/simulator/carrier", {"down": down}) for down in (True, False)]
    answers = [(await control(app, *request), request) for request in requests]
    assert [request for answer, request in answers if answer.status != 200] == []


def test_every_event_that_the_page_waits_for_exists() -> None:
    kinds = {kind.kind() for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)}
    awaited = set(re.findall(r'^  "?([a-z-]+)"?(?:\(event\) \{|: \(event\) =>)', SCRIPT, re.MULTILINE))
    assert len(awaited) > 10
    assert awaited <= kinds


async def test_active_faults_can_be_read(app: Starlette) -> None:
    await control(app, "PUT", "/simulator/callbacks", {"delay": 5, "lose": ["ringing"]})
    await control(app, "PUT", "/simulator/webhooks", {"latency": 2, "signing": "wrong"})
    await control(app, "PUT", "/simulator/carrier", {"down": True})
    await control(app, "POST", "/simulator/faults", {"status": 429, "times": 3})
    assert json.loads((await control(app, "GET", "/simulator/faults")).text) == {
        "waiting": 3,
        "callbacks": {"lose": ["ringing"], "delay": 5, "double": False, "reorder": False},
        "webhooks": {"signing": "wrong", "latency": 2},
        "carrier": {"down": True},
        "voices": {"failing": []},
    }
    await control(app, "DELETE", "/simulator/faults")
    assert json.loads((await control(app, "GET", "/simulator/faults")).text)["waiting"] == 0


async def test_the_list_of_phones_has_the_number_of_the_last_event(app: Starlette) -> None:
    app.state.twilio.phone("+14155550100")
    app.state.twilio.events.publish(KeyPressed("+14155550100", "CA", "1", False))
    listed = json.loads((await control(app, "GET", "/simulator/phones")).text)
    assert [phone["number"] for phone in listed["phones"]] == ["+14155550100"]
    assert listed["last_event"] == 1


@pytest.mark.parametrize(("clock", "speed"), [(ManualClock(), None), (RealClock(speed=4), 4.0)])
async def test_the_clock_says_how_fast_it_runs(clock: ManualClock | RealClock, speed: float | None) -> None:
    app = create_app(account_sid="AC", auth_token="t", clock=clock)
    assert json.loads((await control(app, "GET", "/simulator/clock")).text)["speed"] == speed


def test_a_change_of_speed_does_not_move_the_clock() -> None:
    clock, began = RealClock(speed=1000), time.monotonic()
    before = clock.now()
    clock.set_speed(0.001)
    assert before <= clock.now() <= before + 1000 * (time.monotonic() - began)
    assert clock.real_seconds(1) == 1000
    with pytest.raises(ValueError, match="above 0"):
        clock.set_speed(0)


async def test_followers_of_the_events_end_when_the_server_stops() -> None:
    stream = EventStream(now=lambda: 0.0, changed=lambda: None)
    stream.publish(KeyPressed("+14155550100", "CA", "1", False))
    following: AsyncIterator[PublishedEvent] = stream.follow()
    assert (await anext(following)).id == 1
    stream.close_followers()
    with pytest.raises(StopAsyncIteration):
        await anext(following)
