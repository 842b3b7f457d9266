"""The lines of a document, as a table over as many pages as it takes."""

from collections.abc import Callable
from decimal import Decimal

from samples.sheet import Align, Part, value
from samples.synth.looks import COLUMNS
from samples.synth.parts.scene import Run, Scene

WIDTHS: dict[str, float] = {
    "position": 2.2,
    "code": 6.6,
    "quantity": 4.6,
    "unit": 4.6,
    "price": 6.4,
    "discount": 5,
    "rate": 5,
    "amount": 7.4,
    "net": 7,
    "tax": 6.4,
    "gross": 7.4,
    "date": 7.6,
}
"""Widths of columns, in letters of the size; the description has what is left."""

RIGHTS = frozenset(("quantity", "price", "discount", "rate", "amount", "net", "tax", "gross"))
LABELS = {"date": "date_column", "discount": "discount_column", "rate": "rate_column"}
ZEBRA, HEAD_GREY = "#f1f1f1", "#dddddd"


def draw(scene: Scene, y: float, bottom: float, turn: Callable[[], float]) -> float:
    """Draw the lines down to `bottom`, then on pages that `turn` begins; return the baseline below."""
    names = _names(scene)
    spans = _spans(scene, names)
    y = _heads(scene, names, spans, y)
    sums = Decimal(0)
    look, sheet, invoice = scene.look, scene.sheet, scene.invoice
    for n, line in enumerate(invoice.lines):
        rows = scene.deal.details.get(n, ())
        text = line.description or ""
        wide = spans["description"][1] - spans["description"][0] - 4
        wrapped = sheet.wrap(text, wide, look.size)
        below = _discount_row(scene, n, names)
        high = (len(wrapped) + len(rows) + bool(below)) * scene.step + 3
        if y + high + scene.step > bottom:
            if look.carried:
                label, amount = (
                    scene.manner.label("carried"),
                    scene.manner.amount(_sign(scene) * sums),
                )
                scene.put(spans["description"][0], y, (label,), wide, size=look.size)
                scene.put(scene.right - 2, y, (amount,), 90, align="right")
            y = turn()
            y = _heads(scene, names, spans, y)
            if look.carried:
                label, amount = (
                    scene.manner.label("brought"),
                    scene.manner.amount(_sign(scene) * sums),
                )
                scene.put(spans["description"][0], y, (label,), wide, size=look.size)
                y = scene.put(scene.right - 2, y, (amount,), 90, align="right")
        if n in scene.deal.groups:
            y = scene.put(scene.left + 2, y, (scene.deal.groups[n],), 400, bold=True)
        if look.rules == "zebra" and n % 2:
            sheet.block(scene.left, y - look.size - 1, scene.right - scene.left, high, ZEBRA)
        for name in names:
            x0, x1 = spans[name]
            if name == "description":
                sheet.paragraph(
                    x0 + 2, y, wide, value(text, f"/lines/{n}/description"), look.size, leading=1.38
                )
                continue
            align: Align = "right" if name in RIGHTS else "left"
            scene.put(
                x1 - 2 if align == "right" else x0 + 2,
                y,
                (_cell(scene, n, name),),
                x1 - x0 - 4,
                align=align,
            )
        y += len(wrapped) * scene.step
        for row in rows:
            y = scene.put(spans["description"][0] + 2, y, (row,), wide, colour="#555555")
        if below:
            y = scene.put(spans["description"][0] + 2, y, below, wide)
        y += 3
        sums += _amount(scene, n)
        if look.rules in ("all", "dotted", "boxed"):
            weight = 0.25 if look.rules == "dotted" else 0.5
            sheet.rule(scene.left, y - look.size - 1, scene.right, weight)
    if look.rules in ("head", "frame"):
        sheet.rule(scene.left, y - look.size, scene.right, 0.6)
    return y + 6


def _names(scene: Scene) -> tuple[str, ...]:
    """Return the columns, without those that this document has nothing for."""
    invoice = scene.invoice
    names = COLUMNS[scene.look.columns]
    empty = set()
    if not any(line.product_code for line in invoice.lines):
        empty.add("code")
    if not any(line.discount_amount for line in invoice.lines):
        empty.add("discount")
    if not scene.deal.days:
        empty.add("date")
    if invoice.prices_include_tax:
        empty |= {"net", "tax"}
    return tuple(name for name in names if name not in empty)


