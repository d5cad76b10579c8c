"""The operator's colour stays readable, whatever it is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.app import RunningApp, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.html import Page
from webhooks.app import create_app
from webhooks.context import Logo
from webhooks.page.theme import (
    DARK_BACKGROUNDS,
    DARK_MIN_CONTRAST,
    LIGHT_BACKGROUNDS,
    MIN_CONTRAST,
    accent,
    contrast,
    stylesheet,
)

STYLES = Path(__file__).parents[3] / "webhooks" / "page" / "static" / "page.css"
COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(COLORS)
def test_any_colour_is_readable_on_light_and_dark_paper_and_so_is_the_text_on_it(color: str) -> None:
    for backgrounds, least in ((LIGHT_BACKGROUNDS, MIN_CONTRAST), (DARK_BACKGROUNDS, DARK_MIN_CONTRAST)):
        made = accent(color, backgrounds, least=least)
        assert all(contrast(made, paper) >= least for paper in backgrounds)


@given(COLORS)
def test_a_button_has_the_colour_itself_with_readable_text_and_an_edge_that_stands_out(color: str) -> None:
    """B20"""
    light, dark = re.findall(r":root \{ (.+?) \}", stylesheet(color))
    for rule, backgrounds in ((light, LIGHT_BACKGROUNDS), (dark, DARK_BACKGROUNDS)):
        values = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rule))
        assert values["fill"] == color
        assert values["on-fill"] in ("#000000", "#ffffff")
        assert contrast(color, values["on-fill"]) >= MIN_CONTRAST
        assert all(contrast(values["edge"], paper) >= 3 for paper in backgrounds)
        assert values["edge"] in (color, values["accent"])


@given(COLORS)
def test_a_colour_that_is_readable_already_is_not_touched(color: str) -> None:
    if all(contrast(color, paper) >= MIN_CONTRAST for paper in LIGHT_BACKGROUNDS):
        assert accent(color, LIGHT_BACKGROUNDS) == color


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_as_the_standard_defines_it(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_a_colour_keeps_its_hue_when_it_is_moved() -> None:
    assert accent("#ff0000", DARK_BACKGROUNDS, least=DARK_MIN_CONTRAST) == "#ff8a8a"
    assert accent("#00ff00", LIGHT_BACKGROUNDS) == "#008000"


def test_the_papers_are_those_of_the_style_sheet() -> None:
    styles = STYLES.read_text(encoding="utf-8")
    backgrounds = re.findall(r"--(?:paper|sheet): (#[0-9a-f]{6});", styles)
    assert tuple(backgrounds) == (*LIGHT_BACKGROUNDS, *DARK_BACKGROUNDS)
    assert "--accent:" not in styles, "the accents come from the setting"


async def test_the_page_takes_its_colour_from_the_setting(running: RunningApp) -> None:
    page = await open_page(running.browser())
    assert page.all("link", rel="stylesheet", href=path_of("theme"))
    answer = await running.browser().get(path_of("theme"))
    assert (answer.status, answer.header("content-type")) == (200, "text/css; charset=utf-8")
    assert answer.text == stylesheet("#1f5f5b")
    assert "--accent: #1f5f5b; --fill: #1f5f5b; --on-fill: #ffffff; --edge: #1f5f5b;" in answer.text


async def test_the_logo_is_shown_in_place_of_the_brand(running: RunningApp) -> None:
    """B20"""
    logo = Logo("image/svg+xml", b"<svg/>")
    browser = Browser(create_app(replace(running.context, logo=logo)))
    (image,) = Page((await browser.get("/")).text).all("img")
    assert image.attributes == {"class": "logo", "src": path_of("logo"), "alt": "Acme"}
    answer = await browser.get(path_of("logo"))
    assert (answer.status, answer.body, answer.header("content-type")) == (200, logo.content, logo.media_type)
    assert answer.all("cache-control") == ["public, max-age=3600"]
    assert "default-src 'none'" in (answer.header("content-security-policy") or ""), "a script in it does not run"
    assert (await running.browser().get(path_of("logo"))).status == 404
    assert (await open_page(running.browser())).all("img") == []
