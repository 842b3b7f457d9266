"""Confidence of what the local engine read, by weights that were fitted on documents whose truth is known.

`signs` says what speaks for a value and against it, `weights.json` how much each of that counts (made by
`make model`, see training/README.md): a logistic regression, so that of the values told at 0.9 nine in ten
are right in documents that were not fitted on.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.extraction import Evidence, ExtractedInvoice
from invoice_extraction.validate.base import SUMS

Signs = Mapping[str, float]
"""What speaks for a value or against it, each by its name in `weights.json`; what is missing counts 0."""

FIELDS = frozenset(
    [
        *("/invoice_number", "/issue_date", "/due_date", "/currency", "/purchase_order_reference"),
        *("/seller/name", "/seller/tax_id", "/buyer/name", "/payment/accounts/*/iban"),
        *("/totals/net", "/totals/tax", "/totals/gross", "/totals/amount_due"),
        *("/lines/*/description", "/lines/*/quantity", "/lines/*/unit_price"),
        *("/lines/*/net_amount", "/lines/*/gross_amount"),
    ]
)
"""Fields of which enough values with a known truth exist; the others keep the rules' confidence."""

_LEAST, _MOST = 0.02, 0.995
"""Beyond these the engine's own score says no more."""

_ADD_UP = frozenset({"lines_add_up", "BR-CO-10"})
_NUMBER = re.compile(r"/\d+(?=/|$)")
_AMOUNT = re.compile(r"(?<!\d)(\d[\d.,' ]*)[.,](\d\d)(?!\d)")
_DAY = re.compile(
    r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)"
    r"|(?<!\d)\d{1,2}\.?[ -]?[^\W\d]{3,12}\.?,?[ -]?(?:20)?\d\d(?!\d)"
    r"|[^\W\d]{3,12}\.? \d{1,2},? 20\d\d"
)
_LONGEST = 40
"""Letters of a word that is looked at as an amount."""

_CLEAR = 0.95
"""OCR's confidence of a word from which it reads as clearly printed."""
_ROUNDED = 5
"""Hundredths that a cash total is rounded by at most."""
_IDENTIFIERS = frozenset({"iban_check_digits", "tax_id_check_digits"})
_FORMS = frozenset(
    """ab ag aps as bhd bv co company corp corporation doo eg ek ev gmbh hf inc kft kg kk lda limited llc llp lp ltd mbh nv ohg
    oo oy oyj ou oü plc pt pte pty pvt sa sarl sas sasu sdn sia sl slu spa spzoo srl sro ss uab ug vof""".split()
)
"""Legal forms without their dots."""

_SITE = re.compile(r"(?:www\.|@)([\w-]+)")
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Model:
    """The weights by the names of signs, and the confidence from which values are told 0.99 on average."""

    weights: Mapping[str, float]
    accepted: float

    def confidence(self, signs: Signs) -> float:
        """Return how likely a value with these signs is right."""
        weights = self.weights
        total = weights[""] + sum(weights.get(name, 0.0) * much for name, much in signs.items())
        return round(1 / (1 + math.exp(-total)), 4)


@cache
def model() -> Model:
    """Return the fitted model; the file is read once."""
    found = json.loads(resources.files(__package__).joinpath("weights.json").read_bytes())
    return Model(found["weights"], found["accepted"])


def field_of(pointer: str) -> str:
    """Return the field that a pointer is of: "/lines/3/quantity" is of "/lines/*/quantity"."""
    return (
        _NUMBER.sub("/*", pointer) if "/lines/" in pointer or "/accounts/" in pointer else pointer
    )


def signs(
    invoice: ExtractedInvoice,
    pages: Sequence[Page],
    passed: Mapping[str, Sequence[str]],
    failed: Set[str],
) -> Iterator[tuple[str, Signs]]:
    """Yield for each value of the FIELDS its pointer and its signs.

    `pages` are those that it was read from; `passed` and `failed` say which checks a value passed, and
    which failed one.
    """
    whole = _Whole(invoice, pages, passed)
    for pointer, evidence in invoice.evidence.items():
        field = field_of(pointer)
        if field not in FIELDS or evidence.origin not in ("text", "ocr", "derived"):
            continue
        told = min(max(evidence.confidence, _LEAST), _MOST)
        counted = len(SUMS.intersection(passed.get(pointer, ())))
        yield (
            pointer,
            {
                f"is {field}": 1.0,
                "engine": math.log(told / (1 - told)),
                evidence.origin: 1.0,
                f"{evidence.origin} {field}": 1.0,
                "words": whole.words,
                "unclear words": whole.unclear,
                "lines add up": whole.lines_add_up,
                f"lines add up {field}": whole.lines_add_up,
                "net and tax": whole.adds_up,
                "bands": whole.banded,
                "check digits": whole.identified,
                "sum": float(counted > 0),
                "sums": float(counted > 1),
                "fails": float(pointer in failed),
                **_own(field, pointer, evidence, whole),
            },
        )


