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
