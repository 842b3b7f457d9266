"""The joint choice: sums that fit one another, rather than the best of each alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from invoice_extraction.engines.layout.candidates import USUAL_RATES, Amount, Layout
from invoice_extraction.engines.layout.score import Scored
from invoice_extraction.engines.layout.ties import (
    CALLED,
    CENT,
    ENOUGH,
    FLUSH,
    MOST_BELOW,
    PASSING,
    SURE,
    Best,
    TaxBand,
    Ties,
    holds,
    place,
    ties,
)

_MAX_RATE = Decimal("0.35")
_SEVERAL = 1.5
"""What a total gains by a net sum and several taxes that lead to it."""
_ONE_OF_SEVERAL = 1
_MOST_TAXES = 6
_HANDED = 0.35
"""What a total gains by being what was handed over less the change."""
_REPEATED = 0.3
"""What it is worth that the largest amount, or the one paid, is printed again, whatever it is called,
or that change was given for it."""
_ROUNDED = 0.5
"""What a total gains by being another one rounded, as a row between them says."""
_NO_CHANCE = Decimal("0.50")
"""A labelled tax from here on fits a usual rate of a total by no chance."""
_UNTIED = 0.5
"""The prior of a net sum and a tax that do not make the total."""
_LED = 0.6
"""What a total is worth that a labelled net sum and the amounts below it add up to, whatever it is called."""
_SUMMED = 1.0
"""What a total gains by standing in a row that adds up a table."""
_SEEN = 0.3
"""What a total gains by being the largest amount in such print."""
_TICKET = 70
"""Words on a ticket at most."""
_PART = 3.0
"""What a total loses that is only a part of the sum to pay, or more than the total."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An amount for a field and the prior that it is right, 0 to 1."""

    amount: Amount
    score: float


@dataclass(frozen=True, slots=True)
class Sums:
    """The chosen sums by field of `Totals` ("gross", "net", "tax", "rounding") and clear tax bands.

    `derived` are those that are printed only in parts, which make the total together. `is_settled` is True
    where an amount is called one that was paid, or the sums go on below the total.
    """

    chosen: dict[str, Chosen] = field(default_factory=dict)
    derived: dict[str, Decimal] = field(default_factory=dict)
    bands: tuple[TaxBand, ...] = ()
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class _Option:
    """A gross total with what goes with it, and how good that is."""

    score: float
    chosen: dict[str, Chosen]
    derived: dict[str, Decimal] = field(default_factory=dict)


def sums(scored: list[Scored], rates: Iterable[Decimal]) -> Sums:
    """Return the sums that fit best; a field of which nothing speaks is left out."""
    page = ties(scored, sorted(rates))
    best = page.best
    top = None
    for value in page.anywhere:
        option = _option(value, page)
        if option is not None and (top is None or option.score > top.score):
            top = option
    chosen = top.chosen if top is not None else {}
    if top is not None and not ({"net", "tax"} & (chosen.keys() | top.derived.keys())):
        chosen |= _proven(chosen["gross"].amount.value, page)
    due = _top(best["amount_due"])
    if due is not None and due[0] >= ENOUGH:
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
    if "gross" not in chosen or unrounded not in _nets(bands):
        bands = ()
    bands = bands or _one_band(chosen, page.rates)
    settled = (found for name in ("paid", "handed") if (found := _top(best[name])) is not None)
    return Sums(
        chosen,
        top.derived if top is not None else {},
        bands,
        is_settled=any(score >= ENOUGH for score, _ in settled)
        or ("gross" in chosen and _goes_on(chosen["gross"].amount, scored)),
    )


def _goes_on(total: Amount, scored: list[Scored]) -> bool:
    """True where an amount that no label tells, or less than nothing, stands below a total in its column."""
    return any(
        s.amount.is_money
        and (s.amount.value < 0 or not s.scores)
        and s.amount.value != total.value
        and s.amount.segment.page == total.segment.page
        and 0 < s.amount.segment.row - total.segment.row <= MOST_BELOW
        and abs(s.amount.segment.x1 - total.segment.x1) < FLUSH
        for s in scored
    )


