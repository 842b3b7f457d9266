"""FatturaPA 1.0 to 1.2.x and the simplified FSM10 (Agenzia delle Entrate, tracciato fattura elettronica).

A file has one header and one invoice for each body.
"""

from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import number
from invoice_extraction.engines.einvoice.paths import (
    ELSEWHERE,
    IGNORED,
    Node,
    Part,
    Row,
    Sheet,
    Table,
    compile_table,
    inner_space,
    walk_each,
    write_joined,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    settle_accounts,
    settle_due_date,
    settle_listed_type,
    settle_withheld,
)
from invoice_extraction.engines.einvoice.writers import (
    at_account,
    write_account,
    write_bank,
    write_gtin,
    write_means_of,
    write_named,
    write_text,
    write_unit_of,
    write_words,
)
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCUMENT_TYPES: dict[str, tuple[str, str | None]] = {
    "TD01": ("invoice", "380"),
    "TD02": ("invoice", "386"),
    "TD03": ("invoice", "386"),
    "TD04": ("credit_note", "381"),
    "TD05": ("debit_note", "383"),
    "TD06": ("invoice", None),
    "TD07": ("invoice", "380"),
    "TD08": ("credit_note", "381"),
    "TD09": ("debit_note", "383"),
    **dict.fromkeys(
        [f"TD{n}" for n in (16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)], ("invoice", None)
    ),
}
"""TipoDocumento: the document type, and the code of UNTDID 1001 where one says the same.

TD29 tells the tax office of an invoice that another did not write, and is none.
"""

CATEGORIES = {
    **dict.fromkeys(["N2", "N2.1", "N2.2"], "O"),
    "N3.1": "G",
    "N3.2": "K",
    "N4": "E",
    **dict.fromkeys(["N6", *(f"N6.{n}" for n in range(1, 10))], "AE"),
}
"""Natura to UNCL 5305, where one says the same: N1, N3.3 to N3.6, N5 and N7 have no such code."""

MEANS: dict[str, tuple[str, str | None]] = {
    "MP01": ("contanti", "10"),
    "MP02": ("assegno", "20"),
    "MP03": ("assegno circolare", None),
    "MP04": ("contanti presso Tesoreria", None),
    "MP05": ("bonifico", "30"),
    "MP06": ("vaglia cambiario", "60"),
    "MP07": ("bollettino bancario", None),
    "MP08": ("carta di pagamento", "48"),
    "MP09": ("RID", "49"),
    "MP10": ("RID utenze", "49"),
    "MP11": ("RID veloce", "49"),
    "MP12": ("RIBA", None),
    "MP13": ("MAV", None),
    "MP14": ("quietanza erario", None),
    "MP15": ("giroconto su conti di contabilità speciale", None),
    "MP16": ("domiciliazione bancaria", "49"),
    "MP17": ("domiciliazione postale", "49"),
    "MP18": ("bollettino di c/c postale", None),
    "MP19": ("SEPA Direct Debit", "59"),
    "MP20": ("SEPA Direct Debit CORE", "59"),
    "MP21": ("SEPA Direct Debit B2B", "59"),
    "MP22": ("trattenuta su somme già riscosse", None),
    "MP23": ("PagoPA", None),
}
"""ModalitaPagamento: its meaning, and the code of UNTDID 4461 where one says the same."""

UNITS = {
    **{code: code for code in ("C62", "H87", "HUR", "DAY", "MON", "ANN", "KGM", "LTR", "MTR")},
    **{code: code for code in ("MTK", "MTQ", "KWH", "TNE", "GRM", "KMT")},
    **dict.fromkeys(["PZ", "PZ.", "PEZZI", "PEZZO"], "H87"),
    **dict.fromkeys(["ORA", "ORE", "H"], "HUR"),
    **dict.fromkeys(["GIORNO", "GIORNI", "GG"], "DAY"),
    **dict.fromkeys(["MESE", "MESI"], "MON"),
    **dict.fromkeys(["KG", "KG."], "KGM"),
    **dict.fromkeys(["LT", "LT.", "LITRI"], "LTR"),
    **dict.fromkeys(["MQ", "M2"], "MTK"),
    **dict.fromkeys(["MC", "M3"], "MTQ"),
}
"""Units as they are written, any text, to UN/ECE Recommendation 20 where it is clear."""

