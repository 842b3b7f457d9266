"""What a document says before it has a look: lines, taxes and sums that hold to the smallest coin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from invoice_extraction.model.invoice import (
    AllowanceCharge,
    DocumentType,
    Invoice,
    Line,
    Party,
    Payment,
    PrecedingInvoice,
    Tax,
    Totals,
)
from samples.synth import sellers
from samples.synth.countries import Country, filled
from samples.synth.sellers import Seller
from samples.synth.trades import TRADES, Trade

ZERO = Decimal(0)

EUROPE = frozenset("DE AT IE FR BE NL ES IT PT PL CZ SK HU RO GR SE DK FI EE LV LT HR SI".split())
"""Where the tax may be the buyer's to pay (Directive 2006/112/EC, article 196)."""

NUMBERS = (
    "INV-{y}-{n:04d}",
    "{y}{n:05d}",
    "R{n:06d}",
    "{y}/{n:03d}",
    "{n:06d}",
    "{n:04d}",
    "A-{n:05d}/{s:02d}",
    "{s:02d}-{n:04d}",
    "F{s:02d}/{n:04d}",
    "{n:03d}/{m:02d}/{y}",
    "{y}-{m:02d}-{n:03d}",
    "FV/{n}/{m:02d}/{y}",
    "SI-{n:07d}",
    "{y}{m:02d}{n:04d}",
    "{s:02d}FA{n:05d}",
    "#{n:05d}",
    "{n}",
    "{s:02d}/{n:06d}-{m}",
    "W{n:04d}-{s:02d}",
    "KX {n:05d}",
)


@dataclass(frozen=True, slots=True)
class Deal:
    """A document's facts. By index of its lines: `groups` heads above, `details` rows beneath, `days` dates.

    `extras` are labelled values at its head that no field of an invoice holds.
    """

    invoice: Invoice
    groups: Mapping[int, str]
    details: Mapping[int, tuple[str, ...]]
    days: Mapping[int, date]
    extras: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Tax:
    """How a document is taxed: each of `bands` is names, rates and category of what is taken on one base."""

    bands: tuple[tuple[tuple[tuple[str, Decimal], ...], str], ...]
    reason: str | None = None


def draw_up(rng: Random, of: Seller, kind: DocumentType) -> Deal:
    """Return the facts of one document of the seller."""
    trade, country = TRADES[of.trade], of.country
    issued = date(2023, 1, 3) + timedelta(days=rng.randrange(1400))
    taxed = _taxation(rng, of, trade)
    included = rng.random() < trade.included
    lines, details = _lines(rng, of, trade, taxed, included)
    allowances, charges = _extras(rng, of, taxed, lines, included, trade)
    totals, taxes = _sums(country, taxed, lines, allowances, charges, included)
    buyer = sellers.buyer(rng, of, trade.people) if trade.paper == "sheet" else None
    reverse = taxed.bands[0][1] == "AE"
    if reverse and buyer and not buyer.tax_id:
        buyer = sellers.buyer(rng, of, 0).model_copy(
            update={"tax_id": sellers.company(rng, country, of.tongue, "trades").tax_id}
        )
    number = _number(rng, issued, trade)
    days = rng.choice((0, 7, 10, 14, 14, 21, 30, 30, 30, 45, 60))
    billed = kind == "invoice"
    paid = rng.random() < trade.paid and kind != "credit_note"
    totals = _settled(rng, country, trade, totals, paid, kind)
    notes = [taxed.reason] if taxed.reason else []
    period = issued - timedelta(days=trade.spans + rng.randrange(0, 6)) if trade.spans else None
    invoice = Invoice(
        document_type=kind,
        invoice_number=number,
        issue_date=issued,
        issue_time=f"{rng.randrange(7, 22):02d}:{rng.randrange(60):02d}"
        if trade.paper == "till"
        else None,
        due_date=issued + timedelta(days=days) if days and billed and not paid else None,
        delivery_date=issued - timedelta(days=rng.randrange(1, 12))
        if billed and not trade.spans and trade.paper == "sheet" and rng.random() < 0.4
        else None,
        period_start=period,
        period_end=period + timedelta(days=trade.spans - 1) if period else None,
        currency=country.currency,
        language=of.tongue.code,
        buyer_reference=rng.choice(of.tongue.names["people"]) if rng.random() < 0.15 else None,
        purchase_order_reference=filled(
            rng, rng.choice(("PO-#####", "45######", "B####/#", "####"))
        )
        if trade.paper == "sheet" and rng.random() < 0.35
        else None,
        seller=of.party,
        buyer=buyer,
        delivery_party=_delivered(rng, of, buyer) if of.trade in ("goods", "shop") else None,
        prices_include_tax=included,
        lines=lines,
        allowances=allowances,
        charges=charges,
        taxes=taxes,
        totals=totals,
        payment=_payment(rng, of, number, days, paid, trade),
        preceding_invoices=[PrecedingInvoice(invoice_number=_number(rng, issued, trade))]
        if kind == "credit_note"
        else [],
        notes=notes,
    )
    return Deal(
        invoice=invoice,
        groups=_groups(rng, of, lines),
        details=details,
        days={n: issued - timedelta(days=len(lines) - n) for n in range(len(lines))}
        if trade.dated
        else {},
        extras=_heads(rng, of, trade),
    )


