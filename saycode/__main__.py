"""The program: `saycode`, or `python -m saycode`."""

import sys
from pathlib import Path

#: The packages beside this one, which a wheel has inside this one: an installed Saycode takes no top-level name but its
#: own, so that an application in the same environment keeps its own `webhooks` and `twiml`.
CARRIED = Path(__file__).with_name("carried")


def main() -> None:
    """Run the command line. In a clone nothing is carried: the packages are found beside this one."""
    if CARRIED.is_dir():
        sys.path.insert(0, str(CARRIED))
    from .cli.main import main as command

    command(prog_name="saycode")


if __name__ == "__main__":
    main()
