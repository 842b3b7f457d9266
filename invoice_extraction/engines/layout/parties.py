"""Who sells and who buys, and which tax number is whose."""

from dataclasses import dataclass

from invoice_extraction.engines.layout import buyers, names, sellers
from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.names import same
from invoice_extraction.engines.layout.references import Found


@dataclass(frozen=True, slots=True)
class Parties:
    """The two names and which tax number is whose."""

    seller: Found | None
    buyer: Found | None
    seller_tax_id: Found | None
    buyer_tax_id: Found | None


def parties(layout: Layout, tax_ids: list[Found]) -> Parties:
    """Return who sells and who buys; None for one of whom the pages say too little."""
    found = names.names(layout)
    by_segment = names.by_segment(found)
    blocks = buyers.blocks(layout)
    buyer = buyers.labelled(layout, by_segment)
    seller = sellers.seller(layout, found, by_segment, tax_ids, blocks, buyer)
    if buyer is None:
        buyer = buyers.addressed(layout, by_segment, seller)
        if buyer is not None and seller is not None and same(buyer.text, seller.text):
            buyer = None
    own, other = _whose(tax_ids, seller, buyer, blocks)
    return Parties(seller, buyer, own, other)


def _whose(
    tax_ids: list[Found],
    seller: Found | None,
    buyer: Found | None,
    blocks: list[tuple[Segment, ...]],
) -> tuple[Found | None, Found | None]:
    """Return the seller's and the buyer's tax number."""
    in_buyer = {id(s) for block in blocks for s in block}
    theirs: list[Found] = []
    own: list[Found] = []
    for found in tax_ids:
        text = found.segment.text.casefold()
        near_buyer = (
            buyer is not None
            and found.segment.page == buyer.segment.page
            and abs(found.segment.x0 - buyer.segment.x0) < 20
            and 0 < found.segment.row - buyer.segment.row <= 7
        )
        if (
            seller is not None
            and near_buyer
            and found.segment.row - seller.segment.row in range(0, 7)
            and abs(found.segment.x0 - seller.segment.x0) < 20
        ):
            near_buyer = buyer is not None and seller.segment.row < buyer.segment.row
        told = any(
            w in text for w in ("customer", "kunde", "buyer", "client", "your vat", "ihre ust")
        )
        (theirs if id(found.segment) in in_buyer or near_buyer or told else own).append(found)
    keys = {squash(f.text) for f in theirs}
    own = [f for f in own if squash(f.text) not in keys] if len(keys) < len(tax_ids) else own
    return (
        max(own, key=lambda f: f.score, default=None),
        theirs[0] if theirs else None,
    )
