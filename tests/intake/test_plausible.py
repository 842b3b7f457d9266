"""Text that a person wrote, and text that a font without a map gives."""

import numpy as np
import pytest

from invoice_extraction.intake.plausible import is_mixture, is_plausible

ENGLISH = (
    "Invoice number 4711 of 3 May 2024, consulting services, total amount due EUR 1,250.00. " * 4
)
WRITTEN = [
    ENGLISH,
    "Rechnung Nr. 4711 vom 3. Mai 2024, Beratungsleistungen, Gesamtbetrag 1.250,00 EUR zzgl. USt. "
    * 4,
    "Faktura č. 4711 ze dne 3. května 2024, poradenské služby, celkem k úhradě 1 250,00 Kč. " * 4,
    "Счёт № 4711 от 3 мая 2024, консультационные услуги, итого к оплате 1 250,00 руб. " * 4,
    "請求書 番号 4711 2024年5月3日 コンサルティング 合計金額 1,250円 " * 8,
    "TOTAL 12.50\nVISA ****1234",
]


def units(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.uint32)


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_is_plausible(text: str) -> None:
    assert is_plausible(units(text))


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(ord(letter) - 29) if letter > " " else letter for letter in ENGLISH),
        "".join(chr(0xE000 + ord(letter)) for letter in ENGLISH),
        "".join(chr(ord(letter) % 8) for letter in ENGLISH),
        "\ufffd" * 40 + "Total",
    ],
)
def test_what_fonts_without_a_map_give_is_not(text: str) -> None:
    assert not is_plausible(units(text))


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_is_no_mixture(text: str) -> None:
    assert not is_mixture(units(text))


@pytest.mark.parametrize(
    "text",
    [
        "Total ダム 12.50 وصف Итого รวม amount ψδ Invoice ש",
        "○℃『でい○。『二口○、画、砲、Ｆの山くｇＢｎ",
    ],
)
def test_what_a_wrong_language_gives_is_a_mixture(text: str) -> None:
    assert is_mixture(units(text))
