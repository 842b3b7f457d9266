"""Tables of paths: what stands where in an e-invoice, and the one walk that reads by them.

A table maps a path from the root element to a JSON Pointer of the invoice:

    "cbc:ID": "/invoice_number"                    the element's text
    "cac:InvoiceLine": "/lines/-"                  each of them is a new item of the list
    "cac:InvoiceLine/cbc:ID": "/lines/-/id"        a value of the item it stands in
    "cbc:Note": "/notes/-"                         an item that is only its text
    "cbc:EndpointID/@schemeID": "/seller/..."      an attribute
    "cbc:EndpointID/text()": "/seller/..."         the text of an element that is an item as well
    "cbc:InvoiceTypeCode": ("/type_code", writer)  a function that writes what it makes of the text
    "ram:ID[@schemeID=VA]": "/seller/tax_id"       only where the attribute (or [child/path=...]) is
                                                   one of the words ("VA|VAT"); "[@schemeID=]" is none
    "cac:Delivery[1]": "/..."                      only the first of several that stand together
    "Podmiot3[Rola=1][1]": "/..."                  only the first of those that meet the condition
    "cbc:ChargeIndicator": IGNORED                 told by the place of other values
    "Invoices/Invoice": ELSEWHERE                  read by a table of its own, see `walk_each`

A table is compiled once to a tree, which is walked beside the XML: each element is met once, and
whatever has no row goes to `unmapped`. The first value of a pointer stays; another one is unmapped.
An amount in another currency than the document's is not the document's: it is unmapped, and doubted
where no other takes its place. A row for an amount's @currencyID leaves that to the row's writer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, cast

from invoice_extraction.engines.einvoice.base import code, iso_date, iso_time, number
from invoice_extraction.errors import TooComplex
from invoice_extraction.model.reading import Doubt, InvoiceReading, Origin, Unmapped, Value

if TYPE_CHECKING:
    from lxml.etree import _Element

Writer = Callable[["Sheet", str, str, "_Element", str], None]
"""Writes what it makes of a text: sheet, pointer, text, its element, its path."""

Row = str | tuple[str, Writer]
Table = Mapping[str, Row]

IGNORED = ""
"""The target of what the place of other values tells already."""

ELSEWHERE = "elsewhere"
"""The target of an element that is walked by itself, with a table of its own."""

NUMBERS = frozenset(
    [
        "quantity",
        "unit_price",
        "price_base_quantity",
        "discount_amount",
        "discount_percent",
        "tax_rate",
        "tax_amount",
        "net_amount",
        "gross_amount",
        "amount",
        "base_amount",
        "percent",
        "rate",
        "taxable_amount",
        "surcharge_rate",
        "surcharge_amount",
        "lines_net",
        "allowances",
        "charges",
        "net",
        "tax",
        "tax_in_tax_currency",
        "gross",
        "paid",
        "rounding",
        "amount_due",
        "previous_balance",
        "tip",
        "withheld",
    ]
)
DATES = frozenset(
    ["issue_date", "due_date", "tax_point_date", "delivery_date", "period_start", "period_end"]
)
LONG_TEXTS = frozenset(["description", "terms", "notes", "exemption_reason", "reason"])
"""Texts that keep their line breaks."""

_NO_MATTER = frozenset(
    [
        "format",
        "languageID",
        "languageLocaleID",
        "listID",
        "listName",
        "listURI",
        "listVersionID",
        "listSchemeURI",
        "listAgencyID",
        "listAgencyName",
        "schemeName",
        "schemeURI",
        "schemeDataURI",
        "schemeVersionID",
        "schemeAgencyID",
        "schemeAgencyName",
        "unitCodeListID",
        "unitCodeListAgencyID",
        "unitCodeListAgencyName",
        "unitCodeListVersionID",
        "currencyCodeListVersionID",
        "characterSetCode",
        "encodingCode",
    ]
)
"""Attributes that say which list a code is from, no more."""

_STEP = re.compile(r"([^/\[\]]+)(?:\[([^\]=]*)=([^\]]*)\])?(\[1\])?(?:/|$)")
_CURRENCIES = frozenset(["currencyID", "amountCurrencyID"])
"""Attributes that name an amount's currency: since UBL 2.0 and in CII, and in UBL 1.0."""