def _spans(scene: Scene, names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Return from where to where each column goes."""
    em = scene.look.size * 0.92
    widths = {name: WIDTHS.get(name, 0) * em for name in names}
    total = scene.right - scene.left
    fixed = sum(widths.values())
    if fixed > total * 0.68:
        widths = {name: width * total * 0.68 / fixed for name, width in widths.items()}
        fixed = total * 0.68
    widths["description"] = total - fixed
    spans, x = {}, scene.left
    for name in names:
        spans[name] = (x, x + widths[name])
        x += widths[name]
    return spans


def _heads(
    scene: Scene, names: tuple[str, ...], spans: dict[str, tuple[float, float]], y: float
) -> float:
    look, sheet = scene.look, scene.sheet
    top = y - look.size - 3
    high = scene.step + 5
    if look.heads in ("filled", "grey", "tall"):
        colour = look.ink if look.heads == "filled" else HEAD_GREY
        sheet.block(scene.left, top, scene.right - scene.left, high, colour)
    if look.rules in ("head", "all", "frame"):
        sheet.rule(scene.left, top + high, scene.right, 0.8)
    if look.rules in ("boxed", "frame"):
        sheet.frame(scene.left, top, scene.right - scene.left, high)
    for name in names:
        x0, x1 = spans[name]
        align: Align = "right" if name in RIGHTS else "left"
        label, currency = _label(scene, name), None
        if scene.manner.shows == "note" and name == names[-1] and look.rules == "head":
            label = f"{label} ("
            currency = value(scene.of.country.currency, "/currency")
        colour = "#ffffff" if look.heads == "filled" else "#000000"
        scene.put(
            x1 - 2 if align == "right" else x0 + 2,
            y,
            (label, currency, ")") if currency else (label,),
            x1 - x0 - 4,
            align=align,
            bold=look.heads in ("bold", "filled"),
            colour=colour,
        )
    return y + high + 2


def _label(scene: Scene, name: str) -> str:
    if name == "amount":
        name = (
            "gross_column"
            if scene.invoice.prices_include_tax and scene.look.logo == "word"
            else "net_column"
        )
    elif name in ("net", "tax", "gross"):
        name = f"{name}_column"
    return scene.manner.label(LABELS.get(name, name))


def _sign(scene: Scene) -> int:
    """Return -1 where a credit note prints its amounts with a minus."""
    return -1 if scene.look.minus and scene.invoice.document_type == "credit_note" else 1


def _amount(scene: Scene, n: int) -> Decimal:
    line = scene.invoice.lines[n]
    shown = line.gross_amount if scene.invoice.prices_include_tax else line.net_amount
    return shown or Decimal(0)


def _cell(scene: Scene, n: int, name: str) -> Part:
    """Return what stands in one column of one line, "" where there is nothing."""
    line, manner, at = scene.invoice.lines[n], scene.manner, f"/lines/{n}"
    zero, sign = Decimal(0), _sign(scene)
    if name == "date":
        return manner.day(scene.deal.days[n])
    if name == "position":
        return value(line.id or "", f"{at}/id")
    if name == "code":
        return value(line.product_code, f"{at}/product_code") if line.product_code else ""
    if name == "quantity":
        text = manner.number((line.quantity or zero) * sign)
        return value(text, f"{at}/quantity") if sign > 0 else text
    if name == "unit":
        return value(line.unit or "", f"{at}/unit")
    if name == "price":
        return value(manner.price(line.unit_price or zero), f"{at}/unit_price")
    if name == "discount":
        percent = line.discount_percent
        return "" if percent is None else value(manner.percent(percent), f"{at}/discount_percent")
    if name == "rate":
        return value(manner.percent(line.tax_rate or zero), f"{at}/tax_rate")
    if name == "tax":
        return value(manner.amount((line.tax_amount or zero) * sign), f"{at}/tax_amount")
    gross = name == "gross" or (name == "amount" and scene.invoice.prices_include_tax)
    amount = line.gross_amount if gross else line.net_amount
    pointer = f"{at}/{'gross' if gross else 'net'}_amount"
    return manner.money((amount or zero) * sign, pointer)


def _discount_row(scene: Scene, n: int, names: tuple[str, ...]) -> Run:
    """Return what is taken off a line, as a row below it where no column tells it."""
    line, manner = scene.invoice.lines[n], scene.manner
    if line.discount_percent is None or "discount" in names or "price" not in names:
        return ()
    percent = value(manner.percent(line.discount_percent), f"/lines/{n}/discount_percent")
    amount = manner.amount(-(line.discount_amount or Decimal(0)) * _sign(scene))
    return (f"{manner.labels['discount']} ", percent, f"  {amount}")
