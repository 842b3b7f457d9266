"""Marks that handling leaves on paper and that a camera adds: folds, creases, streaks, specks, glare, a shaken hand."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from samples.wear import Wear

Levels = NDArray[np.float32]
"""Rows of pixels, 0 to 255, grey or with a third axis of three colours."""


def on_paper(levels: Levels, wear: Wear, rng: np.random.Generator, points: float) -> Levels:
    """Return the sheet with what its handling left on it. `points` is how many pixels a point has."""
    if wear.through:
        levels = np.minimum(levels, 255 - (255 - levels[:, ::-1]) * np.float32(wear.through))
    if wear.streaks:
        levels = _streaked(levels, wear.streaks, rng, points)
    if wear.specks:
        levels = _specked(levels, wear.specks, rng, points)
    if wear.folds:
        levels = _folded(levels, wear.folds, rng, points)
    if wear.crumple:
        levels = _crumpled(levels, wear.crumple, rng)
    return levels


def in_camera(levels: Levels, wear: Wear, rng: np.random.Generator, points: float) -> Levels:
    """Return the picture with what the camera added to it."""
    if wear.glare:
        levels = _glaring(levels, wear.glare, rng)
    if wear.motion:
        levels = _shaken(levels, wear.motion * points, rng)
    return levels


def _streaked(levels: Levels, count: int, rng: np.random.Generator, points: float) -> Levels:
    """Leave no ink in thin lines along the paper's way, as a worn print head does."""
    levels = levels.copy()
    width = levels.shape[1]
    for x in rng.integers(0, width, count):
        levels[:, x : x + max(1, round(rng.uniform(0.3, 0.9) * points))] = 255
    return levels


def _specked(levels: Levels, count: int, rng: np.random.Generator, points: float) -> Levels:
    """Put dark specks of dust on the paper."""
    levels = levels.copy()
    height, width = levels.shape[:2]
    for y, x in zip(rng.integers(0, height, count), rng.integers(0, width, count), strict=True):
        size = max(1, round(rng.uniform(0.3, 1.1) * points))
        levels[y : y + size, x : x + size] *= rng.uniform(0.2, 0.7)
    return levels


def _folded(levels: Levels, count: int, rng: np.random.Generator, points: float) -> Levels:
    """Fold the sheet, across or along: a pale line with a shade on one side, where ink is rubbed off."""
    light = np.ones(levels.shape[:2], np.float32)
    for _ in range(count):
        axis = int(rng.integers(0, 2))
        along = np.arange(levels.shape[axis], dtype=np.float32) - levels.shape[axis] * rng.uniform(
            0.2, 0.8
        )
        far = along / np.float32(points)
        shade = 1 - 0.22 * np.exp(-((far - 3) ** 2) / 18) + 0.05 * np.exp(-(far**2) / 0.5)
        light *= shade[:, None] if axis == 0 else shade[None, :]
        rubbed = 0.5 * np.exp(-(far**2) / 0.4).astype(np.float32)
        levels = levels + (255 - levels) * _over(
            rubbed[:, None] if axis == 0 else rubbed[None, :], levels
        )
    return levels * _over(light, levels)


def _crumpled(levels: Levels, depth: float, rng: np.random.Generator) -> Levels:
    """Shade the sheet in facets with sharp edges, as paper has that was crumpled and smoothed."""
    height, width = levels.shape[:2]
    small = (120, max(40, round(120 * width / height)))
    ys, xs = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float32)
    facets = np.zeros(small, np.float32)
    for _ in range(14):
        angle, at = rng.uniform(0, math.pi), rng.uniform(0.1, 0.9, 2)
        far = (ys - small[0] * at[0]) * math.sin(angle) + (xs - small[1] * at[1]) * math.cos(angle)
        facets += np.tanh(far / rng.uniform(1.5, 8)).astype(np.float32) * rng.uniform(-1, 1)
    facets = (facets - facets.min()) / max(1e-6, float(facets.max() - facets.min()))
    soft = Image.fromarray(facets).resize((width, height), Image.Resampling.BICUBIC)
    return levels * _over(1 - np.float32(depth) * np.asarray(soft, np.float32), levels)


def _glaring(levels: Levels, strength: float, rng: np.random.Generator) -> Levels:
    """Wash out a round patch, as a lamp does on smooth paper."""
    height, width = levels.shape[:2]
    y, x = rng.uniform(0.15, 0.85, 2)
    down = (np.linspace(0, 1, height, dtype=np.float32) - np.float32(y))[:, None] * height / width
    across = (np.linspace(0, 1, width, dtype=np.float32) - np.float32(x))[None, :]
    patch = np.float32(strength) * np.exp(-(down**2 + across**2) / np.float32(0.06))
    return levels + (255 - levels) * _over(patch, levels)


def _shaken(levels: Levels, length: float, rng: np.random.Generator) -> Levels:
    """Smear the picture over so many pixels in one direction."""
    angle = rng.uniform(0, math.pi)
    steps = max(2, round(length))
    total = np.zeros_like(levels)
    for n in range(steps):
        far = (n / (steps - 1) - 0.5) * length
        shift = (round(far * math.sin(angle)), round(far * math.cos(angle)))
        total += np.roll(levels, shift, (0, 1))
    return total / np.float32(steps)


def _over(field: Levels, levels: Levels) -> Levels:
    """Return a field of one value for each pixel so that it applies to all of a pixel's colours."""
    return field[..., None] if levels.ndim == 3 else field