_W3C = "{http://www.w3.org/"  # of XML itself and of XML Schema, beside the invoice
_MAX_REPEATED = 200_000
"""Elements that may be read again for each of several invoices: 100 of a header for 2,000 invoices."""

_FILES = frozenset(["Attachment", "AttachmentData"])
"""Elements that hold a file as Base64, beside those with a `mimeCode`: FatturaPA, Facturae."""
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"

Test = Callable[["_Element", str | None], bool]


@dataclass(slots=True)
class Target:
    """Where a text goes: a pointer, counted from the innermost item when `relative`."""

    pointer: str
    relative: bool
    writer: Writer


@dataclass(slots=True)
class Node:
    """One element of a compiled table. `path` is counted from the innermost item above it.

    An item that `needs` a value ("/value") and has none takes no place in its list.
    """

    path: str = ""
    children: dict[str, list[tuple[Test | None, "Node"]]] = field(default_factory=dict)
    attributes: dict[str, Target | None] = field(default_factory=dict)
    text: Target | None = None
    ignored: bool = False
    elsewhere: bool = False
    item: Target | None = None
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A value that has to be seen with others before it is written; `path` is where it stands."""

    pointer: str
    text: str
    currency: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """An amount that is marked with another currency than the document's."""

    pointer: str
    currency: str


class Sheet:
    """What is gathered from one XML while it is walked.

    `currency` is the document's, as written, None where it names none; `counts` tells how many items
    each list has so far, `places` how many elements of a path were met; `currencies` are those that
    amounts are marked with, `foreign` the amounts whose currency is not the document's; `joined` holds
    the texts that become one value, with their glue.
    """

    __slots__ = (
        "counts",
        "currencies",
        "currency",
        "doubts",
        "foreign",
        "joined",
        "parts",
        "places",
        "unmapped",
        "values",
    )

    def __init__(self, currency: str | None) -> None:
        self.currency = currency
        self.values: dict[str, Value] = {}
        self.unmapped: list[Unmapped] = []
        self.parts: list[Part] = []
        self.counts: dict[str, int] = {}
        self.places: dict[str, int] = {}
        self.currencies: set[str] = set()
        self.foreign: list[Foreign] = []
        self.doubts: list[Doubt] = []
        self.joined: dict[str, tuple[str, dict[str, None]]] = {}

    def put(
        self, pointer: str, text: str, canonical: str | None, path: str, origin: Origin = "xml"
    ) -> None:
        """Set a value; a second one that differs from the first goes to `unmapped`."""
        value = Value(text, canonical, origin=origin)
        first = self.values.setdefault(pointer, value)
        if first is not value and first.text != text:
            self.unmapped.append(Unmapped(path, text))

    def leave(self, path: str, text: str) -> None:
        """Put a text among what has no place."""
        self.unmapped.append(Unmapped(path, text))

    def take(self, pointer: str) -> list[Part]:
        """Return the parts put aside for a pointer, in their order."""
        return [part for part in self.parts if part.pointer == pointer]

    def reading(self) -> InvoiceReading:
        """Return what was gathered."""
        for pointer, (glue, texts) in self.joined.items():
            joined = glue.join(texts)
            self.values[pointer] = Value(joined, joined, origin="xml")
        return InvoiceReading(
            values=self.values, unmapped=tuple(self.unmapped), doubts=tuple(self.doubts)
        )

    def is_foreign(self, currency: str | None) -> bool:
        """Return whether an amount with this mark is in another currency than the document's.

        A document whose own currency is no code of ISO 4217 has none to compare with.
        """
        own = self.currency
        if not currency or own is None or currency == own:
            return False
        return code(3, own) not in (None, currency.upper())


