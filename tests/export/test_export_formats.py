"""What holds for every format, and what each of them writes."""

import codecs
import csv
import io
import json
import tempfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from invoice_extraction.export import FORMATS, Entry, tables, xlsx
from invoice_extraction.export.csv import is_formula
from invoice_extraction.model.extraction import ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice, Line, Party, Totals

MANY = [name for name, form in FORMATS.items() if form.many]
EMPTY = Extraction(media_type="application/pdf", engine="layout", invoices=[])


def rows_of(name: str, *entries: Entry) -> list[dict[str, str]]:
    text = b"".join(FORMATS[name].many(entries)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def book_of(*entries: Entry) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(b"".join(FORMATS["xlsx"].many(entries))))


def sheet_of(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    names, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def named(text: str) -> Entry:
    """An invoice that says the text wherever it can."""
    result = Invoice(
        invoice_number=text, seller=Party(name=text), notes=[text], lines=[Line(description=text)]
    )
    invoices = [ExtractedInvoice(result=result)]
    found = Extraction(media_type="application/pdf", engine="layout", invoices=invoices)
    return Entry.of(found, filename=text)


# ---------------------------------------------------------------- every format


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_what_it_says_it_is(name, entry):
    starts = {
        "json": b"{",
        "csv": codecs.BOM_UTF8,
        "lines": codecs.BOM_UTF8,
        "xlsx": b"PK",
        "pdf": b"%PDF",
    }
    form = FORMATS[name]
    assert form.write(entry).startswith(starts[name])
    assert form.write(Entry.of(EMPTY)).startswith(starts[name])
    assert "/" in form.media_type
    assert form.one or form.many


@pytest.mark.parametrize("name", MANY)
def test_no_document_at_all_is_a_whole_file(name):
    written = b"".join(FORMATS[name].many([]))
    assert written == b"[]\n" if name == "json" else written


@pytest.mark.parametrize("name", MANY)
def test_documents_are_taken_as_they_are_written_and_a_fault_among_them_goes_through(
    name, entry, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def failing():
        yield entry
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(FORMATS[name].many(failing()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", MANY)
def test_a_file_that_nobody_reads_to_its_end_leaves_nothing(name, entry, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pieces = FORMATS[name].many([entry] * 3)
    next(pieces)
    pieces.close()
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- JSON


def test_json_of_one_document_is_its_extraction(entry, extraction):
    assert Extraction.model_validate_json(FORMATS["json"].write(entry)) == extraction


def test_json_of_several_tells_whose_each_is(entry, extraction):
    told = json.loads(b"".join(FORMATS["json"].many([entry, entry])))
    assert len(told) == 2
    known = {"task_id": entry.task_id, "filename": entry.filename, "reference": "PO-7"}
    assert told[0] == known | {"received_at": "2026-01-31T09:30:00Z"} | extraction.model_dump(
        mode="json"
    )


# ---------------------------------------------------------------- tables


def places(model: dict, prefix: str = "") -> dict[str, object]:
    """Return every plain value of a result, with its place."""
    found = {}
    for key, value in model.items() if isinstance(model, dict) else enumerate(model):
        if isinstance(value, dict | list):
            found |= places(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


IN_JSON_ALONE = ("allowances", "charges", "instalments", "identifiers")
OF_THEIR_OWN = ("lines.", "taxes.")


def test_every_value_of_an_invoice_has_its_column_but_for_lists(entry, extraction):
    (row, empty) = rows_of("csv", entry)
    result = extraction.invoices[0].result.model_dump(mode="json")
    for place, value in places(result).items():
        if place.startswith(OF_THEIR_OWN) or any(f"{name}." in place for name in IN_JSON_ALONE):
            continue
        if place.endswith(".1") or ".1." in place:  # not the first of its list
            continue
        if place == "custom.own":
            assert json.loads(row["custom"]) == {"own": 1}
        elif place.endswith(".0"):
            assert row[place.removesuffix(".0")].splitlines()[0] == value
        else:
            assert row[place] == ("true" if value is True else value), place
    assert {v for k, v in empty.items() if k not in tables_known} == {""}


tables_known = {
    *(
        "task_id",
        "filename",
        "reference",
        "invoice",
        "received_at",
        "needs_review",
        "schema_version",
    )
}


@pytest.mark.parametrize(("name", "part"), [("Lines", "lines"), ("Taxes", "taxes")])
def test_every_value_of_a_line_and_a_tax_has_its_column(entry, extraction, name, part):
    rows = sheet_of(book_of(entry), name)
    found = getattr(extraction.invoices[0].result, part)
    assert len(rows) == len(found)
    for row, one in zip(rows, found, strict=True):
        for field, value in one.model_dump().items():
            told = row[field]
            assert (told.date() if isinstance(told, datetime) else told) == (
                float(value) if isinstance(value, Decimal) else value
            )


def test_an_invoice_is_a_row_with_what_failed(entry):
    first, second = rows_of("csv", entry)
    assert (first["task_id"], first["filename"], first["reference"]) == (
        entry.task_id,
        "Rechnung März.pdf",
        "PO-7",
    )
    assert (first["invoice"], second["invoice"]) == ("1", "2")
    assert (first["needs_review"], first["failed_checks"]) == ("true", "BR-CO-15")
    assert first["received_at"] == "2026-01-31T09:30:00+00:00"


def test_lines_tell_their_invoice_and_their_place(entry):
    rows = rows_of("lines", entry)
    assert [row["line"] for row in rows] == ["1", "2"]
    assert {row["invoice_number"] for row in rows} == {"a invoice_number"}
    assert {row["net_amount"] for row in rows} == {"-1234.50"}


def test_a_workbook_has_real_dates_and_numbers(entry):
    book = book_of(entry)
    assert book.sheetnames == ["Invoices", "Lines", "Taxes", "Checks"]
    first, second = sheet_of(book, "Invoices")
    assert first["issue_date"].isoformat() == "2026-01-31T00:00:00"
    assert first["received_at"].isoformat() == "2026-01-31T09:30:00"
    assert first["totals.gross"] == -1234.5
    assert first["needs_review"] is True
    assert second["totals.gross"] is None
    (check,) = sheet_of(book, "Checks")
    assert (check["id"], check["message"]) == ("BR-CO-15", "It does not add up.")
    assert check["fields"] == "/totals/gross"


@pytest.mark.parametrize(
    ("amount", "cell"),
    [
        ("0.10", 0.1),
        ("-5.00", -5.0),
        ("123456789012.345", 123456789012.345),
        ("12345678901234.56", "12345678901234.56"),
        ("0.0000000000000001", 1e-16),
    ],
)
def test_a_number_that_excel_cannot_hold_stays_a_text(amount, cell):
    result = Invoice(totals=Totals(gross=Decimal(amount)))
    found = Extraction(
        media_type="application/pdf", engine="layout", invoices=[ExtractedInvoice(result=result)]
    )
    (row,) = sheet_of(book_of(Entry.of(found)), "Invoices")
    assert row["totals.gross"] == cell
    assert rows_of("csv", Entry.of(found))[0]["totals.gross"] == amount


def test_a_date_before_excel_began_to_count_stays_a_text():
    result = Invoice(issue_date=date(1900, 1, 1))
    found = Extraction(
        media_type="application/pdf", engine="layout", invoices=[ExtractedInvoice(result=result)]
    )
    (row,) = sheet_of(book_of(Entry.of(found)), "Invoices")
    assert row["issue_date"] == "1900-01-01"


def test_rows_that_do_not_fit_on_a_sheet_stand_on_the_next(entry, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 4)
    book = book_of(entry, entry, entry)
    assert book.sheetnames[:4] == ["Invoices", "Lines", "Taxes", "Checks"]
    rows = sheet_of(book, "Lines") + sheet_of(book, "Lines 2")
    assert [row["line"] for row in rows] == [1, 2] * 3


# ---------------------------------------------------------------- texts are never formulas

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    "-",
    "+49 30 1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_a_formula_is_marked_in_csv(text):
    (row,) = rows_of("csv", named(text))
    marked = f"'{text[0]}'=1" if text[0].isspace() else f"'{text}"
    assert row["invoice_number"] == row["filename"] == row["notes"] == marked
    (line,) = rows_of("lines", named(text))
    assert line["description"] == marked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Acme;=HYPERLINK(A1)", "Acme;'=HYPERLINK(A1)"),
        ("Acme\t@SUM(1)\t-1+1", "Acme\t'@SUM(1)\t'-1+1"),
        ("Acme\n＝1;", "Acme\n'＝1;"),
        ("Acme;;=1", "Acme;;'=1"),
        ("Acme;-5,30;+49\n-1", "Acme;-5,30;+49\n'-1"),
        ("Acme; a=1;b-1", "Acme; a=1;b-1"),
    ],
)
def test_no_part_of_a_text_is_a_formula_where_semicolons_or_tabs_part_cells(text, marked):
    data = b"".join(FORMATS["csv"].many([named(text)])).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(data, newline=""))
    assert row["invoice_number"] == row["filename"] == marked
    for mark in (";", "\t"):
        cells = [cell for cells in csv.reader(io.StringIO(data), delimiter=mark) for cell in cells]
        assert not [cell for cell in cells if is_formula(cell.split(",")[0])]


@pytest.mark.parametrize("text", ["-5", "+49", "-1,234.50", "a=1", "1-1", "'=1"])
def test_other_texts_and_signed_numbers_are_as_they_are(text):
    assert rows_of("csv", named(text))[0]["invoice_number"] == text


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_of_a_workbook_is_a_text_and_quoted(text):
    sheet = book_of(named(text))["Invoices"]
    place = [cell.value for cell in sheet[1]].index("invoice_number")
    cell = sheet[2][place]
    assert (cell.data_type, cell.value) == ("s", text.replace("\r", "_x000D_"))
    assert cell.quotePrefix


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@example(text="_x0041_")
@example(text="\x00\x01\x1f￾￿")
@example(text=" leading and trailing ")
@settings(max_examples=60)
def test_any_text_comes_back_from_csv_and_workbook_as_it_was(text):
    (row,) = rows_of("csv", named(text))
    value = row["invoice_number"]
    assert value.replace("'", "") == text.replace("'", "")
    assert not value.startswith(("=", "@", "\t", "\r"))
    sheet = book_of(named(text))["Invoices"]
    place = [cell.value for cell in sheet[1]].index("invoice_number")
    assert sheet[2][place].data_type == "s"
    assert unescape(sheet[2][place].value) == text


def test_a_text_too_long_for_a_cell_is_cut_in_a_workbook_alone():
    long = "x" * 40_000
    (row,) = sheet_of(book_of(named(long)), "Invoices")
    assert len(row["invoice_number"]) == 32_767
    assert row["invoice_number"].endswith("xxx… (cut)")
    assert rows_of("csv", named(long))[0]["invoice_number"] == long


def test_columns_have_names_of_their_own():
    for table in (tables.INVOICES, tables.LINES, tables.TAXES, tables.CHECKS):
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
