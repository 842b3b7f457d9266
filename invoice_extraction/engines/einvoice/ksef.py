"""KSeF, the Polish system of e-invoices: FA(2), FA(3) and FA_RR, of farmers with a flat rate.

The logical structures are the ministry's (crd.gov.pl/wzor); FA(1) had other addresses.
"""

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import number
from invoice_extraction.engines.einvoice.paths import (
    IGNORED,
    Node,
    Part,
    Row,
    Sheet,
    Table,
    compile_table,
    walk,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    put_sum,
    settle_due_date,
    settle_listed_type,
)
from invoice_extraction.engines.einvoice.writers import (
    write_account,
    write_bank,
    write_gtin,
    write_lines,
    write_named,
    write_unit_of,
)
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCUMENT_TYPES: dict[str, tuple[str, str | None]] = {
    "VAT": ("invoice", "380"),
    "ZAL": ("invoice", "386"),
    "KOR": ("invoice", "384"),
    **dict.fromkeys(["ROZ", "UPR", "KOR_ZAL", "KOR_ROZ"], ("invoice", None)),
    "VAT_RR": ("invoice", "389"),
    "KOR_VAT_RR": ("invoice", None),
}
"""RodzajFaktury: the document type, and the code of UNTDID 1001 where one says the same.

A correction may raise an amount as well as lower it, so none is called a credit note.
"""

BANDS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "1": ("S", ("23", "22")),
    "2": ("S", ("8", "7")),
    "3": ("S", ("5",)),
    "4": (None, ()),
    "5": (None, ()),
    "6_1": ("Z", ("0",)),
    "6_2": ("K", ("0",)),
    "6_3": ("G", ("0",)),
    "7": ("E", ()),
    "8": ("O", ()),
    "9": (None, ()),
    "10": ("AE", ()),
    "11": (None, ()),
}
"""The sums P_13_x and P_14_x: category (UNCL 5305) and rates, the present one first.

Which rate it is follows from the sums; none is told for taxis (4), OSS (5), where the tax is the buyer's
or another country's (8, 9, 10), and for margins (11).
"""

_RATES = {
    "0 KR": ("0", "Z"),
    "0 WDT": ("0", "K"),
    "0 EX": ("0", "G"),
    "zw": (None, "E"),
    "oo": (None, "AE"),
    "np": (None, "O"),
    "np I": (None, "O"),
}
"""Rates of a line (P_12) that are words, as rate and category."""

_MEANS = {"1": "10", "2": "48", "4": "20", "6": "30"}
"""FormaPlatnosci as UNTDID 4461: cash, card, cheque, transfer; others have no such code."""

_MEANS_RR = {"1": "30"}
"""The same in FA_RR."""

UNITS = {
    **{code: code for code in ("C62", "H87", "HUR", "DAY", "MON", "ANN", "KGM", "LTR", "MTR")},
    **{code: code for code in ("E48", "MTK", "MTQ", "KWH", "TNE", "GRM", "KMT")},
    **dict.fromkeys(["SZT", "SZT."], "H87"),
    **dict.fromkeys(["GODZ", "GODZ.", "H"], "HUR"),
    **dict.fromkeys(["KG", "KG."], "KGM"),
    **dict.fromkeys(["M2", "M^2", "M²"], "MTK"),
    **dict.fromkeys(["M3", "M^3", "M³"], "MTQ"),
    **dict.fromkeys(["M", "MB"], "MTR"),
    **dict.fromkeys(["M-C", "MIES.", "MIESIĄC"], "MON"),
    "GJ": "GV",
    "KM": "KMT",
    "L": "LTR",
    "T": "TNE",
}
"""Units as they are written, any text, to UN/ECE Recommendation 20 where it is clear."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of a Faktura element."""
    space = root.tag[1:].partition("}")[0]
    sheet = walk(root, _compiled(space), _currency(root, space))
    settle_listed_type(sheet, DOCUMENT_TYPES)
    _settle_bands(sheet)
    _settle_gross_prices(sheet)
    put_sum(sheet, "/totals/paid", sheet.take("paid"))
    _settle_balance(sheet)
    settle_due_date(sheet)
    return (sheet.reading(),)


@lru_cache(maxsize=8)
def _compiled(space: str) -> Node:
    return compile_table(TABLE, {"": space})


def _currency(root: "_Element", space: str) -> str | None:
    found = root.findtext(f"{{{space}}}Fa/{{{space}}}KodWaluty")
    return (
        found or root.findtext(f"{{{space}}}FakturaRR/{{{space}}}KodWaluty") or ""
    ).strip() or None


