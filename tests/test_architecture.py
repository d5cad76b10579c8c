"""The arrows between the packages only go down, and each package imports only what its room in the house allows.

The table is the one of CONTRIBUTING.md. What is not allowed here is forbidden: a new dependency, or a module of the
standard library in the two pure packages, is a decision, and this is where it is written down.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: What computes and does nothing else: no clock, no socket, no environment, no chance.
PURE = (
    *("__future__", "abc", "base64", "binascii", "bisect", "collections", "contextlib", "dataclasses", "decimal"),
    *("enum", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "ipaddress", "itertools", "json", "math"),
    *("operator", "re", "string", "struct", "textwrap", "types", "typing", "unicodedata", "xml"),
)
STANDARD = tuple(sys.stdlib_module_names)
#: Roads around this test, and chance that can be guessed.
NOWHERE = ("importlib", "ctypes", "random")
ENVIRONMENT = ("os", "starlette.config")
DATABASES = ("sqlite3", "dbm", "shelve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one package may import, as prefixes of dotted names; `never` goes before `may`."""

    may: tuple[str, ...]
    never: tuple[str, ...] = ()


ROOMS = {
    "verification": Room(may=(*PURE, "phonenumbers")),
    "twiml": Room(may=(*PURE, "twilio.twiml")),
    "webhooks": Room(
        may=(*STANDARD, "verification", "twiml", "starlette", "jinja2", "twilio.request_validator"),
        never=(*NOWHERE, *ENVIRONMENT, *DATABASES, "socket", "subprocess", "urllib.request", "http.client"),
    ),
    "twilio_simulator": Room(
        may=(*STANDARD, "starlette", "aiohttp", "yarl", "twilio.request_validator"),
        never=(*NOWHERE, *DATABASES),
    ),
    "saycode": Room(
        may=(
            *(
                *STANDARD,
                "verification",
                "twiml",
                "webhooks",
                "twilio_simulator",
                "phonenumbers",
                "starlette",
                "twilio",
            ),
            *(
                "aiohttp",
                "aiohttp_retry",
                "click",
                "cryptography",
                "dotenv",
                "jwt",
                "msgspec",
                "sqlite_utils",
                "uvicorn",
                "uvloop",
            ),
        ),
        never=("random",),
    ),
    # What anybody's application could import, and nothing of ours.
    "examples": Room(may=(*STANDARD, "starlette", "twilio", "jwt"), never=(*NOWHERE, *DATABASES)),
}

MORE = {
    # A language is loaded when somebody first speaks it.
    Path("twiml/words.py"): ("importlib",),
    # The plugin serves the simulator from within somebody's tests.
    Path("twilio_simulator/pytest_plugin.py"): ("pytest", "uvicorn"),
}


def forbidden(root: Path) -> list[str]:
    """Every import under `root` that its package's room does not allow, as "file:line name"."""
    return [
        f"{path.relative_to(root)}:{line} {name}"
        for package, room in ROOMS.items()
        for path in sorted((root / package).rglob("*.py"))
        for line, name in imported(path, root)
        if not allowed(name, Room(may=(*room.may, package, *MORE.get(path.relative_to(root), ())), never=room.never))
    ]


def allowed(name: str, room: Room) -> bool:
    return _under(name, room.may) and not _under(name, room.never)


