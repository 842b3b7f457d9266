"""How many values have a box that holds their text: our own documents, whose places are known.

    python -m benchmarks.boxes --count 100 --format pdf
    python -m benchmarks.boxes --count 40 --format scan

A value counts that the local engine read as the document prints it. Its boxes hold its text where, at one of the
places where it is printed, they cover the middle line of each printed line but for the edges of its outer letters,
and are not four times as large; of a part ("CHF" of "CHF 12.00") they have to lie within. Values that are told and not printed (a kind, a
language) have no box and do not count. `--show` names those without.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.model.extraction import Evidence, RelativeBox
from samples import library, truth
from samples.__main__ import TURNS, recipes
from samples.formats import Sample
from samples.pictures import PICTURES

_EDGES = 0.8
"""In letters: how much of a line may stand out; boxes are those of ink, the known places have the letters' own width."""

_LARGEST = 4.0
"""A box so many times as large as the text shows nobody where it is."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--format", default="pdf", help="pdf, or scan for all kinds of pictures")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    formats = sorted(PICTURES) if args.format == "scan" else [args.format]
    turns = TURNS if args.format == "scan" else (0,)
    counts: Counter[tuple[str, bool]] = Counter()
    for recipe in recipes(args.count, args.seed, formats, turns=turns):
        sample = library.make(recipe)
        for pointer, is_held in held(sample, upright=recipe.turn in (0, 180)):
            counts[pointer, is_held] += 1
            if args.show and not is_held:
                print(recipe, pointer)
    for pointer in sorted({pointer for pointer, _ in counts}):
        right, wrong = counts[pointer, True], counts[pointer, False]
        print(f"{pointer:36} {right:6} of {right + wrong:6}  {right / (right + wrong):.3f}")
    right = sum(n for (_, is_held), n in counts.items() if is_held)
    print(f"{'all':36} {right:6} of {counts.total():6}  {right / max(1, counts.total()):.4f}")


def held(sample: Sample, *, upright: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield the field of each value that was read right, and whether its boxes hold its text.

    Not `upright` is a page that shows its lines from top to bottom or from bottom to top.
    """
    try:
        found = extract(sample.data, Options(engine="layout")).invoices[0]
    except ExtractionError:
        return
    said, known = found.result.model_dump(mode="json"), truth.plain(sample.truth)
    printed = truth.boxes(sample.places)
    for pointer, evidence in found.evidence.items():
        is_seen = pointer in printed and evidence.origin in ("text", "ocr")
        if is_seen and _at(said, pointer) == _at(known, pointer):
            yield (
                _field(pointer),
                any(_holds(evidence, one, upright=upright) for one in printed[pointer]),
            )


def _holds(evidence: Evidence, printed: dict[str, Any], *, upright: bool) -> bool:
    if evidence.page != printed["page"]:
        return False
    boxes = [_upright(box, upright=upright) for box in evidence.boxes]
    lines = [_upright(line, upright=upright) for line in printed["boxes"]]
    told, text = "".join((evidence.text or "").split()), "".join(printed["text"].split())
    if told != text and told in text:
        return all(any(_is_within(box, line) for line in lines) for box in boxes)
    is_close = sum(map(_size, boxes)) <= _LARGEST * sum(map(_size, lines))
    letter = sum(x1 - x0 for x0, _, x1, _ in lines) / len(text)
    return is_close and all(_is_covered(line, boxes, letter) for line in lines)


def _upright(box: Sequence[float], *, upright: bool) -> RelativeBox:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1) if upright else (y0, x0, y1, x1)


def _is_covered(line: RelativeBox, boxes: Sequence[RelativeBox], letter: float) -> bool:
    x0, y0, x1, y1 = line
    middle = (y0 + y1) / 2
    covered = sum(max(0.0, min(x1, c) - max(x0, a)) for a, b, c, d in boxes if b <= middle <= d)
    return covered >= x1 - x0 - _EDGES * letter


def _is_within(box: RelativeBox, line: RelativeBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return line[0] <= x <= line[2] and line[1] <= y <= line[3]


def _size(box: RelativeBox) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _field(pointer: str) -> str:
    return "/".join("*" if part.isdecimal() else part for part in pointer.split("/"))


def _at(node: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        if isinstance(node, list):
            node = node[int(part)] if int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    return node


if __name__ == "__main__":
    main()
