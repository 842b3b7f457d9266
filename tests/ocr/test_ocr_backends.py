"""What every backend gives: the words of a page whichever way it lies, and nothing where none are."""

import math
import time
from functools import cache

import numpy as np
import pytest
from PIL import Image

from invoice_extraction import ocr
from invoice_extraction.intake import open_document
from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.options import Options
from tests.ocr.scans import FILES, a_scan, as_raster

TURNED = [0, 90, 180, 270, 2]
backends = pytest.mark.parametrize("name", list(ocr.BACKENDS))


@cache
def printed() -> Page:
    """Return the sample's page with the words of its text layer."""
    return open_document((FILES / "credit-note-en.pdf").read_bytes(), Options()).pages[0]


@cache
def recognised(name: str, turned: float) -> Page:
    picture = a_scan(turned=turned)
    found = ocr.get_backend(name)(as_raster(picture))
    scale = 150 / 72
    page = Page(1, picture.width / scale, picture.height / scale)
    return ocr.with_words(page, found, scale)


def pairs(page: Page) -> list[tuple[Word, Word]]:
    """Return each word that was read as it is printed once, with its print."""
    texts = [word.text for word in printed().words]
    single = {word.text: word for word in printed().words if texts.count(word.text) == 1}
    return [(word, single[word.text]) for word in page.words if word.text in single]


@backends
@pytest.mark.parametrize("turned", TURNED)
def test_the_words_are_read_whichever_way_the_page_lies(name: str, turned: float) -> None:
    page = recognised(name, turned)
    read = {word.text for word in page.words}
    printed_words = {word.text for word in printed().words}
    assert len(read & printed_words) > 0.95 * len(printed_words)
    assert abs((page.angle - turned + 180) % 360 - 180) < 0.4
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in page.words)


@backends
@pytest.mark.parametrize("turned", TURNED)
def test_the_boxes_are_where_the_words_stand_on_the_upright_page(name: str, turned: float) -> None:
    page = recognised(name, turned)
    off = [
        max(abs(a - b) for a, b in zip(one.box, other.box, strict=True))
        for one, other in pairs(page)
    ]
    assert sorted(off)[len(off) // 2] < 2.5  # points
    assert sorted(off)[int(0.9 * len(off))] < 8


@backends
def test_rows_of_a_skewed_page_are_level(name: str) -> None:
    tops: dict[float, list[float]] = {}
    for read, other in pairs(recognised(name, 2)):
        tops.setdefault(round(other.bottom), []).append(read.bottom)
    rows = [row for row in tops.values() if len(row) > 1]
    assert rows
    assert max(max(row) - min(row) for row in rows) < 5


@backends
@pytest.mark.parametrize("turned", TURNED[1:])
def test_a_box_on_the_displayed_page_holds_the_word(name: str, turned: float) -> None:
    page = recognised(name, turned)
    width, height = page.displayed_size
    angle = math.radians(turned)
    for read, other in pairs(page):
        x0, top, x1, bottom = page.displayed(read.box)
        across = (other.x0 + other.x1 - printed().width) / 2
        down = (other.top + other.bottom - printed().height) / 2
        x = width / 2 + across * math.cos(angle) - down * math.sin(angle)
        y = height / 2 + across * math.sin(angle) + down * math.cos(angle)
        assert x0 - 3 < x < x1 + 3
        assert top - 3 < y < bottom + 3


@backends
@pytest.mark.parametrize("shape", [(1, 1), (1, 4_000), (3_000, 2), (40, 40), (900, 700)])
@pytest.mark.parametrize("kind", ["white", "black", "noise", "shade"])
def test_a_picture_without_words_gives_none(name: str, shape: tuple[int, int], kind: str) -> None:
    height, width = shape
    noise = np.random.default_rng(3).integers(0, 256, shape)
    shade = np.linspace(0, 255, height * width).reshape(shape)
    grey = {"white": np.full(shape, 255), "black": np.zeros(shape), "noise": noise, "shade": shade}
    picture = Image.fromarray(grey[kind].astype(np.uint8))
    assert ocr.get_backend(name)(as_raster(picture)).marks == ()


@backends
def test_small_light_print_is_read_within_a_few_seconds_of_computing(name: str) -> None:
    picture = a_scan(dpi=110).point([255 - value for value in range(256)])
    began = time.process_time()
    found = ocr.get_backend(name)(as_raster(picture))
    assert time.process_time() - began < 40
    amounts = {word.text for word in printed().words if word.text[-3:-2] == "."}
    assert amounts
    assert len(amounts & {mark.text for mark in found.marks}) > 0.8 * len(amounts)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_NEEDED", ("a_package_that_nobody_has",))
    assert not ocr.is_installed()
    with pytest.raises(ocr.EngineUnavailable) as told:
        ocr.get_backend()
    assert "invoice-extraction[ocr]" in told.value.hint
