"""Every registered syntax, over the samples beside this file and their expected values."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from invoice_extraction.engines.einvoice import NAMES, SYNTAXES, get_syntax
from invoice_extraction.engines.einvoice.engine import read, root_name
from invoice_extraction.engines.einvoice.paths import DATES, ELSEWHERE, NUMBERS, Table
from invoice_extraction.errors import InvalidEInvoiceXML
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import Reading
from invoice_extraction.normalise import normalise
from invoice_extraction.validate import validate

SAMPLES = sorted(Path(__file__).parents[2].glob("data/einvoice/*.xml"))
TABLES = sorted(set(NAMES.values()))
ACCOUNT = re.compile(r"/instalments/-/(?!due_date|amount)(\w+)$")


def document(path: Path) -> Document:
    data = path.read_bytes()
    return Document("application/xml", data, xml=(Attachment(None, data),))


def reading(path: Path) -> Reading:
    return read(document(path), Options())


def proven(path: Path) -> ExtractedInvoice:
    [invoice] = normalise(reading(path), document(path), Options())
    return validate(invoice, threshold=0.8)


@pytest.mark.parametrize("name", TABLES)
def test_every_syntax_has_a_sample(name: str) -> None:
    assert name in {NAMES.get(root_name(path.read_bytes()) or "") for path in SAMPLES}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_to_the_last_digit(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())
    found = reading(path)
    [invoice] = found.invoices
    assert found.engine == "einvoice"
    assert found.syntax == expected["syntax"]
    assert {k: v.canonical for k, v in sorted(invoice.values.items())} == expected["values"]
    assert sorted(k for k, v in invoice.values.items() if v.origin != "xml") == expected["derived"]
    assert [[left.path, left.value] for left in invoice.unmapped] == expected["unmapped"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_is_read_fits_the_invoice_and_its_sums_hold(path: Path) -> None:
    invoice = proven(path)
    assert [check.message for check in invoice.checks if check.status == "fail"] == [
        "The seller has no identifier, no registration and no tax number."
        for _ in range(path.stem == "ubl_credit_note")
    ]
    expected = json.loads(path.with_suffix(".json").read_text())["values"]
    assert set(expected) == set(invoice.evidence)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_is_shown_by_a_sample(name: str) -> None:
    table: Table = import_module(f"invoice_extraction.engines.einvoice.{name}").TABLE
    pointers = {row if isinstance(row, str) else row[0] for row in table.values()}
    shown = {
        re.sub(r"/\d+", "/-", pointer)
        for path in SAMPLES
        for pointer, value in reading(path).invoices[0].values.items()
        if reading(path).syntax == name and value
    }
    # Parts of a line's discount are told as the discount; each party has the fields of all.
    told = {p for p in pointers if "/allowances/-" not in p and "/charges/-" not in p}
    told = {p for p in told if not p.startswith(("/buyer/", "/payee/", "/delivery_party/"))}
    # Some are seen together with others before they are told.
    told = {p for p in told if p.startswith("/")}
    told -= {"/lines/-/price_with_tax", "/lines/-/rounding", "/payment/instalments", "/notes"}
    # The lines of an order tell those of the invoice; an instalment's account is one of the accounts.
    told -= {"/orders/-/line", "/orders/-/item", "/correction_method", ELSEWHERE}
    told = {p for p in told if not p.startswith("/lines/-/taxes/-")}
    told = {ACCOUNT.sub(r"/accounts/-/\1", p) for p in told}
    assert {p for p in told if p and not p.endswith("/-")} <= shown


@pytest.mark.parametrize("root", [root for root in SYNTAXES if root != "Invoice"])
def test_an_empty_document_of_a_syntax_reads_as_nothing_but_its_type(root: str) -> None:
    space, _, local = root.rpartition("}")
    element = parse(f'<{local} xmlns="{space[1:]}"/>'.encode(), Limits())
    [invoice] = get_syntax(root)(element)
    assert set(invoice.values) <= {"/document_type"}


def test_an_invoice_of_no_namespace_is_isdoc_only_where_it_says_so() -> None:
    with pytest.raises(InvalidEInvoiceXML, match="an Invoice"):
        get_syntax("Invoice")(parse(b"<Invoice><ID>1</ID></Invoice>", Limits()))


def test_a_name_is_given_for_every_syntax() -> None:
    assert set(NAMES) == set(SYNTAXES)


def test_numbers_and_dates_are_the_ones_of_the_model() -> None:
    numbers, dates = set[str](), set[str]()
    seen = set[type[BaseModel]]()

    def visit(model: type[BaseModel]) -> None:
        if model in seen:
            return
        seen.add(model)
        for name, field in model.model_fields.items():
            told = str(field.annotation)
            numbers.update([name] if "Decimal" in told else [])
            dates.update([name] if "datetime.date" in told else [])
            inner: list[Any] = [field.annotation, *get_args(field.annotation)]
            for kind in [*inner, *(part for one in inner for part in get_args(one))]:
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    visit(kind)

    visit(Invoice)
    assert numbers == NUMBERS
    assert dates == DATES
