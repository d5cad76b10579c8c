"""The operator's colour, as the page can use it: on light and on dark paper, and readable on both.

Contrast is WCAG 2.2's (success criterion 1.4.3 and its definition of relative luminance). A colour that is already
readable stays as it is; any other keeps its hue and is made darker or lighter until it is.
"""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from functools import cache

MIN_CONTRAST = 4.5
#: More than enough, for the light colours on dark paper: they glare less than they would have to.
DARK_MIN_CONTRAST = 7.0
#: What the colour stands on: `--paper` and `--sheet` of page.css.
LIGHT_BACKGROUNDS = ("#f6f4f0", "#fffefc")
DARK_BACKGROUNDS = ("#14191c", "#1c2327")
WHITE, INK = "#ffffff", "#0b1416"
STEPS = 200


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour for buttons and links, and the colour of a button's text on it."""

    color: str
    text: str


def contrast(one: str, other: str) -> float:
    """The contrast of two colours written `#rrggbb`, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def accent(color: str, backgrounds: tuple[str, ...], *, least: float = MIN_CONTRAST) -> Accent:
    """The colour, moved away from the papers until its contrast with each of them is `least` or more."""
    hue, lightness, saturation = rgb_to_hls(*_rgb(color))
    end = 1.0 if _luminance(backgrounds[0]) < 0.2 else 0.0
    moved = color
    for step in range(STEPS + 1):
        if step:
            share = step / STEPS
            moved = _hex(hls_to_rgb(hue, lightness + (end - lightness) * share, saturation))
        if min(contrast(moved, paper) for paper in backgrounds) >= least:
            break
    return Accent(moved, max((WHITE, INK), key=lambda text: contrast(text, moved)))


@cache
def stylesheet(color: str) -> str:
    """The style sheet that page.css takes its accents from."""
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
