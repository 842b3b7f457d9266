"""The upper part of a page: logo and letterhead, title, parties, and what stands at the head."""

from collections.abc import Callable

from invoice_extraction.model.invoice import Party
from samples.sheet import Align, Part, value
from samples.synth.parts.scene import (
    Run,
    Scene,
    accounts,
    address,
    contacts,
    heads,
    number_label,
    party,
    title,
)

GREY = "#666666"


def draw(scene: Scene) -> float:
    """Draw all that stands above the lines; return the baseline below it."""
    look, manner, sheet = scene.look, scene.manner, scene.sheet
    y = HEADS[look.head](scene)
    big = look.size + 6
    if look.title == "right":
        sheet.text(scene.right, y, title(scene), size=big, bold=True, align="right", room=220)
        y += big * 1.3
    elif look.title == "centre":
        middle = sheet.width / 2
        sheet.text(middle, y, title(scene), size=big, bold=True, align="centre", room=300)
        y += big * 1.5
    elif look.title == "left":
        sheet.text(scene.left, y, title(scene), size=big, bold=True, room=300)
        y += big * 1.5
    y = PARTIES[look.parties](scene, y)
    if look.title == "inline":
        number = value(scene.invoice.invoice_number or "", "/invoice_number")
        label = manner.labels[number_label(scene)]
        text = title(scene) if look.opening else f"{title(scene)} {label}"
        y = scene.put(scene.left, y + 8, (f"{text} ", number), 400, size=look.size + 3, bold=True)
    elif look.title == "above table":
        y = scene.put(scene.left, y + 8, (title(scene),), 300, size=look.size + 4, bold=True)
    if look.opening:
        words = manner.tongue.sentences
        y = scene.put(scene.left, y + 4, (words["salutation"][0],), 400)
        y = sheet.paragraph(
            scene.left, y, scene.right - scene.left, words["opening"][0], size=look.size
        )
    return y + 8


def _name(scene: Scene) -> Part:
    return value(scene.of.party.name or "", "/seller/name")


def _brand(scene: Scene) -> Part:
    """Return what a logo says: the brand where there is one, else the name's first words."""
    brand = scene.of.party.trading_name
    if brand:
        return value(brand.upper(), "/seller/trading_name")
    return " ".join((scene.of.party.name or "").split(" ")[:2])


def _logo(scene: Scene, x: float, y: float) -> float:
    """Draw a logo with its upper left corner here; return its width."""
    sheet, look = scene.sheet, scene.look
    if look.logo == "square":
        sheet.block(x, y, 34, 34, look.ink)
        sheet.text(
            x + 17,
            y + 24,
            (scene.of.party.name or "X")[0],
            size=20,
            bold=True,
            align="centre",
            colour="#ffffff",
        )
        return 42
    if look.logo == "disc":
        sheet.disc(x + 18, y + 18, 18, look.ink)
        return 44
    if look.logo == "bars":
        for n in range(4):
            sheet.block(x + n * 9, y + n * 5, 6, 34 - n * 5, look.ink)
        return 44
    if look.logo == "word":
        return sheet.text(x, y + 26, _brand(scene), size=22, bold=True, colour=look.ink) - x + 10
    return 0


def _letterhead(scene: Scene, x: float, y: float, align: str, room: float) -> float:
    look = scene.look
    y = scene.put(x, y, (_name(scene),), room, size=look.size + 3, bold=True, align=align)
    runs = address(scene, scene.of.party.address, "/seller/address")
    runs += contacts(scene, tax_id=look.tax_id_at == "head")
    for run in runs:
        y = scene.put(x, y, run, room, size=look.size - 0.5, align=align)
    return y


def _head_left(scene: Scene) -> float:
    width = _logo(scene, scene.left, 34)
    return max(_letterhead(scene, scene.left + width, 48, "left", 260) + 14, 90)


def _head_right(scene: Scene) -> float:
    _logo(scene, scene.left, 34)
    return _letterhead(scene, scene.right, 48, "right", 240) + 14


def _head_centre(scene: Scene) -> float:
    return _letterhead(scene, scene.sheet.width / 2, 44, "centre", 380) + 14


def _head_band(scene: Scene) -> float:
    sheet, look = scene.sheet, scene.look
    sheet.block(0, 0, sheet.width, 62, look.ink)
    sheet.text(
        scene.left, 38, _name(scene), size=15, bold=True, colour="#ffffff", room=sheet.width - 220
    )
    y = 78.0
    runs = address(scene, scene.of.party.address, "/seller/address")
    line: list[Part] = []
    for run in runs:
        line += [*([", "] if line else []), *run]
    return scene.put(scene.left, y, tuple(line), scene.right - scene.left, size=7.5) + 16


