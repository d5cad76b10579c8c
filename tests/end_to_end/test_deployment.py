"""The shipped deployment: unprivileged, read-only, monitored, pinned; and proxies that keep their limits."""

import asyncio
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from saycode.server.serve import SHUTDOWN_SECONDS
from saycode.storage.sqlite.store import SqliteStore
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.keys import KEY
from tests.support.store import NUMBER, event, put, verification
from verification.ports import ByNumber
from webhooks.page.live import MAX_OF_SOURCE, MAX_STREAMS
from webhooks.routes import PATHS

__all__ = ["alone"]
ROOT = Path(__file__).parents[2]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def steps() -> list[str]:
    """The image's instructions, continued lines joined, comments gone."""
    text = re.sub(r"^\s*#.*\n", "", read("Dockerfile"), flags=re.MULTILINE).replace("\\\n", "")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def last_stage() -> list[str]:
    found = steps()
    begins = [number for number, step in enumerate(found) if step.startswith("FROM ")]
    assert len(begins) == 2, "one stage builds, the other one runs"
    return found[begins[-1] :]


def service(name: str) -> str:
    """The lines of one service of the compose file."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", read("compose.yaml"), re.MULTILINE)
    assert found
    return found[1]


def test_the_image_runs_as_nobody_and_a_number_so_that_it_can_be_checked() -> None:
    users = [step for step in last_stage() if step.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    assert last_stage().index(users[0]) < next(n for n, step in enumerate(last_stage()) if step.startswith("CMD"))


def test_the_image_installs_only_what_is_pinned_with_hashes_and_names_no_index() -> None:
    commands = [part.strip() for step in steps() for part in step.split("&&")]
    installs = [command for command in commands if "pip" in command and re.search(r" (install|wheel) ", command)]
    assert [" --require-hashes --requirement " in command for command in installs] == [True, True, False, False]
    assert all(" --no-deps " in command for command in installs[2:])
    assert not re.search(r"index-url|trusted-host|find-links|https?://(?!127\.0\.0\.1)", "\n".join(steps()))
    assert not any("pip install" in step or "apt-get" in step for step in last_stage())


def test_every_image_is_of_a_version() -> None:
    images = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    composed = read("compose.yaml") + read("compose.cluster.yaml")
    images += [image for image in re.findall(r"^ +image: (\S+)", composed, re.MULTILINE) if image != "saycode"]
    assert images
    assert [image for image in images if not re.fullmatch(r"[a-z]+:[0-9]+\.[0-9]+[a-z0-9.-]*", image)] == []


def test_the_image_is_watched_by_the_probe_that_means_something_within_five_seconds() -> None:
    (check,) = [step for step in last_stage() if step.startswith("HEALTHCHECK")]
    assert f"http://127.0.0.1:8000{PATHS['health_ready']}" in check
    assert "--timeout=5s" in check


def test_the_builder_gets_nothing_that_the_image_is_not_made_of() -> None:
    first, *others = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert first == "*"
    copied = {name for step in steps() for name in re.findall(r"^COPY (?!--)(.+) \S+$", step)}
    wanted = {name for names in copied for name in names.split()}
    assert wanted == {line[1:] for line in others if line.startswith("!")}
    assert "**/.env" in others


def test_the_service_may_write_its_data_and_nothing_else() -> None:
    for name in ("saycode", "proxy"):
        lines = service(name)
        assert "read_only: true" in lines
        assert re.search(r"cap_drop:\n      - ALL", lines)
        assert "no-new-privileges:true" in lines
        assert "mem_limit:" in lines
    assert "- data:/data" in service("saycode")
    assert "ports:" not in service("saycode"), "only the proxy is reached from outside"


def test_each_node_of_a_cluster_is_as_locked_up_as_the_service_alone() -> None:
    """The node's lines are those of the service, one level up, without the file."""
    cluster = read("compose.cluster.yaml")
    (node,) = re.findall(r"^x-node: &node\n((?:  .*\n|\n)+)", cluster, re.MULTILINE)
    alone, of_node = (lines_of(text) for text in (service("saycode"), node))
    ours = {"- data:/data", "volumes:", "ipv4_address: 172.30.97.3", "inside:"}
    ours |= {line for line in alone if "TRUSTED" in line or "DATABASE_URL" in line}
    assert alone - ours <= of_node
    assert re.findall(r"^  node-[ab]: \*node$", cluster, re.MULTILINE) == ["  node-a: *node", "  node-b: *node"]
    assert "SAYCODE_UPSTREAM: node-a:8000 node-b:8000" in cluster
    (trusted,) = re.findall(r"SAYCODE_TRUSTED_PROXIES: (\S+)", node)
    assert f"ipv4_address: {trusted}" in cluster
    assert cluster.count("ports:") == 1, "only the proxy is reached from outside"


