"""Makes a release and proves it: `python -m tools.release --tools FOLDER`, or `make release`.

Into `dist/` come the source distribution and the wheel of `saycode` and of `twilio-simulator`, the bill of materials
(CycloneDX 1.6, from the pinned packages) and the SHA-256 of each file. Then everything is used as a new user would: in
a bare virtual environment with the pinned packages, by `uvx` and by `pipx run`, each until a phone has rung and its
code was approved. Stops with the first command that fails. Packages are downloaded once, from the index that pip is set
up with.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
#: The name of a distribution in its files, and the folder of its pyproject.toml.
DISTRIBUTIONS = {"saycode": ROOT, "twilio_simulator": ROOT / "twilio_simulator"}
DEMO = ("demo", "--once", "--port", "0", "--speed", "10")
#: Seconds for one command; most of it is for packages to come.
PATIENCE = 600


def run(command: Sequence[str | Path], *, folder: Path, **environ: str) -> str:
    """What a command printed, also where it ends well. It does not see the repository. Raises SystemExit."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    arguments = [str(argument) for argument in command]
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=inherited | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def build(time: str) -> dict[str, Path]:
    """The wheel of each distribution, made from its source distribution. The same commit makes the same files."""
    shutil.rmtree(DIST, ignore_errors=True)
    found = {}
    for name, folder in DISTRIBUTIONS.items():
        command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, folder)
        run(command, folder=ROOT, SOURCE_DATE_EPOCH=time)
        (found[name],) = DIST.glob(f"{name}-*.whl")
    return found


def describe(tools: Path, wheel: Path, time: str) -> None:
    """The bill of materials, and the digest of each file."""
    bill = DIST / f"{'-'.join(wheel.name.split('-')[:2])}.cdx.json"
    options = ("--output-reproducible", "--pyproject", "pyproject.toml", "--output-file", bill)
    run((tools / "cyclonedx-py", "requirements", *options, "requirements.txt"), folder=ROOT, SOURCE_DATE_EPOCH=time)
    files = sorted(DIST.iterdir())
    lines = [f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (DIST / "SHA256SUMS").write_text("".join(lines))


def expect_approved(said: str) -> None:
    if "Approved in" not in said:
        raise SystemExit(f"The demo approved nothing:\n{said}")


def prove(wheels: dict[str, Path], tools: Path, folder: Path) -> None:
    """Use what was made, each time in a folder that has nothing of the repository."""
    bare, packages = folder / "bare", folder / "packages"
    run((sys.executable, "-m", "venv", bare), folder=folder)
    pip = (bare / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    pinned = ("--require-hashes", "--requirement", ROOT / "requirements.txt")
    run((*pip, "download", *pinned, "--dest", packages), folder=folder)
    here = ("--no-index", "--find-links", packages)
    run((*pip, "install", *here, *pinned), folder=folder)
    run((*pip, "install", "--no-deps", *wheels.values()), folder=folder)
    run((bare / "bin" / "python", "-m", "pip", "check"), folder=folder)
    expect_approved(run((bare / "bin" / "saycode", *DEMO), folder=folder))
    run((bare / "bin" / "twilio-simulator", "--help"), folder=folder)
    print("A bare virtual environment: approved.", flush=True)

    uvx = (tools / "uv", "tool", "run", *here)
    expect_approved(
        run((*uvx, "--from", wheels["saycode"], "saycode", *DEMO), folder=folder, UV_CACHE_DIR=str(folder / "uv"))
    )
    print("uvx: approved.", flush=True)

    home = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin")}
    pipx = (tools / "pipx", "run", f"--pip-args=--no-index --find-links {packages}")
    expect_approved(run((*pipx, "--spec", wheels["saycode"], "saycode", *DEMO), folder=folder, **home))
    print("pipx run: approved.", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", type=Path, required=True, help="the folder with cyclonedx-py, hadolint, uv and pipx")
    tools = parser.parse_args().tools.absolute()
    time = run(("git", "log", "-1", "--format=%ct"), folder=ROOT).strip()
    run((tools / "hadolint", "Dockerfile"), folder=ROOT)
    wheels = build(time)
    describe(tools, wheels["saycode"], time)
    with TemporaryDirectory() as folder:
        prove(wheels, tools, Path(folder))
    print(*(file.name for file in sorted(DIST.iterdir())), sep="\n")


if __name__ == "__main__":
    main()
