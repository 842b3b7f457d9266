"""Invoices as an Excel workbook: a sheet each for invoices, lines, taxes and checks that failed."""

import tempfile
from collections.abc import Generator, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from invoice_extraction.export.base import Entry
from invoice_extraction.export.csv import is_formula
from invoice_extraction.export.tables import (
    CHECKS,
    INVOICES,
    LINES,
    TAXES,
    Cell,
    Column,
    Table,
    opened,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ROWS = 1_048_576
"""Of a sheet; what is more stands on a second one."""

_LONGEST = 32_767
"""Characters of a cell."""

_CUT = "… (cut)"
"""Ends a text that was longer."""

_DIGITS = 15
"""That a number of Excel's holds exactly; one with more is written as text."""

_EARLIEST = date(1900, 3, 1)
"""Excel counts days from 1900, with a 29th of February that never was; what is before is written as text."""

_PIECE = 65_536


def write(entries: Iterable[Entry]) -> Generator[bytes, None, None]:
    """Return the workbook. Dates are dates and numbers numbers; texts are never formulas.

    It is made on disk, in the folder for temporary files, and begins when it is whole.
    """
    from xlsxwriter import (
        Workbook,
    )  # the API process writes one now and then, and loads it only then

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile(dir=folder) as file:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        try:
            sheets = [_Sheet(book, table) for table in (INVOICES, LINES, TAXES, CHECKS)]
            for entry in entries:
                found = opened(entry)
                for sheet in sheets:
                    for row in sheet.table.rows(found):
                        sheet.write(row)
            for sheet in sheets:
                sheet.finish()
            book.close()
        finally:
            book.fileclosed = True  # or its end would write what was left half-way
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


class _Sheet:
    """A table on one sheet, or on as many as its rows need."""

    def __init__(self, book: "Workbook", table: Table) -> None:
        self.table = table
        self._book = book
        self._heading = book.add_format({"bold": True, "bottom": 1})
        self._quoted = book.add_format({"quote_prefix": True})
        self._formats = {
            "amount": book.add_format({"num_format": "#,##0.00######"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._parts = 0
        self._begin()

    def _begin(self) -> None:
        self._parts += 1
        name = self.table.name if self._parts == 1 else f"{self.table.name} {self._parts}"
        self._sheet: Any = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self.table.columns):
            self._sheet.set_column(place, place, _width(column))
            self._sheet.write_string(0, place, column.name, self._heading)
        self._row = 1

    def write(self, row: list[Cell]) -> None:
        """Write the next row."""
        if self._row == ROWS:
            self.finish()
            self._begin()
        for place, (cell, column) in enumerate(zip(row, self.table.columns, strict=True)):
            if cell is not None:
                self._write_cell(place, cell, column.kind)
        self._row += 1

    def _write_cell(self, place: int, cell: str | bool, kind: str) -> None:
        sheet, row = self._sheet, self._row
        if isinstance(cell, bool):
            sheet.write_boolean(row, place, cell)
        elif kind in {"amount", "number"} and _is_exact(cell):
            sheet.write_number(row, place, float(cell), self._formats.get(kind))
        elif kind == "date" and (day := date.fromisoformat(cell)) >= _EARLIEST:
            sheet.write_datetime(row, place, day, self._formats[kind])
        elif kind == "instant":
            instant = datetime.fromisoformat(cell).astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, place, instant, self._formats[kind])
        else:
            if len(cell) > _LONGEST:
                cell = cell[: _LONGEST - len(_CUT)] + _CUT
            # a text is one, whatever it begins with; quoted it stays one when it is edited
            sheet.write_string(row, place, cell, self._quoted if is_formula(cell) else None)

    def finish(self) -> None:
        """Let the rows be filtered by their columns."""
        self._sheet.autofilter(0, 0, self._row - 1, len(self.table.columns) - 1)


def _is_exact(number: str) -> bool:
    """Return whether Excel keeps the number as it is."""
    return len(number.lstrip("-0.").replace(".", "")) <= _DIGITS


def _width(column: Column) -> int:
    """Return the width of a column, in characters."""
    if column.name.rpartition(".")[2] in {"name", "description", "message"}:
        return 40
    return min(max(len(column.name) + 2, 12), 24)
