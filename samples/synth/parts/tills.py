"""A slip of a till: a narrow roll as long as it must be, in the forms that tills print."""

from collections.abc import Callable
from decimal import Decimal

from invoice_extraction.model.invoice import Payment
from samples.sheet import Part, value
from samples.synth.parts.scene import Scene, address, number_label, tax_id_run, title

ZERO = Decimal(0)
WIDTHS = (165.0, 215.0, 226.8)
"""Points: rolls 58 and 80 mm wide, and one between."""


def width(scene_size: float) -> float:
    """Return how wide the roll is for letters of this size."""
    return WIDTHS[0] if scene_size < 8 else WIDTHS[1] if scene_size < 9.2 else WIDTHS[2]


def draw(scene: Scene) -> float:
    """Draw the slip; return where it ends."""
    y = _shop(scene, 30)
    y = _doc(scene, y)
    y = _rule(scene, y)
    y = _goods(scene, y)
    y = _rule(scene, y)
    y = _sum(scene, y)
    y = _tender(scene, y)
    if scene.look.bands != "total":
        y = _taxes(scene, y + 4)
    words = scene.manner.tongue.sentences
    y += scene.step
    for n, key in enumerate(("keep", "thanks")):
        text = words[key][len(scene.of.party.name or "") % len(words[key])]
        if n or scene.look.opening:
            y = _middle(scene, y, (text,))
    if scene.look.carried and scene.invoice.payment and scene.invoice.payment.card_last4:
        y = _slip(scene, y + scene.step)
    return y + 24


def _middle(
    scene: Scene, y: float, run: tuple[Part, ...], bold: bool = False, more: float = 0
) -> float:
    middle = scene.sheet.width / 2
    room = scene.right - scene.left
    return scene.put(middle, y, run, room, align="centre", bold=bold, size=scene.look.size + more)


def _ends(
    scene: Scene, y: float, left: tuple[Part, ...], right: Part, bold: bool = False, more: float = 0
) -> float:
    """Draw one run from the left and one to the right edge; return the next baseline."""
    size = scene.look.size + more
    text = right if isinstance(right, str) else right.text
    room = scene.right - scene.left - scene.sheet.measure(text, size, bold) - 6
    scene.put(scene.left, y, left, max(room, 40), bold=bold, size=size)
    scene.put(scene.right, y, (right,), 130, align="right", bold=bold, size=size)
    return y + size * 1.38


def _rule(scene: Scene, y: float) -> float:
    look = scene.look
    if look.rules in ("none", "zebra"):
        return y + scene.step / 2
    if look.rules in ("all", "boxed", "frame"):
        scene.sheet.rule(scene.left, y - 3, scene.right, 0.6)
        return y + scene.step
    mark = "-" if look.rules == "head" else "*" if look.rules == "dotted" else "="
    count = int((scene.right - scene.left) / scene.sheet.measure(mark, look.size))
    return scene.put(scene.left, y, (mark * count,), 999)


def _shop(scene: Scene, y: float) -> float:
    seller, look = scene.of.party, scene.look
    if seller.trading_name and look.logo == "word":
        y = (
            _middle(
                scene, y, (value(seller.trading_name.upper(), "/seller/trading_name"),), True, 6
            )
            + 4
        )
    y = _middle(
        scene, y, (value(seller.name or "", "/seller/name"),), bold=look.logo != "none", more=1
    )
    for run in address(scene, seller.address, "/seller/address"):
        y = _middle(scene, y, run)
    if seller.phone and look.country:
        y = _middle(
            scene, y, (f"{scene.manner.named('phone')} ", value(seller.phone, "/seller/phone"))
        )
    if seller.tax_id and look.tax_id_at != "meta":
        y = _middle(scene, y, tax_id_run(scene, seller, "/seller"))
    return y + 4


def _doc(scene: Scene, y: float) -> float:
    """Draw number, date and time, and who served, in the till's own order."""
    invoice, manner, look = scene.invoice, scene.manner, scene.look
    if look.title in ("centre", "right", "inline"):
        y = _middle(scene, y, (title(scene),), bold=True)
    number = value(invoice.invoice_number or "", "/invoice_number")
    label = f"{manner.named(number_label(scene))} "
    day = value(manner.day(invoice.issue_date), "/issue_date") if invoice.issue_date else ""
    clock = value(invoice.issue_time or "", "/issue_time")
    if look.meta in ("list", "list left", "grid"):
        y = scene.put(scene.left, y, (label, number), scene.right - scene.left)
        y = _ends(scene, y, (day,), clock)
    elif look.meta == "stacked":
        y = scene.put(
            scene.left,
            y,
            (f"{manner.named('issue_date')} ", day, " ", clock),
            scene.right - scene.left,
        )
        y = scene.put(scene.left, y, (label, number), scene.right - scene.left)
    else:
        y = scene.put(
            scene.left, y, (day, "  ", clock, "  ", label, number), scene.right - scene.left
        )
    if look.country:
        y = scene.put(scene.left, y, (f"{manner.named('served')} 0{len(invoice.lines)}",), 120)
    if scene.of.trade == "kitchen":
        y = scene.put(scene.left, y, (f"{manner.named('table')} {len(label) + 3}",), 120)
    if look.tax_id_at == "meta" and scene.of.party.tax_id:
        y = scene.put(scene.left, y, tax_id_run(scene, scene.of.party, "/seller"), 200)
    return y


