from dataclasses import replace
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from invoice_extraction.intake import media_type
from samples import camera, library
from samples.__main__ import recipes, write
from samples.camera import map_box, shoot
from samples.formats import Sample
from samples.library import Recipe
from samples.pictures import PICTURES
from samples.wear import CAPTURES, Wear

TYPES = {
    "scan-jpeg": "image/jpeg",
    "scan-pdf": "application/pdf",
    "scan-png": "image/png",
    "scan-tiff": "image/tiff",
    "scan-webp": "image/webp",
}
RECEIPT = Recipe("DE", "receipt", "till", "scan-png", 35)
LONG = Recipe("DE", "invoice", "letter", "scan-png", 1)
PLAIN = Wear(seed=1, dpi=camera.SHARPEST, colours="colour")


def pictures(sample: Sample) -> list[Image.Image]:
    """Return the pages as displayed, in grey."""
    if media_type(sample.data) == "application/pdf":
        document = pypdfium2.PdfDocument(sample.data)
        try:
            return [page.render(scale=2).to_pil().convert("L") for page in document]
        finally:
            document.close()
    image = Image.open(BytesIO(sample.data))
    found = []
    for n in range(getattr(image, "n_frames", 1)):
        image.seek(n)
        found.append(image.convert("L"))
    return found


def long_recipe() -> Recipe:
    """Return the recipe of a document of several pages."""
    for seed in range(1, 100):
        if library.make(replace(LONG, format="pdf", seed=seed)).pages > 1:
            return replace(LONG, seed=seed)
    raise AssertionError("no document has several pages")


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def page() -> Image.Image:
    return Image.new("RGB", (400, 600), "white")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_of_its_type_and_says_what_the_paper_says(name: str) -> None:
    sample = library.make(replace(RECEIPT, format=name))
    paper = library.make(replace(RECEIPT, format="pdf"))
    assert media_type(sample.data) == TYPES[name]
    assert sample.truth == paper.truth
    assert sample.places.keys() == paper.places.keys()
    assert len(pictures(sample)) == sample.pages == 1


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_recipe_gives_the_same_picture(name: str) -> None:
    recipe = replace(RECEIPT, format=name, capture="phone", turn=90)
    assert library.make(recipe) == library.make(recipe)


def test_a_scanned_pdf_holds_no_text() -> None:
    document = pypdfium2.PdfDocument(library.make(replace(RECEIPT, format="scan-pdf")).data)
    try:
        assert document[0].get_textpage().get_text_bounded() == ""
    finally:
        document.close()


@pytest.mark.parametrize("name", PICTURES)
def test_a_document_of_several_pages_keeps_them_all_or_is_refused(name: str) -> None:
    recipe = replace(long_recipe(), format=name, capture="fax")
    assert library.fits(recipe) == PICTURES[name].holds_pages
    if not PICTURES[name].holds_pages:
        with pytest.raises(ValueError, match="one page"):
            library.make(recipe)
        return
    sample = library.make(recipe)
    assert len(pictures(sample)) == sample.pages > 1
    assert {place.page for places in sample.places.values() for place in places} > {1}


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "wear",
    [
        PLAIN,
        replace(PLAIN, skew=3.0),
        replace(PLAIN, skew=-3.0, dpi=120),
        replace(PLAIN, tilt=0.06, margin=0.1),
        replace(PLAIN, skew=2.0, tilt=0.06, margin=0.05, dpi=150, colours="grey"),
    ],
    ids=lambda wear: f"skew {wear.skew} tilt {wear.tilt}",
)
def test_a_box_goes_where_what_stands_in_it_goes(wear: Wear, turn: int) -> None:
    paper = page()
    box = (0.1, 0.2, 0.6, 0.25)
    ImageDraw.Draw(paper).rectangle([40, 120, 239, 149], fill="black")
    worn = replace(wear, turn=turn)  # type: ignore[arg-type]
    image, view = shoot(paper, worn, rng())
    ys, xs = np.nonzero(np.asarray(image.convert("L")) < 128)
    found = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    size = (*image.size, *image.size)
    mapped = [share * side for share, side in zip(map_box(box, view), size, strict=True)]
    assert found == pytest.approx(mapped, abs=1.5)


