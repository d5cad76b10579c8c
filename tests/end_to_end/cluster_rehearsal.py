"""What `compose.cluster.yaml` and `deploy/helm/saycode` say, done with real processes of this machine.

Their settings, secrets, commands, probes and proxy are read from the files. What differs is what a machine without
containers needs: addresses, and folders where a mount would be. `make rehearse` runs it.
"""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml  # type: ignore[import-untyped]

from tests.cluster.nodes import Node, running_phones
from tests.end_to_end.deployment_rehearsal import caddy, certificate, serving
from tests.kills.__main__ import ask
from tests.support.helm import manifests
from tests.support.postgresql import Server, binary, running_server
from tests.support.processes import COMMAND, SENDER, Browser, Phone, free_port

__all__ = ["certificate"]
PATIENCE = 60.0
ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.cluster.yaml").read_text())
KUBERNETES = manifests({"settings": {"SAYCODE_TRUSTED_PROXIES": "10.0.0.0/8"}})
POD = KUBERNETES["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "a-token-of-the-rehearsal"}


class PlacedNode(Node):
    """A node with the arguments of a manifest, on a port of this machine."""

    arguments: Sequence[str] = ()

    def launch(self) -> None:
        environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **self.environ}
        with self.log.open("ab") as output:
            command = [*COMMAND, *self.arguments]
            self.process = subprocess.Popen(command, env=environ, cwd=self.folder, stdout=output, stderr=output)


