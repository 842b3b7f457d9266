"""What the amounts of a document say of one another: which add up, which stand again, which were paid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest
from itertools import combinations, islice, pairwise, product

from invoice_extraction.engines.layout.candidates import Amount
from invoice_extraction.engines.layout.score import ASIDE, TILL, Scored

CENT = Decimal("0.02")
CALLED = ("gross", "amount_due", "net")
"""What a total is called, the likeliest first."""
ENOUGH = 0.55
"""Below it nothing is said."""
SURE = 0.9
_NAMED = 0.95
"""A label that is most of its text and stands beside the amount."""
PASSING = 0.3
"""A label in passing, within a sentence: enough where a rate proves the amount."""
FLUSH = 12.0
"""Points by which the ends of a column's amounts differ at most."""
MOST_BELOW = 8
"""Amounts, or rows, below a sum that can belong to it."""
_FEW = 4
"""Of fewer amounts nothing is usual."""
_LARGE = 1.5
"""Print so much higher than the usual is meant to be seen first."""
_TOO_LONG = 10_000_000
_TABLE = 40
"""Rows above the row of a table's sums that are looked at."""
_WIDEST = 16
"""Amounts of a row at most that can be its sums and bands: each is compared with each."""
_MOST_CALLED = 200
"""Values that are called the same at most: a long table's column is headed so, and they are tried with one another."""

_MOST_RATES, _MOST_OF_RATE = 4, 4
"""So many rates a till's receipt has at most, and amounts on the rows of one that are tried."""


@dataclass(frozen=True, slots=True)
class TaxBand:
    """One band of tax: its rate in percent, and its amounts where they are printed."""

    rate: Decimal
    taxable: Amount
    tax: Amount


