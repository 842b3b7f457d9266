"""E-invoice syntaxes: `SYNTAXES` maps a root element, "{namespace}name", to the module that reads it.

Modules are named, not imported, so that knowing the syntaxes loads no XML library. `NAMES` is what
an answer calls a syntax.
"""

from importlib import import_module
from typing import cast

from invoice_extraction.engines.einvoice.base import Syntax

__all__ = ["FAMILIES", "NAMES", "SYNTAXES", "get_syntax"]

_CII = "urn:un:unece:uncefact:data:standard:"
_XSD = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd"
_SDI = "http://www.fatturapa.gov.it/sdi"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

SYNTAXES: dict[str, str] = {
    f"{{{_CII}CrossIndustryInvoice:100}}CrossIndustryInvoice": (
        "invoice_extraction.engines.einvoice.cii"
    ),
    f"{{{_UBL}Invoice-2}}Invoice": "invoice_extraction.engines.einvoice.ubl",
    f"{{{_UBL}CreditNote-2}}CreditNote": "invoice_extraction.engines.einvoice.ubl",
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument": (
        "invoice_extraction.engines.einvoice.zugferd1"
    ),
    f"{{{_CII}CBFBUY:5}}Invoice": "invoice_extraction.engines.einvoice.zugferd1",
    "{urn:sfti:documents:BasicInvoice:1:0}Invoice": "invoice_extraction.engines.einvoice.svefaktura",
    "Invoice": "invoice_extraction.engines.einvoice.isdoc",
    "{http://isdoc.cz/namespace/2013}Invoice": "invoice_extraction.engines.einvoice.isdoc",
    "{http://isdoc.cz/namespace/invoice}Invoice": "invoice_extraction.engines.einvoice.isdoc",
    **{
        f"{{http://www.ebinterface.at/schema/{version}/}}Invoice": (
            "invoice_extraction.engines.einvoice.ebinterface"
        )
        for version in ("3p0", "3p02", "4p0", "4p1", "4p2", "4p3", "5p0", "6p0", "6p1")
    },
    **{
        f"{{http://crd.gov.pl/wzor/{form}/}}Faktura": "invoice_extraction.engines.einvoice.ksef"
        for form in ("2023/06/29/12648", "2025/06/25/13775", "2026/02/17/14164", "2026/03/06/14189")
    },
    **{
        f"{{http://www.facturae.{version}}}Facturae": "invoice_extraction.engines.einvoice.facturae"
        for version in (
            *("es/Facturae/2007/v3.0/Facturae", "es/Facturae/2007/v3.1/Facturae"),
            *("es/Facturae/2009/v3.2/Facturae", "es/Facturae/2014/v3.2.1/Facturae"),
            "gob.es/formato/Versiones/Facturaev3_2_2.xml",
        )
    },
    **dict.fromkeys(
        [
            *(f"{{{_SDI}/fatturapa/v1.{n}}}FatturaElettronica" for n in (0, 1)),
            f"{{{_XSD}/fatture/v1.2}}FatturaElettronica",
            f"{{{_XSD}/fatture/v1.0}}FatturaElettronicaSemplificata",
            "FatturaElettronica",  # as some programs write it
        ],
        "invoice_extraction.engines.einvoice.fatturapa",
    ),
}

FAMILIES: tuple[str, ...] = (
    _CII,
    _UBL,
    "urn:oasis:names:tc:ubl:",
    "urn:sfti:documents:",
    "http://isdoc.cz/namespace/",
    "http://upo.schematy.mf.gov.pl/",
    "http://jpk.mf.gov.pl/",
    _XSD,
    _SDI,
)
"""Namespaces whose other documents are known to be no invoices: orders, despatch advices, replies."""

NAMES: dict[str, str] = {root: module.rpartition(".")[2] for root, module in SYNTAXES.items()}


def get_syntax(root: str) -> Syntax:
    """Return the function that reads this root element; KeyError where there is none."""
    return cast(Syntax, import_module(SYNTAXES[root]).read)