def only(layout: Layout) -> Amount | None:
    """Return the one sum of money on a ticket of few words, None where there are several or none."""
    words = sum(len(segment.words) for row in layout.rows for segment in row)
    money = [a for a in layout.amounts if a.is_money and a.value > 0]
    if words > _TICKET or len({a.value for a in money}) != 1:
        return None
    return money[-1]


def _top(best: Best) -> tuple[float, Amount] | None:
    return max(best.by_value.values(), key=lambda found: (found[0], found[1].value), default=None)


def _option(gross: Decimal, page: Ties) -> _Option | None:
    """Return how good a gross total is with the best net and tax that go with it."""
    best = page.best
    own = max(best["gross"].score(gross), best["amount_due"].score(gross) - 0.02)
    if own < SURE and gross not in page.handed:
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
    enough = own + (size if is_unnamed else _HANDED * (gross in page.handed)) >= ENOUGH
    if gross == page.largest and not page.is_called and _holds_labelled(gross, page):
        own = max(own, _REPEATED)
        enough = enough or own + size >= ENOUGH
    if abs(gross) == page.largest and gross in page.large:
        own, size = max(own, _REPEATED), size + _SEEN
        enough = enough or own + size >= ENOUGH
    if gross in page.led:
        own, size = max(own, _LED), size + _LED
        enough = True
    if gross in page.summed:
        own, size = max(own, _REPEATED), size + _SUMMED
    if gross in page.parts or gross in page.topped:
        size -= _PART
    if gross in page.rounded:
        size += _ROUNDED
    elif any(abs(v) > abs(gross) for v in page.clear):
        size -= 0.8
    # Net and tax make the total before it was rounded.
    unrounded = page.rounded.get(gross, gross)
    named = (best[n].by_value[gross][1] for n in CALLED if gross in best[n].by_value)
    total = next(named, page.anywhere[gross])
    if any(band.taxable.value + band.tax.value == gross for band in page.bands):
        # One band of several: their sum is the total, where it is printed.
        size -= _ONE_OF_SEVERAL * any(total in page.anywhere for total in _nets(page.bands))
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
    nets = _several_nets(unrounded, page)
    if nets is not None:
        net, tax_on = nets
        chosen["tax"] = Chosen(tax_on, sure)
        return _Option(own + size + _SEVERAL, chosen, {"net": net})
    way = page.led.get(unrounded)
    if way is not None and len(way.taxes) > 1:
        chosen["net"] = Chosen(way.net, sure)
        derived = {"tax": sum((tax.value for tax in way.taxes), Decimal(0))}
        return _Option(own + size + _SEVERAL, chosen, derived)
    several = _several_taxes(unrounded, page)
    if several is not None:
        net, tax = several
        chosen["net"] = Chosen(best["net"].by_value[net][1], sure)
        return _Option(own + size + _SEVERAL, chosen, {"tax": tax})
    split = next((s for s in page.split if abs(s.total - unrounded) <= s.margin and s.tax), None)
    if split is not None:
        printed = best["tax"].by_value.get(split.tax)
        derived = {} if printed is not None else {"tax": split.tax}
        if printed is not None:
            chosen["tax"] = Chosen(printed[1], sure)
        return _Option(own + size + _SEVERAL, chosen, derived)
    net_alone = _alone(best["net"], gross) or (way.net if way is not None else None)
    if net_alone is not None and net_alone is not total:
        chosen["net"] = Chosen(net_alone, 0.6)
    tax_alone = _alone(best["tax"], gross)
    included = _included(unrounded, total, page)
    if included is not None:
        chosen["tax"] = Chosen(included, 0.8)
    elif (
        tax_alone is not None
        and tax_alone.value != gross
        and abs(tax_alone.value) <= abs(gross) * _MAX_RATE
    ):
        chosen["tax"] = Chosen(tax_alone, 0.55)
    return _Option(own + size, chosen)


