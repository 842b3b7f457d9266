"""Documents that are no invoices, though they look like some: each kind draws itself and says nothing to be paid."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from invoice_extraction.model.invoice import DocumentType
from samples.synth.countries import filled
from samples.synth.deals import coin, price
from samples.synth.parts import feet, paper, tops
from samples.synth.parts.scene import Scene, party

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Other:
    """A kind of document that is no invoice: how it is drawn, and what document type it is."""

    draw: Callable[[Scene, Random, str], None]
    type: DocumentType = "other"


def _title(scene: Scene, rng: Random, kind: str) -> str:
    return rng.choice(scene.manner.tongue.other[kind])


def _goods(scene: Scene, rng: Random, kind: str) -> None:
    """Draw what has parties, lines and mostly sums: a quotation, an order, a delivery note."""
    title, labels = _title(scene, rng, kind), dict(scene.manner.labels)
    number = scene.manner.tongue.other.get("number", ("Nr.",))[0]
    labels |= {
        "invoice": title,
        "invoice_number": f"{title} {number}" if rng.random() < 0.6 else number,
        "issue_date": labels["date_column"],
        "due_date": labels["valid"],
    }
    if kind == "purchase_order":
        labels["bill_to"] = labels["seller"]
    invoice = scene.invoice
    changes: dict[str, object] = {"payment": None, "document_type": "invoice"}
    totals = invoice.totals.model_copy(
        update={"paid": None, "amount_due": None, "rounding": None, "previous_balance": None}
    )
    changes["totals"] = totals
    if kind != "quotation":
        changes["due_date"] = None
    scene = replace(
        scene,
        deal=replace(scene.deal, invoice=invoice.model_copy(update=changes)),
        manner=replace(scene.manner, labels=labels),
        look=replace(scene.look, opening=False),
    )
    if kind in ("packing_list", "timesheet") or (kind == "delivery_note" and rng.random() < 0.4):
        _unpriced(scene, kind)
    else:
        paper.draw(scene)


def _unpriced(scene: Scene, kind: str) -> None:
    """Draw lines with quantities and no prices."""
    feet.draw(scene)
    y = tops.draw(scene) + 10
    manner, days = scene.manner, kind == "timesheet"
    keys = ("date_column" if days else "code", "description", "quantity")
    y = _cells(scene, y, tuple(manner.label(key) for key in keys), bold=True)
    total = ZERO
    for n, line in enumerate(scene.invoice.lines):
        if y > scene.sheet.height - 110:
            break
        first = (
            manner.day(_issued(scene) + timedelta(days=n))
            if days
            else line.product_code or f"{n + 1}"
        )
        quantity = line.quantity or ZERO
        total += quantity
        y = _cells(scene, y, (first, line.description or "", manner.number(quantity)))
    _cells(scene, y + 4, ("", manner.label("sum"), manner.number(total)), bold=True)


def _letter(scene: Scene, rng: Random, kind: str) -> None:
    """Draw paragraphs under a title: a contract, a report, an article."""
    feet.draw(scene)
    y = tops.HEADS[scene.look.head](scene) if kind != "article" else 70.0
    if kind in ("letter", "tax_form", "certificate"):
        for run in party(scene, scene.invoice.buyer or scene.of.party, "/buyer"):
            y = scene.put(scene.left, y, run, 260)
        y = scene.put(scene.right, y + 10, (scene.manner.day(_issued(scene)),), 160, align="right")
    size = scene.look.size + 5
    y = scene.put(scene.left, y + 14, (_title(scene, rng, kind),), 400, size=size, bold=True) + 8
    prose = scene.manner.tongue.other["prose"]
    wide = scene.right - scene.left
    for n in range(rng.randrange(4, 9)):
        lead = f"§ {n + 1}  " if kind == "contract" else ""
        text = " ".join(rng.choice(prose) for _ in range(rng.randrange(1, 4)))
        if kind in ("contract", "tax_form") and rng.random() < 0.5:
            text += f" {_money(scene, rng, 200, 3000)}."
        if y > scene.sheet.height - 140:
            break
        y = scene.sheet.paragraph(scene.left, y, wide, lead + text, size=scene.look.size) + 6
    scene.put(scene.left, y + 24, (rng.choice(scene.manner.tongue.names["people"]),), 200)


def _statement(scene: Scene, rng: Random, kind: str) -> None:
    """Draw movements and their balance: a statement of account, of a bank."""
    y = _opened(scene, rng, kind)
    manner, words = scene.manner, scene.manner.tongue.other
    heads = (
        manner.label("date_column"),
        manner.label("description"),
        words["debit"][0],
        words["credit"][0],
        manner.label("balance"),
    )
    y = _cells(scene, y, heads, bold=True)
    balance = _amount(scene, rng, 100, 4000)
    y = _cells(scene, y, ("", manner.label("previous"), "", "", manner.amount(balance)))
    for n in range(rng.randrange(4, 18)):
        amount = _amount(scene, rng, 8, 900)
        out = rng.random() < 0.6
        balance += -amount if out else amount
        text = rng.choice(
            (
                f"{manner.label('invoice')} {filled(rng, '######')}",
                rng.choice(manner.tongue.names["people"]),
                manner.label("payment"),
                rng.choice(manner.tongue.wares["goods"])[:24],
            )
        )
        shown = manner.amount(amount)
        day = manner.day(_issued(scene) - timedelta(days=40 - 2 * n))
        y = _cells(
            scene,
            y,
            (day, text, shown if out else "", "" if out else shown, manner.amount(balance)),
        )
    scene.sheet.rule(scene.left, y - scene.look.size, scene.right, 0.6)
    _cells(scene, y + 3, ("", manner.label("balance"), "", "", manner.amount(balance)), bold=True)


def _reminder(scene: Scene, rng: Random, kind: str) -> None:
    """Draw which invoices are open."""
    y = _opened(scene, rng, kind)
    manner = scene.manner
    prose = manner.tongue.other["prose"]
    y = (
        scene.sheet.paragraph(scene.left, y, scene.right - scene.left, prose[-1], scene.look.size)
        + 8
    )
    keys = ("invoice_number", "issue_date", "due_date", "gross", "balance")
    y = _cells(scene, y, tuple(manner.label(key) for key in keys), bold=True)
    total = ZERO
    for n in range(rng.randrange(1, 5)):
        amount = _amount(scene, rng, 20, 1500)
        total += amount
        then = _issued(scene) - timedelta(days=90 - n)
        cells = (
            filled(rng, "R-#####"),
            manner.day(then),
            manner.day(then + timedelta(days=30)),
            manner.amount(amount),
            manner.amount(amount),
        )
        y = _cells(scene, y, cells)
    _cells(scene, y + 3, ("", "", "", manner.label("due"), manner.amount(total)), bold=True)


def _payslip(scene: Scene, rng: Random, kind: str) -> None:
    """Draw what somebody earned and what was kept back."""
    y = _opened(scene, rng, kind)
    manner, words = scene.manner, scene.manner.tongue.other
    gross = ZERO
    for name in words["salary"]:
        amount = _amount(scene, rng, 80, 3500)
        gross += amount
        y = _cells(scene, y, (name, "", manner.amount(amount)))
    y = (
        _cells(scene, y + 3, (manner.label("gross_column"), "", manner.amount(gross)), bold=True)
        + 6
    )
    *kept, net = words["deductions"]
    left = gross
    for name in kept:
        amount = coin(scene.of.country, gross * rng.randrange(4, 16) / 100)
        left -= amount
        y = _cells(scene, y, (name, "", manner.amount(-amount)))
    _cells(scene, y + 6, (net, "", manner.amount(left)), bold=True)


def _prices(scene: Scene, rng: Random, kind: str) -> None:
    """Draw what things cost: a menu, a price list."""
    y = _opened(scene, rng, kind, buyer=False)
    part = "meals" if kind == "menu" else "goods"
    manner = scene.manner
    for n, text in enumerate(manner.tongue.wares[part]):
        amount = price(rng, scene.of.country, 3, 30 if part == "meals" else 240)
        shown = manner.money(amount).text
        y = _cells(scene, y, (text if part == "meals" else f"{1000 + n * 7}  {text}", "", shown))
    scene.put(scene.left, y + 12, (manner.tongue.sentences["tables"][0],), 300)


def _pass(scene: Scene, rng: Random, kind: str) -> None:
    """Draw the fields of a ticket to board with."""
    manner, sheet = scene.manner, scene.sheet
    y = scene.put(scene.left, 70, (_title(scene, rng, kind),), 300, size=18, bold=True) + 10
    towns = [town[1] for town in scene.of.country.towns]
    fields = (
        (manner.label("guest"), rng.choice(manner.tongue.names["people"])),
        (manner.label("departure"), rng.choice(towns)),
        (manner.label("arrival"), rng.choice(towns)),
        (manner.label("date_column"), manner.day(_issued(scene))),
        ("Gate", filled(rng, "@##")),
        ("Seat", filled(rng, "##@")),
        ("", filled(rng, "@@ ####")),
    )
    for label, text in fields:
        y = scene.put(scene.left + 8, y, (label,), 200, colour="#666666")
        y = scene.put(scene.left + 8, y, (text,), 260, size=13, bold=True) + 4
    sheet.frame(scene.left, 50, 300, y - 40)
    for n in range(60):
        sheet.upright(scene.left + 320 + n * 3, 80, 200, rng.choice((0.5, 1, 1.6)))


OTHERS: dict[str, Other] = {
    "delivery_note": Other(_goods),
    "quotation": Other(_goods),
    "purchase_order": Other(_goods, "purchase_order"),
    "order_confirmation": Other(_goods),
    "packing_list": Other(_goods),
    "timesheet": Other(_goods),
    "statement": Other(_statement, "statement"),
    "bank_statement": Other(_statement),
    "reminder": Other(_reminder, "reminder"),
    "payslip": Other(_payslip),
    "price_list": Other(_prices),
    "menu": Other(_prices),
    "contract": Other(_letter),
    "letter": Other(_letter),
    "article": Other(_letter),
    "certificate": Other(_letter),
    "report": Other(_letter),
    "tax_form": Other(_letter),
    "boarding_pass": Other(_pass),
}
"""Kinds that are no invoices, by name. One function and one line make a new one."""


def _opened(scene: Scene, rng: Random, kind: str, buyer: bool = True) -> float:
    """Draw letterhead, receiver and title; return the baseline below."""
    feet.draw(scene)
    y = tops.HEADS[scene.look.head](scene)
    if buyer:
        for run in party(scene, scene.invoice.buyer or scene.of.party, "/buyer"):
            y = scene.put(scene.left, y, run, 260)
    day = scene.manner.day(_issued(scene))
    scene.put(scene.right, y, (f"{scene.manner.named('date_column')} {day}",), 160, align="right")
    size = scene.look.size + 5
    return (
        scene.put(scene.left, y + 12, (_title(scene, rng, kind),), 400, size=size, bold=True) + 10
    )


def _cells(scene: Scene, y: float, texts: tuple[str, ...], bold: bool = False) -> float:
    """Draw a row of cells, the last three of five and the last of three to the right; return the next baseline."""
    edges = (0.0, 0.14, 0.55, 0.7, 0.85, 1.0) if len(texts) == 5 else (0.0, 0.2, 0.7, 1.0)
    if len(texts) == 3 and not texts[1]:
        edges = (0.0, 0.65, 0.66, 1.0)
    wide = scene.right - scene.left
    for n, text in enumerate(texts):
        x0, x1 = scene.left + edges[n] * wide, scene.left + edges[n + 1] * wide
        right = n >= 2
        scene.put(
            x1 if right else x0,
            y,
            (text,),
            x1 - x0 - 6,
            align="right" if right else "left",
            bold=bold,
        )
    return y + scene.step + 1


def _issued(scene: Scene) -> date:
    return scene.invoice.issue_date or date(2025, 1, 2)


def _amount(scene: Scene, rng: Random, low: float, high: float) -> Decimal:
    return price(rng, scene.of.country, low, high)


def _money(scene: Scene, rng: Random, low: float, high: float) -> str:
    return scene.manner.money(_amount(scene, rng, low, high)).text