def _write_tax_id(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a tax number after its country, which stands beside it or beside its parent."""
    space = element.tag.rpartition("}")[0] + "}"
    data = element.getparent()
    party = data.getparent() if data is not None else None
    country = None
    if data is not None and party is not None:
        country = data.findtext(f"{space}KodUE") or party.findtext(f"{space}PrefiksPodatnika")
    told = (country or "").strip() + text
    sheet.put(pointer, told, told, path)


def _write_rate(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a line's rate, and its category where the rate is a word that names one."""
    rate, category = _RATES.get(text, (number(text), None))
    if rate is not None:
        sheet.put(pointer, text, rate, path)
    if category is not None:
        sheet.put(pointer.replace("tax_rate", "tax_category"), text, category, path)
    if rate is None and category is None:
        sheet.leave(path, text)


def _write_means(codes: dict[str, str]) -> Row:
    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        if text in codes:
            sheet.put(pointer, text, codes[text], path)
        else:
            sheet.leave(path, text)

    return ("/payment/means_code", write)


def _write_remark(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a named remark (DodatkowyOpis) as a note that begins with its name."""
    space = element.tag.rpartition("}")[0] + "}"
    above = element.getparent()
    name = ((above.findtext(f"{space}Klucz") if above is not None else None) or "").strip()
    count = sheet.counts.get("/notes", 0)
    told = f"{name}: {text}" if name else text
    sheet.put(f"/notes/{count}", told, told, path)
    sheet.counts["/notes"] = count + 1


def _settle_bands(sheet: Sheet) -> None:
    """Set the bands of tax and the totals from the sums that each kind of rate has."""
    given: dict[str, Part] = {}
    for part in sheet.parts:
        if part.pointer.startswith("P_1") and given.setdefault(part.pointer, part) is not part:
            sheet.leave(part.path, part.text)
    placed: dict[str, str] = {}
    for band, (category, rates) in BANDS.items():
        base, tax = given.get(f"P_13_{band}"), given.get(f"P_14_{band}")
        if base is None and tax is None:
            continue
        pointer = placed[band] = f"/taxes/{len(placed)}"
        source = f"P_13_{band}"
        path = (base or tax or sheet.parts[0]).path
        sheet.put(f"{pointer}/source_category", source, source, path)
        if category is not None:
            sheet.put(f"{pointer}/category", source, category, path)
        if (rate := _rate(rates, base, tax)) is not None:
            sheet.put(f"{pointer}/rate", source, rate, path, origin="derived")
        for name, sum_ in (("taxable_amount", base), ("tax_amount", tax)):
            if sum_ is not None:
                sheet.put(f"{pointer}/{name}", sum_.text, number(sum_.text), sum_.path)
    reasons = sheet.take("exemption")
    if "7" in placed and len(reasons) == 1:
        [part] = reasons
        sheet.put(f"{placed['7']}/exemption_reason", part.text, part.text, part.path)
    else:
        for part in reasons:
            sheet.leave(part.path, part.text)
    for total, prefix in (("net", "P_13_"), ("tax", "P_14_")):
        put_sum(
            sheet, f"/totals/{total}", [p for key, p in given.items() if key.startswith(prefix)]
        )
    in_zloty = sheet.take("in_zloty")
    put_sum(sheet, "/totals/tax_in_tax_currency", in_zloty)
    if in_zloty and sheet.currency != "PLN":
        sheet.put("/tax_currency", "PLN", "PLN", in_zloty[0].path, origin="derived")


def _rate(rates: tuple[str, ...], base: Part | None, tax: Part | None) -> str | None:
    """Return the rate that leads from the base to the tax, the present one where several do."""
    if not rates or base is None or tax is None:
        return rates[0] if rates else None
    taxable, found = number(base.text), number(tax.text)
    if taxable is None or found is None:
        return rates[0]
    return min(rates, key=lambda rate: abs(Decimal(taxable) * int(rate) / 100 - Decimal(found)))


def _settle_gross_prices(sheet: Sheet) -> None:
    """Set prices with tax (P_9B) as unit prices where no line has one without."""
    parts = [part for part in sheet.parts if part.pointer.endswith("/price_with_tax")]
    mixed = any(re.fullmatch(r"/lines/\d+/unit_price", pointer) for pointer in sheet.values)
    for part in parts:
        if mixed:
            sheet.leave(part.path, part.text)
        else:
            pointer = part.pointer.replace("price_with_tax", "unit_price")
            sheet.put(pointer, part.text, number(part.text), part.path)
    if parts and not mixed:
        sheet.put("/prices_include_tax", "P_9B", "true", parts[0].path)


def _settle_balance(sheet: Sheet) -> None:
    """Set what is settled beside the invoice: SumaObciazen is to be paid too, SumaOdliczen is not."""
    charged, deducted = (sheet.take(name)[:1] for name in ("SumaObciazen", "SumaOdliczen"))
    less = [replace(part, pointer="/charges/") for part in deducted]  # counts less, see put_sum
    put_sum(sheet, "/totals/previous_balance", charged + less)


def _identifier(path: str, pointer: str, scheme: str) -> dict[str, Row]:
    """Return the rows of an element whose name says what it identifies."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": (f"{pointer}/identifiers/-/value", write_named(scheme)),
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    data, address = f"{path}/DaneIdentyfikacyjne", f"{path}/Adres"
    return {
        f"{path}/PrefiksPodatnika": IGNORED,
        **_identifier(f"{path}/NrEORI", pointer, "EORI"),
        f"{data}/NIP": (f"{pointer}/tax_id", _write_tax_id),
        f"{data}/KodUE": IGNORED,
        f"{data}/NrVatUE": (f"{pointer}/tax_id", _write_tax_id),
        **_identifier(f"{data}/NrID", pointer, "NrID"),
        **_identifier(f"{data}/IDWew", pointer, "IDWew"),
        f"{data}/Nazwa": f"{pointer}/name",
        f"{address}/KodKraju": f"{pointer}/address/country",
        f"{address}/AdresL1": f"{pointer}/address/lines/-",
        f"{address}/AdresL2": f"{pointer}/address/lines/-",
        **_identifier(f"{address}/GLN", pointer, "GLN"),
        f"{path}/DaneKontaktowe/Email": f"{pointer}/email",
        f"{path}/DaneKontaktowe/Telefon": f"{pointer}/phone",
        **_identifier(f"{path}/NrKlienta", pointer, "NrKlienta"),
        **_identifier(f"{path}/NrKontrahenta", pointer, "NrKontrahenta"),
        **_identifier(f"{path}/IDNabywcy", pointer, "IDNabywcy"),
    }


def _account(path: str) -> dict[str, Row]:
    return {
        path: "/payment/accounts/-",
        f"{path}/NrRB": ("/payment/accounts/-/account_number", write_account),
        f"{path}/SWIFT": ("/payment/accounts/-/bic", write_bank),
        f"{path}/NazwaBanku": "/payment/accounts/-/bank_name",
    }


def _shared(path: str) -> dict[str, Row]:
    """Return the rows of what FA and FA_RR both hold under the invoice's own element."""
    payment, corrected = f"{path}/Platnosc", f"{path}/DaneFaKorygowanej"
    return {
        f"{path}/KodWaluty": "/currency",
        f"{path}/RodzajFaktury": "/source_type_code",
        corrected: "/preceding_invoices/-",
        f"{corrected}/NrFaKorygowanej": "/preceding_invoices/-/invoice_number",
        f"{corrected}/DataWystFaKorygowanej": "/preceding_invoices/-/issue_date",
        f"{path}/DodatkowyOpis/Klucz": IGNORED,
        f"{path}/DodatkowyOpis/Wartosc": ("/notes", _write_remark),
        f"{path}/Rozliczenie/SumaObciazen": ("SumaObciazen", write_part),
        f"{path}/Rozliczenie/SumaOdliczen": ("SumaOdliczen", write_part),
        f"{path}/Rozliczenie/DoZaplaty": "/totals/amount_due",
        f"{payment}/ZaplataCzesciowa/KwotaZaplatyCzesciowej": ("paid", write_part),
        f"{payment}/TerminPlatnosci": "/payment/instalments/-",
        f"{payment}/TerminPlatnosci/Termin": "/payment/instalments/-/due_date",
        f"{payment}/TerminPlatnosci/TerminOpis": ("/payment/terms", write_lines),
        f"{payment}/PlatnoscInna": IGNORED,
        f"{payment}/OpisPlatnosci": "/payment/means_text",
    }


def _invoice() -> dict[str, Row]:
    conditions = "Fa/WarunkiTransakcji"
    return {
        **_shared("Fa"),
        "Fa/P_1": "/issue_date",
        "Fa/P_2": "/invoice_number",
        "Fa/WZ": "/despatch_reference",
        "Fa/P_6": "/delivery_date",
        "Fa/OkresFa/P_6_Od": "/period_start",
        "Fa/OkresFa/P_6_Do": "/period_end",
        **{f"Fa/P_13_{band}": (f"P_13_{band}", write_part) for band in BANDS},
        **{f"Fa/P_14_{band}": (f"P_14_{band}", write_part) for band in "12345"},
        **{f"Fa/P_14_{band}W": ("in_zloty", write_part) for band in "1234"},
        "Fa/P_15": "/totals/gross",
        **{f"Fa/Adnotacje/Zwolnienie/P_19{law}": ("exemption", write_part) for law in "ABC"},
        "Fa/Platnosc/FormaPlatnosci": _write_means(_MEANS),
        **_account("Fa/Platnosc/RachunekBankowy"),
        **_account("Fa/Platnosc/RachunekBankowyFaktora"),
        f"{conditions}/Zamowienia/NrZamowienia": "/purchase_order_reference",
        f"{conditions}/Umowy/NrUmowy": "/contract_reference",
        "Fa/FakturaZaliczkowa": "/preceding_invoices/-",
        "Fa/FakturaZaliczkowa/NrFaZaliczkowej": "/preceding_invoices/-/invoice_number",
    }


def _line(line: str) -> dict[str, Row]:
    return {
        line: "/lines/-",
        f"{line}/NrWierszaFa": "/lines/-/id",
        f"{line}/P_7": "/lines/-/description",
        f"{line}/Indeks": "/lines/-/product_code",
        f"{line}/GTIN": ("/lines/-/gtin", write_gtin),
        f"{line}/P_8A": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/P_8B": "/lines/-/quantity",
        f"{line}/P_9A": "/lines/-/unit_price",
        f"{line}/P_9B": ("/lines/-/price_with_tax", write_part),
        f"{line}/P_10": "/lines/-/discount_amount",
        f"{line}/P_11": "/lines/-/net_amount",
        f"{line}/P_11A": "/lines/-/gross_amount",
        f"{line}/P_11Vat": "/lines/-/tax_amount",
        f"{line}/P_12": ("/lines/-/tax_rate", _write_rate),
        f"{line}/P_12_XII": "/lines/-/tax_rate",
    }


def _farmers() -> dict[str, Row]:
    """Return the rows of FA_RR, which the buyer writes: the farmer is the seller."""
    line = "FakturaRR/FakturaRRWiersz"
    return {
        **_shared("FakturaRR"),
        "FakturaRR/P_4A": "/delivery_date",
        "FakturaRR/P_4B": "/issue_date",
        "FakturaRR/P_4C": "/invoice_number",
        "FakturaRR/P_11_1": "/totals/net",
        "FakturaRR/P_11_2": "/totals/tax",
        "FakturaRR/P_12_1": "/totals/gross",
        "FakturaRR/Platnosc/FormaPlatnosci": _write_means(_MEANS_RR),
        **_account("FakturaRR/Platnosc/RachunekBankowy1"),
        line: "/lines/-",
        f"{line}/NrWierszaFa": "/lines/-/id",
        f"{line}/P_5": "/lines/-/description",
        f"{line}/GTIN": ("/lines/-/gtin", write_gtin),
        f"{line}/P_6A": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/P_6B": "/lines/-/quantity",
        f"{line}/P_7": "/lines/-/unit_price",
        f"{line}/P_8": "/lines/-/net_amount",
        f"{line}/P_9": "/lines/-/tax_rate",
        f"{line}/P_10": "/lines/-/tax_amount",
        f"{line}/P_11": "/lines/-/gross_amount",
    }


TABLE: Table = {
    **_party("Podmiot1", "/seller"),
    **_party("Podmiot2", "/buyer"),
    # The factor, whom is to be paid; whom is delivered to.
    **_party("Podmiot3[Rola=1][1]", "/payee"),
    "Podmiot3[Rola=1][1]/Rola": IGNORED,
    **_party("Podmiot3[Rola=2][1]", "/delivery_party"),
    "Podmiot3[Rola=2][1]/Rola": IGNORED,
    **_invoice(),
    **_line("Fa/FaWiersz"),
    **_farmers(),
    "Stopka/Informacje/StopkaFaktury": "/notes/-",
    "Stopka/Rejestry/KRS": "/seller/registration_id",
    **_identifier("Stopka/Rejestry/REGON", "/seller", "REGON"),
    **_identifier("Stopka/Rejestry/BDO", "/seller", "BDO"),
}
"""Every place of a Faktura that the invoice has a field for."""
