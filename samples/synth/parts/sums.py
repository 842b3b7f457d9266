"""What stands below the lines: the sums, the taxes, how it is paid."""

from decimal import Decimal

from invoice_extraction.model.invoice import Payment
from samples.sheet import Part, Value, value
from samples.synth.parts import feet
from samples.synth.parts.scene import Run, Scene, accounts

ZERO = Decimal(0)

Row = tuple[Run, Value, bool]
"""Label, amount, and whether it stands out."""


def rows(scene: Scene) -> list[Row]:
    """Return the sums from the first to what is due."""
    invoice, manner, look = scene.invoice, scene.manner, scene.look
    sums, sign = invoice.totals, _sign(scene)
    found: list[Row] = []

    def row(key: str, amount: Decimal | None, pointer: str, strong: bool = False) -> None:
        if amount is not None:
            shown = manner.money(amount * sign, pointer, total=strong)
            found.append(((manner.named(key),), shown, strong))

    included = bool(invoice.prices_include_tax)
    if invoice.allowances or invoice.charges:
        amount = (sums.lines_net or ZERO) * sign
        pointers = () if included else ("/totals/lines_net",)
        found.append(((manner.named("subtotal"),), manner.money(amount, *pointers), False))
    for n, one in enumerate(invoice.allowances):
        label: list[Part] = [value(one.reason or "", f"/allowances/{n}/reason")]
        if one.percent is not None:
            label += [" ", value(manner.percent(one.percent), f"/allowances/{n}/percent")]
        amount = -(one.amount or ZERO) * sign
        found.append((tuple(label), manner.money(amount, f"/allowances/{n}/amount"), False))
    for n, one in enumerate(invoice.charges):
        reason = value(one.reason or "", f"/charges/{n}/reason")
        amount = (one.amount or ZERO) * sign
        found.append(((reason,), manner.money(amount, f"/charges/{n}/amount"), False))
    taxed = bool(sums.tax)
    if included:
        row("gross", sums.gross, "/totals/gross", strong=True)
        if look.bands != "table only" and taxed:
            found += bands(scene)
        if look.bands in ("total", "each") and taxed and look.carried:
            row("net", sums.net, "/totals/net")
    else:
        if look.bands != "table only" or not taxed:
            row("net", sums.net, "/totals/net")
        if look.bands != "table only" and (taxed or look.bands == "each"):
            found += bands(scene)
        row("gross", sums.gross, "/totals/gross", strong=True)
    row("previous", sums.previous_balance, "/totals/previous_balance")
    row("tip", sums.tip, "/totals/tip")
    row("rounding", sums.rounding, "/totals/rounding")
    if sums.paid is not None:
        key = (
            "deposit" if sums.paid < (sums.gross or ZERO) and not sums.previous_balance else "paid"
        )
        shown = manner.money((-sums.paid if look.minus else sums.paid) * sign, "/totals/paid")
        found.append(((manner.named(key),), shown, False))
    if sums.amount_due is not None:
        row("due", sums.amount_due, "/totals/amount_due", strong=True)
    return found


def bands(scene: Scene) -> list[Row]:
    """Return the rows of the taxes: one for each band, or one for all."""
    invoice, manner = scene.invoice, scene.manner
    sums, sign = invoice.totals, _sign(scene)
    lead = f"{manner.labels['incl']} " if invoice.prices_include_tax else ""
    if scene.look.bands == "total" or scene.look.bands == "table":
        shown = manner.money((sums.tax or ZERO) * sign, "/totals/tax")
        return [((f"{lead}{manner.tax}{manner.end}",), shown, False)]
    found: list[Row] = []
    for n, tax in enumerate(invoice.taxes):
        name = tax.name if len({one.name for one in invoice.taxes}) > 1 else manner.tax
        rate = value(manner.percent(tax.rate or ZERO), f"/taxes/{n}/rate")
        label: list[Part] = [f"{lead}{name} ", rate]
        if scene.look.bands == "row table" and tax.taxable_amount is not None:
            base = value(manner.amount(tax.taxable_amount * sign), f"/taxes/{n}/taxable_amount")
            label += [
                f" {manner.labels['of']} " if scene.manner.tongue.code == "en" else " / ",
                base,
            ]
        both = ("/totals/tax",) if len(invoice.taxes) == 1 else ()
        amount = (tax.tax_amount or ZERO) * sign
        found.append((tuple(label), manner.money(amount, f"/taxes/{n}/tax_amount", *both), False))
    if len(invoice.taxes) > 1 and scene.look.carried and sums.tax is not None:
        shown = manner.money(sums.tax * sign, "/totals/tax")
        found.append(((manner.named("tax_total"),), shown, False))
    return found