def coin(country: Country, value: Decimal) -> Decimal:
    """Return the value rounded half up to the currency's smallest unit."""
    return value.quantize(Decimal(1).scaleb(-country.decimals), ROUND_HALF_UP)


def price(rng: Random, country: Country, low: float, high: float) -> Decimal:
    """Return a price as sellers like them, in the country's money."""
    rough = Decimal(str(round(low * (high / low) ** rng.random(), 3))) * country.scale
    if rough >= 1000 * country.scale or country.scale > 100:
        step = Decimal(500 if rough > 20000 else 5)
        return coin(country, (rough / step).to_integral_value() * step) or coin(country, step)
    if low < 2 and country.decimals:
        return rough.quantize(Decimal("0.001") if high < 2 else Decimal("0.01")) or Decimal("0.01")
    ending = rng.choice(("any", "any", ".00", ".00", ".50", ".90", ".95", ".99"))
    whole = rough.to_integral_value()
    return coin(country, rough if ending == "any" or not whole else whole + Decimal(f"0{ending}"))


def _taxation(rng: Random, of: Seller, trade: Trade) -> _Tax:
    country, draw = of.country, rng.random()
    name = country.tax_names[0] if country.tax_names else of.tongue.labels["tax"][0]
    if draw < trade.exempt:
        bands = ((((name, ZERO),), "E"),)
        return _Tax(bands, of.tongue.sentence(rng, "exempt"))
    if country.code in EUROPE and trade.paper == "sheet" and draw > 0.95 and trade.people < 0.5:
        return _Tax(((((name, ZERO),), "AE"),), of.tongue.sentence(rng, "reverse"))
    if country.splits and rng.random() < 0.6:
        return _Tax(((rng.choice(country.splits), "S"),))
    several = 1 if rng.random() < 0.68 else 2
    rates = country.rates[:1] if several == 1 else country.rates[:3]
    return _Tax(tuple((((name, rate),), "S" if rate else "Z") for rate in rates))


