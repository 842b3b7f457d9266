"""The files in samples/files are what the generator makes; `python -m samples --committed` writes them anew."""

import json
from pathlib import Path

import pypdfium2
import pytest

import samples
from invoice_extraction.model.invoice import Invoice
from samples import library
from samples.__main__ import recipes, write

FILES = Path(samples.__file__).parent / "files"
MADE = dict(library.committed())


def words(data: bytes) -> list[list[str]]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_bounded().split() for page in document]
    finally:
        document.close()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_committed_file_is_what_the_generator_makes(name: str) -> None:
    committed = (FILES / name).read_bytes()
    if name.endswith(".pdf"):
        # compressed by whichever zlib is at hand: the words are what counts
        assert words(committed) == words(MADE[name])
    else:
        assert committed == MADE[name]


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_committed_file_is_small(name: str) -> None:
    assert (FILES / name).stat().st_size < 60_000


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


def test_the_command_writes_documents_and_their_cases(tmp_path: Path) -> None:
    write(6, 1, tmp_path / "a")
    write(6, 1, tmp_path / "b")
    one, two = ((tmp_path / name / "cases.jsonl").read_bytes() for name in "ab")
    assert one == two
    rows = [json.loads(line) for line in one.decode().splitlines()]
    assert len(rows) == 6
    for row in rows:
        assert (tmp_path / "a" / row["path"]).stat().st_size == row["bytes"]
        assert row["fields"]["total"] == pytest.approx(float(row["invoice"]["totals"]["gross"]))


def test_more_samples_begin_with_the_same_ones() -> None:
    assert recipes(20, 1)[:6] == recipes(6, 1)
