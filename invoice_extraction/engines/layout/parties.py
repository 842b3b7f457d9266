"""Who sells and who buys, and which tax number is whose."""

from dataclasses import dataclass

from invoice_extraction.engines.layout import buyers, hints, names, sellers
from invoice_extraction.engines.layout.buyers import Window
from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.names import same
from invoice_extraction.engines.layout.references import Found
from invoice_extraction.engines.layout.tax_numbers import TaxNumber
from invoice_extraction.model.hints import SellerHints

_FLUSH = 20.0
"""Points by which the lines of one block begin apart at most."""

_IN_PASSING = 0.5
"""The prior of a buyer that a word tells within a line: "Herrn Nils Brand"."""

_BLOCK = 12.0
"""Heights of a line that a party's block goes on below its name at most."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The two names and which tax number is whose.

    `buyers_lines` are the segments (by id) of the buyer's address and of the place of delivery, `buyers_numbers` all
    tax numbers, squashed, that are the buyer's.
    """

    seller: Found | None
    buyer: Found | None
    seller_tax_id: Found | None
    buyer_tax_id: Found | None
    buyers_lines: frozenset[int]
    buyers_numbers: frozenset[str]


def parties(layout: Layout, numbers: list[TaxNumber], known: SellerHints | None = None) -> Parties:
    """Return who sells and who buys; None for one of whom the pages say too little.

    Of a `known` seller the name is certain: None for it means that it is not printed.
    """
    found = names.names(layout)
    by_segment = names.by_segment(found)
    blocks = buyers.blocks(layout)
    buyer = buyers.labelled(layout, by_segment)
    every = buyers.windows(layout, by_segment)
    windows = [window for window in every if not window.is_spare]
    seller = (
        hints.printed(layout, known.name)
        if known is not None and known.name
        else sellers.seller(layout, found, by_segment, numbers, blocks, windows, buyer)
    )
    window = next((w.name for w in windows if seller is None or not _holds(w, seller)), None)
    if window is not None and (buyer is None or buyer.score < window.score):
        buyer = window
    if buyer is None:
        buyer = buyers.delivered(layout, by_segment)
    if buyer is None and seller is not None:
        left = [w for w in every if w.is_spare and not _holds(w, seller)]
        spare = buyers.spare(layout, left, numbers)
        buyer = window = spare.name if spare is not None else None
    elif buyer is not None and buyer.score <= _IN_PASSING:
        # "Firma, Oak AG, Herrn Brand": the company is written to, and he opens the letter.
        place = buyer.segment
        around = (w.name for w in every if any(line is place for line in w.lines))
        buyer = window = next(around, buyer)
    buyer = hints.spotted(layout, known, "/buyer/name", buyer)
    if buyer is not None and seller is not None and same(buyer.text, seller.text):
        buyer = None
    theirs = {id(segment) for block in blocks for segment in block}
    if window is not None and buyer is window:
        theirs |= {id(s) for w in every if w.name is window for s in w.lines}
    for text in known.tax_ids if known is not None else ():
        number = hints.printed(layout, text)
        numbers = [TaxNumber(number), *numbers] if number is not None else numbers
    own, others = _whose(numbers, seller, buyer, theirs, known)
    buyers_numbers = frozenset(squash(found.text) for found in others)
    other = others[0] if others else None
    return Parties(seller, buyer, own, other, frozenset(theirs), buyers_numbers)


def _holds(window: Window, seller: Found) -> bool:
    return any(line is seller.segment for line in window.lines) or same(
        window.name.text, seller.text
    )


def _whose(
    numbers: list[TaxNumber],
    seller: Found | None,
    buyer: Found | None,
    theirs: set[int],
    known: SellerHints | None,
) -> tuple[Found | None, list[Found]]:
    """Return the seller's tax number and the buyer's ones; `theirs` are the segments of the buyer's blocks."""
    known_ids = {squash(text) for text in known.tax_ids} if known is not None else set()
    of_buyer: list[Found] = []
    own: list[Found] = []
    for number in numbers:
        found = number.found
        is_theirs = squash(found.text) not in known_ids and (
            number.is_buyers or id(found.segment) in theirs or _hangs_on(found, buyer, seller)
        )
        (of_buyer if is_theirs else own).append(found)
    own = [f for f in own if squash(f.text) in known_ids] or own
    keys = {squash(f.text) for f in of_buyer}
    own = [f for f in own if squash(f.text) not in keys] if len(keys) < len(numbers) else own
    return max(own, key=lambda f: f.score, default=None), of_buyer


def _hangs_on(found: Found, buyer: Found | None, seller: Found | None) -> bool:
    """True for what stands below the buyer's name and flush with it, and not below the seller's in between."""
    if buyer is None or not _is_below(found, buyer):
        return False
    return seller is None or not _is_below(found, seller) or _is_below(buyer, seller)


def _is_below(found: Found, name: Found) -> bool:
    below = found.segment.top - name.segment.bottom
    return (
        found.segment.page == name.segment.page
        and abs(found.segment.x0 - name.segment.x0) < _FLUSH
        and 0 <= below < _BLOCK * max(name.segment.height, 6.0)
    )