def compile_table(table: Table, namespaces: Mapping[str, str]) -> Node:
    """Return the tree of a table; steps without a prefix are of the namespace "", if there is one.

    ValueError for a pointer into a list its path does not enter.
    """
    root = Node()
    nodes: dict[str, Node] = {}
    items: dict[str, str] = {}
    # A list's own row comes before the rows below it, whatever the order of the table.
    for path, row in sorted(table.items(), key=lambda entry: entry[0].count("/")):
        node, key, item, where, entered = root, "", "", "", ""
        steps = list(_STEP.finditer(path))
        last = steps[-1][1]
        elements = steps[:-1] if last.startswith("@") or last == "text()" else steps
        for step in elements:
            key += "/" + step[0].rstrip("/")
            where = f"{where}/{_local(step[1])}"
            if key not in nodes:
                nodes[key] = Node(path=where)
                tag = _clark(step[1], namespaces)
                test: Test | None = None
                if step[2] is not None:
                    test = _test(step[2], step[3], namespaces)
                if step[4]:
                    test = partial(_is_first, test) if test else _stands_first
                node.children.setdefault(tag, []).append((test, nodes[key]))
                # A row without a condition is for what no other row takes.
                node.children[tag].sort(key=lambda choice: choice[0] is None)
            node = nodes[key]
            if key in items and (step is not elements[-1] or elements is not steps):
                item, where, entered = items[key], "", key
        pointer, writer = row if isinstance(row, tuple) else (row, None)
        target = None if pointer in (IGNORED, ELSEWHERE) else _target(pointer, item, writer, path)
        if last.startswith("@"):
            node.attributes[_attribute(last[1:], namespaces)] = target
        elif last == "text()":
            node.text = target
        elif pointer == ELSEWHERE:
            node.elsewhere = True
        elif target is None:
            node.ignored = True
        elif pointer.endswith("/-"):
            node.item = target
            items[key] = pointer
        else:
            node.text = target
        if pointer == f"{item}/value":
            nodes[entered].needs = "/value"
    for node in nodes.values():
        if node.item is not None and not node.children and node.text is None:
            name = node.item.pointer.rsplit("/", 2)[-2]
            node.text = Target("", True, _writer(name))
    return root


def clark_path(path: str, namespaces: Mapping[str, str]) -> str:
    """Return a path of a table as lxml finds it."""
    return "/".join(_clark(step, namespaces) for step in path.split("/"))


def walk(root: "_Element", tree: Node, currency: str | None) -> Sheet:
    """Return what the XML under `root` holds, by a compiled table."""
    sheet = Sheet(currency)
    _enter(sheet, root, tree, "", "")
    return sheet


def inner_space(root: "_Element", *names: str) -> str:
    """Return the namespace of the elements in a root that qualifies itself alone: mostly none ("").

    Where the root has its namespace as the default one, the elements (of these names) have it too.
    """
    own = root.tag[: root.tag.rfind("}") + 1]
    return own[1:-1] if any(root.find(own + name) is not None for name in names) else ""


def walk_each(
    root: "_Element", shared: Node, elements: Sequence["_Element"], tree: Node, where: str
) -> list[Sheet]:
    """Return a sheet for each of the elements: what the file holds for all of them, and its own.

    `shared` is the tree of a table in which the elements are ELSEWHERE; the paths of `tree` begin at
    one of them, which stands at `where` in the file. Without elements it is one sheet, of the shared.

    Raises:
        TooComplex: There are so many that what they share would be repeated without end.
    """
    if not elements:
        return [walk(root, shared, None)]
    if len(elements) > 1:
        own = sum(sum(1 for _ in element.iter("*")) for element in elements)
        repeated = len(elements) * (sum(1 for _ in root.iter("*")) - own)
        if repeated > _MAX_REPEATED:
            raise TooComplex(f"The file holds {len(elements):,} invoices, more than one file may.")
    sheets = []
    for n, element in enumerate(elements, 1):
        sheet = walk(root, shared, None)
        _enter(sheet, element, tree, "", f"{where}[{n}]" if len(elements) > 1 else where)
        sheets.append(sheet)
    return sheets


