import json
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

import invoice_extraction
from invoice_extraction import ModelOptions, Options, errors, extract
from invoice_extraction.engines import ENGINES, get_engine, readiness
from invoice_extraction.errors import (
    EmptyFile,
    FileTooLarge,
    NoEngineConfigured,
    OptionError,
    UnsupportedType,
)
from invoice_extraction.intake import READERS
from invoice_extraction.intake.combined import combine
from invoice_extraction.model.options import Limits
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, StandIn, says
from tests.servers import ROOT

FILES = ROOT / "samples" / "files"
TRUTH = json.loads((FILES / "truth.json").read_text())


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("name", ["factur-x-de.pdf", "invoice-ubl.xml"])
def test_an_e_invoice_is_read_exactly(name, isolate):
    told = extract((FILES / name).read_bytes(), Options(isolate=isolate))
    (read,) = told.invoices
    truth = TRUTH[name]
    result = read.result.model_dump(mode="json")
    assert told.engine == "einvoice"
    for field in ("invoice_number", "issue_date", "due_date", "currency"):
        assert result[field] == truth.get(field)
    assert result["seller"]["name"] == truth["seller"]["name"]
    assert result["totals"]["gross"] == truth["totals"]["gross"]
    assert [line["net_amount"] for line in result["lines"]] == [
        line["net_amount"] for line in truth["lines"]
    ]
    assert read.evidence["/totals/gross"].origin == "xml"
    assert not [check for check in read.checks if check.status == "fail"]


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("name", ["invoice-en.pdf", "rechnung-de.pdf", "credit-note-en.pdf"])
def test_a_pdf_with_text_is_read_with_no_key_and_each_value_has_its_place(name, isolate):
    told = extract(FILES / name, Options(isolate=isolate))
    (read,) = told.invoices
    truth = TRUTH[name]
    result = read.result.model_dump(mode="json")
    assert told.engine == "layout"
    assert result["document_type"] == truth["document_type"]
    assert result["invoice_number"] == truth["invoice_number"]
    assert result["issue_date"] == truth["issue_date"]
    assert result["currency"] == truth["currency"]
    assert result["totals"]["gross"] == truth["totals"]["gross"]
    gross = read.evidence["/totals/gross"]
    assert (gross.origin, gross.page) == ("text", 1)
    assert gross.boxes


def test_a_model_reads_what_is_no_e_invoice_and_its_values_are_located():
    truth = TRUTH["invoice-en.pdf"]
    with StandIn() as stand_in:
        told = answer(invoice(invoice_number=truth["invoice_number"], total="999,999.99"))
        stand_in.script = [says(json.dumps(told))]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        extraction = extract(FILES / "invoice-en.pdf", Options(model=model, engine="llm"))
        assert extract(FILES / "factur-x-de.pdf", Options(model=model)).engine == "einvoice"
        assert stand_in.calls == 1
    (read,) = extraction.invoices
    assert extraction.usage.calls == 1
    number, gross = read.evidence["/invoice_number"], read.evidence["/totals/gross"]
    assert (number.origin, number.page) == ("text", 1)
    assert (gross.origin, gross.boxes, gross.level) == ("model", (), "low")
    assert read.needs_review


def sent(request: dict) -> list[str]:
    """Return the media types of the files in a request to the model, and the texts between them."""
    parts = request["body"]["contents"][0]["parts"]
    return [
        part["inlineData"]["mime_type"] if "inlineData" in part else part["text"] for part in parts
    ]


@pytest.mark.parametrize("isolate", [False, True])
def test_a_model_is_shown_pages_where_it_is_not_sent_the_file(isolate):
    scan = Image.open(FILES / "receipt-photo-de.jpg").convert("L")
    two = BytesIO()
    scan.save(two, "TIFF", save_all=True, append_images=[scan])
    with StandIn() as stand_in:
        stand_in.script = [says(json.dumps(answer(invoice(invoice_number="1"))))]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        options = Options(model=model, isolate=isolate)
        extract(two.getvalue(), options)
        extract(two.getvalue(), replace(options, pages="2"))
        extract(FILES / "invoice-en.pdf", replace(options, pages="1"))
        extract(FILES / "invoice-en.pdf", options)
        both, second, page, file = map(sent, stand_in.requests)
    picture = both[1]
    assert picture in ("image/png", "image/jpeg")
    assert both[:4] == ["Page 1:", picture, "Page 2:", picture]
    assert second[:2] == ["Page 2:", picture]
    assert page[0] == "Page 1:"
    assert file[0] == "application/pdf"


