"""E-invoices inside PDFs, beside the page that people see."""

import json
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from random import Random

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction import ModelOptions, Options, extract
from invoice_extraction.errors import EngineRateLimited, EngineTimeout
from invoice_extraction.extract import OcrDeferred
from invoice_extraction.intake import open_document
from samples import camera, facts, wording
from samples.formats import facturx, pdf
from samples.layouts import LAYOUTS
from samples.pictures import PICTURES
from samples.regions import REGIONS
from samples.wear import CAPTURES
from tests.engines.llm.answers import answer, invoice, line, party
from tests.engines.llm.stand_in import KEY, StandIn, fails, says
from tests.servers import ROOT

CHECK = "xml_differs_from_page"
SYNTAXES = sorted((ROOT / "tests" / "data" / "einvoice").glob("*.xml"))


def drawn_up(seed=3, region="DE", kind="invoice", lines=None):
    """Return an invoice and how it is worded; `lines` repeats its lines up to so many."""
    rng = Random(seed)
    made = facts.draw_up(rng, REGIONS[region], kind)
    manner = wording.choose(rng, REGIONS[region])
    if lines:
        many = [made.lines[n % len(made.lines)] for n in range(lines)]
        numbered = [one.model_copy(update={"id": str(n)}) for n, one in enumerate(many, 1)]
        made = made.model_copy(update={"lines": numbered})
    return made, manner


def written(made, manner, change=None, layout="modern"):
    """Return the PDF of an invoice whose XML says what `change` makes of it."""
    stated = change(made) if change else None
    return facturx.write(made, LAYOUTS[layout], manner, stated).data


def without_lines(made):
    """Return the invoice as the profile MINIMUM tells it: no lines, no account, no day to pay."""
    return made.model_copy(
        update={"lines": [], "taxes": [], "payment": None, "due_date": None, "notes": []}
    )


def failed(found, check=CHECK):
    (one,) = found.invoices
    return [c for c in one.checks if c.id == check and c.status == "fail"]


