"""The API asked what nobody would ask: schemathesis reads its description and fuzzes a running service.

`make fuzz` runs every phase of it; a short run is among the tests. What it looks for: no 5xx, no status, header or
field outside of the description, nothing accepted that the description forbids, no door without its key, no other
method. Left out is that whatever has the right form must be accepted, and that what follows a creation must be found: a
number can have the right form and belong to nobody, and a check can name a verification that nobody has started.
"""

import json
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from tests.support.processes import Deployment, deploy

COMMAND = Path(sys.executable).with_name("schemathesis")
LEFT_OUT = "positive_data_acceptance,ensure_resource_availability"


def a_town(folder: Path) -> AbstractContextManager[Deployment]:
    """A service to be asked; codes go to a simulator, as often as somebody likes."""
    return deploy(folder, SAYCODE_REPEAT_SPACING="0", SAYCODE_MAX_CHECKS="5")


def fuzz(here: Deployment, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run schemathesis against a service; its exit code is 0 when it found nothing."""
    made = json.loads(here.command("services", "create", "Acme", "--json"))
    config = here.folder / "schemathesis.toml"
    config.write_text(f'[parameters]\n"path.service" = "{made["service_sid"]}"\n', encoding="utf-8")
    return subprocess.run(
        [
            *(str(COMMAND), f"--config-file={config}", "run", f"{here.address}/openapi.json"),
            *("--auth", f"{made['key_sid']}:{made['secret']}", f"--exclude-checks={LEFT_OUT}"),
            # A machine with much else to do is slow, and no finding.
            *("--warnings=off", "--suppress-health-check=all", "--request-timeout=60", *arguments),
        ],
        cwd=here.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> int:
    """The long run."""
    with tempfile.TemporaryDirectory() as folder, a_town(Path(folder)) as here:
        done = fuzz(here, *sys.argv[1:])
    print(done.stdout, done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
