"""Logistic regression, and what its answers are worth in documents that it was not fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 30
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One value: its signs, whether it is right, and the family of documents that it is from.

    `group` is the kind of document ("documents, born-digital pdf"); `field` the value's field; `at_most` what
    is told of it at most, below 1 where it fails a check. `turned` is True where it is given without the
    minus sign that is printed: a credit note's.
    """

    group: str
    family: str
    field: str
    signs: dict[str, float]
    right: bool
    at_most: float = 1.0
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Values as numbers: a row each, a column for each sign, the first for the constant."""

    names: list[str]
    signs: Array
    right: Array
    counts: Array
    """How much each value counts: the square root of its family's share, so that no vendor outweighs many.

    Nothing where its sign was turned: a page says "credit note" and minus alike whether its electronic truth is
    a credit note of 10 or an invoice of -10, so that nothing on it tells which of the two is counted as right.
    """

    families: list[str]


def table(values: Sequence[Judged]) -> Table:
    """Return the values as numbers."""
    names = ["", *sorted({name for value in values for name in value.signs})]
    place = {name: n for n, name in enumerate(names)}
    signs = np.zeros((len(values), len(names)))
    signs[:, 0] = 1
    for row, value in enumerate(values):
        for name, much in value.signs.items():
            signs[row, place[name]] = much
    right = np.array([float(value.right) for value in values])
    families = [value.family for value in values]
    sizes = {family: families.count(family) for family in set(families)}
    counts = np.array(
        [0.0 if value.turned else min(1.0, (20 / sizes[value.family]) ** 0.5) for value in values]
    )
    return Table(names, signs, right, counts, families)


def fit(signs: Array, right: Array, counts: Array, penalty: float) -> Array:
    """Return the weights, by Newton's method; `penalty` holds all but the constant near zero."""
    weights = np.zeros(signs.shape[1])
    ridge = np.full(signs.shape[1], penalty)
    ridge[0] = 1e-6
    for _ in range(_STEPS):
        found = sigmoid(signs @ weights)
        slope = signs.T @ (counts * (right - found)) - ridge * weights
        curve = (signs * (counts * found * (1 - found))[:, None]).T @ signs + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def sigmoid(value: Array) -> Array:
    """Return the probability of log odds."""
    return np.asarray(1 / (1 + np.exp(-value)))


def unseen(found: Table, penalty: float, seed: int) -> Array:
    """Return the confidence of each value by weights that were fitted without its family."""
    families = sorted(set(found.families))
    Random(seed).shuffle(families)
    fold = {family: n % _FOLDS for n, family in enumerate(families)}
    folds = np.array([fold[family] for family in found.families])
    confidence = np.zeros(len(found.families))
    for n in range(_FOLDS):
        own, rest = folds == n, folds != n
        weights = fit(found.signs[rest], found.right[rest], found.counts[rest], penalty)
        confidence[own] = sigmoid(found.signs[own] @ weights)
    return confidence


def calibration_error(confidence: Array, right: Array, bins: int = 10) -> float:
    """Return how far confidence and share of right values lie apart, over bins of as many values each."""
    order = np.argsort(confidence, kind="stable")
    gaps = [
        abs(confidence[part].sum() - right[part].sum())
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(sum(gaps) / len(right)) if len(right) else 0.0


def limit(confidence: Array, told: float = 0.99) -> float:
    """Return the lowest confidence from which values are told so much on average.

    The share of them that is right would follow a few wrong values near the top; this moves with all.
    """
    found = np.sort(confidence)[::-1]
    average = np.cumsum(found) / np.arange(1, len(found) + 1)
    good = np.flatnonzero(average >= told)
    return float(found[good[-1]]) if len(good) else 1.0


def accepted(
    confidence: Array, right: Array, counts: Array, precision: float = 0.99
) -> tuple[float, float]:
    """Return the lowest confidence from which that share is right, and the share that is above it.

    (1, 0) where no confidence is such a one.
    """
    order = np.argsort(-confidence, kind="stable")
    told, weight = confidence[order], counts[order]
    reached = np.cumsum(weight)
    share = np.cumsum(weight * right[order]) / reached
    # values of one confidence are accepted together
    last = np.append(told[:-1] > told[1:], True)
    good = np.flatnonzero((share >= precision) & last)
    if not len(good):
        return 1.0, 0.0
    return float(told[good[-1]]), float(reached[good[-1]] / reached[-1])


def intervals(
    families: Sequence[str], measures: Any, seed: int, draws: int = 300
) -> list[tuple[float, float]]:
    """Return the 95 % interval of each measure over families drawn by lot, with replacement.

    `measures` takes the places of values and returns a list of numbers.
    """
    places: dict[str, list[int]] = {}
    for n, family in enumerate(families):
        places.setdefault(family, []).append(n)
    names, lot = sorted(places), Random(seed)
    drawn = []
    for _ in range(draws):
        chosen = [n for name in lot.choices(names, k=len(names)) for n in places[name]]
        drawn.append(measures(np.array(chosen)))
    return [
        (float(np.percentile(column, 2.5)), float(np.percentile(column, 97.5)))
        for column in np.array(drawn).T
    ]
