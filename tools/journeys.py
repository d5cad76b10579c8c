"""The files that a request passes, in the order in which it first enters them: `make journeys`.

Each request runs in this process through the real application, store and Twilio client, against the simulator. The
settings are the defaults, no limit is reached, and no application listens for events. The code that is typed on the
page came by text and is wrong, so it ends its verification. A file is entered when one of its functions is called. The
command writes the lists into docs/architecture.md.
"""

import asyncio
import base64
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from saycode.config.loader import load
from saycode.server.app import build_app, open_store
from saycode.server.clock import randomness
from saycode.server.lifespan import run_periodically, warm_up
from saycode.storage.api.services import SqliteServices
from tests.support.asgi_client import FORM, Browser, Twilio, send_request
from tests.support.asgi_lifespan import running
from twilio_simulator.app import create_app as create_simulator
from verification.models import BUILT_IN_SERVICE, OPERATOR
from verification.services import new_api_key

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- journeys: make journeys -->\n", "<!-- end of the journeys -->\n"
PACKAGES = ("verification", "twiml", "webhooks", "saycode")
ACCOUNT, TOKEN = "AC" + "0" * 32, "1" * 32
SENDER = "+14155550199"
#: Unconfirmed numbers: room for those of the four requests, and for those that went before.
BUDGET = "10/20%/1h"
#: Seconds in which the writer's thread finishes what it does after an answer.
SETTLING = 0.05
#: Threads that would add files by chance.
IGNORED_THREADS = ("saycode-checkpoints",)
STARTS = f"/v2/Services/{BUILT_IN_SERVICE}/Verifications"
#: The most files that each of them may pass.
JOURNEYS = {
    "A form that makes a phone ring": 37,
    "A start over the API": 39,
    "A webhook that is answered with TwiML": 28,
    "A code that is typed on the page": 26,
}


class Recorder:
    """Notes our files in the order of their first call, on any thread."""

    def __init__(self) -> None:
        self.journeys: dict[str, list[str]] = {}
        self._files: list[str] | None = None

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if self._files is None or event != "call" or threading.current_thread().name in IGNORED_THREADS:
            return
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            file = path.relative_to(ROOT)
            if file.parts[0] in PACKAGES and file.name != "__init__.py" and str(file) not in self._files:
                self._files.append(str(file))

    @contextmanager
    def journey(self, name: str) -> Iterator[None]:
        self._files = self.journeys[name] = []
        try:
            yield
        finally:
            self._files = None


@dataclass(frozen=True, slots=True)
class Requests:
    """The four requests. Each number is in a range of its own, so that no limit is reached."""

    app: ASGIApp
    simulator: Starlette
    public_url: str
    credentials: str

    async def form(self, browser: Browser, number: str, *, channel: str = "call") -> None:
        answer = await browser.post("/start", {"username": f"ann {number}", "phone": number, "channel": channel})
        assert answer.status == 303, answer.text

    async def code(self, browser: Browser) -> None:
        answer = await browser.post("/code", {"code": "000000"})
        assert answer.status == 303, answer.text

    async def api(self, number: str) -> None:
        body = urlencode({"To": number, "Channel": "call"}).encode()
        headers = [("host", "127.0.0.1"), ("authorization", self.credentials), ("content-type", FORM)]
        answer = await send_request(self.app, "POST", STARTS, headers=headers, body=body)
        assert answer.status == 201, answer.text

    async def webhook(self, number: str) -> None:
        simulated = self.simulator.state.twilio
        placed = (dict(request.parameters) for request in simulated.request_log.requests)
        url = next(str(fields["Url"]) for fields in placed if fields.get("To") == number)
        sid = next(call.sid for call in simulated.calls.values() if call.to == number)
        twilio = Twilio(self.app, self.public_url, ACCOUNT, TOKEN, SENDER, number)
        fields = {"CallSid": sid, "CallStatus": "in-progress"}
        answer = await twilio.post(url.removeprefix(self.public_url), fields)
        assert answer.status == 200, answer.text


async def travel(recorder: Recorder, folder: Path) -> None:
    """Send the four requests. Each kind goes once before, so that what is loaded at first use is not counted."""
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN)
    simulator.state.twilio.add_number(SENDER)
    listening, unbound = socket.create_server(("127.0.0.1", 0)), socket.socket()
    unbound.bind(("127.0.0.1", 0))  # it does not listen: the simulator's own webhooks fail, and leave no trace
    server = uvicorn.Server(uvicorn.Config(simulator, lifespan="on", log_level="critical"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    public_url = f"http://127.0.0.1:{unbound.getsockname()[1]}"
    settings = load(
        {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM_NUMBER": SENDER,
            "TWILIO_API_BASE_URL": f"http://127.0.0.1:{listening.getsockname()[1]}",
            "SAYCODE_PUBLIC_URL": public_url,
            "SAYCODE_SECRET_KEY": secrets.token_hex(32),
            "SAYCODE_DATABASE_URL": f"sqlite:///{folder / 'journeys.db'}",
            "SAYCODE_UNCONFIRMED_SOURCE": BUDGET,
            "SAYCODE_UNCONFIRMED_COUNTRY": BUDGET,
        }
    )
    store = open_store(settings)
    key, secret = new_api_key(BUILT_IN_SERVICE, now=time.time(), randomness=randomness)
    await SqliteServices(store).add_key(key, actor=OPERATOR)
    app = build_app(settings, store)
    credentials = "Basic " + base64.b64encode(f"{key.sid}:{secret}".encode()).decode()
    requests = Requests(app, simulator, public_url, credentials)
    async with running(app):
        for task in asyncio.all_tasks():  # what they do would add files by chance
            name = getattr(task.get_coro(), "__name__", "")
            if name == run_periodically.__name__:
                task.cancel()
            elif name == warm_up.__name__:
                await task
        await _journeys(requests, Recorder(), called="+12025550101", texted="+13125550102", api="+12065550103")
        await _journeys(requests, recorder, called="+13055550104", texted="+16175550105", api="+17025550106")
    server.should_exit = True
    await serving
    unbound.close()


async def _journeys(requests: Requests, recorder: Recorder, *, called: str, texted: str, api: str) -> None:
    browser = Browser(requests.app)
    await requests.form(browser, texted, channel="sms")
    steps = {
        "A form that makes a phone ring": lambda: requests.form(Browser(requests.app), called),
        "A start over the API": lambda: requests.api(api),
        "A webhook that is answered with TwiML": lambda: requests.webhook(called),
        "A code that is typed on the page": lambda: requests.code(browser),
    }
    for name, step in steps.items():
        await asyncio.sleep(SETTLING)
        with recorder.journey(name):
            await step()


def record() -> dict[str, list[str]]:
    """The files of each journey."""
    recorder = Recorder()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(travel(recorder, Path(folder)))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # None ends it, as for sys.setprofile
    return recorder.journeys


def text(journeys: dict[str, list[str]]) -> str:
    """The journeys as a part of a document."""
    parts = []
    for name, files in journeys.items():
        lines = "\n".join(f"{number:2}  {file}" for number, file in enumerate(files, start=1))
        parts.append(f"### {name}\n\n{len(files)} files:\n\n```text\n{lines}\n```\n")
    return "\n" + "\n".join(parts) + "\n"


def main() -> int:
    """Write the document. Exit 1 when a journey passes more files than it may."""
    journeys = record()
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + text(journeys) + END + rest.partition(END)[2], encoding="utf-8")
    for name, files in journeys.items():
        print(f"{len(files):3} of at most {JOURNEYS[name]}  {name}")
    return 0 if all(len(files) <= JOURNEYS[name] for name, files in journeys.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