def _head_split(scene: Scene) -> float:
    x = scene.left + _logo(scene, scene.left, 34)
    room = scene.right - 158 - x
    scene.put(x, 52, (_name(scene),), room, size=scene.look.size + 4, bold=True)
    y = 46.0
    runs = address(scene, scene.of.party.address, "/seller/address")
    for run in [*runs, *contacts(scene, tax_id=scene.look.tax_id_at == "head")]:
        y = scene.put(scene.right - 150, y, run, 150, size=scene.look.size - 0.5)
    return max(y, 80) + 14


def _head_foot_only(scene: Scene) -> float:
    _logo(scene, scene.left if scene.look.sums == "left" else scene.right - 110, 34)
    return 96


def _head_boxed(scene: Scene) -> float:
    sheet = scene.sheet
    y = _letterhead(scene, scene.left + 8, 50, "left", 300)
    sheet.frame(scene.left, 34, scene.right - scene.left, y - 34)
    return y + 18


def _head_brand(scene: Scene) -> float:
    """Draw the brand alone; who it belongs to stands at the foot."""
    sheet, look = scene.sheet, scene.look
    at_right = look.logo in ("square", "bars")
    x = scene.right if at_right else scene.left
    align: Align = "right" if at_right else "left"
    size = look.size * 2.4
    brand = _brand(scene)
    scene.put(x, 58, (brand,), 260, size=size, bold=True, colour=look.ink, align=align)
    web = value(scene.of.party.website or "", "/seller/website")
    sheet.text(x, 72, web, size=look.size - 1, align=align, room=260)
    return 100


HEADS: dict[str, Callable[[Scene], float]] = {
    "left": _head_left,
    "right": _head_right,
    "centre": _head_centre,
    "band": _head_band,
    "split": _head_split,
    "foot only": _head_foot_only,
    "boxed": _head_boxed,
    "brand": _head_brand,
}
"""Letterheads by name; each returns the baseline below it."""


def _buyer(scene: Scene) -> list[Run]:
    buyer = scene.invoice.buyer or Party()
    return party(scene, buyer, "/buyer", tax_id=bool(buyer.tax_id))


def _block(
    scene: Scene, x: float, y: float, room: float, label: str | None, runs: list[Run]
) -> float:
    """Draw a label and the lines below it; return the baseline below."""
    bold = scene.look.heads in ("bold", "filled")
    if label:
        text = scene.manner.label(label)
        size = scene.look.size - (0 if bold else 0.5)
        colour = "#000000" if bold else GREY
        y = scene.put(x, y, (text,), room, size=size, bold=bold, colour=colour)
    for n, run in enumerate(runs):
        y = scene.put(x, y, run, room, bold=not n and not bold)
    return y