def lines_of(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")}


def test_core_dumps_are_off_and_memory_files_and_tasks_are_bounded() -> None:
    unit = dict(re.findall(r"^(\w+)=(\S+)$", read("deploy/saycode.service"), re.MULTILINE))
    assert unit["LimitCORE"] == "0"
    assert int(unit["TasksMax"]) <= 256
    # What was measured: 85 MB a worker, 60 MB the supervisor, 15 kB an open page.
    measured = 60 + 2 * (85 + MAX_STREAMS * 0.015)
    high, most = (int(unit[name].removesuffix("M")) for name in ("MemoryHigh", "MemoryMax"))
    assert measured * 1.3 < high < most < measured * 4
    (compose_memory,) = re.findall(r"mem_limit: (\d+)m", service("saycode"))
    assert measured * 1.3 < int(compose_memory)
    files = int(unit["LimitNOFILE"])
    for name in ("saycode", "proxy"):
        assert "core: 0" in service(name)
        assert f"nofile: {files}" in service(name)
        assert "pids_limit:" in service(name)
    (all_connections,) = re.findall(r"limit_conn saycode_all (\d+);", read("deploy/nginx.conf"))
    (of_address,) = re.findall(r"limit_conn saycode_addresses (\d+);", read("deploy/nginx.conf"))
    assert int(of_address) <= MAX_OF_SOURCE < 2 * MAX_STREAMS < int(all_connections) < files * 0.9


def test_secrets_come_from_files_and_never_from_the_compose_file() -> None:
    given = re.findall(r"^      ([A-Z_]+):", service("saycode"), re.MULTILINE)
    assert {"TWILIO_AUTH_TOKEN_FILE", "SAYCODE_SECRET_KEY_FILE"} <= set(given)
    assert not {"TWILIO_AUTH_TOKEN", "SAYCODE_SECRET_KEY"} & set(given)


def test_whoever_stops_the_service_waits_longer_than_it_needs() -> None:
    (grace,) = re.findall(r"stop_grace_period: (\d+)s", service("saycode"))
    (timeout,) = re.findall(r"^TimeoutStopSec=(\d+)$", read("deploy/saycode.service"), re.MULTILINE)
    assert min(int(grace), int(timeout)) > SHUTDOWN_SECONDS + 2


def test_no_layout_hides_a_setting_of_the_service_from_the_command_line() -> None:
    """Commands read the service's `.env` in its working directory, or run in its container."""
    unit = read("deploy/saycode.service")
    assert not re.search(r"^Environment", unit, re.MULTILINE)
    (folder,) = re.findall(r"^WorkingDirectory=(\S+)$", unit, re.MULTILINE)
    layout = read("docs/deploy.md").partition("## systemd")[2].partition("## ")[0]
    assert f".env {folder}/.env" in layout
    assert "SAYCODE_DATABASE_URL=sqlite:////var/lib/saycode/saycode.db >> .env" in layout
    assert f"cd {folder} && sudo -u saycode" in layout
    assert "SAYCODE_DATABASE_URL=sqlite:////data/saycode.db" in "\n".join(last_stage()), (
        "an exec has the image's environment"
    )
    assert not re.search(r"^CMD .*SAYCODE_|^ENTRYPOINT .*SAYCODE_", "\n".join(last_stage()), re.MULTILINE)


def test_the_proxy_that_is_trusted_is_the_one_that_is_started() -> None:
    (trusted,) = re.findall(r"SAYCODE_TRUSTED_PROXIES: (\S+)", service("saycode"))
    assert f"ipv4_address: {trusted}" in service("proxy")


def test_both_proxies_cut_slow_clients_and_large_requests_and_write_the_forwarded_header_anew() -> None:
    caddy, nginx = read("deploy/Caddyfile"), read("deploy/nginx.conf")
    for promise in ("read_header 5s", "read_body 10s", "max_size 64KB", "max_header_size 16KB", "respond /metrics 404"):
        assert promise in caddy
    for promise in (
        "client_header_timeout 5s",
        "client_body_timeout 10s",
        "client_max_body_size 64k",
        "large_client_header_buffers 4 8k",
        "proxy_next_upstream off",
    ):
        assert promise in nginx
    assert nginx.count("proxy_set_header X-Forwarded-For $remote_addr;") == nginx.count("proxy_pass ")
    assert "$proxy_add_x_forwarded_for" not in nginx
    assert re.search(r"location = /progress \{[^}]*proxy_buffering off", nginx)
    assert "flush_interval -1" in caddy


# The backup.


def fill(number: int) -> None:
    async def work() -> None:
        async with SqliteStore.open("saycode.db", secrets=(KEY.encode(),)) as store:
            await put(store, verifications=(verification(number),), events=(event(number),), suppress=(NUMBER,))

    asyncio.run(work())


def test_a_backup_is_whole_and_opens_with_the_key(tmp_path: Path) -> None:
    fill(1)
    with closing(sqlite3.connect("saycode.db", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")  # the service is in the middle of something
        done = run("backup", "copy.db", **GOOD)
    assert (done.exit_code, done.stderr) == (0, "")
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir() if "copy" in file.name) == ["copy.db"]

    async def look() -> bool:
        async with SqliteStore.open("copy.db", secrets=(KEY.encode(),)) as store:
            return (await store.read(ByNumber(NUMBER))).suppressed

    assert asyncio.run(look())


def test_a_backup_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    fill(1)
    (tmp_path / "copy.db").write_text("precious")
    refused = run("backup", "copy.db", **GOOD)
    assert (refused.exit_code, refused.stderr) == (1, "Error: copy.db already exists: name a new file\n")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_backup_to_where_no_file_can_be_is_refused_in_one_line() -> None:
    fill(1)
    refused = run("backup", "absent/copy.db", **GOOD)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: absent/copy.db cannot be written: No such file or directory\n",
    )


def test_without_a_database_there_is_no_backup(tmp_path: Path) -> None:
    assert "does not exist" in run("backup", "copy.db", **GOOD).stderr
    assert list(tmp_path.iterdir()) == []
