"""Invoices or their lines as CSV (RFC 4180), in UTF-8 with the mark by which spreadsheets know it."""

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterable

from invoice_extraction.export.base import Entry
from invoice_extraction.export.tables import INVOICES, LINES, Cell, Table, opened

_PIECE = 65_536
"""Characters that are written at a time."""

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet begins a formula (OWASP, CSV injection), some in their wide form too."""

_NUMBER = r"[+-]\d+(?:[.,]\d+)*"
_PLAIN = re.compile(_NUMBER)

_INSIDE = re.compile(rf"(?<=[;\t\r\n])(?=[=+\-@＝＋－＠])(?!{_NUMBER}[;\t\r\n])")
"""Where a formula begins for a program that splits at semicolons or tabs, as Excel does in many countries: the
quotes of a text that does not stand behind one of these mean nothing to it, and its line breaks end a row."""


def write_invoices(entries: Iterable[Entry]) -> Generator[bytes, None, None]:
    """Return a row for each invoice."""
    return _write(entries, INVOICES)


def write_lines(entries: Iterable[Entry]) -> Generator[bytes, None, None]:
    """Return a row for each line of each invoice; an invoice without lines has none."""
    return _write(entries, LINES)


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would take the text for a formula; a signed number is none."""
    return text.startswith(STARTS) and not _PLAIN.fullmatch(text)


def _write(entries: Iterable[Entry], table: Table) -> Generator[bytes, None, None]:
    kinds = [column.kind for column in table.columns]
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow([column.name for column in table.columns])
    yield codecs.BOM_UTF8
    for entry in entries:
        for row in table.rows(opened(entry)):
            writer.writerow([_cell(*pair) for pair in zip(row, kinds, strict=True)])
        if held.tell() > _PIECE:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def _cell(cell: Cell, kind: str) -> str:
    """Return the text of a cell, with the mark of a text, ', before each place where a formula would begin."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if kind != "text":
        return cell
    inside = _INSIDE.sub("'", cell)
    return f"'{inside}" if is_formula(cell) else inside
