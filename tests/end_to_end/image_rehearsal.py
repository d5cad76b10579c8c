"""The container image: built from the Dockerfile, measured, searched for build tools, and run.

    make image

It needs buildah and debootstrap, the right to make namespaces, and Debian's and Python's packages. No registry of
images is reached: a Debian with Python and pip at the places of the official image stands in for it.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from saycode.server.serve import SHUTDOWN_SECONDS
from tests.support.missing import missing
from tests.support.processes import ROOT, free_port

#: Megabytes as a registry keeps them, compressed: what may be added to the base, and the whole.
MOST_ADDED, MOST = 45, 120
#: Where the machine's own certificates are, which pip's connections are checked with.
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
#: As the official image has it: `python` and `pip` on the path, and no package manager's hold on pip.
LIKE_THE_OFFICIAL = """
rm /usr/lib/python3*/EXTERNALLY-MANAGED
ln -s /usr/bin/python3 /usr/local/bin/python
PYTHONPATH=$(echo /usr/share/python-wheels/pip-*.whl) \\
    python -m pip install --root-user-action=ignore --no-index --find-links=/usr/share/python-wheels pip
"""
BUILD_TOOLS = ("pip", "pip3", "hatchling", "cc", "gcc", "g++", "make", "git")
SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-the-rehearsal",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example.com",
    "SAYCODE_SECRET_KEY": "rehearsal-" * 4,
}


@dataclass(frozen=True, slots=True)
class Builder:
    """buildah with a store of its own."""

    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return ["buildah", "--root", f"{self.folder}/root", "--runroot", f"{self.folder}/run", *arguments]

    def do(self, *arguments: str) -> str:
        """What the command printed; the last word of its output is often an id."""
        done = subprocess.run(self.command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.strip()

    def base(self, tag: str) -> None:
        """The stand-in for an official image."""
        files = self.folder / "base"
        made = ["debootstrap", "--variant=minbase", "--include=python3,python3-pip-whl", "trixie", str(files)]
        done = subprocess.run(made, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        for what in ("usr/share/doc", "usr/share/locale", "var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(files / what)
        container = self.do("from", "scratch")
        self.do("add", "--quiet", container, str(files), "/")
        self.do("run", "--isolation=chroot", container, "sh", "-ec", LIKE_THE_OFFICIAL)
        self.do("commit", "--format=docker", "--rm", container, tag)
        shutil.rmtree(files)

    def layers(self, image: str) -> list[int]:
        """The compressed sizes of an image's layers in bytes, as a registry would keep them."""
        to = self.folder / "pushed"
        self.do("push", "--format=v2s2", image, f"dir:{to}")
        sizes = [layer["size"] for layer in json.loads((to / "manifest.json").read_text())["layers"]]
        shutil.rmtree(to)
        return sizes


