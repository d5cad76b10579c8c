"""The built documentation in a real browser: `make site` builds it and runs these tests. SITE names its folder."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.axe import findings
from tests.support.browsers import browser

SITE = Path(os.environ["SITE"])
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("docs/*.html"))
#: A page of links, of wide tables, of code, of diagrams.
TYPICAL = ["docs/index.html", "docs/settings.html", "docs/receipts.html", "docs/call-flow.html"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESK, PHONE = ViewportSize(width=1300, height=850), ViewportSize(width=390, height=850)
ELSEWHERE = re.compile(
    r"""(?:src|srcset|action)=["'](?:https?:)?//"""
    r"""|<link[^>]+href=["'](?:https?:)?//"""
    r"""|@import|url\(["']?http"""
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as launched:
        yield launched


def opened(chromium: Browser, name: str, scheme: Literal["light", "dark"], size: ViewportSize) -> Page:
    page = chromium.new_page(color_scheme=scheme, viewport=size)
    page.goto((SITE / name).as_uri())
    return page


def test_no_page_loads_anything_from_elsewhere() -> None:
    written = [path for kind in ("html", "css") for path in SITE.rglob(f"*.{kind}")]
    assert len(written) > 30
    assert [path.name for path in written if ELSEWHERE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", TYPICAL)
def test_axe_finds_nothing(chromium: Browser, name: str, scheme: Literal["light", "dark"]) -> None:
    page = opened(chromium, name, scheme, DESK)
    assert findings(page) == []
    page.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_is_wider_than_its_window(chromium: Browser, size: ViewportSize) -> None:
    page = chromium.new_page(viewport=size)
    wide = []
    for name in PAGES:
        page.goto((SITE / name).as_uri())
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
    assert wide == []
    page.close()


def test_diagrams_do_not_wrap(chromium: Browser) -> None:
    page = opened(chromium, "docs/call-flow.html", "light", PHONE)
    diagram = page.locator("pre").first
    assert diagram.evaluate("pre => pre.scrollWidth > pre.clientWidth && getComputedStyle(pre).whiteSpace") == "pre"
    page.close()


def test_search_finds_a_setting_without_a_server(chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{(SITE / 'search.html').as_uri()}?q=SAYCODE_SIZE")
    expect(page.locator("#search-results li a").first).to_be_visible()
    page.close()
