"""The foot of each page: the seller, how to reach it, where to pay."""

from samples.sheet import Part, value
from samples.synth.parts.scene import Run, Scene, accounts, address, contacts, tax_id_run

SMALL = 6.8
HEADLESS = frozenset(("foot only", "brand"))
"""Letterheads that do not name the seller: its foot does then."""


def height(scene: Scene) -> float:
    """Return how much of the page its foot takes, in points."""
    if scene.look.foot == "none" and scene.look.head in HEADLESS:
        return 60.0
    return {"none": 34.0, "line": 60.0, "centred": 70.0}.get(scene.look.foot, 92.0)


def draw(scene: Scene) -> None:
    """Draw the foot of the page that is being drawn."""
    sheet, foot = scene.sheet, scene.look.foot
    y = sheet.height - height(scene) + 18
    groups = _groups(scene)
    if foot == "none":
        if scene.look.head in HEADLESS:
            _line(scene, groups, y)
        return
    if foot in ("line", "centred"):
        _line(scene, groups, y)
        return
    sheet.rule(scene.left, y - 9, scene.right, 0.4)
    count = int(foot)
    merged: list[list[Run]] = [[] for _ in range(count)]
    for n, group in enumerate(groups):
        merged[min(n, count - 1)] += group
    wide = (scene.right - scene.left) / count
    for n, runs in enumerate(merged):
        for row, run in enumerate(runs[:8]):
            scene.put(scene.left + n * wide, y + row * 8.6, run, wide - 8, size=SMALL)


def _groups(scene: Scene) -> list[list[Run]]:
    """Return the foot's groups of lines: the seller, how to reach it, where to pay."""
    seller, look = scene.of.party, scene.look
    first: list[Run] = [(value(seller.name or "", "/seller/name"),)]
    first += address(scene, seller.address, "/seller/address")
    everywhere = look.tax_id_at in ("foot", "meta") or look.head in HEADLESS | {"band"}
    second = contacts(scene, tax_id=False)
    third: list[Run] = accounts(scene) if look.pay == "foot" or look.foot == "4" else []
    if everywhere and seller.tax_id:
        second.append(tax_id_run(scene, seller, "/seller"))
    return [group for group in (first, second, third) if group]


def _line(scene: Scene, groups: list[list[Run]], y: float) -> None:
    """Draw each group in one row, centred or from the left."""
    for group in groups:
        line: list[Part] = []
        for run in group:
            line += [*([" | "] if line else []), *run]
        centred = scene.look.foot == "centred"
        x = scene.sheet.width / 2 if centred else scene.left
        scene.put(
            x,
            y,
            tuple(line),
            scene.right - scene.left,
            size=SMALL,
            align="centre" if centred else "left",
        )
        y += 9.5


def page(scene: Scene) -> None:
    """Draw the number of the page, which is not the first."""
    sheet, manner = scene.sheet, scene.manner
    number = value(scene.invoice.invoice_number or "", "/invoice_number")
    scene.put(
        scene.left, 40, (f"{manner.label(scene.invoice.document_type or 'invoice')} ", number), 300
    )
    text = f"{manner.label('page')} {sheet.page}"
    sheet.text(scene.right, 40, text, size=scene.look.size - 1, align="right")
