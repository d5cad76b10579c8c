"""The geometry of charts: numbers in, positions out. A template turns them into SVG.

Everything is drawn in a box of WIDTH units, which is as wide as a narrow phone: a chart is never scrolled, and its text
never smaller than twelve units. No style and no script is in a chart, so the strict Content-Security-Policy holds.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from verification.types import Record

WIDTH, HEIGHT = 360, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 352, 12, 168
_ROW, _BAR, _NAMES = 30, 8, 20
#: As many names fit below the columns.
_MOST_LABELS = 5
_STEPS = (1, 2, 2.5, 5, 10)

Values = Sequence[float | None]
Format = Callable[[float], str]


class Box(NamedTuple):
    """A bar. `kind`: the number of its series, from 1. `text`: what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: int
    text: str


class Label(NamedTuple):
    x: float
    y: float
    text: str


class Line(NamedTuple):
    """`parts`: the points of each unbroken part, as SVG has them; `dots`: all points."""

    parts: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


NO_LINE = Line((), ())


class Plot(Record, frozen=True, kw_only=True):
    """What is drawn, in a box of WIDTH and this height. `ceiling`: the height of a limit."""

    height: int
    boxes: tuple[Box, ...] = ()
    labels: tuple[Label, ...] = ()
    values: tuple[Label, ...] = ()
    ticks: tuple[Label, ...] = ()
    line: Line = NO_LINE
    before: Line = NO_LINE
    ceiling: float | None = None


def scale(highest: float) -> tuple[float, ...]:
    """Round numbers from 0 to at least the highest value."""
    if highest <= 0:
        return (0.0, 1.0)
    unit = 10.0 ** math.floor(math.log10(highest / 2))
    step = next(unit * factor for factor in _STEPS if unit * factor * 2 >= highest * 0.999)
    return tuple(step * n for n in range(math.ceil(highest * 0.999 / step) + 1))


def stacked(
    series: Sequence[tuple[str, Sequence[float]]],
    labels: Sequence[str],
    *,
    before: Values = (),
    ceiling: float | None = None,
    shown: Format,
) -> Plot:
    """Columns of one or more series on top of each other; the time before as a line."""
    count, sums = len(labels), [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    ticks = scale(max([0, *sums, *(value or 0 for value in before), ceiling or 0]))
    width, boxes = (_RIGHT - _LEFT) / max(count, 1), list[Box]()
    for n, label in enumerate(labels):
        base = 0.0
        for kind, (name, values) in enumerate(series, start=1):
            if values[n] <= 0:
                continue
            top, bottom = _height(base + values[n], ticks), _height(base, ticks)
            text = f"{label}: {shown(values[n])}{f' {name}' if name else ''}"
            gap = min(3.0, width * 0.2)
            left = round(_LEFT + n * width + gap / 2, 1)
            boxes.append(Box(left, top, round(width - gap, 1), round(bottom - top, 1), kind, text))
            base += values[n]
    return Plot(
        height=HEIGHT,
        boxes=tuple(boxes),
        labels=_below(labels, width),
        ticks=_beside(ticks, shown),
        before=_line(before, width, ticks),
        ceiling=_height(ceiling, ticks) if ceiling is not None else None,
    )


def lines(
    values: Values,
    labels: Sequence[str],
    *,
    before: Values,
    highest: float,
    ceiling: float | None = None,
    shown: Format,
) -> Plot:
    """A line with a dot for each value, and the time before as another. None: there is no value."""
    ticks, width = scale(highest), (_RIGHT - _LEFT) / max(len(labels), 1)
    return Plot(
        height=HEIGHT,
        labels=_below(labels, width),
        ticks=_beside(ticks, shown),
        line=_line(values, width, ticks),
        before=_line(before, width, ticks),
        ceiling=_height(ceiling, ticks) if ceiling is not None else None,
    )


def ranked(rows: Sequence[tuple[str, float]], *, shown: Format) -> Plot:
    """One bar for each name, below it; its value at the right."""
    highest = max([1e-9, *(value for _, value in rows)])
    boxes, names, values = [], [], []
    for n, (name, value) in enumerate(rows):
        y = n * _ROW
        length = round(max(value / highest * WIDTH, 1 if value else 0), 1)
        boxes.append(Box(0, y + _NAMES, length, _BAR, 1, f"{name}: {shown(value)}"))
        names.append(Label(0, y + _NAMES - 5, name))
        values.append(Label(WIDTH, y + _NAMES - 5, shown(value)))
    return Plot(height=max(1, len(rows)) * _ROW, boxes=tuple(boxes), labels=tuple(names), values=tuple(values))


def _height(value: float, ticks: Sequence[float]) -> float:
    return round(_BOTTOM - value / ticks[-1] * (_BOTTOM - _TOP), 1)


def _below(labels: Sequence[str], width: float) -> tuple[Label, ...]:
    """Every so many names, so that none covers another."""
    every = max(1, -(-len(labels) // _MOST_LABELS))
    named = [(n, label) for n, label in enumerate(labels) if n % every == 0]
    return tuple(Label(round(_LEFT + (n + 0.5) * width, 1), _BOTTOM + 20, label) for n, label in named)


def _beside(ticks: Sequence[float], shown: Format) -> tuple[Label, ...]:
    return tuple(Label(_LEFT - 6, _height(tick, ticks), shown(tick)) for tick in ticks)


def _line(values: Values, width: float, ticks: Sequence[float]) -> Line:
    parts: list[list[str]] = [[]]
    dots = []
    for n, value in enumerate(values):
        if value is None:
            parts.append([])
            continue
        x, y = round(_LEFT + (n + 0.5) * width, 1), _height(value, ticks)
        parts[-1].append(f"{x},{y}")
        dots.append((x, y))
    return Line(tuple(" ".join(part) for part in parts if len(part) > 1), tuple(dots))