def summary(scene: Scene, y: float) -> float:
    """Draw at a glance what was left, paid, charged and is due; return the baseline below."""
    manner, sums = scene.manner, scene.invoice.totals
    room = (scene.right - scene.left) * 0.55
    top = y
    y = scene.put(scene.left + 6, y, (manner.label("summary"),), room, bold=True) + 2
    for key, amount, pointer in (
        ("previous", sums.previous_balance, "/totals/previous_balance"),
        ("paid", sums.paid, "/totals/paid"),
        ("current", sums.gross, "/totals/gross"),
        ("due", sums.amount_due, "/totals/amount_due"),
    ):
        if amount is not None:
            shown = manner.money(amount, pointer, total=key == "due")
            scene.put(scene.left + room - 6, y, (shown,), 120, align="right")
            y = scene.put(scene.left + 6, y, (manner.named(key),), room - 130)
    scene.sheet.frame(scene.left, top - scene.look.size - 3, room, y - top + 4)
    return y + 10


def _sign(scene: Scene) -> int:
    return -1 if scene.look.minus and scene.invoice.document_type == "credit_note" else 1


def height(scene: Scene) -> float:
    """Return how much room the sums and what follows them need, in points."""
    table = len(scene.invoice.taxes) + 5 if scene.look.bands in ("table", "table only") else 0
    return scene.step * (len(rows(scene)) * 1.25 + table + 2 * len(scene.invoice.notes) + 13)


def draw(scene: Scene, y: float) -> float:
    """Draw the sums; return the baseline below."""
    look, sheet = scene.look, scene.sheet
    table = look.bands in ("table", "table only") and bool(scene.invoice.totals.tax)
    beside = table and look.sums == "right" and scene.right - scene.left > 470
    top = y
    if table and not beside:
        y = _tax_table(scene, scene.left, y, min(320, scene.right - scene.left)) + 8
    found = rows(scene)
    wide = scene.right - scene.left
    x0, x1 = {
        "left": (scene.left, scene.left + 230),
        "wide": (scene.left, scene.right),
        "middle": (scene.left + wide * 0.3, scene.left + wide * 0.3 + 220),
    }.get(look.sums, (scene.right - 225, scene.right))
    if beside:
        below = _tax_table(scene, scene.left, top, wide - 245)
    high = sum(scene.step * (1.35 if strong else 1.1) for _, _, strong in found) + 10
    if look.sums == "boxed":
        sheet.block(x0 - 6, y - look.size - 4, x1 - x0 + 12, high + 4, "#efefef")
    for label, amount, strong in found:
        size = look.size + (1.5 if strong else 0)
        if strong and look.sums in ("right", "columns"):
            y += 2
            sheet.rule(x0, y - size - 1, x1, 0.7)
        room = x1 - x0 - sheet.measure(amount.text, size, strong) - 8
        scene.put(x0, y, label, max(room, 60), size=size, bold=strong)
        scene.put(x1 - 2, y, (amount,), 140, size=size, bold=strong, align="right")
        y += scene.step * (1.35 if strong else 1.1)
    if beside:
        y = max(y, below)
    return y + 8


