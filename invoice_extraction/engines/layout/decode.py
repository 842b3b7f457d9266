"""The joint choice: sums that fit one another, rather than the best of each alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from invoice_extraction.engines.layout.candidates import Amount
from invoice_extraction.engines.layout.score import Scored

_CENT = Decimal("0.02")
_MAX_RATE = Decimal("0.35")
_ENOUGH = 0.55
"""Below it nothing is said."""
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Chosen:
    """An amount for a field and the prior that it is right, 0 to 1."""

    amount: Amount
    score: float


@dataclass(frozen=True, slots=True)
class TaxBand:
    """One band of tax: its rate in percent, and its amounts where they are printed."""

    rate: Decimal
    taxable: Amount
    tax: Amount


@dataclass(frozen=True, slots=True)
class Sums:
    """The chosen sums by field ("gross", "net", "tax", "amount_due", "paid") and clear tax bands."""

    chosen: dict[str, Chosen] = field(default_factory=dict)
    bands: tuple[TaxBand, ...] = ()


@dataclass(frozen=True, slots=True)
class _Best:
    """The best occurrence of each value for one field."""

    by_value: dict[Decimal, tuple[float, Amount]]

    def score(self, value: Decimal) -> float:
        found = self.by_value.get(value)
        return found[0] if found else 0.0


def sums(scored: list[Scored], rates: Iterable[Decimal]) -> Sums:
    """Return the sums that fit best; a field of which nothing speaks is left out."""
    usable = [s for s in scored if s.amount.is_money or max(s.scores.values(), default=0) >= 0.9]
    best = {
        name: _best(usable, name)
        for name in ("gross", "net", "tax", "amount_due", "paid", "no_total")
    }
    best["gross"] = _with_weak(best["gross"], _best(usable, "gross_weak"))
    anywhere: dict[Decimal, Amount] = {}
    for s in usable:
        anywhere[s.amount.value] = s.amount
    largest = max((abs(v) for v in anywhere), default=Decimal(0))
    ordered = sorted(rates)
    bands = _several_bands(usable, ordered)
    top = None
    for value in anywhere:
        option = _option(value, anywhere, best, ordered, bands, largest)
        if option is not None and (top is None or option[0] > top[0]):
            top = option
    chosen: dict[str, Chosen] = top[1] if top is not None else {}
    due = _top(best["amount_due"])
    if due is not None and due[0] >= _ENOUGH:
        chosen.setdefault("amount_due", Chosen(due[1], min(0.9, due[0])))
    paid = _top(best["paid"])
    if (
        paid is not None
        and paid[0] >= 0.8
        and "gross" in chosen
        and paid[1].value <= chosen["gross"].amount.value
    ):
        chosen["paid"] = Chosen(paid[1], 0.6)
    if "gross" not in chosen or _sum(bands) != chosen["gross"].amount.value:
        bands = ()
    bands = bands or _one_band(chosen, ordered)
    if "tax" in chosen and bands and not _is_named(chosen, best):
        # The base of the one band is the net sum, and is not printed as such.
        del chosen["net"]
    return Sums(chosen, bands)


def _is_named(chosen: dict[str, Chosen], best: dict[str, _Best]) -> bool:
    """True where a label says that the net sum is one, or there is none."""
    return "net" not in chosen or best["net"].score(chosen["net"].amount.value) > 0


def _best(scored: list[Scored], name: str) -> _Best:
    found: dict[Decimal, tuple[float, Amount]] = {}
    for s in scored:
        score = s.scores.get(name, 0.0)
        if score <= 0:
            continue
        value = s.amount.value
        before = found.get(value)
        if before is None or score > before[0]:
            found[value] = (score, s.amount)
    return _Best(found)


def _with_weak(best: _Best, weak: _Best) -> _Best:
    merged = dict(best.by_value)
    for value, (score, amount) in weak.by_value.items():
        if score > merged.get(value, (0.0, amount))[0]:
            merged[value] = (score, amount)
    return _Best(merged)


def _top(best: _Best) -> tuple[float, Amount] | None:
    return max(best.by_value.values(), key=lambda found: (found[0], found[1].value), default=None)


def _option(
    gross: Decimal,
    anywhere: dict[Decimal, Amount],
    best: dict[str, _Best],
    rates: list[Decimal],
    bands: tuple[TaxBand, ...],
    largest: Decimal,
) -> tuple[float, dict[str, Chosen]] | None:
    """Return how good a gross total is with the best net and tax that go with it."""
    own = max(best["gross"].score(gross), best["amount_due"].score(gross) - 0.02)
    if own < _SURE:
        # The price of a single item is its total too: a clear label outweighs the column's head.
        own -= 0.5 * best["no_total"].score(gross)
    if gross == 0 and largest > 0:
        own -= 0.6
    size = 0.25 if abs(gross) == largest else 0.0
    if any(abs(v) > abs(gross) and s[0] >= 0.95 for v, s in best["gross"].by_value.items()):
        size -= 0.8
    banded = _banded(gross, bands, anywhere, best)
    if banded is not None and own > 0.3:
        return own + size + 2.2, banded
    triple = _triple(gross, anywhere, best, rates)
    if triple is not None and (own > 0 or triple[0] > 1.5):
        bonus, net, tax, by_rate = triple
        sure = min(0.97, 0.75 + 0.12 * min(own, 1.0) + (0.1 if by_rate else 0.0))
        chosen = {
            "gross": Chosen(_at(best["gross"], gross, anywhere), sure),
            "net": Chosen(_at(best["net"], net, anywhere), sure - 0.03),
            "tax": Chosen(_at(best["tax"], tax, anywhere), sure - 0.03),
        }
        return own + size + bonus, chosen
    if own < _ENOUGH:
        return None
    sure = min(0.85, 0.45 + 0.3 * own + size * 0.4)
    chosen = {
        "gross": Chosen(
            _at(best["gross"], gross, anywhere)
            if best["gross"].score(gross)
            else best["amount_due"].by_value[gross][1],
            sure,
        )
    }
    net_alone = _alone(best["net"], gross)
    if net_alone is not None:
        chosen["net"] = Chosen(net_alone, 0.6)
    tax_alone = _alone(best["tax"], gross)
    if (
        tax_alone is not None
        and tax_alone.value != gross
        and abs(tax_alone.value) <= abs(gross) * _MAX_RATE
    ):
        chosen["tax"] = Chosen(tax_alone, 0.55)
    return own + size, chosen


def _at(best: _Best, value: Decimal, anywhere: dict[Decimal, Amount]) -> Amount:
    found = best.by_value.get(value)
    return found[1] if found else anywhere[value]


def _alone(best: _Best, gross: Decimal) -> Amount | None:
    """Return the one amount clearly labelled so that no sum confirms (a discount, freight between)."""
    fitting = [
        (s, a) for s, a in best.by_value.values() if s >= 0.85 and abs(a.value) <= abs(gross)
    ]
    if not fitting:
        return None
    top = max(fitting, key=lambda found: (found[0], abs(found[1].value)))
    if sum(found[0] >= top[0] - 0.05 for found in fitting) > 1:
        return None
    return top[1]


def _triple(
    gross: Decimal, anywhere: dict[Decimal, Amount], best: dict[str, _Best], rates: list[Decimal]
) -> tuple[float, Decimal, Decimal, bool] | None:
    """Return the best net and tax whose sum is `gross`, and what they add to its score."""
    top = None
    for tax in anywhere:
        net = gross - tax
        if net not in anywhere or (tax != 0 and (tax < 0) != (gross < 0)):
            continue
        if abs(tax) > abs(net) * _MAX_RATE:
            continue
        labelled = best["tax"].score(tax) + best["net"].score(net)
        by_rate = tax != 0 and any(abs(net * rate / 100 - tax) <= _CENT for rate in rates)
        if tax == 0 and (best["tax"].score(tax) < 0.5 or best["net"].score(net) < 0.5):
            continue
        if not by_rate and (best["tax"].score(tax) < 0.4 or best["net"].score(net) <= 0):
            continue
        if by_rate and labelled < 0.3 and not _side_by_side(anywhere[net], anywhere[tax]):
            continue
        # A tax of 0.00 stands in many a summary, and makes any sum the total of itself.
        bonus = min(labelled, 2.0) * 0.5 + (0.6 if tax else 0.3) + (0.5 if by_rate else 0.0)
        if top is None or bonus > top[0]:
            top = (bonus, net, tax, by_rate)
    return top


def _side_by_side(net: Amount, tax: Amount) -> bool:
    """True where both stand on one row, as "20 % of 3.20: 0.64" does: the rate proves them."""
    return (
        abs(tax.value) > 4 * _CENT
        and net is not tax
        and (net.segment.page, net.segment.row) == (tax.segment.page, tax.segment.row)
    )


def _several_bands(scored: list[Scored], rates: list[Decimal]) -> tuple[TaxBand, ...]:
    """Return one band for each rate whose net and tax stand on one row; () for fewer than two."""
    rows: dict[tuple[int, int], list[Amount]] = {}
    for s in scored:
        rows.setdefault((s.amount.segment.page, s.amount.segment.row), []).append(s.amount)
    found: dict[Decimal, TaxBand] = {}
    for amounts in rows.values():
        for rate in rates:
            for tax in amounts:
                for net in amounts:
                    # A small amount fits many rates: it must be more than the tolerance.
                    if (
                        tax is not net
                        and abs(tax.value) > 4 * _CENT
                        and abs(net.value * rate / 100 - tax.value) <= _CENT
                    ):
                        found.setdefault(rate, TaxBand(rate, net, tax))
    return tuple(found.values()) if len(found) > 1 else ()


def _sum(bands: tuple[TaxBand, ...]) -> Decimal:
    return sum((band.taxable.value + band.tax.value for band in bands), Decimal(0))


def _banded(
    gross: Decimal,
    bands: tuple[TaxBand, ...],
    anywhere: dict[Decimal, Amount],
    best: dict[str, _Best],
) -> dict[str, Chosen] | None:
    """Return the sums where all bands together make the gross total, None where they do not.

    Net and tax are said only where they are printed as sums.
    """
    if not bands or abs(_sum(bands) - gross) > _CENT:
        return None
    chosen = {"gross": Chosen(_at(best["gross"], gross, anywhere), 0.95)}
    net = sum((band.taxable.value for band in bands), Decimal(0))
    tax = sum((band.tax.value for band in bands), Decimal(0))
    for name, value in (("net", net), ("tax", tax)):
        if value in anywhere:
            chosen[name] = Chosen(_at(best[name], value, anywhere), 0.93)
    return chosen


def _one_band(chosen: dict[str, Chosen], rates: list[Decimal]) -> tuple[TaxBand, ...]:
    """Return the one band whose rate makes the printed tax of the printed net; () where none does."""
    if "net" not in chosen or "tax" not in chosen:
        return ()
    net, tax = chosen["net"].amount, chosen["tax"].amount
    fitting = [r for r in rates if tax.value and abs(net.value * r / 100 - tax.value) <= _CENT]
    return (TaxBand(fitting[0], net, tax),) if len(fitting) == 1 else ()