def _meta(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw the head's values into a column; return the baseline below."""
    if scene.look.title == "meta":
        y = scene.put(x, y, (title(scene),), room, size=scene.look.size + 5, bold=True) + 4
    return META[scene.look.meta](scene, x, y, room)


def _seller_block(scene: Scene) -> list[Run]:
    return party(scene, scene.of.party, "/seller", tax_id=scene.look.tax_id_at == "seller")


def _window(scene: Scene, y: float) -> float:
    """Draw the window of an envelope, the sender in small letters above the receiver, and the head beside it."""
    half = (scene.right - scene.left) / 2
    at_right = scene.look.parties == "window right"
    x, other = (
        (scene.left + half + 14, scene.left) if at_right else (scene.left, scene.left + half + 14)
    )
    small: list[Part] = [_name(scene)]
    for run in address(scene, scene.of.party.address, "/seller/address"):
        small += [" · ", *run]
    below = scene.put(x, y, tuple(small), half - 20, size=6)
    end = _block(scene, x, below + 8, half - 20, None, _buyer(scene))
    ship = scene.invoice.delivery_party
    if ship:
        end = _block(scene, x, end + 6, half - 20, "ship_to", party(scene, ship, "/delivery_party"))
    return max(end, _meta(scene, other, y, half - 20)) + 12


def _pair(scene: Scene, y: float) -> float:
    """Draw seller and buyer side by side, the head below."""
    half = (scene.right - scene.left) / 2
    ship = scene.invoice.delivery_party
    if ship:
        first, label = party(scene, ship, "/delivery_party"), "ship_to"
        columns = [("bill_to", _buyer(scene)), (label, first)]
    else:
        columns = [("seller", _seller_block(scene)), ("bill_to", _buyer(scene))]
    ends = [
        _block(scene, scene.left + n * half, y, half - 16, label, runs)
        for n, (label, runs) in enumerate(columns)
    ]
    return _meta(scene, scene.left, max(ends) + 10, (scene.right - scene.left) * 0.55) + 8


def _triple(scene: Scene, y: float) -> float:
    """Draw seller, buyer and head as three columns."""
    third = (scene.right - scene.left) / 3
    one = _block(scene, scene.left, y, third - 12, "seller", _seller_block(scene))
    two = _block(scene, scene.left + third, y, third - 12, "bill_to", _buyer(scene))
    return max(one, two, _meta(scene, scene.left + 2 * third, y, third)) + 10


def _labelled(scene: Scene, y: float) -> float:
    """Draw the head, and the buyer below it at the left."""
    y = _meta(scene, scene.left, y, (scene.right - scene.left) * 0.6) + 8
    return _block(scene, scene.left, y, 280, "bill_to", _buyer(scene)) + 8


def _boxes(scene: Scene, y: float) -> float:
    """Draw buyer and receiver in boxes, the head between them and the lines."""
    half = (scene.right - scene.left) / 2
    ship = scene.invoice.delivery_party
    columns = [("bill_to", _buyer(scene))]
    if ship:
        columns.append(("ship_to", party(scene, ship, "/delivery_party")))
    ends = [
        _block(scene, scene.left + n * half + 6, y + 4, half - 20, label, runs)
        for n, (label, runs) in enumerate(columns)
    ]
    for n in range(len(columns)):
        scene.sheet.frame(
            scene.left + n * half, y - scene.look.size - 2, half - 8, max(ends) - y + 4
        )
    if ship:
        return _meta(scene, scene.left, max(ends) + 16, (scene.right - scene.left) * 0.6) + 8
    return max(ends[0], _meta(scene, scene.left + half + 10, y, half - 10)) + 14


def _row(scene: Scene, y: float) -> float:
    """Draw the head, then the buyer in one row, its label before it."""
    y = _meta(scene, scene.left, y, (scene.right - scene.left) * 0.6) + 8
    buyer = scene.invoice.buyer or Party()
    line: list[Part] = [
        f"{scene.manner.named('bill_to')} ",
        value(buyer.name or "", "/buyer/name"),
    ]
    for run in address(scene, buyer.address, "/buyer/address"):
        line += [", ", *run]
    return scene.put(scene.left, y, tuple(line), scene.right - scene.left) + 10


PARTIES: dict[str, Callable[[Scene, float], float]] = {
    "window": _window,
    "window right": _window,
    "pair": _pair,
    "triple": _triple,
    "labelled": _labelled,
    "boxes": _boxes,
    "row": _row,
}
"""Parties by name of their setting; each returns the baseline below."""


def _list(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw label and value in two columns."""
    for key, run in heads(scene):
        scene.put(x, y, (scene.manner.named(key),), room * 0.5 - 4, bold=scene.look.heads == "bold")
        if scene.look.meta == "list":
            y = scene.put(x + room, y, run, room * 0.5, align="right")
        else:
            y = scene.put(x + room * 0.5, y, run, room * 0.5)
    return y


def _inline(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw label and value behind one another, a pair in a row."""
    for key, run in heads(scene):
        y = scene.put(x, y, (f"{scene.manner.named(key)} ", *run), room)
    return y


def _stacked(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw each value below its label."""
    for key, run in heads(scene):
        y = scene.put(x, y, (scene.manner.label(key),), room, size=scene.look.size - 1, colour=GREY)
        y = scene.put(x, y, run, room, bold=True) + 2
    return y


def _table(scene: Scene, x: float, y: float, room: float) -> float:
    """Draw labels as heads of columns and the values below them, framed or not."""
    pairs = heads(scene)
    # a table needs the page's width; below one another where a column is all there is
    if room < 300 or scene.look.parties in ("window", "window right"):
        return _stacked(scene, x, y, room)
    room = scene.right - x
    for start in range(0, len(pairs), 4):
        row = pairs[start : start + 4]
        wide = room / len(row)
        for n, (key, run) in enumerate(row):
            at = x + n * wide
            scene.put(at + 3, y, (scene.manner.label(key),), wide - 8, size=scene.look.size - 0.5)
            scene.put(at + 3, y + scene.step + 2, run, wide - 8, bold=True)
            if scene.look.meta == "grid":
                top = y - scene.look.size - 1
                scene.sheet.frame(at, top, wide, scene.step * 2 + 4)
        y += 2 * scene.step + 10
    return y


META: dict[str, Callable[[Scene, float, float, float], float]] = {
    "list": _list,
    "list left": _list,
    "table": _table,
    "grid": _table,
    "inline": _inline,
    "stacked": _stacked,
    "pairs": _inline,
}
"""The head's values by name of their setting; each returns the baseline below."""

__all__ = ["HEADS", "META", "PARTIES", "accounts", "draw"]