def _goods(scene: Scene, y: float) -> float:
    if scene.look.till in ("columns", "wide"):
        y = _row(
            scene,
            y,
            *(scene.manner.label(key) for key in ("description", "quantity", "net_column")),
        )
    for n in range(len(scene.invoice.lines)):
        y = FORMS[scene.look.till](scene, y, n)
    return y


def _row(scene: Scene, y: float, text: Part, quantity: Part, amount: Part) -> float:
    room = scene.right - scene.left
    scene.put(scene.left, y, (text,), room * 0.55)
    scene.put(scene.left + room * 0.7, y, (quantity,), room * 0.14, align="right")
    return scene.put(scene.right, y, (amount,), room * 0.28, align="right")


def _parts(scene: Scene, n: int) -> tuple[Part, Part, Part, Part]:
    """Return description, quantity, price and amount of a line, as values."""
    line, manner, at = scene.invoice.lines[n], scene.manner, f"/lines/{n}"
    gross = bool(scene.invoice.prices_include_tax)
    amount = (line.gross_amount if gross else line.net_amount) or ZERO
    text = line.description or ""
    return (
        value(text.upper() if scene.look.heads == "tall" else text, f"{at}/description"),
        value(manner.number(line.quantity or ZERO), f"{at}/quantity"),
        value(manner.price(line.unit_price or ZERO), f"{at}/unit_price"),
        value(manner.amount(amount), f"{at}/{'gross' if gross else 'net'}_amount"),
    )


def _letter(scene: Scene, n: int) -> str:
    """Return the mark that ties a line to its tax, "" where the till prints none."""
    rate, marks = scene.invoice.lines[n].tax_rate, scene.look.letters
    if not marks:
        return ""
    if marks == "%":
        return f" {scene.manner.number(rate or ZERO)}%"
    rates = [tax.rate for tax in scene.invoice.taxes]
    return f" {marks[rates.index(rate) % len(marks)]}" if rate in rates else ""


def _final(scene: Scene, y: float, left: tuple[Part, ...], n: int) -> float:
    """Draw the last row of a line with its amount and mark; return the next baseline."""
    amount, mark = _parts(scene, n)[3], _letter(scene, n)
    room = scene.right - scene.left
    scene.put(scene.right, y, (amount, mark), room * 0.4, align="right")
    return scene.put(scene.left, y, left, room - 70)


def _before(scene: Scene, y: float, n: int) -> float:
    """Draw quantity and price in a row before the description."""
    text, quantity, each, _ = _parts(scene, n)
    if scene.invoice.lines[n].quantity != 1:
        y = scene.put(scene.left + 10, y, (quantity, " x ", each), 150)
    return _final(scene, y, (text,), n)


def _after(scene: Scene, y: float, n: int) -> float:
    """Draw quantity and price in a row after the description, the amount beside them."""
    text, quantity, each, _ = _parts(scene, n)
    line = scene.invoice.lines[n]
    if line.quantity == 1:
        return _final(scene, y, (text,), n)
    y = scene.put(scene.left, y, (text,), scene.right - scene.left)
    unit = value(line.unit or "", f"/lines/{n}/unit")
    return _final(scene, y, ("  ", quantity, " ", unit, " x ", each), n)


def _inline(scene: Scene, y: float, n: int) -> float:
    """Draw the quantity before the description, "2 x bread"."""
    text, quantity, _, _ = _parts(scene, n)
    times = " x " if scene.look.meta != "inline" else " "
    return _final(scene, y, (quantity, times, text), n)


def _below(scene: Scene, y: float, n: int) -> float:
    """Draw description and amount, and "@ price" below where there are several."""
    text, quantity, each, _ = _parts(scene, n)
    y = _final(scene, y, (text,), n)
    if scene.invoice.lines[n].quantity != 1:
        y = scene.put(scene.left + 12, y, (quantity, " @ ", each), 150)
    return y


def _columns(scene: Scene, y: float, n: int) -> float:
    """Draw description, quantity and amount as columns."""
    text, quantity, _, amount = _parts(scene, n)
    return _row(scene, y, text, quantity, amount)


def _wide(scene: Scene, y: float, n: int) -> float:
    """Draw the description, and code, quantity, price and amount in the row below it."""
    text, quantity, each, amount = _parts(scene, n)
    room = scene.right - scene.left
    y = scene.put(scene.left, y, (f"{n + 1} ", text), room)
    scene.put(scene.left + room * 0.35, y, (quantity,), room * 0.2, align="right")
    scene.put(scene.left + room * 0.66, y, (each,), room * 0.25, align="right")
    return scene.put(scene.right, y, (amount, _letter(scene, n)), room * 0.33, align="right")


FORMS: dict[str, Callable[[Scene, float, int], float]] = {
    "before": _before,
    "after": _after,
    "inline": _inline,
    "columns": _columns,
    "below": _below,
    "wide": _wide,
}
"""Forms of a till's lines by name; each returns the next baseline."""


