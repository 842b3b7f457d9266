"""Invented invoices, one in each language that has a label file beside the first eight."""

from collections.abc import Sequence

import pytest

from tests.engines.layout import paper
from tests.engines.layout.paper import Line


def values(lines: Sequence[Line], *, by_ocr: bool = False) -> dict[str, str]:
    return paper.texts(paper.values(*lines, by_ocr=by_ocr))


# language, seller, buyer's label, number, date, due date, net, tax, gross, words of its own
INVOICES = [
    ("bg", "Дъбово дърво ООД", "Получател:", "Номер на фактура:", "Дата на издаване:", "Срок за плащане:", "Данъчна основа", "ДДС 20%", "Обща сума", "Благодарим за поръчката"),
    ("cs", "Dubová dílna s.r.o.", "Odběratel:", "Faktura č.:", "Datum vystavení:", "Datum splatnosti:", "Základ daně", "DPH 20%", "Celkem", "Děkujeme za zboží, které je na cestě"),
    ("da", "Egetræ ApS", "Faktureres til:", "Fakturanr.:", "Fakturadato:", "Forfaldsdato:", "I alt ekskl. moms", "Moms 20%", "I alt inkl. moms", "Tak for handlen, den er ikke til salg fra lager"),
    ("el", "Δρυς Ξυλεία ΕΠΕ", "Πελάτης:", "Αριθμός τιμολογίου:", "Ημερομηνία έκδοσης:", "Προθεσμία πληρωμής:", "Καθαρή αξία", "ΦΠΑ 20%", "Γενικό σύνολο", "Ευχαριστούμε για την παραγγελία"),
    ("et", "Tammepuu OÜ", "Ostja:", "Arve nr:", "Arve kuupäev:", "Maksetähtaeg:", "Summa käibemaksuta", "Käibemaks 20%", "Kokku", "Täname ja palun tasuda õigel ajal"),
    ("fi", "Tammipuu Oy", "Asiakas:", "Laskun numero:", "Laskun päivä:", "Eräpäivä:", "Veroton yhteensä", "ALV 20%", "Yhteensä", "Kiitos ja tervetuloa"),
    ("hr", "Hrastovo drvo d.o.o.", "Kupac:", "Račun br.:", "Datum izdavanja:", "Datum dospijeća:", "Osnovica", "PDV 20%", "Ukupno", "Hvala na povjerenju za ili od"),
    ("hu", "Tölgyfa Kft.", "Vevő:", "Számla sorszáma:", "Számla kelte:", "Fizetési határidő:", "Nettó összesen", "Áfa 20%", "Végösszeg", "Köszönjük, hogy az egy vagy más"),
    ("id", "PT Kayu Jati", "Kepada Yth:", "No. Faktur:", "Tanggal faktur:", "Jatuh tempo:", "Dasar pengenaan pajak", "PPN 20%", "Jumlah total", "Terima kasih untuk barang yang anda beli"),
    ("lt", "UAB Ąžuolas", "Pirkėjas:", "Sąskaitos numeris:", "Sąskaitos data:", "Apmokėti iki:", "Suma be PVM", "PVM 20%", "Bendra suma", "Ačiū už pirkinį ir gražią dieną per metus"),
    ("lv", "SIA Ozols", "Pircējs:", "Rēķina numurs:", "Rēķina datums:", "Apmaksas termiņš:", "Summa bez PVN", "PVN 20%", "Kopā", "Paldies par pirkumu un līdz citai reizei"),
    ("ms", "Kayu Jati Sdn Bhd", "Bil kepada:", "No. invois:", "Tarikh invois:", "Tarikh akhir bayaran:", "Jumlah tanpa cukai", "Cukai 20%", "Jumlah besar", "Terima kasih dan sila berkunjung semula"),
    ("nb", "Eiketre AS", "Faktureres til:", "Fakturanr.:", "Fakturadato:", "Forfallsdato:", "Sum eks. mva", "MVA 20%", "Sum inkl. mva", "Takk for at du er med og velkommen"),
    ("ro", "Lemn de Stejar SRL", "Cumpărător:", "Factura nr.:", "Data facturii:", "Data scadenței:", "Total fără TVA", "TVA 20%", "Total general", "Mulțumim pentru comandă și plată"),
    ("sk", "Dubová dielňa s.r.o.", "Odberateľ:", "Faktúra č.:", "Dátum vystavenia:", "Dátum splatnosti:", "Základ dane", "DPH 20%", "Spolu", "Ďakujeme pre istotu alebo sa ozvite"),
    ("sl", "Hrastov les d.o.o.", "Kupec:", "Račun št.:", "Datum izdaje:", "Rok plačila:", "Davčna osnova", "DDV 20%", "Skupaj", "Hvala pri nakupu brez količine"),
    ("sv", "Ekträ AB", "Faktureras till:", "Fakturanr:", "Fakturadatum:", "Förfallodatum:", "Summa exkl. moms", "Moms 20%", "Totalt", "Tack för att du är med oss enligt avtal"),
    ("tr", "Meşe Ağacı A.Ş.", "Alıcı:", "Fatura no:", "Fatura tarihi:", "Vade tarihi:", "Ara toplam", "KDV 20%", "Genel toplam", "Teşekkür ederiz, bu bir örnek için"),
]  # fmt: skip


@pytest.mark.parametrize("row", INVOICES, ids=[row[0] for row in INVOICES])
def test_an_invoice_is_read_in_its_language(row: tuple[str, ...]) -> None:
    language, seller, buyer, number, issued, due, net, tax, gross, words = row
    found = values(
        [
            (50, 40, seller),
            (50, 110, buyer),
            (50, 125, "Kontor Linden 4711"),
            (330, 110, number),
            (460, 110, "A-2026-0042"),
            (330, 125, issued),
            (460, 125, "14.03.2026"),
            (330, 140, due),
            (460, 140, "13.04.2026"),
            (330, 400, net),
            (500, 400, "100,00"),
            (330, 415, tax),
            (500, 415, "20,00"),
            (330, 430, gross),
            (500, 430, "120,00"),
            (50, 500, words),
        ]
    )
    assert found["/language"] == language
    assert found["/invoice_number"] == "A-2026-0042"
    assert found["/issue_date"] == "2026-03-14"
    assert found["/due_date"] == "2026-04-13"
    assert found["/seller/name"] == seller.rstrip(".") or found["/seller/name"] == seller
    sums = [found.get(f"/totals/{name}") for name in ("net", "tax", "gross")]
    assert sums == ["100.00", "20.00", "120.00"]


def test_a_word_that_means_another_thing_elsewhere_has_the_documents_own_meaning() -> None:
    # "PVM" is Lithuania's VAT, and a date in Finnish.
    lines: list[Line] = [
        (50, 40, "Pvm"),
        (150, 40, "14.03.2026"),
        (50, 60, "Lasku"),
        (50, 80, "Yhteensä"),
        (150, 80, "12,00"),
        (50, 100, "Kiitos ja tervetuloa"),
    ]
    assert values(lines)["/issue_date"] == "2026-03-14"


def test_a_misread_word_is_mended_in_the_documents_own_language_only() -> None:
    # "Klang" is a town; "klant" is the Dutch word for a customer.
    lines: list[Line] = [
        (50, 40, "Thank you for shopping at the store"),
        (50, 60, "Klang: Harbour Road Shop"),
        (50, 80, "Total amount of your payment"),
        (250, 80, "12.00"),
    ]
    assert "/buyer/name" not in values(lines, by_ocr=True)
