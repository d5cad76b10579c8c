"""The operator's color and logo.

A button is filled with the color as it is, and its text is black or white. Links, outlines and the edge of a button
need contrast with the page: there the color keeps its hue and is made darker or lighter until it has enough, in a light
and a dark variant. Contrast is WCAG 2.2's (criteria 1.4.3 and 1.4.11, and its definition of relative luminance).
"""

from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..context import app_context

MIN_CONTRAST = 4.5
#: On a dark background: more than WCAG requires, because saturated colors glare there.
DARK_MIN_CONTRAST = 7.0
#: `--paper` and `--sheet` of page.css.
LIGHT_BACKGROUNDS = ("#f4f1ea", "#fffefb")
DARK_BACKGROUNDS = ("#12171a", "#1c2327")
WHITE, BLACK = "#ffffff", "#000000"
#: A fill with less contrast with the page gets an edge.
EDGE_CONTRAST = 3.0
STEPS = 200
LOGO_CACHING = "public, max-age=3600"


def contrast(first: str, second: str) -> float:
    """The contrast of two colors (`#rrggbb`), from 1 to 21."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def text_on(color: str) -> str:
    """Black or white, whichever is easier to read on the color. One of them has a contrast of 4.58 or more."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, color))


def accent(color: str, backgrounds: tuple[str, ...], *, least: float = MIN_CONTRAST) -> str:
    """The color, made darker or lighter until its contrast with each background is `least` or more."""
    hue, lightness, saturation = rgb_to_hls(*_rgb(color))
    end = 1.0 if _luminance(backgrounds[0]) < 0.2 else 0.0
    moved = color
    for step in range(STEPS + 1):
        if step:
            share = step / STEPS
            moved = _hex(hls_to_rgb(hue, lightness + (end - lightness) * share, saturation))
        if min(contrast(moved, background) for background in backgrounds) >= least:
            break
    return moved


async def brand_stylesheet(request: Request) -> Response:
    return Response(stylesheet(app_context(request).color), media_type="text/css")


async def logo(request: Request) -> Response:
    """The operator's logo."""
    image = app_context(request).logo
    if image is None:
        raise HTTPException(404)
    return Response(image.content, media_type=image.media_type, headers={"Cache-Control": LOGO_CACHING})


@cache
def stylesheet(color: str) -> str:
    """The style sheet that page.css takes the brand's colors from."""
    light = _rule(color, LIGHT_BACKGROUNDS, MIN_CONTRAST)
    dark = _rule(color, DARK_BACKGROUNDS, DARK_MIN_CONTRAST)
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"


def _rule(color: str, backgrounds: tuple[str, ...], least: float) -> str:
    readable = accent(color, backgrounds, least=least)
    stands_out = min(contrast(color, background) for background in backgrounds) >= EDGE_CONTRAST
    edge = color if stands_out else readable
    return f":root {{ --accent: {readable}; --fill: {color}; --on-fill: {text_on(color)}; --edge: {edge}; }}"


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(color: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