_NOWHERE = frozenset({"0000000", "XXXXXXX", "999999"})
"""Recipient codes that name no recipient: by mail, abroad, or not registered."""

_CENT = Decimal("0.01")
_HEADER = "FatturaElettronicaHeader"
_BODY = "FatturaElettronicaBody"


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return an invoice for each body, in their order; of a file without any, what its header tells.

    Raises:
        TooComplex: There are too many of them.
    """
    space = inner_space(root, _HEADER, _BODY)
    header, tree = _compiled(space, root.tag.endswith("Semplificata"))
    bodies = root.findall(f"{{{space}}}{_BODY}" if space else _BODY)
    return tuple(_settled(sheet) for sheet in walk_each(root, header, bodies, tree, f"/{_BODY}"))


@lru_cache(maxsize=8)
def _compiled(space: str, simplified: bool) -> tuple[Node, Node]:
    """Return the trees of the header and of a body, whose elements are in a namespace or none ("")."""
    body = SIMPLIFIED if simplified else ORDINARY
    return compile_table(HEADER, {"": space}), compile_table(body, {"": space})


def _settled(sheet: Sheet) -> InvoiceReading:
    settle_listed_type(sheet, DOCUMENT_TYPES)
    settle_withheld(sheet)
    _settle_discounts(sheet)
    _settle_order_lines(sheet)
    _settle_stamp(sheet)
    settle_accounts(sheet)
    settle_due_date(sheet)
    return sheet.reading()


def _settle_discounts(sheet: Sheet) -> None:
    """Set each line's discount from its ScontoMaggiorazione; surcharges count less.

    So that none is lost, those that are told only as a part of a sum go to `unmapped` too.
    """
    lines: dict[str, dict[str, dict[str, Part]]] = {}
    for part in sheet.parts:
        step, _, name = part.pointer.rpartition("/")
        if step.startswith("/lines/"):
            line = "/".join(step.split("/", 3)[:3])
            lines.setdefault(line, {}).setdefault(step, {})[name] = part
    for line, steps in lines.items():
        parts = [part for step in steps.values() for part in step.values()]
        [first, *others] = steps
        only = steps[first] if not others and "/allowances/" in first else {}
        percent, amount = only.get("percent"), only.get("amount")
        if percent is not None:
            sheet.put(f"{line}/discount_percent", percent.text, number(percent.text), percent.path)
            parts.remove(percent)
        if not parts:
            continue
        less = _discount(sheet, line, steps)
        pointer = f"{line}/discount_amount"
        if amount is not None and less in (None, Decimal(number(amount.text) or 0)):
            sheet.put(pointer, amount.text, number(amount.text), amount.path)
            continue
        if less is not None:
            text = " and ".join(part.text for part in parts)
            sheet.put(pointer, text, format(less, "f"), parts[0].path, origin="derived")
        for part in parts:
            sheet.leave(part.path, part.text)


def _discount(sheet: Sheet, line: str, steps: dict[str, dict[str, Part]]) -> Decimal | None:
    """Return what is taken from a line in all, None where that is not known.

    An amount is for one unit and counts before the percentage beside it, which is of what the steps
    before left (Specifiche tecniche, check 00423). Some go by the percentage, or write the amount for
    the whole line: it is taken so where that leads to the line's total, and the rule does not.
    """
    price = _decimal(sheet, f"{line}/unit_price")
    quantity = _decimal(sheet, f"{line}/quantity")
    net = _decimal(sheet, f"{line}/net_amount")
    if price is None or any(
        number(p.text) is None for step in steps.values() for p in step.values()
    ):
        return None
    by_amount = price - _price_left(price, steps, "amount")
    by_percent = price - _price_left(price, steps, "percent")
    if quantity is None:
        quantity = Decimal(1)
    ways = (by_amount * quantity, by_percent * quantity, by_amount)
    if net is None:
        return ways[0]
    fitting = (way for way in ways if abs(price * quantity - way - net) <= _CENT)
    return next(fitting, ways[0])


def _price_left(price: Decimal, steps: dict[str, dict[str, Part]], preferred: str) -> Decimal:
    for pointer, step in steps.items():
        name = preferred if preferred in step else next(iter(step))
        value = Decimal(number(step[name].text) or 0)
        change = value if name == "amount" else price * value / 100
        price += change if "/charges/" in pointer else -change
    return price


def _settle_order_lines(sheet: Sheet) -> None:
    """Give the lines that an order names (RiferimentoNumeroLinea) the order's own line (NumItem)."""
    lines: dict[str, str] = {}
    for n in range(sheet.counts.get("/lines", 0)):
        if (known := sheet.values.get(f"/lines/{n}/id")) is not None:
            lines.setdefault(known.text, f"/lines/{n}")
    orders: dict[str, list[Part]] = {}
    for part in sheet.parts:
        if part.pointer.startswith("/orders/"):
            orders.setdefault(part.pointer.rpartition("/")[0], []).append(part)
    for pointer, parts in orders.items():
        item = next((part for part in parts if part.pointer == f"{pointer}/item"), None)
        named = [lines[part.text] for part in parts if part is not item and part.text in lines]
        if item is None or len(named) < len(parts) - 1:
            for part in parts:
                sheet.leave(part.path, part.text)
        if item is not None:
            for line in named:
                sheet.put(f"{line}/order_line_reference", item.text, item.text, item.path)