def _lines(
    rng: Random, of: Seller, trade: Trade, taxed: _Tax, included: bool
) -> tuple[list[Line], dict[int, tuple[str, ...]]]:
    country = of.country
    words = [text for part in trade.wares for text in of.tongue.wares[part]]
    count = rng.choice(trade.rows)
    chosen = words[:count] if trade.whole else [rng.choice(words) for _ in range(count)]
    if not trade.whole and count <= len(words):
        chosen = rng.sample(words, count)
    discounts = rng.random() < 0.18 and trade.paper == "sheet"
    lines, details = [], {}
    for n, text in enumerate(chosen):
        each = price(rng, country, trade.low, trade.high)
        quantity = Decimal(rng.randrange(trade.step, trade.most * 100 + 1, trade.step)) / 100
        quantity = quantity.normalize() if quantity else Decimal(1)
        quantity = Decimal(format(quantity, "f"))
        weighed = rng.random() < trade.weighed
        if weighed:
            quantity = Decimal(rng.randrange(84, 2400)) / 1000
        bands, category = taxed.bands[0 if rng.random() < 0.6 else rng.randrange(len(taxed.bands))]
        rate = sum((one for _, one in bands), ZERO)
        percent = Decimal(rng.choice((5, 10, 15, 20))) if discounts and rng.random() < 0.6 else None
        full = coin(country, quantity * each)
        less = coin(country, full * percent / 100) if percent else None
        amount = full - (less or ZERO)
        tax = coin(country, amount * rate / (100 + rate if included else Decimal(100)))
        lines.append(
            Line(
                id=str(n + 1),
                description=text,
                product_code=filled(rng, "@##-####" if n % 2 else "######")
                if "goods" in trade.wares
                else None,
                quantity=quantity,
                unit=of.tongue.units["kg" if weighed else trade.unit][0],
                unit_price=each,
                discount_percent=percent,
                discount_amount=less,
                tax_rate=rate,
                tax_category=category,
                tax_amount=tax,
                net_amount=amount - tax if included else amount,
                gross_amount=amount if included else amount + tax,
            )
        )
        if trade.paper == "sheet" and rng.random() < 0.12:
            form = rng.choice(("S/N @@####-###", "Ref. ##.###.#", "EAN 2##########", "@@-## / ###"))
            details[n] = tuple(filled(rng, form) for _ in range(rng.choice((1, 1, 2))))
    return lines, details


def _extras(
    rng: Random, of: Seller, taxed: _Tax, lines: list[Line], included: bool, trade: Trade
) -> tuple[list[AllowanceCharge], list[AllowanceCharge]]:
    """Return what is taken off and what is put on, both taxed as most lines are."""
    bands, category = taxed.bands[0]
    rate = sum((one for _, one in bands), ZERO)
    base = sum((_shown(line, included) for line in lines if line.tax_rate == rate), ZERO)
    allowances, charges = [], []
    if base and rng.random() < 0.1:
        percent = Decimal(rng.choice((2, 3, 5, 10)))
        amount = coin(of.country, base * percent / 100)
        reason = rng.choice(of.tongue.labels["discount"])
        if amount:
            allowances.append(
                AllowanceCharge(
                    reason=reason,
                    amount=amount,
                    percent=percent,
                    tax_rate=rate,
                    tax_category=category,
                )
            )
    if trade.wares[0] == "goods" and trade.paper == "sheet" and rng.random() < 0.3:
        charges.append(
            AllowanceCharge(
                reason=rng.choice(of.tongue.labels["shipping"]),
                amount=price(rng, of.country, 3, 30),
                tax_rate=rate,
                tax_category=category,
            )
        )
    return allowances, charges


def _shown(line: Line, included: bool) -> Decimal:
    return (line.gross_amount if included else line.net_amount) or ZERO


def _sums(
    country: Country,
    taxed: _Tax,
    lines: list[Line],
    allowances: list[AllowanceCharge],
    charges: list[AllowanceCharge],
    included: bool,
) -> tuple[Totals, list[Tax]]:
    """Return the totals and the tax bands in the order of `taxed`."""
    bases: dict[tuple[Decimal | None, str | None], Decimal] = {}
    for rate, category, amount in (
        *((line.tax_rate, line.tax_category, _shown(line, included)) for line in lines),
        *((one.tax_rate, one.tax_category, -(one.amount or ZERO)) for one in allowances),
        *((one.tax_rate, one.tax_category, one.amount or ZERO) for one in charges),
    ):
        bases[rate, category] = bases.get((rate, category), ZERO) + amount
    taxes = []
    net = gross = ZERO
    for parts, category in taxed.bands:
        rate = sum((one for _, one in parts), ZERO)
        base = bases.get((rate, category))
        if base is None:
            continue
        if included:
            whole = base
            base = coin(country, whole * 100 / (100 + rate))
            shares = [coin(country, base * one / 100) for _, one in parts]
            shares[-1] = whole - base - sum(shares[:-1], ZERO)
        else:
            shares = [coin(country, base * one / 100) for _, one in parts]
            whole = base + sum(shares, ZERO)
        net, gross = net + base, gross + whole
        for (name, one), share in zip(parts, shares, strict=True):
            taxes.append(
                Tax(category=category, rate=one, taxable_amount=base, tax_amount=share, name=name)
            )
    return (
        Totals(
            lines_net=sum((_shown(line, included) for line in lines), ZERO),
            allowances=sum((one.amount or ZERO for one in allowances), ZERO) or None,
            charges=sum((one.amount or ZERO for one in charges), ZERO) or None,
            net=net,
            tax=gross - net,
            gross=gross,
        ),
        taxes,
    )


