"""The operator's color in a light and a dark variant, each with enough contrast.

Contrast is WCAG 2.2's (success criterion 1.4.3 and its definition of relative luminance). A color with enough contrast
is not changed; any other keeps its hue and is made darker or lighter.
"""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from ..context import app_context

MIN_CONTRAST = 4.5
#: On a dark background: more than WCAG requires, because saturated colors glare there.
DARK_MIN_CONTRAST = 7.0
#: `--paper` and `--sheet` of page.css.
LIGHT_BACKGROUNDS = ("#f6f4f0", "#fffefc")
DARK_BACKGROUNDS = ("#14191c", "#1c2327")
WHITE, INK = "#ffffff", "#0b1416"
STEPS = 200


@dataclass(frozen=True, slots=True)
class Accent:
    """The color of buttons and links, and of a button's text."""

    color: str
    text: str


def contrast(first: str, second: str) -> float:
    """The contrast of two colors (`#rrggbb`), from 1 to 21."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def accent(color: str, backgrounds: tuple[str, ...], *, least: float = MIN_CONTRAST) -> Accent:
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
    return Accent(moved, max((WHITE, INK), key=lambda text: contrast(text, moved)))


async def brand_stylesheet(request: Request) -> Response:
    return Response(stylesheet(app_context(request).color), media_type="text/css")


@cache
def stylesheet(color: str) -> str:
    """The style sheet that page.css takes its accent colors from."""
    light, dark = accent(color, LIGHT_BACKGROUNDS), accent(color, DARK_BACKGROUNDS, least=DARK_MIN_CONTRAST)
    return f"{_rule(light)}\n@media (prefers-color-scheme: dark) {{ {_rule(dark)} }}\n"


def _rule(accent: Accent) -> str:
    return f":root {{ --accent: {accent.color}; --on-accent: {accent.text}; }}"


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(color: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
