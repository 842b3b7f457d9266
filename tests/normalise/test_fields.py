import pytest

from invoice_extraction.model.invoice import Invoice
from invoice_extraction.normalise import fields


@pytest.mark.parametrize(
    ("pointer", "kind"),
    [
        ("/totals/gross", "money"),
        ("/lines/12/unit_price", "money"),
        ("/lines/0/quantity", "quantity"),
        ("/lines/0/tax_rate", "percent"),
        ("/allowances/0/percent", "percent"),
        ("/issue_date", "date"),
        ("/payment/instalments/1/due_date", "date"),
        ("/issue_time", "time"),
        ("/currency", "currency"),
        ("/seller/address/country", "country"),
        ("/seller/address/lines/0", "text"),
        ("/notes/3", "text"),
        ("/payment/accounts/0/iban", "identifier"),
        ("/payment/accounts/0/holder", "text"),
        ("/document_type", "code"),
        ("/language", "code"),
        ("/prices_include_tax", "bool"),
        ("/custom/anything", "any"),
        ("/nowhere", None),
        ("/seller", None),
        ("/lines", None),
    ],
)
def test_the_kind_is_the_models(pointer: str, kind: str | None) -> None:
    assert fields.kind(pointer) == kind


def test_every_plain_field_of_the_invoice_has_a_kind() -> None:
    plain = [
        name
        for name, field in Invoice.model_fields.items()
        if field.annotation is not None and not fields.kind(f"/{name}")
    ]
    parts = {"seller", "buyer", "payee", "delivery_party", "totals", "payment", "custom", "notes"}
    lists = {"lines", "allowances", "charges", "taxes", "preceding_invoices"}
    assert set(plain) == parts | lists


@pytest.mark.parametrize(
    ("pointer", "match"),
    [
        ("/invoice_number", "whole"),
        ("/seller/tax_id", "whole"),
        ("/buyer/identifiers/0/value", "whole"),
        ("/payment/accounts/0/bic", "whole"),
        ("/lines/2/product_code", "exact"),
        ("/payment/card_last4", "exact"),
        ("/totals/gross", "exact"),
        ("/seller/name", "similar"),
        ("/lines/2/description", "similar"),
    ],
)
def test_a_fields_meaning_says_how_exactly_it_must_be_printed(pointer: str, match: str) -> None:
    assert fields.match(pointer) == match
