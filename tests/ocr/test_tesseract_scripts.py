"""Pages in scripts that the networks do not know: read by Tesseract, and only those."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from invoice_extraction import ocr
from invoice_extraction.model.document import Raster
from invoice_extraction.ocr import tesseract
from invoice_extraction.ocr.base import Recognised
from invoice_extraction.sandbox.client import Readers
from tests.ocr.scans import a_scan, as_raster

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
PAGES = {
    "ell": """ΤΙΜΟΛΟΓΙΟ ΠΩΛΗΣΗΣ
Αριθμός παραστατικού: 2025-0183
Ημερομηνία έκδοσης: 14/03/2025
Γραφική ύλη και εκτυπώσεις, Λεωφόρος Συγγρού 12, Αθήνα
Περιγραφή Ποσότητα Τιμή Αξία
Χαρτί εκτύπωσης 10 4,50 45,00
Φάκελοι μεγάλοι 3 12,00 36,00
Καθαρή αξία 81,00
ΦΠΑ 24% 19,44
Σύνολο 100,44 €""",
    "rus": """СЧЁТ НА ОПЛАТУ № 2025-0183
Дата выставления: 14.03.2025
Поставщик: Бумага и печать, улица Садовая 12, Тверь
Наименование Количество Цена Сумма
Бумага для печати 10 450,00 4500,00
Конверты большие 3 120,00 360,00
Итого без налога 4860,00
НДС 20% 972,00
Всего к оплате 5832,00""",
}

pytestmark = pytest.mark.skipif(
    not tesseract.is_installed(), reason="Tesseract is not installed (tesseract-ocr)"
)
scripts = pytest.mark.parametrize("language", list(PAGES))


def a_page(language: str, turned: float = 0) -> Raster:
    """Return the page in print, turned clockwise."""
    if not FONT.exists():
        pytest.skip("The font DejaVu Sans is not installed (fonts-dejavu-core)")
    if language not in tesseract.languages():
        pytest.skip(f"Tesseract's language {language} is not installed")
    picture = Image.new("L", (1240, 1000), 245)
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, 28)
    for row, line in enumerate(PAGES[language].splitlines()):
        draw.text((90, 80 + 70 * row), line, 30, font=font)
    whole = turned % 90 == 0
    return as_raster(picture.rotate(-turned, Image.Resampling.BICUBIC, whole, fillcolor=245))


def error_rate(found: Recognised, language: str) -> float:
    """Return how many characters of the page have to be changed, as a share of all."""
    rows: dict[int, list[ocr.Mark]] = {}
    for mark in found.marks:
        rows.setdefault(round((mark.top + mark.bottom) / 140), []).append(mark)
    read = " ".join(
        mark.text for _, row in sorted(rows.items()) for mark in sorted(row, key=lambda m: m.x0)
    )
    return Levenshtein.normalized_distance(read, " ".join(PAGES[language].split()))


@pytest.fixture(scope="module")
def default() -> Callable[[Raster], Recognised]:
    return ocr.get_backend()


@pytest.mark.parametrize(
    ("language", "turned"),
    [("ell", 0), ("ell", 90), ("ell", 180), ("ell", 2), ("rus", 0), ("rus", 270)],
)
def test_a_page_is_read_in_its_own_script_whichever_way_it_lies(
    default: Callable[[Raster], Recognised], language: str, turned: float
) -> None:
    found = default(a_page(language, turned))
    assert error_rate(found, language) < 0.1
    assert abs((found.angle - turned + 180) % 360 - 180) < 0.4


@scripts
def test_the_networks_alone_doubt_such_a_page(language: str) -> None:
    assert ocr.get_backend("rapid")(a_page(language)).doubtful


def test_a_page_in_latin_letters_is_not_doubted_and_never_read_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tesseract, "recognise", lambda raster: pytest.fail("it was read again"))
    assert not ocr.get_backend()(as_raster(a_scan())).doubtful


def test_what_tesseract_reads_in_latin_letters_does_not_replace_the_networks_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sure = ocr.get_backend("rapid")(as_raster(a_scan()))
    doubted = Recognised(sure.marks, sure.angle, doubtful=True)
    monkeypatch.setattr("invoice_extraction.ocr.rapid.recognise", lambda raster: doubted)
    monkeypatch.setattr(ocr, "NETWORKS", {"rapid": ocr.NETWORKS["rapid"]})
    assert ocr.get_backend()(as_raster(a_scan())) is doubted


def test_a_page_that_took_long_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_LATE", 0.0)
    monkeypatch.setattr(tesseract, "recognise", lambda raster: pytest.fail("it was read again"))
    assert ocr.get_backend()(a_page("rus")).doubtful


@scripts
def test_an_ocr_process_without_rights_reads_it_too(language: str) -> None:
    with Readers(1, ocr_slots=1) as readers:
        assert error_rate(readers.recognise(a_page(language)), language) < 0.1


def test_nothing_is_written_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    tesseract.recognise(a_page("ell"))
    assert capfd.readouterr().err == ""


def test_without_the_library_pages_are_read_by_the_networks_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks = {"rapid": ocr.NETWORKS["rapid"]}
    monkeypatch.setattr(ocr, "NETWORKS", networks)
    monkeypatch.setattr(tesseract, "is_installed", lambda: False)
    assert ocr.get_backend() is ocr.get_backend(next(iter(networks)))
    with pytest.raises(ocr.EngineUnavailable, match="Tesseract"):
        ocr.get_backend("tesseract")
