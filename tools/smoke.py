"""What a new user starts first, with the packages of users only: `python -m tools.smoke`, or `make smoke`.

The example shop: sign in, change an address, and confirm it with the code of a text. The simulator: a text through its
REST API. The demo: its page. Needs nothing but the standard library; fails with the first thing that does not work.
"""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from examples.shop.__main__ import PHONE, SENDER, free_port

ROOT = Path(__file__).parent.parent
SAYCODE = [str(Path(sys.executable).with_name("saycode"))]
PATIENCE = 60


@contextmanager
def started(command: list[str], *, until: str) -> Iterator[str]:
    """A program while it is needed, from when it has printed the text. Yields what it printed."""
    with TemporaryDirectory() as folder:
        printed = Path(folder, "output")
        with printed.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + PATIENCE
            while until not in printed.read_text():
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{' '.join(command)} did not start:\n{printed.read_text()}")
                time.sleep(0.1)
            yield printed.read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def send(
    address: str, fields: Mapping[str, str] | None = None, *, browser: OpenerDirector | None = None, **headers: str
) -> str:
    """The answer to a GET, or to a POST of these fields. A status from 400 raises HTTPError."""
    data = urlencode(fields).encode() if fields else None
    with (browser or build_opener()).open(Request(address, data, headers), timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def expect(text: str, page: str) -> None:
    if text not in page:
        raise SystemExit(f"{text!r} is not on the page:\n{page}")


def last_text(phone: str) -> str:
    """The last text of the phone, once there is one."""
    send(f"{phone}/wait-for?state=text&timeout={PATIENCE}")
    return str(json.loads(send(phone))["texts"][-1]["body"])


def shop() -> None:
    """Sign in, move, and type the code."""
    with started([sys.executable, "-m", "examples.shop", "--port", "0"], until="Ctrl-C") as said:
        address, simulator = re.findall(r"http://[\d.:]+", said)[:2]
        found = re.search(r"\(ada, (\S+)\)", said)
        assert found
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        expect("Good day, Ada", send(f"{address}/sign-in", {"name": "ada", "password": found[1]}, browser=browser))
        moved = {"name": "Ada Byron", "street": "1 Analytical Way", "city": "London", "channel": "sms"}
        expect("One more thing", send(f"{address}/change/shipping-address", moved, browser=browser))
        code = re.findall(r"\d{6}", last_text(f"{simulator}/simulator/phones/{quote(PHONE)}"))[0]
        expect("1 Analytical Way", send(f"{address}/confirm", {"code": code}, browser=browser))


def simulator() -> None:
    """Send a text with the account that it prints."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with started([*SAYCODE, "simulate", "--port", str(port)], until="TWILIO_AUTH_TOKEN") as said:
        account, token = re.findall(r"TWILIO_\w+=(\w+)", said)
        phone = f"{address}/simulator/phones/{quote(PHONE)}"
        wait_until_served(phone)
        opener = build_opener()
        number = Request(f"{address}/simulator/numbers/{quote(SENDER)}", b"{}", method="PUT")
        opener.open(number, timeout=PATIENCE).close()
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        text = {"To": PHONE, "From": SENDER, "Body": "Hello"}
        messages = f"{address}/2010-04-01/Accounts/{account}/Messages.json"
        send(messages, text, Authorization=f"Basic {credentials}")
        expect("Hello", last_text(phone))


def wait_until_served(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            send(address)
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def demo() -> None:
    """The page that it serves after its call."""
    with started([*SAYCODE, "demo", "--speed", "50", "--port", "0"], until="Ctrl-C") as said:
        found = re.search(r"The page   (http://[\d.:]+)", said)
        assert found
        expect('data-state="form"', send(found[1]))


def main() -> int:
    for part in (shop, simulator, demo):
        part()
        print(f"{part.__name__}: works", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