def _settle_stamp(sheet: Sheet) -> None:
    """Make the stamp duty a charge where the document's total shows that it is one.

    Else it is borne by the seller, or charged by a line.
    """
    for part in sheet.parts:
        if not part.pointer.startswith("/charges/"):
            continue
        bands = [
            _decimal(sheet, f"/taxes/{n}/{name}") or Decimal(0)
            for n in range(sheet.counts.get("/taxes", 0))
            for name in ("taxable_amount", "tax_amount")
        ]
        stamp = number(part.text)
        if stamp and sum(bands) + Decimal(stamp) == _decimal(sheet, "/totals/gross"):
            sheet.put(part.pointer, part.text, stamp, part.path)
            sheet.put(f"{part.pointer.rpartition('/')[0]}/reason", part.text, "Bollo", part.path)
        else:
            sheet.leave(part.path, part.text)


def _decimal(sheet: Sheet, pointer: str) -> Decimal | None:
    known = sheet.values.get(pointer)
    return Decimal(known.canonical) if known and known.canonical else None


def _write_recipient(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write the recipient's code as the buyer's identifier: ISO 6523 0201 (office) or 0205."""
    if text in _NOWHERE:
        sheet.leave(path, text)
        return
    sheet.put(pointer, text, text, path)
    scheme = "0201" if len(text) == 6 else "0205"
    sheet.put(f"{pointer.rpartition('/')[0]}/scheme", text, scheme, path)


def _write_name(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a part of a person's name; beside a company's name (Denominazione) it has no place."""
    known = sheet.values.get(pointer)
    if known is not None and pointer not in sheet.joined:
        sheet.leave(path, text)
    else:
        write_words(sheet, pointer, text, element, path)


def _write_nature(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write Natura as a category of UNCL 5305; what is none is `source_category` in a band."""
    if pointer.startswith("/taxes/"):
        sheet.put(f"{pointer.rpartition('/')[0]}/source_category", text, text, path)
    elif text not in CATEGORIES:
        sheet.leave(path, text)
    if text in CATEGORIES:
        sheet.put(pointer, text, CATEGORIES[text], path)


def _write_due(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write that the buyer pays the tax to the state (split payment), UNCL 5305 B."""
    if text == "S":
        sheet.put(pointer, text, "B", path)
    else:
        sheet.leave(path, text)


def _write_law(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write the law beside a band's Natura; beside a plain rate it exempts from nothing."""
    if any(
        child.tag.rpartition("}")[2] == "Natura" for child in element.itersiblings(preceding=True)
    ):
        sheet.put(pointer, text, text, path)
    else:
        sheet.leave(path, text)


def _identifier(path: str, pointer: str, scheme: str) -> dict[str, Row]:
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": (f"{pointer}/identifiers/-/value", write_named(scheme)),
    }


def _fiscal(path: str, pointer: str) -> dict[str, Row]:
    return {
        f"{path}/IdFiscaleIVA/IdPaese": (f"{pointer}/tax_id", partial(write_joined, "")),
        f"{path}/IdFiscaleIVA/IdCodice": (f"{pointer}/tax_id", partial(write_joined, "")),
        **_identifier(f"{path}/CodiceFiscale", pointer, "0210"),
    }


def _name(path: str, pointer: str) -> dict[str, Row]:
    return {
        f"{path}/Denominazione": f"{pointer}/name",
        f"{path}/Nome": (f"{pointer}/name", _write_name),
        f"{path}/Cognome": (f"{pointer}/name", _write_name),
    }


def _address(path: str, pointer: str) -> dict[str, Row]:
    return {
        f"{path}/Indirizzo": (f"{pointer}/address/street", write_words),
        f"{path}/NumeroCivico": (f"{pointer}/address/street", write_words),
        f"{path}/CAP": f"{pointer}/address/postal_code",
        f"{path}/Comune": f"{pointer}/address/city",
        f"{path}/Provincia": f"{pointer}/address/region",
        f"{path}/Nazione": f"{pointer}/address/country",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    data = f"{path}/DatiAnagrafici"
    rea = f"{path}/IscrizioneREA"
    return {
        **_fiscal(data, pointer),
        **_name(f"{data}/Anagrafica", pointer),
        **_identifier(f"{data}/Anagrafica/CodEORI", pointer, "EORI"),
        **_identifier(f"{data}/NumeroIscrizioneAlbo", pointer, "Albo"),
        **_address(f"{path}/Sede", pointer),
        f"{rea}/Ufficio": (f"{pointer}/registration_id", partial(write_joined, "-")),
        f"{rea}/NumeroREA": (f"{pointer}/registration_id", partial(write_joined, "-")),
        f"{path}/Contatti/Telefono": f"{pointer}/phone",
        f"{path}/Contatti/Email": f"{pointer}/email",
        # The simplified format has no groups of names in between.
        **_fiscal(path, pointer),
        **_name(path, pointer),
        **_fiscal(f"{path}/IdentificativiFiscali", pointer),
        **_name(f"{path}/AltriDatiIdentificativi", pointer),
        **_address(f"{path}/AltriDatiIdentificativi/Sede", pointer),
    }


def _recipient() -> dict[str, Row]:
    code = f"{_HEADER}/DatiTrasmissione/CodiceDestinatario"
    return {
        code: "/buyer/identifiers/-",
        f"{code}/text()": ("/buyer/identifiers/-/value", _write_recipient),
        **_identifier(f"{_HEADER}/DatiTrasmissione/PECDestinatario", "/buyer", "PEC"),
    }


def _allowance(kind: str, pointer: str) -> dict[str, Row]:
    one = f"{_GENERAL}/ScontoMaggiorazione[Tipo={kind}]"
    return {
        one: f"{pointer}/-",
        f"{one}/Tipo": IGNORED,
        f"{one}/Percentuale": f"{pointer}/-/percent",
        f"{one}/Importo": f"{pointer}/-/amount",
    }


def _document() -> dict[str, Row]:
    fund = f"{_GENERAL}/DatiCassaPrevidenziale"
    return {
        f"{_GENERAL}/TipoDocumento": "/source_type_code",
        f"{_GENERAL}/Divisa": "/currency",
        f"{_GENERAL}/Data": "/issue_date",
        f"{_GENERAL}/Numero": "/invoice_number",
        f"{_GENERAL}/DatiRitenuta/ImportoRitenuta": ("/totals/withheld", write_part),
        f"{_GENERAL}/DatiBollo": "/charges/-",
        f"{_GENERAL}/DatiBollo/ImportoBollo": ("/charges/-/amount", write_part),
        fund: "/charges/-",
        f"{fund}/TipoCassa": "/charges/-/reason",
        f"{fund}/AlCassa": "/charges/-/percent",
        f"{fund}/ImportoContributoCassa": "/charges/-/amount",
        f"{fund}/ImponibileCassa": "/charges/-/base_amount",
        f"{fund}/AliquotaIVA": "/charges/-/tax_rate",
        f"{fund}/Natura": ("/charges/-/tax_category", _write_nature),
        **_allowance("SC", "/allowances"),
        **_allowance("MG", "/charges"),
        f"{_GENERAL}/ImportoTotaleDocumento": "/totals/gross",
        f"{_GENERAL}/Arrotondamento": "/totals/rounding",
        f"{_GENERAL}/Causale": "/notes/-",
    }


def _references() -> dict[str, Row]:
    order = "DatiGenerali/DatiOrdineAcquisto"
    preceding = "DatiGenerali/DatiFattureCollegate"
    main = "DatiGenerali/FatturaPrincipale"
    transport = "DatiGenerali/DatiTrasporto"
    projects = ("DatiOrdineAcquisto", "DatiContratto", "DatiConvenzione", "DatiRicezione")
    return {
        # A list that the invoice does not have: it tells apart the lines of several orders.
        order: "/orders/-",
        f"{order}/RiferimentoNumeroLinea": ("/orders/-/line", write_part),
        f"{order}/NumItem": ("/orders/-/item", write_part),
        f"{order}/IdDocumento": "/purchase_order_reference",
        "DatiGenerali/DatiContratto/IdDocumento": "/contract_reference",
        **{f"DatiGenerali/{name}/CodiceCUP": "/project_reference" for name in projects},
        preceding: "/preceding_invoices/-",
        f"{preceding}/IdDocumento": "/preceding_invoices/-/invoice_number",
        f"{preceding}/Data": "/preceding_invoices/-/issue_date",
        main: "/preceding_invoices/-",
        f"{main}/NumeroFatturaPrincipale": "/preceding_invoices/-/invoice_number",
        f"{main}/DataFatturaPrincipale": "/preceding_invoices/-/issue_date",
        "DatiGenerali/DatiDDT/NumeroDDT": "/despatch_reference",
        f"{transport}/DataOraConsegna": "/delivery_date",
        **_address(f"{transport}/IndirizzoResa", "/delivery_party"),
    }


def _line() -> dict[str, Row]:
    line = "DatiBeniServizi/DettaglioLinee"
    article = f"{line}/CodiceArticolo"
    standard = f"{article}[CodiceTipo=EAN|EAN13|EAN-13|EAN8|EAN-8|GTIN|GTIN13|GTIN-13|GTIN14|UPC]"
    rows: dict[str, Row] = {
        line: "/lines/-",
        f"{line}/NumeroLinea": "/lines/-/id",
        f"{standard}/CodiceTipo": IGNORED,
        f"{standard}/CodiceValore": ("/lines/-/gtin", write_gtin),
        f"{article}/CodiceValore": "/lines/-/product_code",
        f"{line}/Descrizione": "/lines/-/description",
        f"{line}/Quantita": "/lines/-/quantity",
        f"{line}/UnitaMisura": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/DataInizioPeriodo": "/lines/-/period_start",
        f"{line}/DataFinePeriodo": "/lines/-/period_end",
        f"{line}/PrezzoUnitario": "/lines/-/unit_price",
        f"{line}/PrezzoTotale": "/lines/-/net_amount",
        f"{line}/AliquotaIVA": "/lines/-/tax_rate",
        f"{line}/Natura": ("/lines/-/tax_category", _write_nature),
    }
    for kind, pointer in (("SC", "/lines/-/allowances"), ("MG", "/lines/-/charges")):
        one = f"{line}/ScontoMaggiorazione[Tipo={kind}]"
        rows[one] = f"{pointer}/-"
        rows[f"{one}/Tipo"] = IGNORED
        rows[f"{one}/Percentuale"] = (f"{pointer}/-/percent", write_part)
        rows[f"{one}/Importo"] = (f"{pointer}/-/amount", write_part)
    return rows


def _taxes() -> dict[str, Row]:
    band = "DatiBeniServizi/DatiRiepilogo"
    return {
        band: "/taxes/-",
        f"{band}/AliquotaIVA": "/taxes/-/rate",
        f"{band}/Natura": ("/taxes/-/category", _write_nature),
        f"{band}/SpeseAccessorie": "/charges/-",
        f"{band}/SpeseAccessorie/text()": "/charges/-/amount",
        f"{band}/ImponibileImporto": "/taxes/-/taxable_amount",
        f"{band}/Imposta": "/taxes/-/tax_amount",
        f"{band}/EsigibilitaIVA": ("/taxes/-/category", _write_due),
        f"{band}/RiferimentoNormativo": ("/taxes/-/exemption_reason", _write_law),
    }


def _payment() -> dict[str, Row]:
    part = "DatiPagamento/DettaglioPagamento"
    # An account belongs to an instalment; `settle_accounts` gives each one once.
    account = "/payment/instalments/-"
    return {
        part: "/payment/instalments/-",
        f"{part}/Beneficiario": (f"{account}/holder", at_account(write_text)),
        f"{part}/ModalitaPagamento": ("/payment/means_text", write_means_of(MEANS)),
        f"{part}/DataScadenzaPagamento": "/payment/instalments/-/due_date",
        f"{part}/ImportoPagamento": "/payment/instalments/-/amount",
        f"{part}/IstitutoFinanziario": (f"{account}/bank_name", at_account(write_text)),
        f"{part}/IBAN": (f"{account}/iban", at_account(write_account)),
        f"{part}/ABI": (f"{account}/routing_number", at_account(write_text)),
        f"{part}/CAB": (f"{account}/sort_code", at_account(write_text)),
        f"{part}/BIC": (f"{account}/bic", at_account(write_bank)),
        f"{part}/CodicePagamento": "/payment/reference",
    }


_GENERAL = "DatiGenerali/DatiGeneraliDocumento"
_GOODS = "DatiBeniServizi"

HEADER: Table = {
    _BODY: ELSEWHERE,
    **_recipient(),
    **_party(f"{_HEADER}/CedentePrestatore", "/seller"),
    **_party(f"{_HEADER}/CessionarioCommittente", "/buyer"),
}
"""Every place of the header, and of the root, that the invoice has a field for."""

ORDINARY: Table = {**_document(), **_references(), **_line(), **_taxes(), **_payment()}
"""Every place of a FatturaElettronicaBody that the invoice has a field for."""

SIMPLIFIED: Table = {
    f"{_GENERAL}/TipoDocumento": "/source_type_code",
    f"{_GENERAL}/Divisa": "/currency",
    f"{_GENERAL}/Data": "/issue_date",
    f"{_GENERAL}/Numero": "/invoice_number",
    "DatiGenerali/DatiFatturaRettificata": "/preceding_invoices/-",
    "DatiGenerali/DatiFatturaRettificata/NumeroFR": "/preceding_invoices/-/invoice_number",
    "DatiGenerali/DatiFatturaRettificata/DataFR": "/preceding_invoices/-/issue_date",
    _GOODS: "/lines/-",
    f"{_GOODS}/Descrizione": "/lines/-/description",
    f"{_GOODS}/Importo": "/lines/-/gross_amount",
    f"{_GOODS}/DatiIVA/Imposta": "/lines/-/tax_amount",
    f"{_GOODS}/DatiIVA/Aliquota": "/lines/-/tax_rate",
    f"{_GOODS}/Natura": ("/lines/-/tax_category", _write_nature),
}
"""The same of a body of the simplified format, whose lines have prices with tax."""

TABLE: Table = {**HEADER, **ORDINARY, **SIMPLIFIED}
"""All of them, as documentation and tests look at them."""