def test_a_model_that_finds_no_invoice_says_what_it_is():
    with StandIn() as stand_in:
        stand_in.script = [says(json.dumps(answer(document_type="other")))]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        extraction = extract(FILES / "invoice-en.pdf", Options(model=model))
    (read,) = extraction.invoices
    assert read.result.document_type == "other"
    assert "not_an_invoice" in [check.id for check in read.checks if check.status == "fail"]
    assert read.needs_review


def test_a_picture_without_ocr_and_without_a_model_says_what_to_set(monkeypatch):
    monkeypatch.setattr("invoice_extraction.ocr.is_installed", lambda: False)
    picture = BytesIO()
    Image.linear_gradient("L").save(picture, "PNG")
    with pytest.raises(NoEngineConfigured, match=r".") as told:
        extract(picture.getvalue())
    assert "GEMINI_API_KEY" in told.value.hint
    assert "invoice-extraction[ocr]" in told.value.hint


def test_a_broken_e_invoice_in_a_pdf_is_told_and_its_page_is_read():
    document = pikepdf.open(FILES / "invoice-en.pdf")
    document.attachments["factur-x.xml"] = b"<!DOCTYPE x><CrossIndustryInvoice/>"
    changed = BytesIO()
    document.save(changed)
    told = extract(changed.getvalue())
    (read,) = told.invoices
    assert (told.engine, [attempt.error for attempt in told.attempts]) == (
        "layout",
        ["invalid_einvoice_xml", None],
    )
    assert "einvoice_unreadable" in [check.id for check in read.checks if check.status == "fail"]
    assert read.needs_review


@pytest.mark.parametrize(
    ("data", "options", "kind"),
    [
        (b"", Options(), EmptyFile),
        (b"\x00\x01\x02", Options(), UnsupportedType),
        (b"%PDF-1.7", Options(limits=Limits(max_bytes=3)), FileTooLarge),
        (b"%PDF-1.7", Options(engine="none"), OptionError),
    ],
)
def test_what_cannot_be_read_has_its_own_error(data, options, kind):
    with pytest.raises(kind):
        extract(data, options)


def test_combined_pictures_have_the_same_limit_from_a_path(tmp_path):
    photo = (FILES / "receipt-photo-de.jpg").read_bytes()
    data = combine([photo, photo])
    (tmp_path / "both").write_bytes(data)
    limits = Limits(max_bytes=len(data) - 1)
    told = extract(tmp_path / "both", Options(limits=limits, pages="1"))
    assert told.invoices == extract(data, Options(limits=limits, pages="1")).invoices
    with pytest.raises(errors.FileTooLarge):
        extract(tmp_path / "both", Options(limits=replace(limits, max_combined=len(data) - 1)))


def test_the_local_engine_says_who_reads_xml():
    with pytest.raises(errors.NoEngineConfigured) as told:
        extract(FILES / "invoice-ubl.xml", Options(engine="layout"))
    assert "einvoice" in told.value.hint


def test_a_path_that_is_too_large_is_never_read(tmp_path):
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(FileTooLarge):
        extract(path)


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_can_be_got(name):
    assert callable(get_engine(name))


def test_the_model_engine_says_why_it_is_not_ready():
    told = readiness(Options())
    assert set(told) == set(ENGINES)
    assert not told["llm"].ready
    assert "GEMINI_API_KEY" in told["llm"].reason


@pytest.mark.parametrize("media_type", READERS)
def test_every_reader_can_be_imported(media_type):
    from importlib import import_module

    assert callable(import_module(READERS[media_type]).read)


def test_the_public_names_are_there():
    assert all(hasattr(invoice_extraction, name) for name in invoice_extraction.__all__)
    assert callable(invoice_extraction.extract)


def test_every_error_says_what_to_do():
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    for kind in kinds:
        assert kind.code
        assert kind.title
        assert kind.hint.endswith(".")
        assert kind.code in errors.__doc__
