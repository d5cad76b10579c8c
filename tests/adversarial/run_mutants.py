"""`make mutants`: takes each protection out of a copy of the tree, and looks whether its test is red.

Only the named test runs for each, so all of them take a minute or two. Exit 1 when one stays green, when a patch no
longer fits, or when a test is red before anything was changed.

With TEST_STORE=postgresql only those whose test works on a store, and on PostgreSQL.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.adversarial.docs_tables import ROOT
from tests.adversarial.mutants import MUTANTS, Mutant

#: A mutant may loop for ever; no test that is named here takes this long.
PATIENCE = 120
#: Of pytest's output, where something is wrong before anything was changed.
LAST_LINES = 30
#: pytest's exit code where every test was left out: it is of SQLite's file.
NO_TESTS = 5
#: Where tests work on a store.
ON_A_STORE = (
    *(
        "adversarial/",
        "saycode/alerts/",
        "saycode/events/",
        "saycode/maintenance/",
        "saycode/server/",
        "saycode/storage/",
        "webhooks/",
    ),
    *("verification/test_", "verification/counters/test_rules", "verification/flow/test_budgets"),
    *("verification/flow/test_channel_switch", "verification/flow/test_lookup", "verification/flow/test_trusted"),
    *("end_to_end/calls/", "end_to_end/test_proxies", "end_to_end/test_whole_flow"),
)
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", "*.db*", ".mypy_cache", ".ruff_cache", ".pytest_cache"
)


def patched(mutant: Mutant, text: str) -> str | None:
    """The file without the protection; None when it does not stand there, once, any more."""
    return text.replace(mutant.old, mutant.new) if text.count(mutant.old) == 1 else None


def chosen(wanted: Sequence[str]) -> list[Mutant]:
    """The mutants of these situations, `10.1`, or of a whole section, `10`; all without any. On PostgreSQL those whose
    test touches a store.
    """
    named = tuple(f"{number}." for number in wanted)
    mutants = [mutant for mutant in MUTANTS if not wanted or f"{mutant.entry}.".startswith(named)]
    if os.environ.get("TEST_STORE") != "postgresql":
        return mutants
    return [mutant for mutant in mutants if mutant.test.startswith(ON_A_STORE) and not mutant.sqlite]


def run_tests(tree: Path, tests: list[str]) -> tuple[int, str]:
    """pytest's exit code for these tests in a copy of the tree, and the end of what it prints. A test that no longer
    exists is not 0.
    """
    files = [f"tests/{test.replace('::', '.py::', 1)}" for test in tests]
    options = ["-x", "-q", "-p", "no:cacheprovider"]
    try:
        ran = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", *options, *files],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(tree)},
            capture_output=True,
            timeout=PATIENCE * max(1, len(tests) // 4),
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        return 1, f"They took more than {slow.timeout:.0f} seconds."
    return ran.returncode, "\n".join(ran.stdout.decode().splitlines()[-LAST_LINES:])


def result(mutant: Mutant, trees: "SimpleQueue[Path]") -> str:
    """`killed`, or what is wrong."""
    tree = trees.get()
    file = tree / mutant.file
    before = file.read_text(encoding="utf-8")
    try:
        after = patched(mutant, before)
        if after is None:
            return "the patch does not fit"
        file.write_text(after, encoding="utf-8")
        return {0: "SURVIVED", NO_TESTS: "left out"}.get(run_tests(tree, [mutant.test])[0], "killed")
    finally:
        file.write_text(before, encoding="utf-8")
        trees.put(tree)


@contextmanager
def copies(count: int) -> Iterator["SimpleQueue[Path]"]:
    """So many copies of the tree."""
    with tempfile.TemporaryDirectory() as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            tree = Path(folder) / str(number)
            shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
            trees.put(tree)
        yield trees


def main() -> int:
    """Print a line for each; the arguments are numbers of situations or sections, or nothing for all."""
    mutants = chosen(sys.argv[1:])
    if not mutants:  # pytest without a test would run all there are
        print(f"There is no mutant of {' '.join(sys.argv[1:])}: docs/security.md has the numbers.", file=sys.stderr)
        return 1
    cores = len(os.sched_getaffinity(0))
    with copies(cores) as trees, ThreadPoolExecutor(cores) as workers:
        tree = trees.get()
        code, said = run_tests(tree, sorted({mutant.test for mutant in mutants}))
        if code != 0:
            print(f"{said}\nThese tests are not green to begin with: run them first.", file=sys.stderr)
            return 1
        trees.put(tree)
        verdicts = []
        for mutant, said in zip(mutants, workers.map(lambda one: result(one, trees), mutants), strict=True):
            print(f"{mutant.entry:5} {said:8} {mutant.file:32} {mutant.test}", flush=True)
            verdicts.append(said)
    killed, tried = verdicts.count("killed"), len(verdicts) - verdicts.count("left out")
    print(f"{killed} of {tried} protections, taken out one by one, were missed by their test.")
    return 0 if killed == tried else 1


if __name__ == "__main__":
    sys.exit(main())
