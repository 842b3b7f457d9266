"""Pictures and scans through the pipeline: read, located as displayed, and never invented."""

import json
import math
import re
import time
from io import BytesIO

import numpy as np
import pikepdf
import pytest
from PIL import Image

from invoice_extraction import ocr
from invoice_extraction.errors import (
    BlankDocument,
    NoEngineConfigured,
    PageUnreadable,
    ReaderCrashed,
)
from invoice_extraction.extract import OcrDeferred, extract
from invoice_extraction.model.document import Raster
from invoice_extraction.model.options import Limits, ModelOptions, Options
from invoice_extraction.ocr.base import Recognised
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, StandIn, says
from tests.ocr.scans import FILES, a_scan, as_file, as_pdf


@pytest.fixture(scope="module")
def printed():
    """Return the answer to the sample's own PDF."""
    return extract(FILES / "credit-note-en.pdf")


@pytest.mark.parametrize("turned", [0, 90, 2])
def test_a_scan_is_read_as_its_print_is(printed, turned):
    answer = extract(as_file(a_scan(turned=turned)))
    (read,), (true,) = answer.invoices, printed.invoices
    assert read.result.totals.gross == true.result.totals.gross
    assert read.result.invoice_number == true.result.invoice_number
    assert read.result.issue_date == true.result.issue_date
    proof, at = read.evidence["/totals/gross"], true.evidence["/totals/gross"]
    assert proof.origin == "ocr"
    x, y = middle(at.boxes[0])
    angle = math.radians(turned)
    page = printed.pages[0]
    across, down = (x - 0.5) * page.width, (y - 0.5) * page.height
    sideways = turned in (90, 270)
    width, height = (page.height, page.width) if sideways else (page.width, page.height)
    shown = (
        0.5 + (across * math.cos(angle) - down * math.sin(angle)) / width,
        0.5 + (across * math.sin(angle) + down * math.cos(angle)) / height,
    )
    assert middle(proof.boxes[0]) == pytest.approx(shown, abs=0.02)
    assert (answer.pages[0].width > answer.pages[0].height) == sideways


def without_page_two(data):
    """Return a PDF of two pages, the reference to the second leading nowhere."""
    lost = re.sub(rb"(/Kids \[ \d+ 0 R )\d+ 0 R ", rb"\g<1>99 0 R", data)
    assert lost != data
    assert len(lost) == len(data)
    return lost