def write_part(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Put a value aside until the others of its kind are known."""
    sheet.parts.append(Part(pointer, text, element.get("currencyID"), path))


def write_joined(
    glue: str, sheet: Sheet, pointer: str, text: str, element: "_Element", path: str
) -> None:
    """Add a text to the one that stands there, with `glue` between them; the same text only once."""
    if pointer not in sheet.joined:
        sheet.put(pointer, text, text, path)
    sheet.joined.setdefault(pointer, (glue, {}))[1][text] = None


def _enter(sheet: Sheet, element: "_Element", node: Node, base: str, where: str) -> None:
    """Read one element. `base` is the innermost item's pointer, `where` the item's path."""
    path = where + node.path
    item = node.item
    if item is not None:
        members = (base + item.pointer if item.relative else item.pointer)[:-2]
        count = sheet.counts.get(members, 0)
        base = f"{members}/{count}"
        place = sheet.places[path] = sheet.places.get(path, 0) + 1
        where = path = f"{path}[{place}]"
        values, parts = len(sheet.values), len(sheet.parts)
    foreign = None
    if attributes := _attributes(element):
        foreign = _read_attributes(sheet, attributes, element, node, base, path)
    text = element.text or ""
    if len(element):
        children = node.children
        strangers: dict[str, int] = {}
        for child in element:  # elements alone: the parser leaves out comments and instructions
            if tail := child.tail:
                text += tail
            for test, inner in children.get(child.tag, ()):
                if test is None or test(child, sheet.currency):
                    if not inner.elsewhere:
                        _enter(sheet, child, inner, base, where)
                    break
            else:
                _leave_all(sheet, child, path, strangers)
    if text := text.strip():
        target = node.text
        if target is None:
            if not node.ignored:
                sheet.leave(path, text)
        else:
            pointer = base + target.pointer if target.relative else target.pointer
            if foreign is None:
                target.writer(sheet, pointer, text, element, path)
            else:
                sheet.foreign.append(Foreign(pointer, foreign))
                sheet.leave(path, text)
    if item is None:
        return
    if node.needs and base + node.needs not in sheet.values:
        _take_back(sheet, base + "/", values, path)
    elif _holds(sheet, base, values, parts):
        sheet.counts[members] = count + 1


def _take_back(sheet: Sheet, below: str, values: int, path: str) -> None:
    """Move an item's values to `unmapped`: a scheme without an identifier identifies nothing.

    They are among those that came after the first so many; popitem, unlike pop, leaves no holes that
    the next item would have to walk over.
    """
    last = len(sheet.values) - values
    for pointer, value in reversed([sheet.values.popitem() for _ in range(last)]):
        if pointer.startswith(below):
            sheet.leave(f"{path} {pointer.rpartition('/')[2]}", value.text)
        else:
            sheet.values[pointer] = value


def _holds(sheet: Sheet, base: str, values: int, parts: int) -> bool:
    """Return whether the item got a value of its own since there were so many values and parts.

    An item without one takes no place in its list: the values of the next would leave a gap.
    """
    below = base + "/"
    for pointer in islice(reversed(sheet.values), len(sheet.values) - values):
        if pointer.startswith(below) or pointer == base:
            return True
    return any(part.pointer.startswith(below) for part in islice(sheet.parts, parts, None))


def _read_attributes(
    sheet: Sheet,
    attributes: list[tuple[str, str]],
    element: "_Element",
    node: Node,
    base: str,
    path: str,
) -> str | None:
    """Read an element's attributes; return its currency where that is not the document's."""
    foreign = None
    for name, raw in attributes:
        text = raw.strip()
        if not text:
            continue
        if name in _CURRENCIES:
            sheet.currencies.add(text)
            if sheet.currency not in (None, text) and name not in node.attributes:
                sheet.leave(f"{path}/@{name}", text)
                foreign = text if sheet.is_foreign(text) else None
        elif name in node.attributes:
            target = node.attributes[name]
            if target is not None:
                pointer = base + target.pointer if target.relative else target.pointer
                target.writer(sheet, pointer, text, element, f"{path}/@{name}")
        elif not node.ignored and _matters(name):
            sheet.leave(f"{path}/@{name.rpartition('}')[2]}", text)
    return foreign


def _leave_all(sheet: Sheet, element: "_Element", above: str, strangers: dict[str, int]) -> None:
    """Put an element with all that is in it among what has no place."""
    local = element.tag.rsplit("}", 1)[-1]
    count = strangers[local] = strangers.get(local, 0) + 1
    path = f"{above}/{local}" if count == 1 else f"{above}/{local}[{count}]"
    if element.tag.startswith(_SIGNATURE):
        sheet.leave(path, "(a digital signature)")
        return
    for name, raw in _attributes(element):
        if raw.strip() and name not in _CURRENCIES and _matters(name):
            sheet.leave(f"{path}/@{name.rpartition('}')[2]}", raw.strip())
        elif name in _CURRENCIES and sheet.currency not in (None, raw):
            sheet.leave(f"{path}/@{name}", raw)
    if text := _text(element):
        is_file = local in _FILES or element.get("mimeCode")
        sheet.leave(path, f"({len(text) * 3 // 4:,} bytes)" if is_file else text)
    if len(element):
        below: dict[str, int] = {}
        for child in element:
            _leave_all(sheet, child, path, below)


def _attributes(element: "_Element") -> list[tuple[str, str]]:
    return cast("list[tuple[str, str]]", element.items())


def _text(element: "_Element") -> str:
    """Return the element's own text, trimmed; a comment within it does not cut it off."""
    text = element.text or ""
    if len(element):
        text += "".join(child.tail or "" for child in element)
    return text.strip()


def _matters(name: str) -> bool:
    return name not in _NO_MATTER and not name.startswith(_W3C)


def _target(pointer: str, item: str, writer: Writer | None, path: str) -> Target:
    relative = bool(item) and pointer.startswith(item + "/")
    rest = pointer[len(item) :] if relative else pointer
    if "-" in rest.split("/")[1:-1] or (item == pointer):
        raise ValueError(f"{path}: {pointer} is in a list that this path does not enter.")
    if writer is None:
        writer = _writer(pointer.rsplit("/", 1)[-1])
    return Target(rest, relative, writer)


def _writer(name: str) -> Writer:
    """Return what writes a text in the form of the field with this name."""
    if name in DATES:
        return _write_date
    canonical = _CANONICAL.get(name, _one_line)

    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        sheet.put(pointer, text, canonical(text), path)

    return write


def _write_date(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    sheet.put(pointer, text, iso_date(text, element.get("format")), path)


def _one_line(text: str) -> str:
    return " ".join(text.split())


_CANONICAL: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(LONG_TEXTS, str),
    **dict.fromkeys(("currency", "tax_currency"), partial(code, 3)),
    "country": partial(code, 2),
    "issue_time": iso_time,
}
"""By a field's name: what brings a text to its form; others are one line."""


def _test(name: str, words: str, namespaces: Mapping[str, str]) -> Test:
    """Return the test of a condition; it is told the document's currency too ("=$currency")."""
    accepted = frozenset(word.lower() for word in words.split("|"))
    path, _, attribute = name.rpartition("@") if "@" in name else (name, "", "")
    child = clark_path(path.rstrip("/"), namespaces) if path else ""
    attribute = _attribute(attribute, namespaces)

    def test(element: "_Element", currency: str | None) -> bool:
        found = element.find(child) if child else element
        value = None
        if found is not None:
            value = found.get(attribute) if attribute else found.text
        if words == "$currency":
            return value is None or currency is None or value.strip().upper() == currency.upper()
        return (value or "").strip().lower() in accepted

    return test


def _stands_first(element: "_Element", currency: str | None) -> bool:
    """Return whether the element is the first of those of its name that stand together."""
    previous = element.getprevious()
    return previous is None or previous.tag != element.tag


def _is_first(test: Test, element: "_Element", currency: str | None) -> bool:
    """Return whether the element is the first of its name that meets a condition."""
    if not test(element, currency):
        return False
    before = element.itersiblings(element.tag, preceding=True)
    return not any(test(one, currency) for one in before)


def _clark(step: str, namespaces: Mapping[str, str]) -> str:
    """Return "{namespace}name"; a prefix may stand for no namespace at all ("")."""
    prefix, _, local = step.rpartition(":")
    space = namespaces[prefix] if prefix else namespaces.get("", "")
    return f"{{{space}}}{local}" if space else local


def _attribute(name: str, namespaces: Mapping[str, str]) -> str:
    """Return an attribute's name, of a namespace only where it has a prefix."""
    return _clark(name, namespaces) if ":" in name else name


def _local(step: str) -> str:
    return step.rpartition(":")[2]
