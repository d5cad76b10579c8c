"""`make shop`: a Saycode with a simulated Twilio, its phone in the browser, and the shop, all on this machine."""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

HOST, PHONE, SENDER = "127.0.0.1", "+14155550100", "+14155550199"
CANNOT_START = 2
PATIENCE = 60
ROOT = Path(__file__).parent.parent.parent
SAYCODE = [str(Path(sys.executable).with_name("saycode"))]


def main() -> int:
    """Start everything, say where it is, and stop it on Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make shop", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=8000,
        help="Saycode; the phone, the shop and the console take the next three. 0: any",
    )
    parser.add_argument("--told", action="store_true", help="the phone's time moves only when told to, for tests")
    parser.add_argument("--openid", action="store_true", help="Saycode's page asks for the code, by OpenID Connect")
    wanted = parser.parse_args()
    ports = [wanted.port + n if wanted.port else free_port() for n in range(4)]
    for port in ports:  # another shop there would answer, with keys of its own
        if not _is_free(port):
            print(f"Cannot listen on port {port} of {HOST}. Try --port.", file=sys.stderr)
            return CANNOT_START
    service, phone, shop = (f"http://{HOST}:{port}" for port in ports[:3])
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory(prefix="saycode-shop-") as folder, ExitStack() as stack:
            environ = _settings(Path(folder), service, phone) | (
                {"SAYCODE_PHONES": "accounts"} if wanted.openid else {}
            )
            told = ["--told"] if wanted.told else []
            simulate = ["simulate", "--port", str(ports[1]), "--calls-per-second", "0", *told]
            stack.enter_context(_running([*SAYCODE, *simulate], environ, f"{phone}/simulator/clock"))
            _own_number(service, phone)
            key = _prepare(environ)
            serve = ["serve", "--port", str(ports[0])]
            stack.enter_context(_running([*SAYCODE, *serve], environ, f"{service}/health/ready"))
            password = "earl-grey-at-five"
            own = {
                "SHOP_SAYCODE_URL": service,
                "SHOP_SERVICE": key["service_sid"],
                "SHOP_KEY": key["key_sid"],
                "SHOP_SECRET": key["secret"],
                "SHOP_PHONE_ENDS": PHONE[-2:],
                "SHOP_PASSWORD": password,
            }
            if wanted.openid:
                own |= _prepare_openid(environ, shop)
            serve = ["-m", "uvicorn", "--factory", "examples.shop.app:create_app", "--host", HOST]
            port = ["--port", str(ports[2]), "--log-level", "warning"]
            stack.enter_context(_running([sys.executable, *serve, *port], own, f"{shop}/sign-in"))
            console = stack.enter_context(_console(environ, ports[3], examples=not wanted.told))
            print(f"\nThe shop   {shop}   (ada, {password})\nThe phone  {phone}/#{PHONE}\n{console}", flush=True)
            print("\nThe console shows example traffic of two days. Ctrl-C stops everything.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except (OSError, OverflowError):  # taken, or beyond the last port
            return False
    return True


def _stop(_: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _settings(folder: Path, service: str, phone: str) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": phone,
        "SAYCODE_PUBLIC_URL": service,
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "SAYCODE_LIMITS": "watch",
        "SAYCODE_PRICES": "*:0.05:0.04,US:0.014:0.0083,GB:0.025:0.042",
        "SAYCODE_MONEY_PER_DAY": "10",
    }


def _own_number(service: str, phone: str) -> None:
    """Our number at the simulator; who calls or texts it is answered by the service."""
    leads = {"voice_url": f"{service}/webhooks/voice", "sms_url": f"{service}/webhooks/sms"}
    request = Request(f"{phone}/simulator/numbers/{quote(SENDER)}", data=json.dumps(leads).encode(), method="PUT")
    with urlopen(request, timeout=PATIENCE):
        pass


def _prepare(environ: Mapping[str, str]) -> dict[str, str]:
    """A service with a key for the shop, and its customer's phone."""
    key: dict[str, str] = json.loads(_saycode(environ, "services", "create", "Leaf and Kettle", "--json"))
    _saycode(environ, "accounts", "add", "ada", "--phone", PHONE, "--service", key["service_sid"])
    return key


def _prepare_openid(environ: Mapping[str, str], shop: str) -> dict[str, str]:
    """The shop as a client of the OpenID provider, and its customer's phone among the accounts of the page."""
    client = json.loads(
        _saycode(environ, "clients", "add", "Leaf and Kettle", "--redirect", f"{shop}/proven", "--json")
    )
    _saycode(environ, "accounts", "add", "ada", "--phone", PHONE)
    return {
        "SHOP_URL": shop,
        "SHOP_OPENID_CLIENT": client["client_id"],
        "SHOP_OPENID_SECRET": client["client_secret"],
    }


def _saycode(environ: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run([*SAYCODE, *arguments], env=_with(environ), stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def _with(environ: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **environ}


@contextmanager
def _running(command: list[str], environ: Mapping[str, str], address: str) -> Iterator[None]:
    """A program while it is needed, from when it answers at the address."""
    process = subprocess.Popen(command, env=_with(environ), stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"Nothing answers at {address}. Is the port free? Try --port.")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def _console(environ: Mapping[str, str], port: int, *, examples: bool) -> Iterator[str]:
    """The operator's console, perhaps with example traffic. Yields what it says of its address and key."""
    command = [*SAYCODE, "console", "--port", str(port), *(["--example-traffic"] if examples else [])]
    process = subprocess.Popen(command, env=_with(environ), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        if process.poll() is not None:
            raise SystemExit(f"The console does not start at port {port}.")
        yield "".join(lines).rstrip()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=PATIENCE):
            return True
    except URLError:
        return False


if __name__ == "__main__":
    sys.exit(main())
