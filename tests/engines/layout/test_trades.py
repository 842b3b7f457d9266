"""Bills of many trades and countries: a file of `trades` holds each as its words stand on paper.

A character is 5 points wide, a row 14 high. Of the names a value bears in an answer the last part stands
for it: "gross" for /totals/gross.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from tests.engines.layout.paper import A4, texts

BILLS: list[dict[str, Any]] = [
    bill
    for file in sorted((Path(__file__).parent / "trades").glob("*.toml"))
    for bill in tomllib.loads(file.read_text("utf-8"))["bill"]
]
POINTERS = {
    "number": "/invoice_number",
    "date": "/issue_date",
    "due": "/due_date",
    "currency": "/currency",
    "net": "/totals/net",
    "tax": "/totals/tax",
    "gross": "/totals/gross",
    "amount_due": "/totals/amount_due",
}


def values(page: str) -> dict[str, str]:
    words = tuple(
        Word(word[0], 40 + 5 * word.start(), y, 39.5 + 5 * word.end(), y + 8, size=9)
        for y, line in zip(range(40, 840, 14), page.strip("\n").split("\n"), strict=False)
        for word in re.finditer(r"\S+", line)
    )
    document = Document("application/pdf", b"", (Page(1, *A4, words, "text"),))
    [invoice] = read(document, Options()).invoices
    return texts(invoice.values)


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: bill["name"])
def test_sums_dates_and_number_are_read_of(bill: dict[str, Any]) -> None:
    found = values(bill["page"])
    read_of_it = {name: found.get(POINTERS[name]) for name in bill["told"]}
    assert read_of_it == bill["told"]