def _tax_table(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw the taxes as a table: rate, base, tax, and what both make; return the baseline below."""
    invoice, manner, sheet = scene.invoice, scene.manner, scene.sheet
    sign = _sign(scene)
    heads = ("rate_column", "tax_base", "tax", "gross_column")
    wide = room / 4
    if scene.look.opening:
        y = scene.put(x, y, (manner.label("tax_table"),), room, bold=True)
    for n, key in enumerate(heads):
        label = manner.tax if key == "tax" else manner.label(key)
        scene.put(x + (n + 1) * wide - 4, y, (label,), wide - 8, align="right", bold=True)
    sheet.rule(x, y + 3, x + room, 0.5)
    y += scene.step + 2
    for n, tax in enumerate(invoice.taxes):
        base, amount = tax.taxable_amount or ZERO, tax.tax_amount or ZERO
        single = len(invoice.taxes) == 1
        cells: tuple[Part, ...] = (
            value(manner.percent(tax.rate or ZERO), f"/taxes/{n}/rate"),
            value(
                manner.amount(base * sign),
                f"/taxes/{n}/taxable_amount",
                *(("/totals/net",) if single else ()),
            ),
            value(
                manner.amount(amount * sign),
                f"/taxes/{n}/tax_amount",
                *(("/totals/tax",) if single else ()),
            ),
            manner.amount((base + amount) * sign),
        )
        for at, cell in enumerate(cells):
            scene.put(x + (at + 1) * wide - 4, y, (cell,), wide - 8, align="right")
        y += scene.step
    if (
        len(invoice.taxes) > 1
        and scene.look.carried
        and len({one.name for one in invoice.taxes}) == 1
    ):
        sums = invoice.totals
        for at, (total, pointer) in enumerate(
            ((sums.net, "/totals/net"), (sums.tax, "/totals/tax"), (sums.gross, "/totals/gross"))
        ):
            cell = value(manner.amount((total or ZERO) * sign), pointer)
            scene.put(x + (at + 2) * wide - 4, y, (cell,), wide - 8, align="right", bold=True)
        y += scene.step
    return y


def after(scene: Scene, y: float) -> float:
    """Draw what follows the sums: how to pay, notes; return the baseline below."""
    invoice, manner, look, sheet = scene.invoice, scene.manner, scene.look, scene.sheet
    pay = invoice.payment or Payment()
    wide = scene.right - scene.left
    if pay.terms:
        lead = f"{manner.named('terms')} " if look.pay in ("list", "boxed") else ""
        y = scene.put(scene.left, y, (lead, value(pay.terms, "/payment/terms")), wide)
    if pay.means_text:
        means: list[Part] = [
            f"{manner.named('payment')} ",
            value(pay.means_text, "/payment/means_text"),
        ]
        if pay.card_last4:
            means += [" **** ", value(pay.card_last4, "/payment/card_last4")]
        y = scene.put(scene.left, y, tuple(means), wide)
    runs = accounts(scene) if look.pay != "foot" or look.foot in ("none", "centred", "line") else []
    if pay.reference:
        runs.append((f"{manner.named('reference')} ", value(pay.reference, "/payment/reference")))
    if look.pay in ("inline", "sentence") and runs:
        line: list[Part] = []
        for run in runs:
            line += [*(["   "] if line else []), *run]
        y = scene.put(scene.left, y, tuple(line), wide)
    else:
        y += 6 if look.pay == "boxed" else 0
        top = y
        for run in runs:
            y = scene.put(scene.left + 4, y, run, 300)
        if look.pay == "boxed" and runs:
            sheet.frame(scene.left, top - look.size - 2, 310, y - top + 5)
            y += 6
    for n, note in enumerate(invoice.notes):
        y = sheet.paragraph(scene.left, y + 3, wide, value(note, f"/notes/{n}"), size=look.size)
    if manner.shows == "note" and look.rules != "head":
        text = manner.tongue.sentences["currency"][0]
        before, _, behind = text.partition("{c}")
        y = scene.put(
            scene.left, y + 3, (before, value(scene.of.country.currency, "/currency"), behind), wide
        )
    if look.carried:
        y = sheet.paragraph(
            scene.left, y + 3, wide, manner.tongue.sentences["late"][0], size=look.size - 1
        )
    if look.pay == "slip" and pay.accounts and y + 120 < sheet.height - feet.height(scene):
        _slip(scene, sheet.height - feet.height(scene) - 96)
    return y


def _slip(scene: Scene, y: float) -> None:
    """Draw a slip to pay with: who gets it, on which account, how much, once more."""
    manner, sheet, invoice = scene.manner, scene.sheet, scene.invoice
    sums, wide = invoice.totals, scene.right - scene.left
    sheet.rule(scene.left, y - 14, scene.right, 0.4)
    below = y
    due = sums.amount_due is not None
    amount = (sums.amount_due if due else sums.gross) or ZERO
    for n, account in enumerate((invoice.payment or Payment()).accounts):
        at = f"/payment/accounts/{n}"
        number = (
            value(account.iban, f"{at}/iban")
            if account.iban
            else value(account.account_number or "", f"{at}/account_number")
        )
        for key, run in (
            ("holder", value(account.holder or "", f"{at}/holder")),
            ("iban" if account.iban else "account", number),
        ):
            y = scene.put(scene.left, y, (manner.label(key),), 200, size=scene.look.size - 1.5)
            y = scene.put(scene.left, y, (run,), 240, bold=True) + 3
    x = scene.left + wide * 0.6
    below = scene.put(x, below, (manner.label("amount"),), 150, size=scene.look.size - 1.5)
    pointer = "/totals/amount_due" if due else "/totals/gross"
    shown = manner.money(amount * _sign(scene), pointer, total=True)
    below = scene.put(x, below, (shown,), 150, bold=True) + 3
    below = scene.put(x, below, (manner.label("reference"),), 150, size=scene.look.size - 1.5)
    scene.put(x, below, (_long(invoice.invoice_number or ""),), wide * 0.4)


def _long(number: str) -> str:
    """Return a long reference of digits that holds the number's own, as payment slips have."""
    digits = "".join(c for c in number if c.isdigit())
    long = digits.rjust(20, "0")
    return " ".join(long[at : at + 5] for at in range(0, 20, 5))