@dataclass(frozen=True, slots=True)
class Best:
    """The best occurrence of each value for one field."""

    by_value: dict[Decimal, tuple[float, Amount]]

    def score(self, value: Decimal) -> float:
        """Return how well a value fits the field, 0 where it does not."""
        found = self.by_value.get(value)
        return found[0] if found else 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """How a net sum leads to a total: the taxes printed between them."""

    net: Amount
    taxes: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The total that taxes of several rates belong to, by how much rounding can make it differ, and their sum."""

    total: Decimal
    margin: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Ties:
    """What the amounts of a document say of one another.

    `anywhere` has each value where it stands last, `largest` is without its sign, `ascending` are the values
    in their order, `places` their order in the document, `rows` the amounts by page and row. `taxes` are the
    values that are called a tax, `handed` the values that were paid at a till, True for one that change
    was given for; `rounded` maps a total to the one before it was rounded, `led` to the net sum that leads
    to it with the amounts between them; `parts` are those that make the sum to pay with another one,
    `topped` sums to pay that hold more than a named total, `summed` those of a row that adds up a table's
    columns of net, tax and both. `repeated` are the values that stand in several rows, with or without a
    sign, unless a label names a total (`is_called`); `large` are those in large print, `clear` those that
    must be totals. `split` are the totals that taxes of several rates belong to, one of each. `is_bill` is True where most amounts are positive: a negative one is a payment then.
    """

    anywhere: dict[Decimal, Amount]
    places: dict[Decimal, int]
    ascending: list[Decimal]
    best: dict[str, Best]
    taxes: tuple[Decimal, ...]
    rates: list[Decimal]
    bands: tuple[TaxBand, ...]
    largest: Decimal
    handed: dict[Decimal, bool]
    rounded: dict[Decimal, Decimal]
    led: dict[Decimal, Way]
    parts: frozenset[Decimal]
    summed: frozenset[Decimal]
    topped: frozenset[Decimal]
    rows: dict[tuple[int, int], list[Amount]]
    repeated: frozenset[Decimal]
    large: frozenset[Decimal]
    is_called: bool
    clear: frozenset[Decimal]
    split: tuple[Split, ...]
    is_bill: bool


def ties(scored: list[Scored], rates: list[Decimal]) -> Ties:
    """Return what the amounts say of one another; `rates` are in percent, in their order."""
    usable = [s for s in scored if _can_be_sum(s)]
    best = {
        name: _best(usable, name)
        for name in ("gross", "net", "tax", "amount_due", "paid", "no_total", ASIDE, *TILL)
    }
    best["gross"] = _with_weak(best["gross"], _best(usable, "gross_weak"))
    anywhere = {s.amount.value: s.amount for s in usable}
    rows: dict[tuple[int, int], list[Amount]] = {}
    for s in usable:
        rows.setdefault(place(s.amount), []).append(s.amount)
    narrow = {at: amounts for at, amounts in rows.items() if len(amounts) <= _WIDEST}
    # Where a total is called one, what is printed again is something else: a balance and its payment.
    called = any(
        value > 0 and found[0] >= SURE
        for name in ("gross", "amount_due")
        for value, found in best[name].by_value.items()
    )
    handed, repeated = _handed(best), frozenset() if called else _repeated(usable)
    named = {v for v, found in best["gross"].by_value.items() if found[0] >= _NAMED}
    return Ties(
        anywhere,
        {value: n for n, value in enumerate(anywhere)},
        sorted(anywhere),
        best,
        tuple(best["tax"].by_value),
        rates,
        _several_bands(narrow, usable, rates),
        max((abs(v) for v in anywhere), default=Decimal(0)),
        handed,
        _rounded(best),
        _led(usable),
        _parts(best),
        _summed(narrow),
        _topped(best),
        rows,
        repeated,
        _large(usable),
        called,
        repeated.intersection(handed).union(named),
        tuple(_splits(usable)),
        sum((s.amount.value > 0) - (s.amount.value < 0) for s in usable) > 0,
    )


def _can_be_sum(scored: Scored) -> bool:
    """True for money, and for a clearly labelled number that is no identifier by its length."""
    amount = scored.amount
    if amount.is_money:
        return True
    return max(scored.scores.values(), default=0.0) >= SURE and abs(amount.value) < _TOO_LONG


def _best(scored: list[Scored], name: str) -> Best:
    """Return the values of the highest scores for a field; of equal ones the last: sums end a table."""
    found: dict[Decimal, tuple[float, Amount]] = {}
    for s in scored:
        score = s.scores.get(name, 0.0)
        if score <= 0:
            continue
        value = s.amount.value
        before = found.get(value)
        if before is None or score > before[0]:
            found[value] = (score, s.amount)
    if len(found) > _MOST_CALLED:
        chosen = set(nlargest(_MOST_CALLED, reversed(list(found)), key=lambda v: found[v][0]))
        found = {value: told for value, told in found.items() if value in chosen}
    return Best(found)


def _with_weak(best: Best, weak: Best) -> Best:
    merged = dict(best.by_value)
    for value, (score, amount) in weak.by_value.items():
        if score > merged.get(value, (0.0, amount))[0]:
            merged[value] = (score, amount)
    return Best(merged)


def _handed(best: dict[str, Best]) -> dict[Decimal, bool]:
    """Return what was paid at a till: what was handed over, less the change; True where there was any."""
    given = {v for name in ("handed", "paid") for v in best[name].by_value if v > 0}
    change = {v for v in best["change"].by_value if v > 0} or {Decimal(0)}
    return {value - back: back > 0 for value in given for back in change if value > back}


def _rounded(best: dict[str, Best]) -> dict[Decimal, Decimal]:
    """Return the totals that a printed rounding makes of another one above them, and that one.

    A rounding may be printed without its sign.
    """
    found = {
        value: amount
        for name in ("net", "amount_due", "gross")
        for value, (_, amount) in best[name].by_value.items()
    }
    first = {
        value: min(
            place(best[name].by_value[value][1]) for name in CALLED if value in best[name].by_value
        )
        for value in found
    }
    roundings = [value for value in best["rounding"].by_value if 0 < abs(value) < 1]
    if not roundings:
        return {}
    # What is rounded need not be printed: "Net 719.55, tax 58.28, rounding 0.02, total 777.85".
    made = {
        net + tax: place(best["tax"].by_value[tax][1])
        for net in nlargest(_FEW, best["net"].by_value, key=best["net"].score)
        for tax in nlargest(_FEW, best["tax"].by_value, key=best["tax"].score)
    }
    return {
        after: before
        for after in found
        if after not in best["net"].by_value
        for rounding in roundings
        for before in (after + rounding, after - rounding)
        if (before in found and first[before] < place(found[after]))
        or (before in made and made[before] <= place(found[after]))
    }


def place(amount: Amount) -> tuple[int, int]:
    """Return an amount's page and row."""
    return (amount.segment.page, amount.segment.row)


