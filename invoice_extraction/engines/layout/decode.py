"""The joint choice: sums that fit one another, rather than the best of each alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from invoice_extraction.engines.layout.candidates import Amount
from invoice_extraction.engines.layout.score import TILL, Scored

_CENT = Decimal("0.02")
_MAX_RATE = Decimal("0.35")
_CALLED = ("gross", "amount_due", "net")
"""What a total is called, the likeliest first."""
_ENOUGH = 0.55
"""Below it nothing is said."""
_SURE = 0.9
_NAMED = 0.95
"""A label that is most of its text and stands beside the amount."""
_PASSING = 0.3
"""A label in passing, within a sentence: enough where a rate proves the amount."""
_SEVERAL = 1.5
"""What a total gains by a net sum and several taxes that lead to it."""
_ONE_OF_SEVERAL = 1
_MOST_TAXES = 6
_FLUSH = 12.0
"""Points by which the ends of a column's amounts differ at most."""
_HANDED = 0.35
"""What a total gains by being what was handed over less the change."""
_REPEATED = 0.3
"""What it is worth that the largest amount, or the one paid, is printed again, whatever it is called,
or that change was given for it."""
_ROUNDED = 0.5
"""What a total gains by being another one rounded, as a row between them says."""


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
    """The chosen sums by field of `Totals` ("gross", "net", "tax", "rounding") and clear tax bands.

    `derived` are those that are printed only in parts, which make the total together.
    """

    chosen: dict[str, Chosen] = field(default_factory=dict)
    derived: dict[str, Decimal] = field(default_factory=dict)
    bands: tuple[TaxBand, ...] = ()


@dataclass(frozen=True, slots=True)
class _Option:
    """A gross total with what goes with it, and how good that is."""

    score: float
    chosen: dict[str, Chosen]
    derived: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Best:
    """The best occurrence of each value for one field."""

    by_value: dict[Decimal, tuple[float, Amount]]

    def score(self, value: Decimal) -> float:
        found = self.by_value.get(value)
        return found[0] if found else 0.0


@dataclass(frozen=True, slots=True)
class _Page:
    """What the amounts of a document say of one another.

    `anywhere` has each value where it stands last, `largest` is without its sign. `handed` are the
    values that were paid at a till, True for one that change was given for; `rounded` maps a total to the one before it was rounded;
    `repeated` are the values that stand in several rows, with or without a sign, unless a label names a
    total; `clear` are those that must be totals. `is_bill` is True where most amounts are positive: a negative one is a
    payment then. `ascending` are the values in their order, `places` their order in the document.
    """

    anywhere: dict[Decimal, Amount]
    places: dict[Decimal, int]
    ascending: list[Decimal]
    best: dict[str, _Best]
    rates: list[Decimal]
    bands: tuple[TaxBand, ...]
    largest: Decimal
    handed: dict[Decimal, bool]
    rounded: dict[Decimal, Decimal]
    repeated: frozenset[Decimal]
    clear: frozenset[Decimal]
    is_bill: bool


def sums(scored: list[Scored], rates: Iterable[Decimal]) -> Sums:
    """Return the sums that fit best; a field of which nothing speaks is left out."""
    page = _page(scored, sorted(rates))
    best = page.best
    top = None
    for value in page.anywhere:
        option = _option(value, page)
        if option is not None and (top is None or option.score > top.score):
            top = option
    chosen = top.chosen if top is not None else {}
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
    bands = page.bands
    if "gross" in chosen:
        gross = chosen["gross"].amount.value
        unrounded = page.rounded.get(gross, gross)
        rounding = best["rounding"].by_value.get(gross - unrounded)
        if gross != unrounded and rounding is not None:
            chosen["rounding"] = Chosen(rounding[1], chosen["gross"].score)
    if "gross" not in chosen or _sum(bands) != unrounded:
        bands = ()
    bands = bands or _one_band(chosen, page.rates)
    return Sums(chosen, top.derived if top is not None else {}, bands)