def _settled(
    rng: Random, country: Country, trade: Trade, totals: Totals, paid: bool, kind: DocumentType
) -> Totals:
    """Return the totals with what is paid, rounded, tipped or carried over, and what is due then."""
    gross = totals.gross or ZERO
    changes: dict[str, Decimal] = {}
    due = gross
    if kind == "credit_note":
        return totals
    if trade.carries and rng.random() < trade.carries:
        changes["previous_balance"] = price(rng, country, 20, 90)
        due += changes["previous_balance"]
        if rng.random() < 0.6:
            changes["paid"] = changes["previous_balance"]
    if trade.wares[0] == "meals" and paid and rng.random() < 0.3:
        changes["tip"] = coin(country, gross * rng.choice((5, 10, 15)) / 100)
        due += changes["tip"]
    if country.cash_step and rng.random() < (0.4 if trade.paper == "till" else 0.1):
        step = country.cash_step
        rounded = (due / step).quantize(Decimal(1), ROUND_HALF_UP) * step
        if rounded != due:
            changes["rounding"] = coin(country, rounded - due)
            due = rounded
    if trade.paper == "sheet":
        if paid:
            changes["paid"] = due
        elif "paid" not in changes and kind == "invoice" and rng.random() < 0.1:
            changes["paid"] = coin(country, gross * rng.choice((20, 30, 50)) / 100)
        due -= changes.get("paid", ZERO)
    if changes:
        changes["amount_due"] = due
    return totals.model_copy(update=changes)


def _payment(
    rng: Random, of: Seller, number: str, days: int, paid: bool, trade: Trade
) -> Payment | None:
    labels = of.tongue.labels
    if trade.paper == "till" or paid:
        card = rng.random() < 0.6
        return Payment(
            means_code="48" if card else "10",
            means_text=rng.choice(labels["card" if card else "cash"]),
            card_last4=filled(rng, "####") if card else None,
        )
    terms = of.tongue.sentence(rng, "terms" if days else "terms_now").format(days=days)
    return Payment(
        terms=terms,
        reference=number if rng.random() < 0.4 else None,
        accounts=[of.account],
    )


def _groups(rng: Random, of: Seller, lines: list[Line]) -> dict[int, str]:
    """Return heads above some of many lines, as parts of a job have them; mostly none."""
    if len(lines) < 4 or rng.random() > 0.15:
        return {}
    heads = of.tongue.wares["services"]
    return {0: f"1. {rng.choice(heads)}", len(lines) // 2: f"2. {rng.choice(heads)}"}


def _heads(rng: Random, of: Seller, trade: Trade) -> list[tuple[str, str]]:
    if trade.rooms:
        return [("room", filled(rng, "###"))]
    if trade.wares == ("power",):
        return [("meter", filled(rng, "@@ ########"))]
    return []


def _delivered(rng: Random, of: Seller, buyer: Party | None) -> Party | None:
    if buyer is None or rng.random() < 0.6:
        return None
    return Party(name=buyer.name, address=sellers.address(rng, of.country, of.tongue))


def _number(rng: Random, issued: date, trade: Trade) -> str:
    if trade.paper == "till":
        return filled(rng, rng.choice(("####", "######", "##-####", "#######", "##/###/##")))
    return rng.choice(NUMBERS).format(
        y=issued.year, s=issued.year % 100, m=issued.month, n=rng.randrange(1, 9900)
    )
