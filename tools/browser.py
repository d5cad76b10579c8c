"""Bring a browser for the tests of the pages: `python -m tools.browser`.

One that is installed is taken; else Playwright's own headless shell; else the system's package, where that is allowed.
Exit 0 in any case: without a browser the other tests still run, and say at their end which did not.
"""

import os
import shutil
import subprocess
import sys

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
#: Seconds. The headless shell is some 100 MB.
DOWNLOAD_TIMEOUT = 300


def installed() -> str | None:
    """The path of a browser that is installed. `CHROMIUM` names one elsewhere."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *INSTALLED)))), None)


def headless_shell() -> bool:
    """Whether Playwright has its own browser. It is started to be sure, because it needs libraries of the system."""
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(args=["--no-sandbox"]).close()
    except Exception:  # Playwright's own driver needs libraries, too; when they miss, it raises a bare Exception
        return False
    return True


def download() -> bool:
    """Ask Playwright for its headless shell. Whether it came and starts."""
    return succeeds([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]) and headless_shell()


def install_package() -> bool:
    """Ask Debian's package manager, as root or by a sudo that asks for no password. Whether it came."""
    if shutil.which("apt-get") is None:
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if as_root and shutil.which("sudo") is None:
        return False
    return succeeds([*as_root, "apt-get", "update", "-qq"]) and succeeds(
        [*as_root, "apt-get", "install", "-qq", "--no-install-recommends", "chromium"]
    )


def succeeds(command: list[str]) -> bool:
    """Whether a command ends well in time. What it prints is shown only when it does not."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"{' '.join(command)}: {problem}", file=sys.stderr)
        return False
    if done.returncode:
        print(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-300:]}", file=sys.stderr)
    return done.returncode == 0


def main() -> None:
    if installed() or headless_shell():
        return
    print("No browser is installed; looking for one for the tests of the pages.", flush=True)
    if not (download() or (install_package() and installed())):
        print("No browser could be installed. The tests that need one are left out.", file=sys.stderr)


if __name__ == "__main__":
    main()