def _included(gross: Decimal, total: Amount, page: Ties) -> Amount | None:
    """Return the tax that a rate makes of a total that holds it ("of which 20 % VAT 7.50").

    A label says that it is one, or its place in the total's own row: "Total 119.00 19.00". With a clear
    label a usual rate will do that is not printed.
    """
    told = [page.best["tax"].by_value[tax] for tax in page.taxes]
    for score, amount in told:
        # "incl. 3.8 % VAT on 1,680.00: 61.50": not all of the total need be taxed.
        bases = {gross, *(a.value for a in page.rows[place(amount)] if a.value <= gross)}
        if score >= PASSING and any(holds(base, amount.value, page.rates) for base in bases):
            return amount
    for amount in page.rows[place(total)]:
        if amount.is_money and holds(gross, amount.value, page.rates):
            return amount
    for score, amount in told:
        is_large = score >= ENOUGH and amount.value >= _NO_CHANCE
        if is_large and holds(gross, amount.value, USUAL_RATES):
            return amount
    return None


def _proven(gross: Decimal, page: Ties) -> dict[str, Chosen]:
    """Return the labelled net sum and tax that prove one another, though they do not make the total.

    They are what an invoice says whose sums are wrong, which a check tells then. Nothing where several do, or
    several rates are printed: they may be one band of those that make the total.
    """
    rates = [rate for rate in page.rates if rate]
    if len(rates) != 1:
        return {}
    pairs = [
        {"net": Chosen(net, _UNTIED), "tax": Chosen(tax, _UNTIED)}
        for of_net, net in page.best["net"].by_value.values()
        for of_tax, tax in page.best["tax"].by_value.values()
        if min(of_net, of_tax) >= ENOUGH
        and _NO_CHANCE <= tax.value < net.value != gross
        and abs(net.value * rates[0] / 100 - tax.value) <= CENT
    ]
    return pairs[0] if len(pairs) == 1 else {}


def _holds_labelled(gross: Decimal, page: Ties) -> bool:
    return any(
        score >= PASSING and tax > 0 and holds(gross, tax, page.rates)
        for tax, (score, _) in page.best["tax"].by_value.items()
    )


def _several_taxes(gross: Decimal, page: Ties) -> tuple[Decimal, Decimal] | None:
    """Return a labelled net sum, and the sum of two or three labelled taxes that lead to the total."""
    taxes = [
        tax
        for tax, (score, _) in page.best["tax"].by_value.items()
        if score >= ENOUGH and 0 < tax < gross * _MAX_RATE
    ][:_MOST_TAXES]
    together = [sum(some, Decimal(0)) for n in (2, 3) for some in combinations(taxes, n)]
    if not together:
        return None
    for net, (score, _) in page.best["net"].by_value.items():
        if score < ENOUGH or not 0 < net < gross:
            continue
        for tax in together:
            if abs(net + tax - gross) <= CENT:
                return net, tax
    return None


def _several_nets(gross: Decimal, page: Ties) -> tuple[Decimal, Amount] | None:
    """Return the sum of two or three labelled net sums, and the labelled tax that leads on to the total.

    One of them may be free of tax: "Taxed 80.00, VAT 16.00, exempt 12.50, total 108.50".
    """
    nets = [
        net
        for net, (score, amount) in page.best["net"].by_value.items()
        if score >= ENOUGH and amount.is_money and 0 < net < gross
    ][-_MOST_TAXES:]
    taxes = [
        amount
        for tax, (score, amount) in page.best["tax"].by_value.items()
        if score >= ENOUGH and 0 < tax < gross * _MAX_RATE and tax not in nets
    ][-_MOST_TAXES:]
    for count in (2, 3):
        for some in combinations(nets, count):
            for amount in taxes:
                if sum(some) + amount.value == gross:
                    return sum(some, Decimal(0)), amount
    return None


def _at(best: Best, value: Decimal, anywhere: dict[Decimal, Amount]) -> Amount:
    found = best.by_value.get(value)
    return found[1] if found else anywhere[value]


