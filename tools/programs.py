"""What the tests need beside Python: a browser, Node with npm, PostgreSQL with PgBouncer, Prometheus, and faketime.

`python -m tools.programs` brings them.

What is installed is taken. A browser may be Playwright's own headless shell; all else comes from Debian's package
manager, where that is allowed. The command exits with 0 in any case: without a program the other tests still run, and
their last lines say which did not.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from glob import glob
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
#: Debian's names. Playwright's driver is a Node that needs libatomic.
BROWSER_PACKAGES = ("chromium", "libatomic1")
POSTGRESQL = "postgresql"
#: What Debian's package reads before it makes and starts a cluster of its own, which the tests have no use for.
CLUSTERS = "/etc/postgresql-common/createcluster.conf"
NO_CLUSTER = (
    f"mkdir -p $(dirname {CLUSTERS}) && {{ [ -e {CLUSTERS} ] || echo create_main_cluster = false >{CLUSTERS}; }}"
)
PROMETHEUS = "prometheus"
#: The package starts a server of its own, too.
UNIT = "/etc/systemd/system/prometheus.service"
NO_SERVER = f"mkdir -p $(dirname {UNIT}) && {{ [ -e {UNIT} ] || ln -s /dev/null {UNIT}; }}"
#: What precedes the installation of a package.
PREPARED = {POSTGRESQL: NO_CLUSTER, PROMETHEUS: NO_SERVER}
APACHE_MODULE = "/usr/lib/apache2/modules/mod_auth_openidc.so"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
#: Seconds. Packages are some 100 MB each.
DOWNLOAD_TIMEOUT = 300


class NoBrowser(Exception):
    """No browser starts here: there is none, or a library of the system is missing."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser: one that is installed, or Playwright's own. Raises NoBrowser."""
    with ExitStack() as stack:
        try:
            playwright = stack.enter_context(sync_playwright())
            launched = playwright.chromium.launch(executable_path=installed(), args=ARGUMENTS)
        except Exception as problem:  # a driver that misses a library raises a bare Exception
            raise NoBrowser from problem
        stack.callback(launched.close)
        yield launched


def installed() -> str | None:
    """The path of a browser that is installed. `CHROMIUM` names one elsewhere."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *INSTALLED)))), None)


def postgresql() -> Path | None:
    """The folder with the programs of the newest PostgreSQL server that is installed; Debian keeps it off the path."""
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    servers = [Path(found) for found in glob("/usr/lib/postgresql/*/bin/postgres")]
    return max(servers, key=lambda server: int(server.parts[-3])).parent if servers else None


def pgbouncer() -> str | None:
    """The path of the pooler."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def browser_starts() -> bool:
    """Whether a browser starts. In a process of its own: a driver that failed is not started again in the same one."""
    command = [sys.executable, "-c", "from tools.programs import browser\nwith browser(): pass"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def download_browser() -> bool:
    """Ask Playwright for its headless shell. Whether it came."""
    return succeeds([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])


def missing_packages() -> list[str]:
    """Debian's packages for what is not here."""
    missing: list[str] = []
    if not browser_starts() and not (download_browser() and browser_starts()):
        missing += BROWSER_PACKAGES
    if not (shutil.which("node") and shutil.which("npm")):
        missing += ("nodejs", "npm")
    if postgresql() is None:
        missing.append(POSTGRESQL)
    if pgbouncer() is None:
        missing.append("pgbouncer")
    if shutil.which("promtool") is None:
        missing.append(PROMETHEUS)
    if not glob("/usr/lib/*/faketime/libfaketime.so.1"):
        missing.append("faketime")
    return missing


def install(packages: Sequence[str]) -> bool:
    """Ask Debian's package manager, as root or by a sudo that asks for no password. Whether they came."""
    if shutil.which("apt-get") is None:
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if as_root and shutil.which("sudo") is None:
        return False
    return (
        succeeds([*as_root, "apt-get", "update", "-qq"])
        and all(succeeds([*as_root, "sh", "-c", PREPARED[package]]) for package in packages if package in PREPARED)
        and succeeds([*as_root, "apt-get", "install", "-qq", "--no-install-recommends", *packages])
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


def missing_apache() -> list[str]:
    """Debian's packages of an Apache that logs people in with OpenID Connect, where they are not here."""
    return [] if os.path.exists(APACHE_MODULE) else ["apache2", "libapache2-mod-auth-openidc"]


def missing_builders() -> list[str]:
    """Debian's packages that build and run a container image without a daemon, where they are not here."""
    on_path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return [package for package in ("buildah", "debootstrap") if shutil.which(package, path=on_path) is None]


def main() -> None:
    packages = missing_packages()
    packages += missing_apache() if "--apache" in sys.argv[1:] else []
    packages += missing_builders() if "--image" in sys.argv[1:] else []
    if packages:
        print(f"The tests need {', '.join(packages)}: installing.", flush=True)
        if not install(packages):
            print("They could not be installed. The tests that need them are left out.", file=sys.stderr)


if __name__ == "__main__":
    main()
