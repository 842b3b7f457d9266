"""What every backend gives: the words of a page whichever way it lies, and nothing where none are."""

import math
import os
import subprocess
import sys
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from invoice_extraction import ocr
from invoice_extraction.intake import open_document
from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.ocr import tesseract
from tests.ocr.scans import FILES, a_scan, as_raster

TURNED = [0, 90, 180, 270, 2]
# OpenVINO is too large for every environment; the soak test installs it and runs these tests.
HERE = [name for name in ocr.BACKENDS if name != "openvino" or find_spec("openvino")]
backends = pytest.mark.parametrize("name", HERE)
networks = pytest.mark.parametrize("name", [name for name in HERE if name in ocr.NETWORKS])
SHARE = {"tesseract": 0.85}
"""Of a scan's words that a backend reads, where it is less than nearly all."""


@pytest.fixture(autouse=True)
def installed(request: pytest.FixtureRequest) -> None:
    if "tesseract" in request.node.name and not tesseract.is_installed():
        pytest.skip("Tesseract is not installed (tesseract-ocr)")


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
    assert len(read & printed_words) > SHARE.get(name, 0.95) * len(printed_words)
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
@pytest.mark.parametrize("shape", [(1, 1), (1, 4_000), (3_000, 2), (40, 40), (450, 350)])
@pytest.mark.parametrize("kind", ["white", "black", "noise", "shade"])
def test_a_picture_without_words_gives_none(name: str, shape: tuple[int, int], kind: str) -> None:
    height, width = shape
    noise = np.random.default_rng(3).integers(0, 256, shape)
    shade = np.linspace(0, 255, height * width).reshape(shape)
    grey = {"white": np.full(shape, 255), "black": np.zeros(shape), "noise": noise, "shade": shade}
    picture = Image.fromarray(grey[kind].astype(np.uint8))
    assert ocr.get_backend(name)(as_raster(picture)).marks == ()


@networks
def test_small_light_print_is_read_within_a_few_seconds_of_computing(name: str) -> None:
    picture = a_scan(dpi=110).point([255 - value for value in range(256)])
    began = time.process_time()
    found = ocr.get_backend(name)(as_raster(picture))
    assert time.process_time() - began < 40
    amounts = {word.text for word in printed().words if word.text[-3:-2] == "."}
    assert amounts
    assert len(amounts & {mark.text for mark in found.marks}) > 0.8 * len(amounts)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = dict.fromkeys(ocr.NETWORKS, ("a_package_that_nobody_has",))
    monkeypatch.setattr(ocr, "NETWORKS", missing)
    assert not ocr.is_installed()
    with pytest.raises(ocr.EngineUnavailable) as told:
        ocr.get_backend()
    assert "invoice-extraction[ocr]" in told.value.hint


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_openvino_reads_as_every_backend_does_and_tells_nobody(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    tool = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages]
    subprocess.run([*tool, "openvino>=2026.4"], check=True)
    telling = packages / "openvino_telemetry"
    telling.mkdir()
    (telling / "__init__.py").write_text("raise SystemExit('its maker would be told')")
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", "openvino and not soak"]
    done = subprocess.run(
        command, cwd=FILES.parents[1], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
