"""A page's picture is small enough to be there at once, whatever the page is like."""

import io

import numpy as np
import pytest
from PIL import Image

from invoice_extraction.intake import picture, sniff
from invoice_extraction.model.options import Limits
from tests.servers import ROOT

FILES = sorted(
    path
    for path in (ROOT / "samples" / "files").iterdir()
    if path.suffix in {".pdf", ".jpg", ".png"}
)


def encoded(pixels: np.ndarray, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_samples_picture_has_200_kb_at_most(path):
    data = path.read_bytes()
    drawn = picture.render(data, sniff.media_type(data), 1, 1_240, Limits())
    assert len(drawn) <= 200_000


@pytest.mark.parametrize(("width", "most"), [(320, 200_000), (1_240, 200_000), (2_000, 521_000)])
@pytest.mark.parametrize("noise", [30, 120])
def test_a_noisy_scan_loses_quality_and_then_size(noise, width, most):
    chance = np.random.default_rng(4)
    paper = np.full((2_400, 1_700, 3), 225) - chance.normal(0, noise, (2_400, 1_700, 3))
    drawn = picture.render(encoded(paper.clip(0, 255), "BMP"), "image/bmp", 1, width, Limits())
    assert len(drawn) <= most
    with Image.open(io.BytesIO(drawn)) as shown:
        assert shown.width >= width / 4
        assert abs(shown.height / shown.width - 2_400 / 1_700) < 0.01


def test_a_page_of_dots_in_two_colours_is_no_exception():
    dots = np.random.default_rng(4).random((2_400, 1_700)) > 0.5
    drawn = picture.render(encoded(dots * 255), "image/png", 1, 1_240, Limits())
    assert len(drawn) <= 200_000
