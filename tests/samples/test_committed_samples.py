"""The files in samples/files are what the generator makes; `python -m samples --committed` writes them anew."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

import samples
from invoice_extraction.model.invoice import Invoice
from samples import library
from samples.__main__ import recipes, write
from samples.pictures import PICTURES

FILES = Path(samples.__file__).parent / "files"
MADE = dict(library.committed())


def words(data: bytes) -> list[list[str]]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_bounded().split() for page in document]
    finally:
        document.close()


def levels(name: str, data: bytes) -> np.ndarray:
    if name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(data)
        try:
            return document[0].render(scale=1).to_numpy().astype(float)
        finally:
            document.close()
    return np.array(Image.open(BytesIO(data)), float)


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_committed_file_is_what_the_generator_makes(name: str) -> None:
    committed = (FILES / name).read_bytes()
    if name.endswith(".pdf"):
        # compressed by whichever zlib is at hand: the words are what counts
        assert words(committed) == words(MADE[name])
    if name.endswith((".pdf", ".jpg")):
        # drawn and coded by whichever libraries are at hand: two levels of 255 are no difference
        one, two = levels(name, committed), levels(name, MADE[name])
        assert one.shape == two.shape
        assert abs(one - two).mean() < 2
    else:
        assert committed == MADE[name]


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_committed_file_is_small(name: str) -> None:
    assert (FILES / name).stat().st_size < 120_000


def test_nothing_else_lies_among_the_committed_files() -> None:
    assert {path.name for path in FILES.iterdir()} == {*MADE, "README.md"}


def test_the_truth_is_a_canonical_invoice_for_every_file() -> None:
    truth = json.loads((FILES / library.TRUTH).read_text("utf-8"))
    assert truth.keys() == library.COMMITTED.keys()
    for found in truth.values():
        invoice = Invoice.model_validate(found)
        assert invoice.invoice_number
        assert invoice.seller is not None
        assert invoice.seller.tax_id
        assert invoice.totals.gross is not None
        assert invoice.lines


def test_the_places_are_told_for_every_file_that_has_pages() -> None:
    lines = (FILES / library.PLACES).read_text("utf-8").splitlines()
    rows = {row["path"]: row for row in map(json.loads, lines)}
    assert rows.keys() == {name for name in library.COMMITTED if not name.endswith(".xml")}
    for name, row in rows.items():
        assert "/totals/gross" in row["boxes"]
        assert (row["wear"] is not None) == (library.COMMITTED[name].format in PICTURES)


def test_the_command_writes_documents_and_their_cases(tmp_path: Path) -> None:
    write(recipes(6, 1), tmp_path / "a")
    write(recipes(6, 1), tmp_path / "b")
    one, two = ((tmp_path / name / "cases.jsonl").read_bytes() for name in "ab")
    assert one == two
    rows = [json.loads(line) for line in one.decode().splitlines()]
    assert len(rows) == 6
    for row in rows:
        assert (tmp_path / "a" / row["path"]).stat().st_size == row["bytes"]
        assert row["fields"]["total"] == pytest.approx(float(row["invoice"]["totals"]["gross"]))


def test_more_samples_begin_with_the_same_ones() -> None:
    assert recipes(20, 1)[:6] == recipes(6, 1)
