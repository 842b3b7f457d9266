"""What the review page says of a value: the same as what the answer says of the document."""

import pytest

from app.languages import Language
from app.routes.pages.review import views_of
from invoice_extraction.model.extraction import (
    Check,
    Evidence,
    ExtractedInvoice,
    Extraction,
    level_of,
)
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.validate.corrected import corrected


@pytest.mark.parametrize(
    ("reasons", "state"), [(["The gross total is not certain."], "look"), ([], "checked")]
)
def test_a_value_that_the_answer_calls_uncertain_is_to_be_looked_at_however_sure_it_seems(
    reasons: list[str], state: str
) -> None:
    sums = Check(id="BR-CO-15", status="pass", message="It fits.", fields=("/totals/gross",))
    read = ExtractedInvoice(
        result=Invoice.model_validate({"totals": {"gross": "84.00"}}),
        evidence={
            "/totals/gross": Evidence(
                origin="text", text="84.00", page=1, confidence=0.95, level=level_of(0.95)
            )
        },
        checks=[sums],
        needs_review=bool(reasons),
        review_reasons=reasons,
    )
    extraction = Extraction(media_type="application/pdf", engine="layout", invoices=[read])
    [view] = views_of(extraction, None, Language("en"))
    [gross] = [field for field in view.fields if field.pointer == "/totals/gross"]
    assert gross.state == state


def _of_lines(*lines: dict[str, str]) -> ExtractedInvoice:
    """Return an invoice whose values were all read from a page, each where its text says."""
    result = Invoice.model_validate({"lines": lines})
    evidence = {
        f"/lines/{n}/{name}": Evidence(
            origin="text",
            text=f"{value} as printed",
            page=1,
            boxes=((0.1, 0.1 + n / 10, 0.3, 0.15 + n / 10),),
            confidence=0.95,
            level="high",
        )
        for n, line in enumerate(lines)
        for name, value in line.items()
    }
    return ExtractedInvoice(result=result, evidence=evidence)


def test_a_line_that_is_moved_and_changed_shows_its_own_reading_and_no_other_lines() -> None:
    rope = {"description": "Rope", "quantity": "3", "net_amount": "27.00"}
    bell = {"description": "Bell", "quantity": "8", "net_amount": "56.00"}
    lamp = {"description": "Lamp", "quantity": "2", "net_amount": "31.00"}
    read = _of_lines(rope, bell, lamp)
    changed = [lamp | {"description": "Lantern"}, rope, bell]
    said = corrected(read, Invoice.model_validate({"lines": changed}), threshold=0.8)
    before, after = (
        Extraction(media_type="application/pdf", engine="layout", invoices=[one])
        for one in (read, said)
    )
    [view] = views_of(after, before, Language("en"))
    shown = {field.pointer: field for field in view.fields if field.pointer.startswith("/lines")}
    lantern = shown["/lines/0/description"]
    assert (lantern.source, lantern.printed, lantern.was) == ("person", "Lamp as printed", "Lamp")
    assert lantern.boxes == read.evidence["/lines/2/description"].boxes
    assert shown["/lines/0/net_amount"].source == "text"
    assert shown["/lines/1/description"].was is None


def test_a_line_that_a_person_added_shows_no_reading() -> None:
    rope = {"description": "Rope", "quantity": "3", "net_amount": "27.00"}
    bell = {"description": "Bell", "quantity": "8", "net_amount": "56.00"}
    read = _of_lines(rope, bell)
    changed = [rope, {"description": "Mast", "quantity": "8"}, bell]
    said = corrected(read, Invoice.model_validate({"lines": changed}), threshold=0.8)
    before, after = (
        Extraction(media_type="application/pdf", engine="layout", invoices=[one])
        for one in (read, said)
    )
    [view] = views_of(after, before, Language("en"))
    [mast] = [field for field in view.fields if field.pointer == "/lines/1/description"]
    assert (mast.printed, mast.was, mast.boxes) == (None, None, ())


@pytest.mark.parametrize(("boxes", "printed"), [(((0.1, 0.1, 0.2, 0.2),), "84,00 EUR"), ((), None)])
def test_what_stands_nowhere_is_not_told_as_printed(
    boxes: tuple[tuple[float, float, float, float], ...], printed: str | None
) -> None:
    read = ExtractedInvoice(
        result=Invoice.model_validate({"totals": {"gross": "84.00"}}),
        evidence={
            "/totals/gross": Evidence(
                origin="derived",
                text="84,00 EUR",
                page=1,
                boxes=boxes,
                confidence=0.95,
                level=level_of(0.95),
            )
        },
    )
    extraction = Extraction(media_type="application/pdf", engine="layout", invoices=[read])
    [view] = views_of(extraction, None, Language("en"))
    [gross] = [field for field in view.fields if field.pointer == "/totals/gross"]
    assert gross.printed == printed
