"""A reliability plot as SVG: the confidence that was told, and the share that was right."""

from collections.abc import Sequence

import numpy as np

from training.regression import Array

_SIZE, _MARGIN, _LEAST = 360, 46, 0.4
_COLOURS = ("#1f6feb", "#bf5700", "#3b7d3b", "#8250a0")


def reliability(series: Sequence[tuple[str, Array, Array]], bins: int = 10) -> str:
    """Return the plot: for each series (name, confidence, right) ten points of as many values each."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE + 20} {_SIZE}" '
        'font-family="sans-serif" font-size="11">',
        "<title>Confidence told, and share of values that were right</title>",
        f'<rect width="{_SIZE + 20}" height="{_SIZE}" fill="#fff"/>',
        _line(_LEAST, _LEAST, 1, 1, "#999", dashed=True),
    ]
    for tick in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        x, y = _at(tick, tick)
        parts += [
            _line(tick, _LEAST, tick, 1, "#e5e5e5"),
            _line(_LEAST, tick, 1, tick, "#e5e5e5"),
            f'<text x="{x}" y="{_SIZE - _MARGIN + 16}" text-anchor="middle">{tick:g}</text>',
            f'<text x="{_MARGIN - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>',
        ]
    middle = (_SIZE + 20) / 2
    parts += [
        f'<text x="{middle}" y="{_SIZE - 10}" text-anchor="middle">confidence told</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle})">share right</text>',
    ]
    for n, (name, confidence, right) in enumerate(series):
        colour = _COLOURS[n % len(_COLOURS)]
        order = np.argsort(confidence, kind="stable")
        points = [
            _at(float(confidence[part].mean()), float(right[part].mean()))
            for part in np.array_split(order, bins)
        ]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
        height = 70 + 16 * n
        parts += [
            f'<circle cx="{_MARGIN + 14}" cy="{height - 4}" r="4" fill="{colour}"/>',
            f'<text x="{_MARGIN + 24}" y="{height}">{name}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def _at(x: float, y: float) -> tuple[float, float]:
    """Return the point of the drawing; shares below the axes' beginning are drawn at it."""
    scale = (_SIZE - 2 * _MARGIN) / (1 - _LEAST)
    across, up = (max(_LEAST, value) - _LEAST for value in (x, y))
    return round(_MARGIN + across * scale, 1), round(_SIZE - _MARGIN - up * scale, 1)


def _line(x0: float, y0: float, x1: float, y1: float, colour: str, *, dashed: bool = False) -> str:
    (a, b), (c, d) = _at(x0, y0), _at(x1, y1)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{a}" y1="{b}" x2="{c}" y2="{d}" stroke="{colour}"{dash}/>'
