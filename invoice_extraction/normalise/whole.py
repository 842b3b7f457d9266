"""What a document tells as a whole: how it writes numbers and dates, its language, its seller's country."""

from dataclasses import replace
from functools import cached_property

from invoice_extraction.model import own_fields
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading, Origin, Value
from invoice_extraction.normalise import amounts, countries, currency, dates, fields
from invoice_extraction.normalise.amounts import NumberStyle
from invoice_extraction.normalise.dates import DateOrder
from invoice_extraction.normalise.locate import LITERAL, Budget, Index, Place

LOCATED = 0.85
"""Prior confidence of a model's value that stands on the page."""

OF_PAGES: frozenset[Origin | None] = frozenset({None, "text", "ocr", "model"})
"""Origins of what is, or has to be, seen on a page."""

_SELLER_COUNTRY = "/seller/address/country"


class Whole:
    """One invoice of a document; each part is worked out when it is first needed."""

    def __init__(
        self, reading: InvoiceReading, document: Document, options: Options, budget: Budget
    ) -> None:
        self.reading = reading
        self.budget = budget
        self._document = document
        self._options = options

    @cached_property
    def texts(self) -> list[str]:
        """All words of the invoice's pages as one text a page, and the values' own texts."""
        pages = [" ".join(w.text for w in p.words) for p in self.own_pages if p.words]
        return pages + [v.text for v in self.reading.values.values() if v.canonical is None]

    @property
    def is_xml(self) -> bool:
        """True where the sums are an e-invoice's: their discounts stay as they are written."""
        sums = (self.reading.values.get(p) for p in ("/totals/gross", "/totals/amount_due"))
        return any(value is not None and value.origin == "xml" for value in sums)

    @cached_property
    def own_pages(self) -> list[Page]:
        """The pages that the invoice stands on."""
        own = self.reading.pages
        return [p for p in self._document.pages if not own or p.number in own]

    @cached_property
    def style(self) -> NumberStyle:
        """How its numbers mark decimals, None where nothing tells."""
        return amounts.style_of(self.texts)

    @cached_property
    def order(self) -> DateOrder:
        """Whether its dates begin with the day or the month, None where nothing tells."""
        return dates.order_of(self.texts, self.language, self.country)

    @cached_property
    def language(self) -> str | None:
        """Its language, as read or as the caller told it."""
        told = self.reading.values.get("/language")
        return (told and (told.canonical or told.text)) or self._options.language

    @cached_property
    def country(self) -> str | None:
        """The seller's country where it is printed or written, not where a model alone tells it."""
        return self.seller_country[0]

    @cached_property
    def seller_country(self) -> tuple[str | None, float]:
        """The seller's country and the confidence that evidence gives it."""
        told = self.reading.values.get(_SELLER_COUNTRY)
        country = told and (told.canonical or countries.parse(told.text, self.language))
        if told is None or not country:
            return None, 0.0
        if told.boxes or told.origin not in OF_PAGES:
            return country, 1.0 if told.score is None else told.score
        # Without an order of dates, which the country may tell, and names need none.
        place = country_place(
            Index(self.own_pages, budget=self.budget), told, country, self.language
        )
        return (None, 0.0) if place is None else (country, LOCATED)

    @cached_property
    def currency(self) -> str | None:
        """Its currency as far as it is read."""
        told = self.reading.values.get("/currency")
        if told is None:
            return None
        return told.canonical or currency.parse(told.text, self.country)

    @cached_property
    def index(self) -> Index:
        """The words of its pages, to find values among."""
        return Index(self.own_pages, self.style, self.order, self.language, self.budget)

    @cached_property
    def hidden(self) -> Index | None:
        """What the pages hold and nobody sees on them, None where there is nothing; without places."""
        pages = [
            replace(page, words=tuple(Word(text, 0, 0, 0, 0) for text in page.hidden.split()))
            for page in self._document.pages
            if page.hidden
        ]
        if not pages:
            return None
        return Index(pages, self.style, self.order, self.language, self.budget)

    def kind(self, pointer: str) -> fields.Kind | None:
        """Return the kind of the value at a pointer; own fields have theirs by the caller's schema."""
        found = fields.kind(pointer)
        schema = self._options.fields_schema
        return own_fields.kind_at(schema, pointer) or found if schema and found == "any" else found

    @cached_property
    def origins(self) -> dict[int, Origin | None]:
        """Where the words of each page come from, by its number."""
        return {page.number: page.origin for page in self._document.pages}

    @cached_property
    def pages(self) -> dict[int, Page]:
        """The document's pages by their numbers."""
        return {page.number: page for page in self._document.pages}


def country_place(index: Index, value: Value, country: str, language: str | None) -> Place | None:
    """Return where a country stands, by its code or by any of its names; None where it does not."""
    for text in dict.fromkeys((value.text, *countries.prints(country, language))):
        place = index.find(text, match="whole", page=value.page)
        # "IN", "IT" and "NO" are countries only in capitals.
        if place is not None and (not countries.is_short(text) or place.quality == LITERAL):
            return place
    return None