def _led(usable: list[Scored]) -> dict[Decimal, Way]:
    """Return the totals that a labelled net sum and the amounts below it in its column add up to.

    What is called a discount or a charge may be either, whatever its sign.
    """
    found: dict[Decimal, Way] = {}
    for n, start in enumerate(usable):
        net = start.amount
        if start.scores.get("net", 0.0) < ENOUGH or net.value <= 0:
            continue
        sums = {net.value}
        taxes: list[Amount] = []
        for count, s in enumerate(islice(_below(net, usable[n + 1 :]), MOST_BELOW)):
            value = s.amount.value
            if count and value not in (net.value, 0) and value in sums:
                found.setdefault(value, Way(net, tuple(taxes)))
            either = {total - value for total in sums} if "no_total" in s.scores else set()
            sums = {total + value for total in sums} | either
            if value > 0 and s.scores.get("tax", 0.0) >= ENOUGH:
                taxes.append(s.amount)
    return found


def _below(start: Amount, following: list[Scored]) -> Iterator[Scored]:
    """Yield the amounts below one in its column, on its page."""
    for s in following:
        segment = s.amount.segment
        if segment.page != start.segment.page:
            return
        if segment.row > start.segment.row and abs(segment.x1 - start.segment.x1) < FLUSH:
            yield s


def _parts(best: dict[str, Best]) -> frozenset[Decimal]:
    """Return the totals that make the clearly named sum to pay together with another one.

    "Total of 10 % 41.80, total of 0 % 22.50, to pay 64.30"; a balance of before is no such part.
    """
    called = best["gross"].by_value.keys() | best["net"].by_value.keys()
    return frozenset(
        value
        for due, (score, _) in best["amount_due"].by_value.items()
        if score >= _NAMED and best["paid"].score(due) == 0
        for value in called
        if 0 < value < due
        and due - value in called
        and best["no_total"].score(due - value) == 0
        and best["tax"].score(due - value) == 0
    )


def _summed(rows: dict[tuple[int, int], list[Amount]]) -> frozenset[Decimal]:
    """Return the totals of rows that add up the columns above them: net, tax, and both together.

    Whatever such a row is called, nobody adds up three columns by chance.
    """
    found: set[Decimal] = set()
    places = sorted(rows)
    for n, at in enumerate(places):
        above = [p for p in places[max(0, n - _TABLE) : n] if p[0] == at[0]]
        sums = {amount.value for amount in rows[at] if _adds_up(amount, above, rows)}
        found.update(a + b for a, b in combinations(sums, 2) if a + b in sums)
    return frozenset(found)


def _adds_up(
    total: Amount, above: list[tuple[int, int]], rows: dict[tuple[int, int], list[Amount]]
) -> bool:
    running, count = Decimal(0), 0
    for at in reversed(above):
        for amount in rows[at]:
            if abs(amount.segment.x1 - total.segment.x1) < FLUSH:
                running += amount.value
                count += 1
                break
        if count > 1 and running == total.value != 0:
            return True
    return False


