from collections.abc import Iterator

import pypdfium2
import pytest

from samples import library
from samples.formats import E_INVOICES, Sample
from samples.layouts import LAYOUTS
from samples.library import Recipe
from samples.regions import REGIONS

CORE = {"/invoice_number", "/issue_date", "/currency", "/seller/name", "/totals/gross"}
SLACK = 1.5
"""Points by which a box may miss the reader's own."""


def recipes() -> Iterator[Recipe]:
    for layout, one in LAYOUTS.items():
        for kind in sorted(one.kinds):
            for region in sorted(REGIONS):
                yield Recipe(region, kind, layout, "pdf", 11)
            if kind != "receipt":
                yield Recipe("DE", kind, layout, "facturx", 12)


ALL = list(recipes())


def joined(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("recipe", ALL, ids=str)
def test_each_value_stands_in_its_box(recipe: Recipe) -> None:
    sample = library.make(recipe)
    document = pypdfium2.PdfDocument(sample.data)
    try:
        assert len(document) == sample.pages
        pages = [(page.get_size(), page.get_textpage()) for page in document]
        for pointer, places in sample.places.items():
            for place in places:
                (width, height), text = pages[place.page - 1]
                read = ""
                for x0, top, x1, bottom in place.boxes:
                    assert 0 <= x0 < x1 <= 1, pointer
                    assert 0 <= top < bottom <= 1, pointer
                    read += text.get_text_bounded(
                        x0 * width - SLACK,
                        height - bottom * height - SLACK,
                        x1 * width + SLACK,
                        height - top * height + SLACK,
                    )
                assert joined(place.text) in joined(read), pointer
    finally:
        document.close()


@pytest.mark.parametrize("recipe", ALL, ids=str)
def test_every_layout_shows_what_every_invoice_shows(recipe: Recipe) -> None:
    sample = library.make(recipe)
    assert sample.places.keys() >= CORE
    assert len(sample.truth.lines) == len(
        {name.split("/")[2] for name in sample.places if name.startswith("/lines/")}
    )


@pytest.mark.parametrize("recipe", ALL, ids=str)
def test_no_text_runs_over_another_or_off_the_page(recipe: Recipe) -> None:
    sample = library.make(recipe)
    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for places in sample.places.values():
        for place in places:
            boxes.setdefault(place.page, []).extend(place.boxes)
    for found in boxes.values():
        distinct = sorted(set(found))
        for n, one in enumerate(distinct):
            for other in distinct[n + 1 :]:
                wide = min(one[2], other[2]) - max(one[0], other[0])
                high = min(one[3], other[3]) - max(one[1], other[1])
                assert wide < 0.004 or high < 0.004, (one, other)


def test_what_no_page_shows_is_absent_from_the_truth() -> None:
    sample = library.make(Recipe("DE", "invoice", "letter", "pdf", 3))
    assert "/lines/0/product_code" not in sample.places
    assert all(line.product_code is None for line in sample.truth.lines)
    assert sample.truth.lines[0].description


def test_the_same_recipe_gives_the_same_bytes() -> None:
    for form in ("pdf", *sorted(E_INVOICES)):
        recipe = Recipe("DE", "invoice", "modern", form, 5)
        one, two = library.make(recipe), library.make(recipe)
        assert one == two
        assert isinstance(one, Sample)
