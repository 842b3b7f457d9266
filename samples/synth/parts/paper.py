"""A document on sheets of paper: its parts put together."""

from samples.synth.parts import feet, sums, tables, tops
from samples.synth.parts.scene import Scene


def draw(scene: Scene) -> None:
    """Draw the document over as many pages as it takes."""
    bottom = scene.sheet.height - feet.height(scene) - 6
    feet.draw(scene)

    def turn() -> float:
        scene.sheet.next_page()
        feet.draw(scene)
        feet.page(scene)
        return 72

    y = tops.draw(scene)
    if scene.invoice.totals.previous_balance is not None and scene.look.opening:
        y = sums.summary(scene, y)
    y = tables.draw(scene, y + 10, bottom, turn)
    if y + sums.height(scene) > bottom:
        y = turn()
    y = sums.draw(scene, y + 4)
    sums.after(scene, y)