def _page(scored: list[Scored], rates: list[Decimal]) -> _Page:
    usable = [s for s in scored if s.amount.is_money or max(s.scores.values(), default=0) >= 0.9]
    best = {
        name: _best(usable, name)
        for name in ("gross", "net", "tax", "amount_due", "paid", "no_total", *TILL)
    }
    best["gross"] = _with_weak(best["gross"], _best(usable, "gross_weak"))
    anywhere = {s.amount.value: s.amount for s in usable}
    # Where a total is called one, what is printed again is something else: a balance and its payment.
    called = any(
        value > 0 and found[0] >= _SURE
        for name in ("gross", "amount_due")
        for value, found in best[name].by_value.items()
    )
    handed, repeated = _handed(best), frozenset() if called else _repeated(usable)
    named = {v for v, found in best["gross"].by_value.items() if found[0] >= _NAMED}
    return _Page(
        anywhere,
        {value: place for place, value in enumerate(anywhere)},
        sorted(anywhere),
        best,
        rates,
        _several_bands(usable, rates),
        max((abs(v) for v in anywhere), default=Decimal(0)),
        handed,
        _rounded(best),
        repeated,
        repeated.intersection(handed).union(named),
        sum((s.amount.value > 0) - (s.amount.value < 0) for s in usable) > 0,
    )


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


def _handed(best: dict[str, _Best]) -> dict[Decimal, bool]:
    """Return what was paid at a till: what was handed over, less the change; True where there was any."""
    given = {v for name in ("handed", "paid") for v in best[name].by_value if v > 0}
    change = {v for v in best["change"].by_value if v > 0} or {Decimal(0)}
    return {value - back: back > 0 for value in given for back in change if value > back}


def _rounded(best: dict[str, _Best]) -> dict[Decimal, Decimal]:
    """Return the totals that a printed rounding makes of another one above them, and that one.

    A rounding may be printed without its sign.
    """
    found = {
        value: amount
        for name in ("net", "amount_due", "gross")
        for value, (_, amount) in best[name].by_value.items()
    }
    roundings = {abs(value) for value in best["rounding"].by_value if 0 < abs(value) < 1}
    return {
        after: before
        for after in found
        if after not in best["net"].by_value
        for before in found
        if abs(after - before) in roundings and _place(found[before]) < _place(found[after])
    }


def _place(amount: Amount) -> tuple[int, int]:
    return (amount.segment.page, amount.segment.row)


def _repeated(usable: list[Scored]) -> frozenset[Decimal]:
    rows: dict[Decimal, set[tuple[int, int]]] = {}
    for s in usable:
        rows.setdefault(abs(s.amount.value), set()).add(_place(s.amount))
    return frozenset(value for value, places in rows.items() if len(places) > 1)


