"""How a recognised line becomes words, and which lines of a page count."""

import itertools

import numpy as np
import pytest

from invoice_extraction.errors import ReaderTimeout
from invoice_extraction.extract import extract
from invoice_extraction.ocr import rapid
from tests.ocr.scans import a_scan, as_file, as_raster


def a_line(text: str, gaps: dict[int, int]) -> tuple[rapid._Text, np.ndarray]:
    """Return a line of letters 16 pixels apart, with more pixels before those that `gaps` names."""
    picture = np.full((48, 40 + 16 * len(text) + sum(gaps.values())), 230, np.uint8)
    at, places = 16, []
    for n in range(len(text)):
        at += gaps.get(n, 0)
        picture[10:40, at : at + 10] = 20
        places.append((at + 5) / 8)
        at += 16
    return rapid._Text(text, [0.9] * len(text), places, picture.shape[1] // 8), picture


def parts(text: str, gaps: dict[int, int]) -> list[str]:
    line, picture = a_line(text, gaps)
    return [text[start:end] for start, end in rapid._words(line, picture)]


def test_a_gap_as_wide_as_a_space_parts_words_where_the_space_was_overlooked():
    assert parts("09/11/202408:26", {10: 18}) == ["09/11/2024", "08:26"]


def test_a_narrow_gap_parts_nothing():
    assert parts("1085.40", {1: 6}) == ["1085.40"]


def test_letters_that_are_all_set_apart_stay_one_word():
    assert parts("INVOICE", dict.fromkeys(range(1, 7), 18)) == ["INVOICE"]


def test_words_part_at_spaces():
    assert parts("Net  total 5", {}) == ["Net", "total", "5"]


def test_a_page_with_some_lines_on_their_side_is_not_turned():
    picture = a_scan()
    strip = picture.crop((100, 100, 900, 220)).rotate(-90, expand=True)
    picture.paste(strip, (1100, 300))
    assert rapid.recognise(as_raster(picture)).angle in (0.0, 360.0)


def test_of_a_page_with_too_many_lines_those_read_in_time_are_kept(monkeypatch):
    whole = rapid.recognise(as_raster(a_scan()))
    assert not whole.is_cut
    clock = itertools.count(step=1.0)
    monkeypatch.setattr(rapid, "thread_time", lambda: next(clock))
    some = rapid.recognise(as_raster(a_scan()))
    assert some.is_cut
    assert set(some.marks) < set(whole.marks)
    assert len({mark.top // 20 for mark in some.marks}) > 5


def test_a_page_that_is_read_in_part_fails_a_check(monkeypatch):
    clock = itertools.count(step=0.5)
    monkeypatch.setattr(rapid, "thread_time", lambda: next(clock))
    answer = extract(as_file(a_scan()))
    (read,) = answer.invoices
    assert [check.found for check in read.checks if check.id == "page_partly_read"] == ["1"]
    assert read.needs_review
    assert any("more lines than OCR reads" in warning for warning in answer.warnings)


def test_a_page_of_which_nothing_is_read_in_time_is_not_blank(monkeypatch):
    clock = itertools.count(step=100.0)
    monkeypatch.setattr(rapid, "thread_time", lambda: next(clock))
    with pytest.raises(ReaderTimeout):
        extract(as_file(a_scan()))
