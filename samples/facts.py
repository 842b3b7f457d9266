"""What a sample says before it has a form: a made-up invoice whose sums are exact.

The facts are the canonical invoice itself, so a sample's truth speaks the product's own words. All money is rounded half up to
the cent, each line first, then the tax of each band (EN 16931, BR-CO-10 to BR-CO-17).
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from invoice_extraction.model.invoice import (
    Account,
    Address,
    AllowanceCharge,
    DocumentType,
    Identifier,
    Invoice,
    Line,
    Party,
    Payment,
    PrecedingInvoice,
    Tax,
    Totals,
)
from samples import identifiers
from samples.labels import sentence
from samples.regions import Region
from samples.wares import COUNTER, SHOPS, STEMS, TRADE, TRADES, Ware

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
PLAIN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}

Rate = tuple[Decimal, str]
"""A tax rate in percent and its UNCL 5305 category."""


def draw_up(rng: Random, region: Region, kind: DocumentType) -> Invoice:
    """Return a made-up document of the kind. Raises KeyError for a kind not in KINDS."""
    return KINDS[kind](rng, region)


def cents(value: Decimal) -> Decimal:
    """Return the value rounded half up to two decimals."""
    return value.quantize(CENT, ROUND_HALF_UP)


def _invoice(rng: Random, region: Region) -> Invoice:
    lines = [
        _line(rng, region, number) for number in range(1, rng.choice((1, 2, 3, 4, 5, 7, 9, 26)) + 1)
    ]
    usual = region.rates[0]
    allowances, charges = [], []
    if rng.random() < 0.25:
        base = _sum(line.net_amount for line in lines if line.tax_rate == usual[0])
        percent = Decimal(rng.choice((2, 3, 5, 10)))
        amount = cents(base * percent / 100)
        if amount:
            allowances.append(
                _allowance(sentence(region.language, "allowance"), amount, usual, base, percent)
            )
    if rng.random() < 0.35:
        freight = Decimal(rng.choice(("4.90", "6.50", "12.00", "39.00")))
        charges.append(_allowance(sentence(region.language, "freight"), freight, usual))
    issued = date(2024, 1, 2) + timedelta(days=rng.randrange(900))
    days = rng.choice((0, 7, 14, 14, 30, 30, 45))
    seller, buyer = _parties(rng, region)
    number = _number(rng, issued)
    order = _order(rng) if rng.random() < 0.5 else None
    totals, taxes = _sums(lines, allowances, charges, region.tax_name)
    return Invoice(
        document_type="invoice",
        type_code="380",
        invoice_number=number,
        issue_date=issued,
        due_date=issued + timedelta(days=days) if days else None,
        delivery_date=issued - timedelta(days=rng.randrange(1, 12)) if rng.random() < 0.6 else None,
        currency=region.currency,
        language=region.language,
        buyer_reference=None if order else f"KST-{identifiers.digits(rng, 4)}",
        purchase_order_reference=order,
        seller=seller,
        buyer=buyer,
        prices_include_tax=False,
        lines=lines,
        allowances=allowances,
        charges=charges,
        taxes=taxes,
        totals=totals,
        payment=Payment(
            terms=sentence(region.language, "terms" if days else "terms_now").format(days=days),
            means_code="58" if region.country not in ("US", "GB") else "30",
            reference=number,
            accounts=[_account(rng, region, seller.name)],
        ),
    )


def _credit_note(rng: Random, region: Region) -> Invoice:
    """Return a credit note for some of an earlier invoice; its amounts are positive (type 381)."""
    lines = [_line(rng, region, number) for number in range(1, rng.choice((1, 1, 2, 3)) + 1)]
    issued = date(2024, 3, 1) + timedelta(days=rng.randrange(900))
    earlier = issued - timedelta(days=rng.randrange(5, 50))
    seller, buyer = _parties(rng, region)
    totals, taxes = _sums(lines, [], [], region.tax_name)
    return Invoice(
        document_type="credit_note",
        type_code="381",
        invoice_number=_number(rng, issued),
        issue_date=issued,
        currency=region.currency,
        language=region.language,
        buyer_reference=f"KST-{identifiers.digits(rng, 4)}",
        seller=seller,
        buyer=buyer,
        prices_include_tax=False,
        lines=lines,
        taxes=taxes,
        totals=totals,
        preceding_invoices=[
            PrecedingInvoice(invoice_number=_number(rng, earlier), issue_date=earlier)
        ],
        notes=[sentence(region.language, "credited")],
    )


def _receipt(rng: Random, region: Region) -> Invoice:
    """Return a till receipt: prices with tax, paid by card or in cash."""
    lines = []
    for ware in rng.sample(COUNTER[region.language], rng.randrange(1, 6)):
        rate, category = _rate(ware, region)
        price = cents(_price(rng, ware) * (1 + rate / 100))
        quantity = _quantity(rng, ware, most=4)
        lines.append(
            Line(
                description=ware.description,
                quantity=quantity,
                unit=ware.unit,
                unit_code=ware.unit_code,
                unit_price=price,
                tax_rate=rate,
                tax_category=category,
                gross_amount=cents(quantity * price),
            )
        )
    taxes = []
    for rate, category in sorted(
        {(_given(line.tax_rate), line.tax_category or "") for line in lines}
    ):
        gross = _sum(line.gross_amount for line in lines if line.tax_rate == rate)
        net = cents(gross * 100 / (100 + rate))
        taxes.append(
            Tax(
                category=category,
                rate=rate,
                taxable_amount=net,
                tax_amount=gross - net,
                name=region.tax_name,
            )
        )
    gross = _sum(line.gross_amount for line in lines)
    net = _sum(tax.taxable_amount for tax in taxes)
    issued = date(2024, 1, 2) + timedelta(days=rng.randrange(900))
    card = rng.random() < 0.6
    return Invoice(
        document_type="receipt",
        invoice_number=identifiers.digits(rng, rng.choice((4, 6))),
        issue_date=issued,
        issue_time=f"{rng.randrange(7, 20):02d}:{rng.randrange(60):02d}",
        currency=region.currency,
        language=region.language,
        seller=_company(rng, region, SHOPS[region.language]),
        prices_include_tax=True,
        lines=lines,
        taxes=taxes,
        totals=Totals(net=net, tax=gross - net, gross=gross, paid=gross),
        payment=Payment(
            means_code="48" if card else "10",
            means_text=sentence(region.language, "card" if card else "cash"),
            card_last4=f"{rng.randrange(10000):04d}" if card else None,
        ),
    )


KINDS: dict[DocumentType, Callable[[Random, Region], Invoice]] = {
    "invoice": _invoice,
    "credit_note": _credit_note,
    "receipt": _receipt,
}


def _line(rng: Random, region: Region, number: int) -> Line:
    ware = rng.choice(TRADE[region.language])
    rate, category = _rate(ware, region)
    quantity = _quantity(rng, ware, most=rng.choice((3, 12, 250)) if ware.high < 50 else 8)
    price = _price(rng, ware)
    percent = Decimal(rng.choice((5, 10, 15))) if rng.random() < 0.12 else None
    full = cents(quantity * price)
    discount = cents(full * percent / 100) if percent else None
    return Line(
        id=str(number),
        description=ware.description,
        product_code=f"{rng.choice('ABKMRT')}{rng.randrange(100, 99999)}"
        if rng.random() < 0.7
        else None,
        quantity=quantity,
        unit=ware.unit,
        unit_code=ware.unit_code,
        unit_price=price,
        discount_percent=percent,
        discount_amount=discount,
        tax_rate=rate,
        tax_category=category,
        net_amount=full - (discount or ZERO),
    )


def _rate(ware: Ware, region: Region) -> Rate:
    return region.rates[1 if ware.reduced else 0]


def _price(rng: Random, ware: Ware) -> Decimal:
    return Decimal(rng.randrange(int(ware.low * 100), int(ware.high * 100) + 1)) / 100


def _quantity(rng: Random, ware: Ware, most: int) -> Decimal:
    if ware.whole:
        return Decimal(rng.randrange(1, most + 1))
    return Decimal(rng.randrange(25, most * 100 + 1, 25)) / 100


def _sums(
    lines: list[Line],
    allowances: list[AllowanceCharge],
    charges: list[AllowanceCharge],
    tax_name: str,
) -> tuple[Totals, list[Tax]]:
    """Return the totals and the tax bands, the highest rate first, for lines without tax."""
    bands: dict[Rate, Decimal] = {}
    for rate, category, amount in (
        *((line.tax_rate, line.tax_category, line.net_amount) for line in lines),
        *((one.tax_rate, one.tax_category, -_given(one.amount)) for one in allowances),
        *((one.tax_rate, one.tax_category, one.amount) for one in charges),
    ):
        band = (_given(rate), category or "")
        bands[band] = bands.get(band, ZERO) + _given(amount)
    taxes = [
        Tax(
            category=category,
            rate=rate,
            taxable_amount=base,
            tax_amount=cents(base * rate / 100),
            exemption_reason="Exempt" if category == "E" else None,
            name=tax_name,
        )
        for (rate, category), base in sorted(bands.items(), reverse=True)
    ]
    lines_net = _sum(line.net_amount for line in lines)
    less = _sum(one.amount for one in allowances)
    more = _sum(one.amount for one in charges)
    net = lines_net - less + more
    tax = _sum(band.tax_amount for band in taxes)
    totals = Totals(
        lines_net=lines_net,
        allowances=less if allowances else None,
        charges=more if charges else None,
        net=net,
        tax=tax,
        gross=net + tax,
        amount_due=net + tax,
    )
    return totals, taxes


def _allowance(
    reason: str,
    amount: Decimal,
    rate: Rate,
    base: Decimal | None = None,
    percent: Decimal | None = None,
) -> AllowanceCharge:
    return AllowanceCharge(
        reason=reason,
        amount=amount,
        base_amount=base,
        percent=percent,
        tax_rate=rate[0],
        tax_category=rate[1],
    )


def _parties(rng: Random, region: Region) -> tuple[Party, Party]:
    """Return a seller and a buyer of different names."""
    seller = _company(rng, region, TRADES[region.language])
    while True:
        buyer = _company(rng, region, TRADES[region.language])
        if (buyer.name or "")[:6] != (seller.name or "")[:6]:
            break
    slim = buyer.model_copy(
        update={
            "tax_id": buyer.tax_id if rng.random() < 0.3 else None,
            "registration_id": None,
            "phone": None,
            "website": None,
            "contact_name": buyer.contact_name if rng.random() < 0.4 else None,
            "identifiers": [
                Identifier(value=identifiers.digits(rng, 5)),
                *buyer.identifiers,
            ],
        }
    )
    return seller, slim


def _company(rng: Random, region: Region, trades: tuple[str, ...]) -> Party:
    stem, trade = rng.choice(STEMS), rng.choice(trades)
    street, house = rng.choice(region.streets), rng.randrange(1, 180)
    postal_code, city, state = rng.choice(region.places)
    host = "".join(
        c for c in _plain(f"{stem}-{trade}".lower()).replace(" ", "-") if c.isalnum() or c == "-"
    )
    host = host.replace("--", "-") + ".example"
    return Party(
        name=f"{stem} {trade} {rng.choice(region.legal_forms)}",
        tax_id=region.tax_id(rng) if region.tax_id else None,
        registration_id=rng.choice(region.registers).format(n=identifiers.digits(rng, 6))
        if region.registers
        else None,
        address=Address(
            street=f"{house} {street}" if region.house_first else f"{street} {house}",
            postal_code=postal_code,
            city=city,
            region=state,
            country=region.country,
        ),
        # the address e-invoices go to (BT-34, BT-49), in the scheme of mail addresses (CEF EAS)
        identifiers=[Identifier(scheme="EM", value=f"info@{host}")],
        email=f"info@{host}",
        phone=f"{region.phone}{rng.randrange(100, 200)}" if region.phone else None,
        website=f"www.{host}",
        contact_name=rng.choice(region.people),
    )


def _account(rng: Random, region: Region, holder: str | None) -> Account:
    if region.country == "US":
        return Account(
            account_number=identifiers.digits(rng, 10),
            routing_number=identifiers.routing_number(rng),
            bank_name=region.bank,
            holder=holder,
        )
    return Account(
        iban=identifiers.iban(rng, region.country),
        bic=region.bic,
        bank_name=region.bank,
        holder=holder,
    )


def _number(rng: Random, issued: date) -> str:
    form = rng.choice(
        (
            "INV-{y}-{n:04d}",
            "{y}{n:05d}",
            "RE{n:06d}",
            "{y}/{n:03d}",
            "{n:06d}",
            "A-{n:05d}/{s:02d}",
        )
    )
    return form.format(y=issued.year, s=issued.year % 100, n=rng.randrange(1, 999))


def _order(rng: Random) -> str:
    return rng.choice(("PO-{n}", "45000{n}", "B{n}/3")).format(n=identifiers.digits(rng, 5))


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((_given(value) for value in values), ZERO)


def _given(value: Decimal | None) -> Decimal:
    """Return the value. Raises ValueError where the facts leave open what they must state."""
    if value is None:
        raise ValueError("a sum of a sample stands open")
    return value


def _plain(text: str) -> str:
    """Return the text in ASCII letters, as a host name needs it."""
    for letter, letters in PLAIN.items():
        text = text.replace(letter, letters)
    return text