def _option(gross: Decimal, page: _Page) -> _Option | None:
    """Return how good a gross total is with the best net and tax that go with it."""
    best = page.best
    own = max(best["gross"].score(gross), best["amount_due"].score(gross) - 0.02)
    if own < _SURE:
        # The price of a single item is its total too: a clear label outweighs the column's head.
        own -= 0.5 * best["no_total"].score(gross)
    if (gross == 0 and page.largest > 0) or (gross < 0 and page.is_bill):
        own -= 0.6
    size = 0.25 if abs(gross) == page.largest else 0.0
    if gross in page.handed:
        # "Subtotal 10.20, payment 10.20": what was paid is the total, though none is called so.
        own = max(own, best["net"].score(gross) - 0.3)
        size += _HANDED
    is_unnamed = own <= 0 < gross and size > 0
    if is_unnamed and (gross in page.repeated or page.handed.get(gross)):
        own = _REPEATED
    enough = own + (size if is_unnamed else _HANDED * (gross in page.handed)) >= _ENOUGH
    if gross in page.rounded:
        size += _ROUNDED
    elif any(abs(v) > abs(gross) for v in page.clear):
        size -= 0.8
    # Net and tax make the total before it was rounded.
    unrounded = page.rounded.get(gross, gross)
    named = (best[n].by_value[gross][1] for n in _CALLED if gross in best[n].by_value)
    total = next(named, page.anywhere[gross])
    if any(band.taxable.value + band.tax.value == gross for band in page.bands):
        # One band of several: their sum is the total, where it is printed.
        size -= _ONE_OF_SEVERAL * (_sum(page.bands) in page.anywhere)
    banded = _banded(unrounded, page)
    if banded is not None and own > 0.3:
        chosen, derived = banded
        return _Option(own + size + 2.2, {"gross": Chosen(total, 0.95), **chosen}, derived)
    triple = _triple(unrounded, page)
    if triple is not None and (own > 0 or triple[0] > 1.5):
        bonus, net, tax, by_rate = triple
        sure = min(0.97, 0.75 + 0.12 * min(own, 1.0) + (0.1 if by_rate else 0.0))
        chosen = {
            "gross": Chosen(total, sure),
            "net": Chosen(_at(best["net"], net, page.anywhere), sure - 0.03),
            "tax": Chosen(_at(best["tax"], tax, page.anywhere), sure - 0.03),
        }
        return _Option(own + size + bonus, chosen)
    if not enough:
        return None
    sure = min(0.85, 0.45 + 0.3 * own + size * 0.4)
    chosen = {"gross": Chosen(total, sure)}
    several = _several_taxes(unrounded, page)
    if several is not None:
        net, tax = several
        chosen["net"] = Chosen(best["net"].by_value[net][1], sure)
        return _Option(own + size + _SEVERAL, chosen, {"tax": tax})
    net_alone = _alone(best["net"], gross)
    if net_alone is not None and net_alone is not total:
        chosen["net"] = Chosen(net_alone, 0.6)
    tax_alone = _alone(best["tax"], gross)
    included = _included(unrounded, page)
    if included is not None:
        chosen["tax"] = Chosen(included, 0.8)
    elif (
        tax_alone is not None
        and tax_alone.value != gross
        and abs(tax_alone.value) <= abs(gross) * _MAX_RATE
    ):
        chosen["tax"] = Chosen(tax_alone, 0.55)
    return _Option(own + size, chosen)


def _included(gross: Decimal, page: _Page) -> Amount | None:
    """Return the tax that a printed rate makes of a total that holds it ("of which 13 % VAT 4.37")."""
    for tax, (score, amount) in page.best["tax"].by_value.items():
        is_right = score >= _PASSING and abs(tax) > 4 * _CENT
        if is_right and any(abs(gross * r / (100 + r) - tax) <= _CENT for r in page.rates):
            return amount
    return None


def _several_taxes(gross: Decimal, page: _Page) -> tuple[Decimal, Decimal] | None:
    """Return a labelled net sum, and the sum of two or three labelled taxes that lead to the total."""
    taxes = [
        tax
        for tax, (score, _) in page.best["tax"].by_value.items()
        if score >= _ENOUGH and 0 < tax < gross * _MAX_RATE
    ][:_MOST_TAXES]
    for net, (score, _) in page.best["net"].by_value.items():
        if score < _ENOUGH or not 0 < net < gross:
            continue
        for count in (2, 3):
            for some in combinations(taxes, count):
                if abs(net + sum(some) - gross) <= _CENT:
                    return net, sum(some, Decimal(0))
    return None


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


def _triple(gross: Decimal, page: _Page) -> tuple[float, Decimal, Decimal, bool] | None:
    """Return the best net and tax whose sum is `gross`, and what they add to its score."""
    anywhere, best = page.anywhere, page.best
    top = None
    for tax in _taxes_of(gross, page):
        net = gross - tax
        if net not in anywhere or (tax != 0 and (tax < 0) != (gross < 0)):
            continue
        if abs(tax) > abs(net) * _MAX_RATE:
            continue
        labelled = best["tax"].score(tax) + best["net"].score(net)
        # A small amount fits many rates: it must be more than the tolerance.
        by_rate = abs(tax) > 4 * _CENT and any(
            abs(net * rate / 100 - tax) <= _CENT for rate in page.rates
        )
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