def middle(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_a_scanned_pdf_is_read_and_its_empty_page_is_told(printed):
    empty = Image.new("L", (1240, 1754), 250)
    answer = extract(as_pdf(a_scan(), empty))
    assert answer.invoices[0].result.totals.gross == printed.invoices[0].result.totals.gross
    assert [page.status for page in answer.pages] == ["read", "blank"]


@pytest.mark.parametrize("kind", ["black", "grey", "noise", "dust"])
def test_a_picture_that_shows_nothing_is_blank_and_no_value_is_invented(kind):
    rng = np.random.default_rng(2)
    grey = {
        "black": lambda: np.clip(rng.normal(5, 3, (1100, 800)), 0, 255),
        "grey": lambda: np.clip(rng.normal(210, 12, (1100, 800)), 0, 255),
        "noise": lambda: rng.integers(0, 256, (1100, 800)),
        "dust": lambda: np.where(rng.random((1100, 800)) < 0.002, 0, 245),
    }[kind]()
    with pytest.raises(BlankDocument):
        extract(as_file(Image.fromarray(grey.astype(np.uint8)), "PNG"))


def test_pages_with_text_are_not_recognised(monkeypatch):
    monkeypatch.setattr(ocr, "get_backend", lambda: pytest.fail("OCR was asked for"))
    answer = extract(FILES / "invoice-en.pdf")
    assert answer.invoices[0].evidence["/totals/gross"].origin == "text"


def test_a_page_that_fails_costs_only_itself(printed, monkeypatch):
    backend = ocr.get_backend()
    calls: list[int] = []

    def fails_first(raster: Raster) -> Recognised:
        calls.append(1)
        if len(calls) == 1:
            raise ReaderCrashed("The process that read the file died of it.")
        return backend(raster)

    monkeypatch.setattr(ocr, "get_backend", lambda: fails_first)
    answer = extract(as_pdf(a_scan(), a_scan()))
    assert [page.status for page in answer.pages] == ["unreadable", "read"]
    assert answer.invoices[0].result.totals.gross == printed.invoices[0].result.totals.gross
    assert any("Page 1 was not read" in warning for warning in answer.warnings)
    (told,) = [check for check in answer.invoices[0].checks if check.id == "page_unreadable"]
    assert (told.status, told.found) == ("fail", "1")
    assert answer.invoices[0].needs_review


def test_pages_that_ocr_does_not_come_to_in_time_are_told(printed, monkeypatch):
    backend = ocr.get_backend()

    def slow(raster: Raster) -> Recognised:
        time.sleep(1.0)
        return backend(raster)

    monkeypatch.setattr(ocr, "get_backend", lambda: slow)
    limits = Limits(max_ocr_seconds=1.0)
    answer = extract(as_pdf(a_scan(), a_scan(), a_scan()), Options(limits=limits))
    assert [page.status for page in answer.pages] == ["read", "unreadable", "unreadable"]
    assert answer.invoices[0].result.totals.gross == printed.invoices[0].result.totals.gross
    (told,) = [check for check in answer.invoices[0].checks if check.id == "page_unreadable"]
    assert told.found == "2, 3"
    assert sum("took longer than 1 seconds" in warning for warning in answer.warnings) == 2


def test_where_no_page_could_be_read_the_reason_is_told(monkeypatch):
    def fails(raster: Raster) -> Recognised:
        raise ReaderCrashed("The process that read the file died of it.")

    monkeypatch.setattr(ocr, "get_backend", lambda: fails)
    with pytest.raises(ReaderCrashed):
        extract(as_pdf(a_scan()))


def test_a_damaged_page_beside_an_empty_one_is_not_called_blank():
    empty = Image.new("L", (600, 800), 250)
    with pytest.raises(PageUnreadable):
        extract(without_page_two(as_pdf(empty, empty)))


def test_without_ocr_the_pages_with_text_are_still_read(monkeypatch):
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    mixed = BytesIO()
    with (
        pikepdf.open(FILES / "invoice-en.pdf") as document,
        pikepdf.open(BytesIO(as_pdf(a_scan()))) as scan,
    ):
        document.pages.append(scan.pages[0])
        document.save(mixed)
    answer = extract(mixed.getvalue())
    assert [page.status for page in answer.pages] == ["read", "unreadable"]
    assert any("OCR is not installed" in warning for warning in answer.warnings)
    assert "page_unreadable" in {check.id for check in answer.invoices[0].checks}


def test_a_document_that_needs_ocr_is_put_off_where_that_is_asked_for():
    with pytest.raises(OcrDeferred) as told:
        extract(as_pdf(a_scan(), a_scan()), defer_ocr=True)
    assert told.value.pages == 2
    for name in ("invoice-en.pdf", "factur-x-de.pdf", "invoice-ubl.xml"):
        assert extract(FILES / name, defer_ocr=True).invoices


def test_without_ocr_nothing_is_put_off(monkeypatch):
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(NoEngineConfigured):
        extract(as_pdf(a_scan()), defer_ocr=True)


def test_a_models_answer_is_never_thrown_away_for_ocr():
    with StandIn() as stand_in:
        stand_in.script = [says(json.dumps(answer(invoice(invoice_number="INV-7"))))]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        read = extract(as_pdf(a_scan()), Options(model=model), defer_ocr=True)
        assert stand_in.calls == 1
    assert "llm" in {attempt.engine for attempt in read.attempts}


def test_progress_tells_the_place_of_each_page_that_is_recognised(monkeypatch):
    monkeypatch.setattr(ocr, "get_backend", lambda: lambda raster: Recognised((), 0.0))
    mixed = BytesIO()
    with (
        pikepdf.open(FILES / "invoice-en.pdf") as document,
        pikepdf.open(BytesIO(as_pdf(a_scan(), a_scan()))) as scans,
    ):
        document.pages.extend(scans.pages)
        document.save(mixed)
    told = []
    extract(mixed.getvalue(), progress=lambda *step: told.append(step))
    assert told == [
        ("reading", None, 0),
        ("reading", 2, 3),
        ("reading", 3, 3),
        ("checking", None, 3),
    ]
