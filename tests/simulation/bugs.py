"""Bugs that the simulation must find: small patches to a copy of the rules.

    python -m tests.simulation.bugs
    python -m tests.simulation.bugs "a wrong code is not counted"

Prints how many seeds each bug took; exit 1 when one is not found. A patch is a piece of source and its replacement, so a
change of such a line must be made here, too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("verification", "twiml", "webhooks", "twilio_simulator", "saycode")
SEEDS = 30_000


@dataclass(frozen=True, slots=True)
class Bug:
    """A name, the file in `verification`, a piece of its source, and the replacement."""

    name: str
    file: str
    right: str
    wrong: str


BUGS = (
    Bug(
        "a wrong code is not counted",
        "flow/check.py",
        "counted = replace(verification, checks=verification.checks + 1)",
        "counted = verification",
    ),
    Bug(
        "one check more than allowed",
        "flow/check.py",
        "if counted.checks >= counted.max_checks",
        "if counted.checks > counted.max_checks",
    ),
    Bug(
        "a code is taken after its deadline",
        "flow/ending.py",
        "now < verification.expires_at",
        "now < verification.expires_at + 100",
    ),
    Bug(
        "any code will do for an answer that was lost",
        "flow/check.py",
        "    if not hmac.compare_digest(",
        "    if False and not hmac.compare_digest(",
    ),
    Bug(
        "a late callback changes what is final",
        "types.py",
        "return reported if reported.rank > current.rank else current",
        "return reported if reported.rank >= current.rank else current",
    ),
    Bug(
        "any two keys open the gate",
        "ivr/gate.py",
        "return call_input is CallInput.KEYS and digits == self.keys(delivery.tries)",
        "return call_input is CallInput.KEYS and len(digits) == 2",
    ),
    Bug(
        "a call goes to a phone that is ringing for another account",
        "flow/admission.py",
        "if state.other_call_since is not None and send",
        "if False and state.other_call_since is not None and send",
    ),
    Bug(
        "the older verification of an account stays open",
        "flow/start.py",
        "        ended = (end(older, VerificationStatus.CANCELED, now=now),)",
        "        ended = ()",
    ),
    Bug(
        "a repeat does not wait",
        "flow/admission.py",
        "left = max(0.0, sent[-1].created_at",
        "left = max(0.0, sent[0].created_at - 100",
    ),
    Bug(
        "a limit looks at the wrong send",
        "flow/rate_limits.py",
        "last + limit.seconds - at if",
        "last + limit.seconds - 10 - at if",
    ),
    Bug(
        "a start that may have reached Twilio is not counted",
        "flow/delivery.py",
        "    return Changes(result=verification, deliveries=(recorded,), events=",
        "    refund = _refund(state, verification, delivery, Rejected(permanent=False, code=None), context, ended=False) if isinstance(outcome, Unclear) else ()\n    return Changes(result=verification, deliveries=(recorded,), counter_updates=refund, events=",
    ),
    Bug(
        "a start without an answer is tried once more",
        "dispatcher.py",
        "            outcome = await self.provider.call(delivery.sid, verification.number)\n",
        '            outcome = await self.provider.call(delivery.sid, verification.number)\n            if hasattr(outcome, "reason"):\n                outcome = await self.provider.call(delivery.sid, verification.number)\n',
    ),
    Bug(
        "a plan that was held up is sent after it was settled",
        "dispatcher.py",
        "delivery.created_at >= self.policy.plan_lifetime:",
        "delivery.created_at >= 86_400:",
    ),
    Bug(
        "what never reached Twilio stays unknown",
        "flow/delivery.py",
        "    if isinstance(report, Rejected) and delivery.provider_sid is None:",
        "    if False and isinstance(report, Rejected) and delivery.provider_sid is None:",
    ),
)


def missing(bug: Bug) -> bool:
    """Whether the piece of source is not in the file exactly once."""
    return (ROOT / "verification" / bug.file).read_text(encoding="utf-8").count(bug.right) != 1


def plant(bug: Bug, folder: Path) -> None:
    """Copy the packages to `folder`, with this bug in them."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "simulation", folder / "tests" / "simulation")
    if missing(bug):
        raise LookupError(f"{bug.name}: {bug.file} has changed, so change the bug as well")
    path = folder / "verification" / bug.file
    path.write_text(path.read_text(encoding="utf-8").replace(bug.right, bug.wrong), encoding="utf-8")


def simulate(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the simulation of the packages in this folder."""
    command = [sys.executable, "-P", "-m", "tests.simulation", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def hunt(bug: Bug, *, seeds: int = SEEDS) -> tuple[int, str] | None:
    """The first seed that finds the bug, and its message; None when none does."""
    with tempfile.TemporaryDirectory() as name:
        plant(bug, Path(name))
        ran = simulate(Path(name), "--seeds", str(seeds))
    found = re.search(r"^seed (\d+) is broken", ran.stdout, re.MULTILINE)
    if ran.returncode == 0 or found is None:
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        return None
    said = re.search(r"^\S+\.Broken: (.*)$", ran.stdout, re.MULTILINE)
    if said is None:
        raise RuntimeError(f"{bug.name}: no bug that was found, but one that does not run\n{ran.stdout}")
    return int(found[1]), said[1]


def main() -> None:
    names = sys.argv[1:]
    hidden = 0
    for bug in BUGS:
        if names and bug.name not in names:
            continue
        found = hunt(bug)
        hidden += found is None
        took, said = ("not found", "") if found is None else (f"{found[0] + 1} seeds", found[1])
        print(f"{bug.name:60} {took:>12}   {said}", flush=True)
    sys.exit(hidden > 0)


if __name__ == "__main__":
    main()