def _under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def imported(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a file imports, wherever in the file it does."""
    folder = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else ()
            module = ".".join((*above, node.module or "")).strip(".")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Name) and node.id == "__import__":
            yield node.lineno, node.id


def test_every_arrow_goes_down() -> None:
    assert forbidden(ROOT) == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_package_is_looked_at(package: str) -> None:
    assert [name for path in (ROOT / package).rglob("*.py") for _, name in imported(path, ROOT)]


def test_every_folder_with_code_has_a_room() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks", "tools"} == set(ROOMS)


FORBIDDEN = {
    "verification": [
        *(
            "import twiml.words",
            "from webhooks import doors",
            "import twilio_simulator",
            "from saycode.settings import load",
        ),
        *("import time", "from time import monotonic", "from datetime import datetime", "import random"),
        *("import secrets", "import os", "from os import environ", "import socket", "import asyncio", "import sqlite3"),
        *("import starlette", "import twilio.rest", "from cryptography.hazmat import primitives", "import importlib"),
        *("__import__('twiml')", "from ..twiml import words", "def f() -> None:\n    import tests.conftest"),
    ],
    "twiml": [
        *("from verification.numbers import Number", "import webhooks", "import twilio_simulator", "import saycode"),
        *("from starlette.responses import Response", "import twilio.rest", "from twilio import rest", "import time"),
        *("from datetime import datetime", "import random", "import os", "from twilio import *", "import phonenumbers"),
    ],
    "webhooks": [
        *("import saycode.settings", "from twilio_simulator import exchange", "import sqlite3", "import sqlite_utils"),
        *("from twilio.rest import Client", "from twilio import rest", "import os", "from os import environ"),
        *("from starlette.config import environ", "import aiohttp", "from urllib.request import urlopen"),
        *("from urllib import request", "import random", "import cryptography", "from importlib import import_module"),
    ],
    "twilio_simulator": [
        *("import verification", "from twiml.words import words", "import webhooks.app", "from saycode import logs"),
        *("from twilio.rest import Client", "from twilio.twiml.voice_response import VoiceResponse"),
        *("import uvicorn", "import pytest", "import random", "import sqlite3"),
    ],
    "examples": ["import saycode.settings", "from verification import codes", "import aiohttp", "import sqlite3"],
    "saycode": ["import tests.conftest", "import random", "import requests", "from pytest import fixture"],
}


def made_up(root: Path, package: str, code: str, *, name: str = "part.py") -> Path:
    """A tree with one innocent file in every package, and one file more."""
    for room in ROOMS:
        (root / room).mkdir()
        (root / room / "__init__.py").write_text("import re\n", encoding="utf-8")
    (root / package / "inner").mkdir()
    path = root / package / name
    path.write_text(code, encoding="utf-8")
    return path


@pytest.mark.parametrize(("package", "code"), [(room, code) for room, codes in FORBIDDEN.items() for code in codes])
def test_a_forbidden_import_is_found(tmp_path: Path, package: str, code: str) -> None:
    made_up(tmp_path, package, f"import re\n\n{code}\n")
    (found,) = forbidden(tmp_path)
    assert found.startswith(f"{package}/part.py:")


ALLOWED = {
    "verification": ["import hmac", "import phonenumbers", "from . import numbers", "from .numbers import Number"],
    "twiml": ["from twilio.twiml.voice_response import VoiceResponse", "from xml.etree import ElementTree"],
    "webhooks": ["from verification import numbers", "import twiml.call", "from twilio import request_validator"],
    "twilio_simulator": ["import asyncio", "import aiohttp", "from twilio.request_validator import RequestValidator"],
    "examples": ["from twilio.rest import Client", "import jwt", "from starlette.routing import Route"],
    "saycode": [
        "import twilio_simulator.exchange",
        "import os",
        "from twilio.rest import Client",
        "import cryptography",
    ],
}


@pytest.mark.parametrize(("package", "code"), [(room, code) for room, codes in ALLOWED.items() for code in codes])
def test_what_the_room_allows_is_left_alone(tmp_path: Path, package: str, code: str) -> None:
    made_up(tmp_path, package, f"{code}\n")
    assert forbidden(tmp_path) == []


def test_relative_imports_are_followed_from_where_they_stand(tmp_path: Path) -> None:
    made_up(tmp_path, "twiml", "from ..words import Words\nfrom ...verification import codes\n", name="inner/deep.py")
    assert forbidden(tmp_path) == ["twiml/inner/deep.py:2 verification.codes"]


def test_the_plugin_for_pytest_may_know_pytest_and_a_server(tmp_path: Path) -> None:
    made_up(tmp_path, "twilio_simulator", "import pytest\nimport uvicorn\nimport webhooks\n", name="pytest_plugin.py")
    assert forbidden(tmp_path) == ["twilio_simulator/pytest_plugin.py:3 webhooks"]


@pytest.mark.parametrize("code", ["import random", "from random import choice", "import random as chance"])
def test_lint_refuses_chance_that_can_be_guessed_outside_the_tests(code: str) -> None:
    assert "TID251" in lint(code, as_if="saycode/part.py")
    assert "TID251" not in lint(code, as_if="tests/test_part.py")


def lint(code: str, *, as_if: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", f"--stdin-filename={as_if}"]
    return subprocess.run([*ruff, "-"], cwd=ROOT, input=code, text=True, capture_output=True, check=False).stdout
