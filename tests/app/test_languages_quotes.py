"""What a document says is quoted as it says it, in every language; only amounts are written as the reader does."""

import pytest

from app.languages import language
from app.sentences import SENTENCES
from invoice_extraction.model.extraction import Check
from tests.app.conftest import an_extraction, upload


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "For /invoice_number the e-invoice says “7301.44”, page 1 shows “7301.45”.",
            ("“7301.44”", "“7301.45”"),
        ),
        (
            "“5.618” can be 5.618 or 5618; nothing in the document tells which.",
            ("“5.618”", "5,618", "5618"),
        ),
        (
            "For /totals/gross the model read “61.20”, the local engine “61.02”.",
            ("“61.20”", "“61.02”"),
        ),
        ("The IBAN 4417.93 has wrong check digits or form.", ("4417.93",)),
        ("7.5 % of 64.00 is 4.80, the invoice says 4.90.", ("7,5 %", "64,00", "4,80", "4,90")),
    ],
)
@pytest.mark.parametrize("code", ["de", "fr", "es"])
def test_a_quoted_text_stays_as_it_is_and_an_amount_does_not(said, told, code):
    text = language(code).told(said).translate({ord(mark): "“" for mark in "„«"})
    text = text.replace("“\N{NO-BREAK SPACE}", "“").replace("\N{NARROW NO-BREAK SPACE}", "")
    assert language(code).has(said)
    for part in told:
        assert part.strip("“”") in text


def test_a_text_that_no_form_knows_stays_as_it_is():
    assert language("de").told("7301.44") == "7301.44"


def test_a_sentence_that_is_very_long_is_not_looked_for_among_the_forms():
    long = "“" + "x” can be y or " * 200 + "z; nothing in the document tells which."
    assert not language("de").has(long)
    assert language("de").told(long) == long


def test_every_sentence_that_is_filled_as_usual_is_short_enough():
    assert max(len(form) for form in SENTENCES) < 500


def test_what_a_check_found_is_shown_as_the_document_has_it_unless_it_is_an_amount(client, finish):
    (entry,) = upload(client).json()
    extraction = an_extraction()
    extraction.invoices[0].checks = [
        Check(
            id="engines_disagree",
            status="fail",
            message="Not the same.",
            fields=["/invoice_number"],
            expected="7301.44",
            found="7301.45",
        ),
        Check(
            id="BR-CO-15",
            status="fail",
            message="Not the same.",
            fields=["/totals/net", "/totals/gross"],
            expected="61.20",
            found="61.02",
        ),
        Check(
            id="due_date",
            status="fail",
            message="Not the same.",
            fields=["/issue_date", "/due_date"],
            expected="2026-05-04 or later",
            found="2026-05-03",
        ),
    ]
    finish(entry["task_id"], extraction)
    headers = {"Accept": "text/html", "Accept-Language": "de"}
    page = client.get(f"/documents/{entry['task_id']}", headers=headers).text
    for text in ("7301.44", "7301.45", "61,20", "61,02", "2026-05-04 oder später", "2026-05-03"):
        assert f"<bdi>{text}</bdi>" in page