@pytest.mark.parametrize("capture", CAPTURES)
def test_every_capture_leaves_the_values_to_be_seen_in_their_boxes(capture: str) -> None:
    kind, layout = ("receipt", "till") if capture in ("thermal", "faded") else ("invoice", "letter")
    recipe = Recipe("DE", kind, layout, "scan-tiff", 35, capture, 270)  # type: ignore[arg-type]
    sample = library.make(recipe)
    pages = pictures(sample)
    for pointer, places in sample.places.items():
        for place in places:
            levels = np.asarray(pages[place.page - 1])
            height, width = levels.shape
            for x0, top, x1, bottom in place.boxes:
                part = levels[
                    int(top * height) : int(bottom * height) + 1,
                    int(x0 * width) : int(x1 * width) + 1,
                ]
                dark, light = np.percentile(part, 1), np.percentile(part, 90)
                assert light - dark > 40, pointer


@pytest.mark.parametrize(
    "change",
    [
        {"fade": 0.5},
        {"paper": (230, 225, 215)},
        {"skew": 2.0},
        {"tilt": 0.05},
        {"margin": 0.1},
        {"shadow": 0.4},
        {"blur": 0.5},
        {"noise": 6.0},
        {"dpi": 120},
        {"colours": "grey"},
        {"colours": "black and white"},
        {"turn": 90},
        {"through": 0.3},
        {"streaks": 60},
        {"specks": 60},
        {"folds": 2},
        {"crumple": 0.3},
        {"glare": 0.6},
        {"motion": 2.0},
    ],
    ids=str,
)
def test_each_wear_leaves_its_mark(change: dict[str, object]) -> None:
    paper = page()
    ImageDraw.Draw(paper).text((40, 120), "Invoice 4711", fill="#303060", font_size=40)
    worn = replace(PLAIN, **change)  # type: ignore[arg-type]
    images = [shoot(paper, wear, rng())[0] for wear in (PLAIN, worn)]
    assert images[0] != images[1]


def test_black_and_white_has_two_levels_and_grey_no_colour() -> None:
    shot = shoot(page(), replace(PLAIN, colours="black and white"), rng())
    assert shot[0].mode == "1"
    shot = shoot(page(), replace(PLAIN, colours="grey", paper=(240, 230, 210)), rng())
    assert shot[0].mode == "L"


def test_a_scan_states_its_resolution_and_a_photo_none() -> None:
    for capture, stated in (("flatbed", True), ("phone", False)):
        sample = library.make(replace(RECEIPT, format="scan-jpeg", capture=capture))
        assert ("dpi" in Image.open(BytesIO(sample.data)).info) == stated
        assert sample.medium == ("scan image" if stated else "photo")


def test_pictures_are_taken_as_they_are_asked_for() -> None:
    made = recipes(30, 3, list(PICTURES), ["copier", "thermal"], [90, 270])
    assert {recipe.format for recipe in made} == set(PICTURES)
    assert {recipe.turn for recipe in made} == {90, 270}
    for recipe in made:
        assert recipe.capture == ("thermal" if recipe.kind == "receipt" else "copier")
        assert library.fits(recipe)
    assert recipes(12, 3, list(PICTURES), ["copier", "thermal"], [90, 270]) == made[:12]


def test_a_case_says_what_was_done_to_its_picture(tmp_path) -> None:
    made = recipes(2, 3, ["scan-webp"], ["thermal"])
    write([*made, *recipes(1, 1)], tmp_path)
    lines = (tmp_path / "cases.jsonl").read_text("utf-8").splitlines()
    assert ['"wear": {"seed": ' in line for line in lines] == [True, True, False]