def _alone(best: Best, gross: Decimal) -> Amount | None:
    """Return the one amount clearly labelled so that no sum confirms (a discount, freight between)."""
    fitting = [
        (s, a) for s, a in best.by_value.values() if s >= 0.85 and abs(a.value) <= abs(gross)
    ]
    # "Net 15" is a term of payment.
    fitting = [found for found in fitting if found[1].is_money] or fitting
    if not fitting:
        return None
    top = max(fitting, key=lambda found: (found[0], abs(found[1].value)))
    if sum(found[0] >= top[0] - 0.05 for found in fitting) > 1:
        return None
    return top[1]


def _triple(gross: Decimal, page: Ties) -> tuple[float, Decimal, Decimal, bool] | None:
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
        by_rate = abs(tax) > 4 * CENT and any(
            abs(net * rate / 100 - tax) <= CENT for rate in page.rates
        )
        if tax == 0 and (best["tax"].score(tax) < 0.5 or best["net"].score(net) < 0.5):
            continue
        is_called = best["net"].score(net) > 0 or _stacked(net, tax, gross, page)
        if not by_rate and (best["tax"].score(tax) < 0.4 or not is_called):
            continue
        if by_rate and labelled < 0.3 and not _side_by_side(anywhere[net], anywhere[tax]):
            continue
        # A tax of 0.00 stands in many a summary, and makes any sum the total of itself.
        bonus = min(labelled, 2.0) * 0.5 + (0.6 if tax else 0.3) + (0.5 if by_rate else 0.0)
        if top is None or bonus > top[0]:
            top = (bonus, net, tax, by_rate)
    return top


def _stacked(net: Decimal, tax: Decimal, gross: Decimal, page: Ties) -> bool:
    """True where three sums stand in rows on end, the first two of which make the third."""
    places = [place(page.anywhere[value]) for value in (net, tax, gross) if value in page.anywhere]
    return tax > 0 and [(at[0], at[1] - n) for n, at in enumerate(places)] == [places[0]] * 3


def _taxes_of(gross: Decimal, page: Ties) -> list[Decimal]:
    """Return the amounts that a label or a rate makes a tax of `gross`, in the order of the document.

    Each amount with each other would be millions of pairs in a document of many pages.
    """
    found = set(page.taxes)
    for rate in page.rates:
        share = rate / 100
        tax = gross * share / (1 + share)
        begin = bisect_left(page.ascending, tax - CENT)
        found.update(page.ascending[begin : bisect_right(page.ascending, tax + CENT)])
    return sorted(found, key=page.places.__getitem__)


def _side_by_side(net: Amount, tax: Amount) -> bool:
    """True where both stand on one row, as "20 % of 3.20: 0.64" does: the rate proves them.

    Or the tax right below, in the same column.
    """
    a, b = net.segment, tax.segment
    if abs(tax.value) <= 4 * CENT or net is tax or a.page != b.page:
        return False
    return a.row == b.row or (b.row - a.row == 1 and abs(a.x1 - b.x1) < FLUSH)


def _nets(bands: tuple[TaxBand, ...]) -> dict[Decimal, Decimal]:
    """Return the net sums that bands can have, by the totals that these make with all taxes.

    Two taxes may be taken on one and the same sum, as Canada's are.
    """
    bases = [band.taxable.value for band in bands]
    tax = sum((band.tax.value for band in bands), Decimal(0))
    nets = {sum(bases, Decimal(0)), *(bases if len(set(bases)) == 1 else ())}
    return {net + tax: net for net in nets}


def _banded(gross: Decimal, page: Ties) -> tuple[dict[str, Chosen], dict[str, Decimal]] | None:
    """Return net and tax where all bands together make the gross total, None where they do not.

    First those that are printed as sums, then those that are not.
    """
    bands = page.bands
    net = next((n for total, n in _nets(bands).items() if abs(total - gross) <= CENT), None)
    if not bands or net is None:
        return None
    chosen: dict[str, Chosen] = {}
    derived: dict[str, Decimal] = {}
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
    fitting = [r for r in rates if tax.value and abs(net.value * r / 100 - tax.value) <= CENT]
    return (TaxBand(fitting[0], net, tax),) if len(fitting) == 1 else ()
