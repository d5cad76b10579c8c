"""The simulator's page: what it is made of, and what it needs of the control API."""

import json
import re
import time
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette

from tests.support.asgi_client import Answer, ask
from tests.support.html import Element, Page
from twilio_simulator.app import create_app
from twilio_simulator.control.page import STATIC
from twilio_simulator.core import events
from twilio_simulator.core.clock import ManualClock, RealClock
from twilio_simulator.core.events import Event, EventStream, KeyPressed, PublishedEvent
from twilio_simulator.http.signing import SigningMode
from twilio_simulator.network.handset import LineType, OnCall, OnText

WEIGHT = 60_000
FILES = {"/": "text/html", "/phone.css": "text/css", "/phone.js": "text/javascript", "/phone.svg": "image/svg+xml"}
SCRIPT = (STATIC / "phone.js").read_text(encoding="utf-8")
PHONE = "/simulator/phones/+14155550100"


@pytest.fixture
def app() -> Starlette:
    return create_app(account_sid="AC" + "1" * 32, auth_token="t" * 32, clock=ManualClock())


@pytest.fixture
def page() -> Page:
    return Page((STATIC / "phone.html").read_text(encoding="utf-8"))


async def face(app: Starlette, method: str, path: str, body: object = None) -> Answer:
    return await ask(app, method, path, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("path", FILES)
async def test_a_browser_may_do_nothing_with_it_but_show_it_and_talk_to_the_simulator(
    app: Starlette, path: str
) -> None:
    answer = await ask(app, "GET", path)
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


def test_all_of_it_is_light() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < WEIGHT
    assert {f"/{path.name}" for path in STATIC.iterdir()} - set(FILES) == {"/phone.html"}


@pytest.mark.parametrize("name", [path.name for path in STATIC.iterdir()])
def test_nothing_comes_from_elsewhere(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    addresses = re.findall(r"(?:https?:)?//[a-z0-9][a-z0-9.-]+", text)
    assert set(addresses) <= {"http://www.w3.org"}, "the name space of the drawings is no address"
    assert "url(" not in text
    assert "@import" not in text


def test_no_script_and_no_style_stands_in_the_template(page: Page) -> None:
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


def test_a_screen_reader_is_told_what_happens_and_where_it_is(page: Page) -> None:
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
    """The values of one list to choose from."""
    start = next(place for place, e in enumerate(page.elements) if e.attributes.get("id") == name)
    found: list[Element] = []
    for element in page.elements[start + 1 :]:
        if element.tag != "option":
            break
        found.append(element)
    return [option.attributes["value"] for option in found]


def test_every_behaviour_of_a_phone_can_be_chosen(page: Page) -> None:
    assert set(options(page, "behaviour")) == set(OnCall)
    assert set(options(page, "texts")) == set(OnText)
    assert set(options(page, "signing")) == set(SigningMode)
    assert set(options(page, "line_type")) < set(LineType)


async def test_the_face_takes_everything_that_can_be_chosen(app: Starlette, page: Page) -> None:
    asked: list[tuple[str, str, object]] = [
        ("PUT", PHONE, {name: value}) for name in ("behaviour", "texts", "line_type") for value in options(page, name)
    ]
    asked += [("PUT", PHONE, {"text_code": int(value) if value else None}) for value in options(page, "text_code")]
    asked += [("PUT", "/simulator/callbacks", json.loads(value)) for value in options(page, "callbacks")]
    asked += [("PUT", "/simulator/webhooks", {"latency": float(value)}) for value in options(page, "latency")]
    asked += [("PUT", "/simulator/webhooks", {"signing": value}) for value in options(page, "signing")]
    asked += [("POST", "/simulator/faults", json.loads(value)) for value in options(page, "refusal")]
    asked += [("PUT", "/simulator/carrier", {"down": down}) for down in (True, False)]
    answers = [(await face(app, *one), one) for one in asked]
    assert [one for answer, one in answers if answer.status != 200] == []


def test_every_event_that_the_page_waits_for_exists() -> None:
    kinds = {kind.kind() for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)}
    awaited = set(re.findall(r'^  "?([a-z-]+)"?(?:\(event\) \{|: \(event\) =>)', SCRIPT, re.MULTILINE))
    assert len(awaited) > 10
    assert awaited <= kinds


async def test_what_goes_wrong_on_purpose_can_be_asked(app: Starlette) -> None:
    await face(app, "PUT", "/simulator/callbacks", {"delay": 5, "lose": ["ringing"]})
    await face(app, "PUT", "/simulator/webhooks", {"latency": 2, "signing": "wrong"})
    await face(app, "PUT", "/simulator/carrier", {"down": True})
    await face(app, "POST", "/simulator/faults", {"status": 429, "times": 3})
    assert json.loads((await face(app, "GET", "/simulator/faults")).text) == {
        "waiting": 3,
        "callbacks": {"lose": ["ringing"], "delay": 5, "double": False, "reorder": False},
        "webhooks": {"signing": "wrong", "latency": 2},
        "carrier": {"down": True},
    }
    await face(app, "DELETE", "/simulator/faults")
    assert json.loads((await face(app, "GET", "/simulator/faults")).text)["waiting"] == 0


async def test_the_picture_of_all_phones_says_after_which_event_it_was_taken(app: Starlette) -> None:
    app.state.twilio.phone("+14155550100")
    app.state.twilio.events.publish(KeyPressed("+14155550100", "CA", "1", False))
    found = json.loads((await face(app, "GET", "/simulator/phones")).text)
    assert [phone["number"] for phone in found["phones"]] == ["+14155550100"]
    assert found["last_event"] == 1


@pytest.mark.parametrize(("clock", "speed"), [(ManualClock(), None), (RealClock(speed=4), 4.0)])
async def test_the_clock_says_how_fast_it_runs(clock: ManualClock | RealClock, speed: float | None) -> None:
    app = create_app(account_sid="AC", auth_token="t", clock=clock)
    assert json.loads((await face(app, "GET", "/simulator/clock")).text)["speed"] == speed


def test_a_clock_goes_on_from_where_it_is_at_another_speed() -> None:
    clock, began = RealClock(speed=1000), time.monotonic()
    before = clock.now()
    clock.set_speed(0.001)
    assert before <= clock.now() <= before + 1000 * (time.monotonic() - began)
    assert clock.real_seconds(1) == 1000
    with pytest.raises(ValueError, match="above 0"):
        clock.set_speed(0)


async def test_whoever_follows_the_events_is_let_go_when_the_server_stops() -> None:
    stream = EventStream(now=lambda: 0.0, changed=lambda: None)
    stream.publish(KeyPressed("+14155550100", "CA", "1", False))
    following: AsyncIterator[PublishedEvent] = stream.follow()
    assert (await anext(following)).id == 1
    stream.close_followers()
    with pytest.raises(StopAsyncIteration):
        await anext(following)