def rewritten(data, change):
    document = pikepdf.open(BytesIO(data))
    change(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def turned(data, degrees):
    def turn(document):
        for page in document.pages:
            page.Rotate = degrees

    return rewritten(data, turn)


def over_first_page(data, draw):
    """Return the PDF with something drawn over its first page."""

    def put(document):
        layer = BytesIO()
        box = document.pages[0].mediabox
        canvas = Canvas(layer, pagesize=(float(box[2]), float(box[3])))
        draw(canvas)
        canvas.save()
        with pikepdf.open(layer) as drawn:
            document.pages[0].add_overlay(drawn.pages[0])

    return rewritten(data, put)


@pytest.mark.parametrize("isolate", [False, True])
def test_a_value_of_the_xml_is_shown_on_its_page_and_stays_the_xmls(isolate):
    made, manner = drawn_up()
    sample = facturx.write(made, LAYOUTS["modern"], manner)
    (one,) = extract(sample.data, Options(isolate=isolate)).invoices
    for pointer in ("/invoice_number", "/issue_date", "/totals/gross", "/lines/0/net_amount"):
        found = one.evidence[pointer]
        assert (found.origin, found.page, found.confidence) == ("xml", 1, 1.0)
        x, y = [(found.boxes[0][n] + found.boxes[0][n + 2]) / 2 for n in (0, 1)]
        mentions = sample.places[pointer]
        assert any(
            box[0] - 0.01 <= x <= box[2] + 0.01 and box[1] - 0.01 <= y <= box[3] + 0.01
            for mention in mentions
            for box in mention.boxes
        ), pointer
    assert one.evidence["/payment/accounts/0/iban"].text.count(" ") >= 1
    assert not one.needs_review


@pytest.mark.parametrize("kind", facturx.DIFFERENCES)
@pytest.mark.parametrize(
    ("region", "layout", "seed"), [("DE", "modern", 3), ("AT", "letter", 5), ("GB", "ruled", 11)]
)
def test_what_the_page_says_otherwise_is_told_with_both_values(kind, region, layout, seed):
    made, manner = drawn_up(seed, region)
    change = facturx.DIFFERENCES[kind]
    if change(made) == made:
        pytest.skip("the invoice has no such value")
    assert not failed(extract(written(made, manner, layout=layout)))
    found = extract(written(made, manner, change, layout))
    (one,) = found.invoices
    assert found.engine == "einvoice"
    told = failed(found)
    assert told
    assert one.needs_review
    for check in told:
        assert check.expected != check.found
        assert one.evidence[check.fields[0]].confidence <= 0.7
        assert one.evidence[check.fields[0]].boxes == ()
        assert check.message in one.review_reasons


def test_the_check_names_what_the_xml_says_and_what_the_page_shows():
    made, manner = drawn_up()
    (check,) = failed(extract(written(made, manner, facturx.DIFFERENCES["number"])))
    assert check.fields == ["/invoice_number"]
    assert check.expected == facturx.DIFFERENCES["number"](made).invoice_number
    assert check.found == made.invoice_number


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_compared_too(degrees):
    made, manner = drawn_up()
    (one,) = extract(turned(written(made, manner), degrees)).invoices
    upright = extract(written(made, manner)).invoices[0]
    (box,) = one.evidence["/totals/gross"].boxes
    (straight,) = upright.evidence["/totals/gross"].boxes
    if degrees == 180:
        assert box == pytest.approx(
            (1 - straight[2], 1 - straight[3], 1 - straight[0], 1 - straight[1]), abs=0.01
        )
    assert not one.needs_review
    assert failed(extract(turned(written(made, manner, facturx.DIFFERENCES["total"]), degrees)))


def test_lines_over_several_pages_are_found_on_their_own_page():
    made, manner = drawn_up(lines=80)
    sample = facturx.write(made, LAYOUTS["ruled"], manner)
    (one,) = extract(sample.data, Options(engine="einvoice")).invoices
    assert sample.pages > 1
    assert one.evidence["/lines/0/description"].page == 1
    assert one.evidence["/totals/gross"].page == sample.pages
    for n in range(80):
        told = one.evidence[f"/lines/{n}/description"]
        assert told.page in {place.page for place in sample.places[f"/lines/{n}/description"]}


def test_text_that_is_hidden_is_not_shown():
    made, manner = drawn_up()
    change = facturx.DIFFERENCES["total"]
    total = f"{change(made).totals.gross:.2f}"

    def hide(canvas):
        words = canvas.beginText(100, 100)
        words.setTextRenderMode(3)
        words.setFont("Helvetica", 10)
        words.textOut(f"{total} {total.replace('.', ',')}")
        canvas.drawText(words)

    found = extract(over_first_page(written(made, manner, change), hide))
    assert next(check.fields for check in failed(found)) == ["/totals/gross"]


def test_what_the_page_does_not_show_is_told_and_is_no_alarm():
    made, manner = drawn_up()

    def more(other):
        return other.model_copy(update={"purchase_order_reference": "PO-998877"})

    (one,) = extract(written(made, manner, more)).invoices
    (told,) = [c for c in one.checks if c.id == CHECK and c.status == "not_applicable"]
    assert "/purchase_order_reference" in told.fields
    assert one.evidence["/purchase_order_reference"].page is None
    assert not [c for c in one.checks if c.status == "fail"]


def test_pictures_are_not_recognised_for_the_comparison_and_that_is_said():
    made, manner = drawn_up()
    paper = pdf.write(made, LAYOUTS["modern"], manner)
    scan = camera.take(paper, PICTURES["scan-pdf"], CAPTURES["flatbed"].draw(Random(1)))
    stated = pikepdf.open(BytesIO(written(made, manner, facturx.DIFFERENCES["total"])))
    document = pikepdf.open(BytesIO(scan.data))
    document.attachments["factur-x.xml"] = (
        stated.attachments["factur-x.xml"].get_file().read_bytes()
    )
    out = BytesIO()
    document.save(out)
    found = extract(out.getvalue(), Options(engine="einvoice"), defer_ocr=True)
    (one,) = found.invoices
    (told,) = [check for check in one.checks if check.id == CHECK]
    assert told.status == "not_applicable"
    assert "pictures" in told.message


@pytest.mark.parametrize("path", SYNTAXES, ids=lambda path: path.stem)
def test_every_syntax_is_read_inside_a_pdf_as_it_is_alone(path):
    def attach(document):
        content = path.read_bytes()
        document.attachments["data"] = pikepdf.AttachedFileSpec(document, content)

    sheet = BytesIO()
    canvas = Canvas(sheet)
    canvas.drawString(72, 700, "Attached")
    canvas.save()
    exact = Options(engine="einvoice", compare=False)
    alone = extract(path, exact)
    inside = extract(rewritten(sheet.getvalue(), attach), exact)
    assert (inside.media_type, inside.syntax) == ("application/pdf", alone.syntax)
    assert [one.result for one in inside.invoices] == [one.result for one in alone.invoices]
    assert [one.unmapped for one in inside.invoices] == [one.unmapped for one in alone.invoices]


def test_a_bare_xml_has_no_page_to_be_compared_with():
    made, manner = drawn_up()
    stated = pikepdf.open(BytesIO(written(made, manner)))
    xml = stated.attachments["factur-x.xml"].get_file().read_bytes()
    (one,) = extract(xml).invoices
    assert CHECK not in {check.id for check in one.checks}


def test_without_the_comparison_the_pages_are_measured_and_not_read():
    made, manner = drawn_up()
    data = turned(written(made, manner, facturx.DIFFERENCES["total"]), 90)
    options = Options(compare=False)
    read, whole = open_document(data, options), open_document(data, Options())
    assert not read.has_words
    assert [(p.width, p.height) for p in read.pages] == [p.displayed_size for p in whole.pages]
    found = extract(data, options)
    assert CHECK not in {check.id for check in found.invoices[0].checks}
    assert [page.status for page in found.pages] == ["read"]


@pytest.mark.parametrize("isolate", [False, True])
def test_pages_are_read_after_all_where_the_xml_cannot_be(isolate):
    made, manner = drawn_up()

    def spoil(document):
        del document.attachments["factur-x.xml"]
        document.attachments["factur-x.xml"] = b"<unknown/>"

    data = rewritten(written(made, manner), spoil)
    found = extract(data, Options(compare=False, isolate=isolate))
    assert found.engine == "layout"
    assert found.invoices[0].result.invoice_number == made.invoice_number


@pytest.mark.parametrize("compare", [True, False])
def test_lines_that_the_xml_leaves_out_come_from_the_page_with_their_own_origin(compare):
    made, manner = drawn_up()
    found = extract(written(made, manner, without_lines), Options(compare=compare))
    (one,) = found.invoices
    assert found.engine == "einvoice"
    assert [a.engine for a in found.attempts] == ["einvoice", "layout"]
    assert [x.net_amount for x in one.result.lines] == [x.net_amount for x in made.lines]
    assert one.evidence["/lines/0/net_amount"].origin == "text"
    assert one.evidence["/lines/0/net_amount"].boxes
    assert one.evidence["/totals/gross"].origin == "xml"
    assert one.result.due_date == made.due_date
    assert one.evidence["/due_date"].origin == "text"
    assert one.result.payment.accounts[0].iban == made.payment.accounts[0].iban
    assert not [check for check in one.checks if check.status == "fail"]
    assert "no lines" in found.warnings[0]


def test_a_value_of_the_xml_is_never_replaced_by_the_pages():
    made, manner = drawn_up()

    def other(one):
        changed = facturx.DIFFERENCES["total"](without_lines(one))
        return facturx.DIFFERENCES["number"](changed)

    (one,) = extract(written(made, manner, other)).invoices
    stated = other(made)
    assert one.result.lines
    assert one.result.totals.gross == stated.totals.gross
    assert one.result.invoice_number == stated.invoice_number
    assert {pointer for check in failed_of(one) for pointer in check.fields} >= {
        "/totals/gross",
        "/invoice_number",
    }


def failed_of(one):
    return [check for check in one.checks if check.id == CHECK and check.status == "fail"]


def test_an_e_invoice_alone_is_asked_for_and_nothing_is_filled():
    made, manner = drawn_up()
    found = extract(written(made, manner, without_lines), Options(engine="einvoice"))
    (one,) = found.invoices
    assert one.result.lines == []
    assert {evidence.origin for evidence in one.evidence.values()} == {"xml"}
    assert [a.engine for a in found.attempts] == ["einvoice"]


def test_missing_lines_come_from_the_model_where_one_is_set():
    made, manner = drawn_up()
    lines = [
        line(description=one.description, amount=f"{one.net_amount:.2f}") for one in made.lines
    ]
    lines[0]["description"] = "Something else"
    told = answer(
        invoice(
            invoice_number=made.invoice_number,
            currency="EUR",
            issue_date_text=made.issue_date.isoformat(),
            seller=party(name=made.seller.name),
            buyer=party(name="Somebody else"),
            subtotal=f"{made.totals.net:.2f}",
            tax_total=f"{made.totals.tax:.2f}",
            total=f"{made.totals.gross:.2f}",
            lines=lines,
        )
    )
    data = written(made, manner, without_lines)
    with StandIn() as stand_in:
        stand_in.script = [says(json.dumps(told))] * 2
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        found = extract(data, Options(model=model))
        whole = extract(written(made, manner), Options(model=model))
        asked = stand_in.calls
    (one,) = found.invoices
    assert (found.engine, found.model) == ("einvoice", "google:gemini-3.8-flash")
    assert [a.engine for a in found.attempts][:2] == ["einvoice", "llm"]
    assert one.result.buyer.name == made.buyer.name
    assert one.result.lines[0].description == "Something else"
    assert len(one.result.lines) == len(made.lines)
    assert one.evidence["/lines/0/description"].origin == "model"
    assert [c.fields for c in failed(found, "not_found_on_page")] == [["/lines/0/description"]]
    assert found.usage.calls == asked
    assert (whole.model, whole.usage.calls) == (None, 0)


def test_a_model_that_fails_leaves_the_e_invoice_as_it_is():
    made, manner = drawn_up()
    with StandIn() as stand_in:
        stand_in.script = [fails(401, "API key not valid", "UNAUTHENTICATED")]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        options = Options(model=model)
        found = extract(written(made, manner, without_lines), options)
        filled = extract(written(made, manner, without_lines), replace(options, fallback=True))
    assert [a.error for a in found.attempts] == [None, "engine_auth"]
    assert found.invoices[0].result.totals.gross == made.totals.gross
    assert found.invoices[0].result.lines == []
    assert "no other engine" in found.warnings[-1]
    assert [a.engine for a in filled.attempts] == ["einvoice", "llm", "layout"]
    assert len(filled.invoices[0].result.lines) == len(made.lines)


def test_whoever_can_wait_for_a_model_is_told_that_it_is_away():
    made, manner = drawn_up()
    data = written(made, manner, without_lines)
    with StandIn() as stand_in:
        stand_in.script = [fails(429, "RESOURCE_EXHAUSTED", retry="41s")]
        model = ModelOptions(
            model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url
        )
        with pytest.raises(EngineRateLimited):
            extract(data, Options(model=model), passing=(EngineRateLimited,))
        other = extract(data, Options(model=model), passing=(EngineTimeout,))
        local = extract(data, Options(model=model, fallback=True), passing=(EngineRateLimited,))
    assert other.invoices[0].result.lines == []
    assert len(local.invoices[0].result.lines) == len(made.lines)


def test_a_scan_is_recognised_for_the_lines_that_its_xml_leaves_out():
    pytest.importorskip("rapidocr")
    made, manner = drawn_up()
    paper = pdf.write(made, LAYOUTS["modern"], manner)
    scan = camera.take(paper, PICTURES["scan-pdf"], CAPTURES["flatbed"].draw(Random(1)))
    stated = pikepdf.open(BytesIO(written(made, manner, without_lines)))

    def attach(document):
        document.attachments["factur-x.xml"] = (
            stated.attachments["factur-x.xml"].get_file().read_bytes()
        )

    data = rewritten(scan.data, attach)
    with pytest.raises(OcrDeferred):
        extract(data, defer_ocr=True)
    found = extract(data)
    (one,) = found.invoices
    assert [a.engine for a in found.attempts] == ["einvoice", "layout"]
    assert one.result.totals.gross == made.totals.gross
    assert one.evidence["/lines/0/net_amount"].origin == "ocr"
    assert len(one.result.lines) == len(made.lines)


def test_a_credit_note_written_with_minus_signs_gets_lines_with_them():
    made, manner = drawn_up(kind="credit_note")

    def minus(value):
        return None if value is None else -value

    def stated(one):
        sums = one.totals
        names = ("lines_net", "net", "tax", "gross", "amount_due")
        totals = sums.model_copy(update={name: minus(getattr(sums, name)) for name in names})
        return without_lines(one).model_copy(update={"type_code": "380", "totals": totals})

    (one,) = extract(written(made, manner, stated, "letter")).invoices
    assert one.result.totals.gross == -made.totals.gross
    signs = {line.net_amount < Decimal(0) for line in one.result.lines if line.net_amount}
    assert signs <= {made.lines[0].net_amount > 0}
