"""axe-core, the accessibility checker, on a page in a real browser."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

#: WCAG 2.2, levels A and AA, and axe-core's own advice beside them.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    """The violations on the page, a line for each element. `only`: the rules; default: all of TAGS."""
    page.wait_for_load_state()  # without its style sheet everything would be small
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    run: dict[str, Any] = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": TAGS}
    report = page.evaluate("run => axe.run({runOnly: run, resultTypes: ['violations']})", run)
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