def _own(field: str, pointer: str, evidence: Evidence, whole: "_Whole") -> Signs:
    """Return the signs that only some fields have."""
    if field.startswith("/totals/"):
        return whole.of_total(field)
    if field.startswith("/lines/"):
        return whole.of_line(field, int(pointer.split("/")[2]))
    if field in ("/seller/name", "/buyer/name"):
        return whole.of_name(field)
    if field in ("/issue_date", "/due_date"):
        return whole.of_day(field, evidence.text or "")
    if field in ("/invoice_number", "/purchase_order_reference"):
        return {"short": float(len(evidence.text or "") < 4)}
    return {}


def _words(pages: Sequence[Page]) -> Iterator[Word]:
    return (word for page in pages for word in page.words)


def _form(word: str) -> bool:
    """Return whether a word of a name is a legal form: "GmbH", "S.r.l."."""
    return "".join(filter(str.isalpha, word.casefold())) in _FORMS


class _Whole:
    """What the document tells of all its values; each part is worked out when it is first needed."""

    def __init__(
        self,
        invoice: ExtractedInvoice,
        pages: Sequence[Page],
        passed: Mapping[str, Sequence[str]],
    ) -> None:
        self._result = invoice.result
        self._pages = pages
        self._passed = passed
        clear = [word.confidence is None or word.confidence >= _CLEAR for word in _words(pages)]
        self.words = math.log(1 + len(clear)) - 5
        self.unclear = 5 * clear.count(False) / max(1, len(clear))
        holds = {check.id for check in invoice.checks if check.status == "pass"}
        self.lines_add_up = float(not holds.isdisjoint(_ADD_UP))
        self.adds_up = float("BR-CO-15" in holds)
        self.banded = float("BR-CO-17" in holds)
        self.identified = float(not holds.isdisjoint(_IDENTIFIERS))

    def of_total(self, field: str) -> Signs:
        """Return how often a total is printed, how many larger amounts are, and whether it may be rounded there."""
        value = getattr(self._result.totals, field.rpartition("/")[2])
        cents = int(abs(value) * 100)
        count = self._amounts.get(cents, 0)
        larger = sum(other > cents for other in self._amounts)
        return {
            "printed": float(min(3, count)),
            "printed again " + field: float(count > 1),
            "larger " + field: float(min(4, larger)),
            "nearly " + field: float(
                any(0 < abs(other - cents) <= _ROUNDED for other in self._amounts)
            ),
        }

    def of_line(self, field: str, number: int) -> Signs:
        """Return what a line's sums and words say."""
        line = self._result.lines[number]
        checks = self._rows.get(number, frozenset())
        amount = line.gross_amount if line.net_amount is None else line.net_amount
        found = {
            "quantity x price": float("line_amount" in checks),
            "counted": float(not _ADD_UP.isdisjoint(checks)),
            "nothing": float(amount is not None and amount <= 0),
            f"lines {field}": math.log1p(len(self._result.lines)),
        }
        text = line.description
        if field.endswith("description") and text:
            found["letters"] = sum(map(str.isalpha, text)) / len(text)
            found["few letters"] = float(sum(map(str.isalpha, text)) < 4)
            found["said again"] = float(self._descriptions[text] > 1)
        return found

    def of_name(self, field: str) -> Signs:
        """Return what a name's own form says, and what stands with it."""
        is_seller = field == "/seller/name"
        party = self._result.seller if is_seller else self._result.buyer
        name = (party and party.name) or ""
        return {
            "digit": float(any(map(str.isdigit, name))),
            "capitals": float(name.isupper()),
            "site": float(any(word in self._sites for word in _WORD.findall(name.casefold()))),
            f"form {field}": float(any(_form(word) for word in name.split())),
            f"address {field}": float(party is not None and party.address is not None),
            f"tax number {field}": float(party is not None and party.tax_id is not None),
        }

    def of_day(self, field: str, text: str) -> Signs:
        """Return how many other days are printed."""
        return {
            f"only day {field}": float(len(self._days) == 1),
            f"days {field}": float(min(5, len(self._days))),
            f"day again {field}": float(self._days.get(text, 0) > 1),
        }

    @cached_property
    def _texts(self) -> list[str]:
        return [" ".join(word.text for word in page.words) for page in self._pages]

    @cached_property
    def _amounts(self) -> Counter[int]:
        """Every amount with two decimals, in hundredths, and how often it is printed."""
        return Counter(
            int("".join(filter(str.isdigit, whole + cents)))
            for word in _words(self._pages)
            if len(word.text) <= _LONGEST
            for whole, cents in _AMOUNT.findall(word.text)
        )

    @cached_property
    def _days(self) -> Counter[str]:
        return Counter(found for text in self._texts for found in _DAY.findall(text))

    @cached_property
    def _sites(self) -> str:
        return " ".join(site for text in self._texts for site in _SITE.findall(text.casefold()))

    @cached_property
    def _rows(self) -> dict[int, frozenset[str]]:
        """The checks that any value of a line passed, by the line's number."""
        found: dict[int, set[str]] = {}
        for pointer, checks in self._passed.items():
            if pointer.startswith("/lines/"):
                found.setdefault(int(pointer.split("/")[2]), set()).update(checks)
        return {number: frozenset(checks) for number, checks in found.items()}

    @cached_property
    def _descriptions(self) -> Counter[str | None]:
        return Counter(line.description for line in self._result.lines)
