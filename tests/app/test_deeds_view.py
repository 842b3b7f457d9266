"""What people did, as the review page tells it."""

from datetime import UTC, datetime

import pytest

from app.languages import Language
from app.routes.pages.deeds import MOST, told
from app.routes.pages.labels import label
from service.store.people import Deed

ENGLISH = Language("en")


def changes(change) -> list[tuple[str, str | None]]:
    deed = Deed(datetime(2026, 11, 2, tzinfo=UTC), "corrected", None, 1, change)
    return [tuple(one) for one in told(deed, ENGLISH).changes]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"invoice_number": "18"}, [("Invoice number", "18")]),
        ({"seller": {"email": None}}, [("Seller · Email", None)]),
        ({"lines": {"2": {"net_amount": "5.00"}}}, [("Lines 3 · Net", "5.00")]),
        ({"lines": [{"description": "Bolt"}]}, [("Lines 1 · Description", "Bolt")]),
        ({"taxes": {"0": {"rate": "7"}}}, [("Tax 1 · Rate", "7")]),
        ({"prices_include_tax": True}, [("Prices include tax", "yes")]),
        ({"custom": {"a/b": 4}}, [("A/b", "4")]),
        ({"notes": []}, []),
        ({"evidence": {"/due_date": {"page": 2, "boxes": []}}}, [("Due date", "drawn on page 2")]),
        ({"evidence": {"/due_date": None}}, [("Due date", None)]),
        ({"evidence": None}, []),
        (None, []),
    ],
)
def test_a_change_is_told_by_what_its_values_are_called(change, expected):
    assert changes(change) == expected


def test_a_documents_number_is_called_what_the_document_is():
    kinds = ("invoice", "credit_note", "receipt", None)
    called = [label("/invoice_number", ENGLISH, kind) for kind in kinds]
    assert called == ["Invoice number", "Credit note number", "Receipt number", "Invoice number"]


def test_of_many_changes_the_first_are_told_and_the_rest_counted():
    lines = [{"description": str(n), "quantity": "1"} for n in range(MOST)]
    deed = Deed(datetime(2026, 11, 2, tzinfo=UTC), "corrected", None, 1, {"lines": lines})
    shown = told(deed, ENGLISH)
    assert (len(shown.changes), shown.more) == (MOST, MOST)