def _taxes_of(gross: Decimal, page: _Page) -> list[Decimal]:
    """Return the amounts that a label or a rate makes a tax of `gross`, in the order of the document.

    Each amount with each other would be millions of pairs in a document of many pages.
    """
    found = {value for value in page.best["tax"].by_value if value in page.places}
    for rate in page.rates:
        share = rate / 100
        tax = gross * share / (1 + share)
        begin = bisect_left(page.ascending, tax - _CENT)
        found.update(page.ascending[begin : bisect_right(page.ascending, tax + _CENT)])
    return sorted(found, key=page.places.__getitem__)


def _side_by_side(net: Amount, tax: Amount) -> bool:
    """True where both stand on one row, as "20 % of 3.20: 0.64" does: the rate proves them.

    Or the tax right below, in the same column.
    """
    a, b = net.segment, tax.segment
    if abs(tax.value) <= 4 * _CENT or net is tax or a.page != b.page:
        return False
    return a.row == b.row or (b.row - a.row == 1 and abs(a.x1 - b.x1) < _FLUSH)


def _several_bands(scored: list[Scored], rates: list[Decimal]) -> tuple[TaxBand, ...]:
    """Return one band for each rate whose net and tax stand on one row; () for fewer than two."""
    rows: dict[tuple[int, int], list[Amount]] = {}
    for s in scored:
        rows.setdefault((s.amount.segment.page, s.amount.segment.row), []).append(s.amount)
    found: dict[Decimal, tuple[bool, TaxBand]] = {}
    for amounts in rows.values():
        printed = {amount.value for amount in amounts}
        for rate in rates:
            for tax in amounts:
                for net in amounts:
                    if (
                        tax is not net
                        and abs(tax.value) > 4 * _CENT
                        and abs(net.value * rate / 100 - tax.value) <= _CENT
                    ):
                        # Small taxes fit several sums: the one that their row adds up is the base.
                        adds_up = net.value + tax.value in printed
                        if rate not in found or adds_up > found[rate][0]:
                            found[rate] = adds_up, TaxBand(rate, net, tax)
    return tuple(band for _, band in found.values()) if len(found) > 1 else ()


def _sum(bands: tuple[TaxBand, ...]) -> Decimal:
    return sum((band.taxable.value + band.tax.value for band in bands), Decimal(0))


def _banded(gross: Decimal, page: _Page) -> tuple[dict[str, Chosen], dict[str, Decimal]] | None:
    """Return net and tax where all bands together make the gross total, None where they do not.

    First those that are printed as sums, then those that are not.
    """
    bands = page.bands
    if not bands or abs(_sum(bands) - gross) > _CENT:
        return None
    chosen: dict[str, Chosen] = {}
    derived: dict[str, Decimal] = {}
    net = sum((band.taxable.value for band in bands), Decimal(0))
    tax = sum((band.tax.value for band in bands), Decimal(0))
    for name, value in (("net", net), ("tax", tax)):
        if value in page.anywhere:
            chosen[name] = Chosen(_at(page.best[name], value, page.anywhere), 0.93)
        else:
            derived[name] = value
    return chosen, derived


def _one_band(chosen: dict[str, Chosen], rates: list[Decimal]) -> tuple[TaxBand, ...]:
    """Return the one band whose rate makes the printed tax of the printed net; () where none does."""
    if "net" not in chosen or "tax" not in chosen:
        return ()
    net, tax = chosen["net"].amount, chosen["tax"].amount
    fitting = [r for r in rates if tax.value and abs(net.value * r / 100 - tax.value) <= _CENT]
    return (TaxBand(fitting[0], net, tax),) if len(fitting) == 1 else ()