def placed(name: str, arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> PlacedNode:
    node = PlacedNode(name, free_port(), folder, environ)
    here = {"0.0.0.0": "127.0.0.1", "8000": str(node.port)}
    node.arguments = [here.get(argument, argument) for argument in arguments]
    assert str(node.port) in node.arguments
    return node


def mounted(folder: Path, environ: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """The settings, with each file of a mount in this folder."""
    folder.mkdir()
    found = dict(environ)
    for name, value in environ.items():
        if name.endswith("_FILE"):
            content = files[value]
            (folder / name).write_text(content)
            found[name] = str(folder / name)
    assert len([name for name in found if name.endswith("_FILE")]) == len(files)
    return found


def contents(secret_key: str, url: str) -> dict[str, str]:
    return {"twilio_auth_token": ACCOUNT["TWILIO_AUTH_TOKEN"], "secret_key": secret_key, "database_url": url}


@contextmanager
def stopped(nodes: Sequence[Node]) -> Iterator[None]:
    try:
        yield
    finally:
        for node in nodes:
            if node.process is not None:
                node.process.kill()
                node.process.wait()


def status(address: str) -> int:
    try:
        with urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except URLError as problem:
        return int(getattr(problem, "code", 0))


def until(reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def told_about(environ: Mapping[str, str], simulator: str, address: str) -> dict[str, str]:
    """The settings of `.env` or the ConfigMap as an operator fills them in, with the simulator in Twilio's place."""
    mine = {"TWILIO_ACCOUNT_SID": ACCOUNT["TWILIO_ACCOUNT_SID"], "TWILIO_FROM_NUMBER": SENDER}
    return {**environ, **mine, "SAYCODE_PUBLIC_URL": address, "TWILIO_API_BASE_URL": simulator}


def starts_by_text(address: str, simulator: str, number: str) -> str:
    """A verification by text from the form to its end: the state of the last page."""
    ask(f"{simulator}/simulator/numbers/%2B{SENDER[1:]}", "PUT")
    browser, phone = Browser(address), Phone(simulator, number)
    assert browser.post("/start", username=f"user {number}", phone=number, channel="sms").state == "code"
    phone.wait_for("text")
    (code,) = set(re.findall(r"\b\d{6}\b", phone.texts[-1]))
    return browser.post("/code", code=code).state


@pytest.fixture
def server() -> Iterator[Server]:
    """The database of the compose file, with the options of its command."""
    program, *options = COMPOSE["services"]["database"]["command"]
    assert program == "postgres"
    given = dict(option.split("=") for option in options if option != "-c")
    with running_server(given) as server:
        yield server


def test_the_nodes_of_the_compose_file_serve_behind_its_proxy(
    server: Server, certificate: Path, tmp_path: Path
) -> None:
    services, port = COMPOSE["services"], free_port()
    address = f"https://localhost:{port}"
    with ExitStack() as stack:
        url = stack.enter_context(server.database(owner="keyed")).replace("saycode@", "keyed:right@")
        simulator = stack.enter_context(running_phones(ACCOUNT))
        nodes = []
        for name in services["proxy"]["environment"]["SAYCODE_UPSTREAM"].replace(":8000", "").split():
            service = services[name]
            assert set(service["secrets"]) <= set(COMPOSE["secrets"])
            files = {f"/run/secrets/{each}": text for each, text in compose_secrets(url).items()}
            settings = mounted(tmp_path / name, told_about(service["environment"], simulator, address), files)
            settings["SAYCODE_TRUSTED_PROXIES"] = "127.0.0.1"
            nodes.append(placed(name, service["command"], settings, tmp_path))
        _, healthy, *options = services["database"]["healthcheck"]["test"]
        check = [str(binary(healthy)), *options, "--host=127.0.0.1", f"--port={server.port}"]
        assert subprocess.run(check, capture_output=True).returncode == 0
        stack.enter_context(stopped(nodes))
        for node in nodes:
            node.launch()
        upstream = " ".join(node.address.removeprefix("http://") for node in nodes)
        command, environ = caddy(tmp_path, port, upstream, certificate)
        asked_for = set(services["proxy"]["environment"])
        assert asked_for <= set(environ)
        stack.enter_context(serving(command, environ, tmp_path, address))
        for node in nodes:
            until_probed("readinessProbe", node)
        assert starts_by_text(address, simulator, "+14155550101") == "welcome"
        assert nodes[0].process
        nodes[0].process.send_signal(signal.SIGKILL)
        nodes[0].process.wait()
        time.sleep(5)  # Debian's Caddy answers the first such POST with 502; until then its own probe has found out
        assert starts_by_text(address, simulator, "+14155550102") == "welcome"
        assert status(f"{address}/metrics") == 404


def compose_secrets(url: str) -> dict[str, str]:
    key = "9b1f27c3d8e04a56b7f3a9c01e5d2846"
    return {"twilio_auth_token": ACCOUNT["TWILIO_AUTH_TOKEN"], "saycode_secret_key": key, "saycode_database_url": url}


def pod_settings(folder: Path, simulator: str, address: str, secret: Mapping[str, str]) -> dict[str, str]:
    """The environment of the container, its secret as files where it is mounted."""
    (volume,) = [each for each in POD["volumes"] if "secret" in each]
    (mount,) = [each for each in CONTAINER["volumeMounts"] if each["name"] == volume["name"]]
    assert mount["readOnly"] is True
    (source,) = [each["configMapRef"]["name"] for each in CONTAINER["envFrom"]]
    assert source == KUBERNETES["ConfigMap"]["metadata"]["name"]
    environ = KUBERNETES["ConfigMap"]["data"] | {each["name"]: each["value"] for each in CONTAINER["env"]}
    files = {f"{mount['mountPath']}/{name}": text for name, text in secret.items()}
    return mounted(folder, told_about(environ, simulator, address), files)


def probe(name: str, node: Node) -> int:
    get = CONTAINER[name]["httpGet"]
    (port,) = [each["containerPort"] for each in CONTAINER["ports"] if each["name"] == get["port"]]
    assert str(port) in CONTAINER["args"]
    return status(node.address + get["path"])


def until_probed(name: str, node: Node, code: int = 200) -> None:
    until(lambda: probe(name, node) == code, f"{name} is never {code}")


def test_a_pod_waits_for_its_database_is_ready_and_ends_within_its_grace(server: Server, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(server.database(owner="keyed")).replace("saycode@", "keyed:right@")
        simulator = stack.enter_context(running_phones(ACCOUNT))
        settings = pod_settings(tmp_path / "pod", simulator, "http://127.0.0.1:1", contents(secrets.token_hex(32), url))
        node = placed("pod", CONTAINER["args"], settings, tmp_path)
        node.environ = {**settings, "SAYCODE_PUBLIC_URL": node.address}
        server.stop()
        stack.enter_context(stopped([node]))
        node.launch()
        until(lambda: "until the database answers" in node.log.read_text(), "it says what it waits for")
        startup = CONTAINER["startupProbe"]
        assert probe("startupProbe", node) == 0
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 3600, "it is not started anew for that"
        server.start()
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            until_probed(name, node)
        assert starts_by_text(node.address, simulator, "+14155550103") == "welcome"
        server.stop()
        until_probed("readinessProbe", node, 503)
        assert probe("livenessProbe", node) == 200
        server.start()
        until_probed("readinessProbe", node)
        assert ends_in(node) < POD["terminationGracePeriodSeconds"]


def ends_in(node: Node) -> float:
    """Seconds of the hook before the stop, which is run, and of the stop."""
    began = time.monotonic()
    program, *arguments = CONTAINER["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "python"
    subprocess.run([sys.executable, *arguments], check=True)
    assert node.process
    node.process.terminate()
    assert node.process.wait(PATIENCE) in (0, -signal.SIGTERM)
    return time.monotonic() - began


def test_the_parts_of_the_chart_name_each_other() -> None:
    spec: Mapping[str, Any] = KUBERNETES["Deployment"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    for kind in ("Service", "PodDisruptionBudget"):
        selector = KUBERNETES[kind]["spec"]["selector"]
        assert selector.get("matchLabels", selector) == labels
    (port,) = KUBERNETES["Service"]["spec"]["ports"]
    assert port["targetPort"] in [each["name"] for each in CONTAINER["ports"]]
    assert KUBERNETES["PodDisruptionBudget"]["spec"]["minAvailable"] < spec["replicas"]