def _topped(best: dict[str, Best]) -> frozenset[Decimal]:
    """Return the sums to pay that are a clearly named total and a tip, or what was owed before, on top."""
    totals = [v for v, found in best["gross"].by_value.items() if found[0] >= SURE and v > 0]
    return frozenset(
        due
        for name in ("amount_due", "handed", "paid")
        for due in best[name].by_value
        if any(
            due > total and best[ASIDE].score(due - total) >= ENOUGH
            for total in totals
            if total != due
        )
    )


def _repeated(usable: list[Scored]) -> frozenset[Decimal]:
    rows: dict[Decimal, set[tuple[int, int]]] = {}
    for s in usable:
        rows.setdefault(abs(s.amount.value), set()).add(place(s.amount))
    return frozenset(value for value, places in rows.items() if len(places) > 1)


def _large(usable: list[Scored]) -> frozenset[Decimal]:
    heights = sorted(s.amount.segment.height for s in usable)
    if len(heights) < _FEW:
        return frozenset()
    usual = heights[len(heights) // 2]
    return frozenset(
        s.amount.value
        for s in usable
        if s.amount.is_money and s.amount.segment.height >= _LARGE * usual
    )


def holds(gross: Decimal, tax: Decimal, rates: Iterable[Decimal]) -> bool:
    """True where a rate makes the tax of a total with it; smaller ones fit too many rates."""
    return abs(tax) > 4 * CENT and any(
        abs(gross * rate / (100 + rate) - tax) <= CENT for rate in rates
    )


def _several_bands(
    rows: dict[tuple[int, int], list[Amount]], scored: list[Scored], rates: list[Decimal]
) -> tuple[TaxBand, ...]:
    """Return one band for each rate whose net and tax stand on one row; () for fewer than two.

    Where none do, those whose labelled tax follows upon its labelled net sum.
    """
    found: dict[Decimal, tuple[bool, TaxBand]] = {}
    for amounts in rows.values():
        printed = {amount.value for amount in amounts}
        fitting = [
            (net.value + tax.value in printed, TaxBand(rate, net, tax))
            for rate in rates
            for tax in amounts
            for net in amounts
            if tax is not net and _is_taxed(net, tax, rate)
        ]
        # Small taxes fit several sums and rates: the one that their row adds up is the base.
        adds_up = any(added for added, _ in fitting)
        for added, band in fitting:
            if added == adds_up and (band.rate not in found or added > found[band.rate][0]):
                found[band.rate] = added, band
    if len(found) > 1:
        return tuple(band for _, band in found.values())
    below: dict[Decimal, TaxBand] = {}
    for first, second in pairwise(s for s in scored if s.scores):
        if first.scores.get("net", 0.0) < SURE or second.scores.get("tax", 0.0) < SURE:
            continue
        for rate in rates:
            if abs(first.amount.value * rate / 100 - second.amount.value) <= CENT / 2:
                below.setdefault(rate, TaxBand(rate, first.amount, second.amount))
    return tuple(below.values()) if len(below) > 1 else ()


def _splits(usable: list[Scored]) -> Iterator[Split]:
    """Yield what taxes say of the total that holds them, one of each rate that stands beside a tax."""
    by_rate: dict[Decimal, list[Decimal]] = {}
    for s in usable:
        is_tax = s.amount.is_money and s.amount.value >= 0 and s.scores.get("tax", 0.0) >= ENOUGH
        if s.rate is not None and is_tax:
            by_rate.setdefault(s.rate, []).append(s.amount.value)
    if not 1 < len(by_rate) <= _MOST_RATES:
        return
    for taxes in product(*(values[-_MOST_OF_RATE:] for values in by_rate.values())):
        parts = [(tax, (100 + rate) / rate) for tax, rate in zip(taxes, by_rate, strict=True)]
        yield Split(
            sum((tax * share for tax, share in parts), Decimal(0)),
            sum((share * CENT / 4 for tax, share in parts if tax), CENT),
            sum(taxes, Decimal(0)),
        )


def _is_taxed(net: Amount, tax: Amount, rate: Decimal) -> bool:
    return abs(tax.value) > 4 * CENT and abs(net.value * rate / 100 - tax.value) <= CENT
