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

FAMILIES: tuple[str, ...] = (_CII, _UBL, _XSD, _SDI)
"""Namespaces whose other documents are known to be no invoices: orders, despatch advices, replies."""

NAMES: dict[str, str] = {root: module.rpartition(".")[2] for root, module in SYNTAXES.items()}


def get_syntax(root: str) -> Syntax:
    """Return the function that reads this root element; KeyError where there is none."""
    return cast(Syntax, import_module(SYNTAXES[root]).read)
