"""A table of totals over many pages: each total is tried with few of the taxes, so the work grows with it."""

import sys
from dataclasses import replace
from types import FrameType
from typing import Any

from invoice_extraction.engines.layout import decode, ties
from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
from tests.engines.layout.paper import Line, document

ROWS = 65


def table(pages: int) -> Document:
    """Return pages of rows under "Total", "Discount" and "Tax", each amount another one."""
    found = []
    for number in range(1, pages + 1):
        lines: list[Line] = [(40, 40, f"Invoice 2026-{number}")]
        lines += [(100 + 110 * n, 60, head) for n, head in enumerate(("Total", "Discount", "Tax"))]
        for row in range(ROWS):
            at = (number * ROWS + row) * 3
            lines.append((40, 72 + 11 * row, f"Article{row}"))
            lines += [
                (100 + 110 * n, 72 + 11 * row, f"{300 + (at + n) * 7}.{(at + n) % 89 + 10}")
                for n in range(3)
            ]
        [page] = document(*lines).pages
        found.append(replace(page, number=number))
    return Document("application/pdf", b"", tuple(found))


def steps(paper: Document) -> int:
    """Return how many lines of the choice of sums run for a document."""
    count = 0
    files = {decode.__file__, ties.__file__}

    def trace(frame: FrameType, event: str, told: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in files:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read(paper, Options())
    finally:
        sys.settrace(before)
    return count


def test_twice_as_many_totals_take_about_twice_the_work() -> None:
    assert steps(table(10)) < 2.5 * steps(table(5))
