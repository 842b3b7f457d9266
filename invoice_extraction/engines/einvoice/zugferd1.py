"""ZUGFeRD 1.0, CrossIndustryDocument, and its release candidate: CII before EN 16931."""

from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice import cii
from invoice_extraction.engines.einvoice.paths import Node, Table, clark_path, compile_table
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

_STANDARD = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:12",
    "udt": f"{_STANDARD}UnqualifiedDataType:15",
    "qdt": f"{_STANDARD}QualifiedDataType:12",
}
_CANDIDATE = f"{_STANDARD}CBFBUY:5"
"""The release candidate's namespace, of its root element and the three below it; others have none."""

_OLD_NAMES = {
    "rsm:ExchangedDocument": "rsm:HeaderExchangedDocument",
    "rsm:SupplyChainTradeTransaction": "rsm:SpecifiedSupplyChainTradeTransaction",
    "ram:ApplicableHeaderTradeAgreement": "ram:ApplicableSupplyChainTradeAgreement",
    "ram:ApplicableHeaderTradeDelivery": "ram:ApplicableSupplyChainTradeDelivery",
    "ram:ApplicableHeaderTradeSettlement": "ram:ApplicableSupplyChainTradeSettlement",
    "ram:SpecifiedLineTradeAgreement": "ram:SpecifiedSupplyChainTradeAgreement",
    "ram:SpecifiedLineTradeDelivery": "ram:SpecifiedSupplyChainTradeDelivery",
    "ram:SpecifiedLineTradeSettlement": "ram:SpecifiedSupplyChainTradeSettlement",
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation": (
        "ram:SpecifiedTradeSettlementMonetarySummation"
    ),
    "ram:SpecifiedTradeSettlementLineMonetarySummation": (
        "ram:SpecifiedTradeSettlementMonetarySummation"
    ),
    "ram:DespatchAdviceReferencedDocument": "ram:DeliveryNoteReferencedDocument",
    "ram:IssuerAssignedID": "ram:ID",
    "ram:FormattedIssueDateTime": "ram:IssueDateTime",
    "ram:RateApplicablePercent": "ram:ApplicablePercent",
}
"""What CII D16B renamed: its name and the one that stood here before."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of a CrossIndustryDocument, or of the candidate's Invoice element."""
    if root.tag == f"{{{_CANDIDATE}}}Invoice":
        spaces = {"rsm": _CANDIDATE, "ram": "", "udt": "", "qdt": ""}
    else:
        spaces = cii.namespaces(root, NAMESPACES)
    return cii.read_by(_compiled(**spaces), root)


@lru_cache(maxsize=8)
def _compiled(**spaces: str) -> tuple[Node, str]:
    """Return the table's tree and the path of the document's currency."""
    return compile_table(TABLE, spaces), clark_path(_old(cii.CURRENCY), spaces)


def _old(path: str) -> str:
    """Return a path of CII as it was called in ZUGFeRD 1."""
    return "/".join(_OLD_NAMES.get(step, step) for step in path.split("/"))


def _table() -> Table:
    """Return CII's table with the old names, and with dates and indicators that are plain texts."""
    table = {_old(path): row for path, row in cii.TABLE.items()}
    plain = {
        path.replace("/udt:DateTimeString", "").replace("/udt:Indicator", ""): row
        for path, row in table.items()
        if "/udt:DateTimeString" in path or "/udt:Indicator" in path
    }
    return {**table, **plain}


TABLE = _table()
"""Every place of a CrossIndustryDocument that the invoice has a field for."""