def _sum(scene: Scene, y: float) -> float:
    invoice, manner, look = scene.invoice, scene.manner, scene.look
    sums = invoice.totals
    included = bool(invoice.prices_include_tax)
    for n, one in enumerate(invoice.allowances):
        reason = value(one.reason or "", f"/allowances/{n}/reason")
        shown = value(manner.amount(-(one.amount or ZERO)), f"/allowances/{n}/amount")
        y = _ends(scene, y, (reason,), shown)
    if not included:
        shown = value(manner.amount(sums.net or ZERO), "/totals/net")
        y = _ends(scene, y, (manner.named("sub"),), shown)
        for n, tax in enumerate(invoice.taxes):
            both = ("/totals/tax",) if len(invoice.taxes) == 1 else ()
            rate = value(manner.percent(tax.rate or ZERO), f"/taxes/{n}/rate")
            shown = value(manner.amount(tax.tax_amount or ZERO), f"/taxes/{n}/tax_amount", *both)
            y = _ends(scene, y, (f"{tax.name} ", rate), shown)
    elif look.opening:
        y = _ends(scene, y, (manner.named("sub"),), manner.amount(sums.gross or ZERO))
    gross = manner.money(sums.gross or ZERO, "/totals/gross", total=True)
    y = _ends(scene, y + 3, (manner.named("sum"),), gross, bold=True, more=3)
    for key, amount in (("tip", sums.tip), ("rounding", sums.rounding)):
        if amount is not None:
            y = _ends(
                scene, y, (manner.named(key),), value(manner.amount(amount), f"/totals/{key}")
            )
    if sums.amount_due is not None:
        shown = manner.money(sums.amount_due, "/totals/amount_due", total=True)
        y = _ends(scene, y, (manner.named("due"),), shown, bold=True)
    return y


def _tender(scene: Scene, y: float) -> float:
    """Draw how it was paid, and what was given back."""
    manner, sums = scene.manner, scene.invoice.totals
    pay = scene.invoice.payment or Payment()
    due = sums.gross if sums.amount_due is None else sums.amount_due
    means = value(pay.means_text or "", "/payment/means_text")
    if pay.card_last4:
        y = _ends(scene, y, (means,), manner.amount(due or ZERO))
        return scene.put(
            scene.left, y, ("************", value(pay.card_last4, "/payment/card_last4")), 200
        )
    note = next(
        (
            one
            for one in (5, 10, 20, 50, 100, 200, 500)
            if one * scene.of.country.scale >= (due or ZERO)
        ),
        None,
    )
    given = note * scene.of.country.scale if note and scene.look.minus else due or ZERO
    y = _ends(scene, y, (means,), manner.amount(given))
    return _ends(scene, y, (manner.named("change"),), manner.amount(given - (due or ZERO)))


def _taxes(scene: Scene, y: float) -> float:
    """Draw the taxes that the prices hold: in a row each, or as a table with heads."""
    invoice, manner = scene.invoice, scene.manner
    if not invoice.prices_include_tax or not invoice.totals.tax:
        return y
    single = len(invoice.taxes) == 1
    table = scene.look.bands in ("table", "table only", "row table")
    if table:
        room = scene.right - scene.left
        for n, label in enumerate(
            ("%", manner.label("tax_base"), manner.tax, manner.label("gross_column"))
        ):
            scene.put(scene.left + room * (n + 1) / 4, y, (label,), room / 4 - 3, align="right")
        y += scene.step
    for n, tax in enumerate(invoice.taxes):
        base, amount = tax.taxable_amount or ZERO, tax.tax_amount or ZERO
        rate = value(manner.percent(tax.rate or ZERO), f"/taxes/{n}/rate")
        tail = (("/totals/tax",), ("/totals/net",)) if single else ((), ())
        shown = value(manner.amount(amount), f"/taxes/{n}/tax_amount", *tail[0])
        if table:
            net = value(manner.amount(base), f"/taxes/{n}/taxable_amount", *tail[1])
            cells: tuple[Part, ...] = (rate, net, shown, manner.amount(base + amount))
            for at, cell in enumerate(cells):
                scene.put(scene.left + room * (at + 1) / 4, y, (cell,), room / 4 - 3, align="right")
            y += scene.step
        else:
            y = _ends(scene, y, (f"{manner.labels['incl']} {manner.tax} ", rate), shown)
    return y


def _slip(scene: Scene, y: float) -> float:
    """Draw the slip of the card's terminal, which tells the sum once more."""
    manner, sums = scene.manner, scene.invoice.totals
    due = sums.gross if sums.amount_due is None else sums.amount_due
    y = _rule(scene, y)
    y = _middle(scene, y, (manner.label("slip"),), bold=True)
    y = _ends(scene, y, (manner.named("till"),), "6" + "0417"[: len(scene.invoice.lines)])
    y = _ends(scene, y, (manner.named("auth"),), (scene.invoice.invoice_number or "0")[::-1])
    return _ends(scene, y, (manner.named("amount"),), manner.amount(due or ZERO))