@dataclass(frozen=True, slots=True)
class Image:
    """The image that was built, and a container of it."""

    builder: Builder
    container: str
    base_layers: int

    @property
    def config(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.builder.do("inspect", "--type=image", "saycode"))["Docker"]["config"]
        return found

    @property
    def files(self) -> Path:
        return Path(self.builder.do("mount", self.container))

    def command(self, words: Sequence[str]) -> list[str]:
        """A command in the container, with the settings as Compose gives them."""
        given = [f"--env={name}={value}" for name, value in SETTINGS.items()]
        return self.builder.command("run", "--isolation=chroot", *given, self.container, "--", *words)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self.command(words), capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    for program in ("buildah", "debootstrap"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            missing(program, f"apt-get install {program}")
    builder = Builder(tmp_path_factory.mktemp("image"))
    (from_,) = {line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("FROM ")}
    builder.base(f"localhost/{from_}")
    settings = builder.folder / "pip.conf"
    settings.write_text(f"[global]\ncert = {CERTIFICATES}\n")
    mounts = [f"--volume={settings}:/etc/pip.conf:ro", f"--volume={CERTIFICATES}:{CERTIFICATES}:ro"]
    builder.do("bud", "--isolation=chroot", "--format=docker", "--pull-never", *mounts, "--tag=saycode", str(ROOT))
    container = builder.do("from", "--pull-never", "saycode")
    yield Image(builder, container, len(builder.layers(f"localhost/{from_}")))
    builder.do("rm", "--all")
    builder.do("rmi", "--all", "--force")


def test_it_is_small_enough_and_what_it_adds_is(image: Image) -> None:
    sizes = image.builder.layers("saycode")
    added, whole = (sum(part) / 1e6 for part in (sizes[image.base_layers :], sizes))
    unpacked = int(subprocess.check_output(["du", "-sk", str(image.files / "opt" / "saycode")]).split()[0]) / 1e3
    print(f"the image: {added:.0f} MB added, {whole:.0f} MB whole, compressed; /opt/saycode has {unpacked:.0f} MB")
    assert 10 < added < MOST_ADDED
    assert whole < MOST


def test_it_has_no_build_tools(image: Image) -> None:
    looked_at = [
        folder for folder in ("opt/saycode/bin", "usr/local/bin", "usr/bin") if (image.files / folder).is_dir()
    ]
    assert looked_at == ["opt/saycode/bin", "usr/local/bin", "usr/bin"]
    found = {file.name for folder in looked_at for file in (image.files / folder).iterdir()}
    assert "saycode" in found
    assert found & set(BUILD_TOOLS) == set()
    for python in ("/opt/saycode/bin/python", "/usr/local/bin/python"):
        asked = image.run(python, "-c", "import pip")
        assert "No module named 'pip'" in asked.stderr


def test_the_demo_runs_in_it_as_the_user_without_rights(image: Image) -> None:
    assert image.config["User"] == "10001:10001"
    assert image.run("id", "-u").stdout.strip() == "10001"
    demo = image.run("saycode", "demo", "--once")
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_its_command_serves_and_a_command_beside_it_opens_the_same_database(image: Image, tmp_path: Path) -> None:
    port = str(free_port())
    begins = [*_words(image.config["Entrypoint"]), *_words(image.config["Cmd"])]
    serve = [{"8000": port, "0.0.0.0": "127.0.0.1"}.get(word, word) for word in begins]
    probe = [word.replace(":8000/", f":{port}/") for word in _words(_probe(image.config)["Test"])]
    assert probe[0] == "CMD"
    with serving(image.command(serve), f"http://127.0.0.1:{port}/health/ready", tmp_path):
        assert image.run(*probe[1:]).returncode == 0
        created = image.run("saycode", "services", "create", "shop")
        assert (created.returncode, "new database" in created.stderr) == (0, False), created.stderr
    assert image.run(*probe[1:]).returncode == 1
    kept = image.run("python", "-c", "import glob; print(*glob.glob('/data/*.db'), *glob.glob('/tmp/*.db'))")
    assert kept.stdout.split() == ["/data/saycode.db"]
    assert "shop" in image.run("saycode", "services", "list").stdout


@contextmanager
def serving(command: Sequence[str], ready: str, folder: Path) -> Iterator[None]:
    """Run a container's command from when it is ready, and end it as Docker does."""
    with (
        (folder / "container.log").open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as run,
    ):
        until = time.monotonic() + 60
        while not _answers(ready):
            assert (run.poll(), time.monotonic() < until) == (None, True), (folder / "container.log").read_text()
            time.sleep(0.2)
        try:
            yield
        finally:
            os.kill(_first_process(run.pid), signal.SIGTERM)
            run.wait(timeout=SHUTDOWN_SECONDS + 5)


def _first_process(pid: int) -> int:
    """The container's first process: the builder, which has some of its own above it, passes no signal on."""
    while Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"buildah"):
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        pid = next(int(child) for task in tasks for child in task.read_text().split())
    return pid


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def _words(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(word) for word in value]


def _probe(config: dict[str, object]) -> dict[str, object]:
    found = config["Healthcheck"]
    assert isinstance(found, dict)
    return found
