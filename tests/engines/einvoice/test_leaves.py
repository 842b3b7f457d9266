"""Nothing in an e-invoice is passed over: each text and attribute of each sample tells something.

It is changed, one at a time: what is read has to change then, unless its place is one that a table
leaves out on purpose, since the place of others tells it.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from invoice_extraction.engines.einvoice import NAMES, SYNTAXES, get_syntax
from invoice_extraction.engines.einvoice.engine import root_name
from invoice_extraction.engines.einvoice.paths import IGNORED
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.options import Limits

SAMPLES = sorted(Path(__file__).parents[2].glob("data/einvoice/*.xml"))
OF_LISTS = (
    *("format", "mimeCode", "unitCode", "languageID", "listID", "schemeAgencyID"),
    *("currencyID", "amountCurrencyID", "quantityUnitCode", "quantityUnitCodeListID"),
)
"""Attributes that say in which list or unit a text is to be understood, where that is known."""


def left_out(syntax: str) -> set[str]:
    """Return the last steps of a syntax's rows whose texts are told by the place of others."""
    module = import_module(SYNTAXES[next(root for root, name in NAMES.items() if name == syntax)])
    tables = [table for name, table in vars(module).items() if isinstance(table, dict)]
    return {
        path.rpartition("/")[2].rpartition(":")[2].lstrip("@")
        for table in tables
        for path, row in table.items()
        if isinstance(path, str) and row == IGNORED
    }


def told(root: Any) -> object:
    return [
        (reading.values, [(left.path, left.value) for left in reading.unmapped])
        for reading in get_syntax(root.tag)(root)
    ]


def leaves(root: Any) -> Iterator[tuple[Any, str | None]]:
    """Give each element that has a text, and each attribute with its element."""
    for element in root.iter("*"):
        if (element.text or "").strip():
            yield element, None
        for name in element.attrib:
            if not name.startswith("{http://www.w3.org/"):
                yield element, name


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_leaf_of_a_sample_is_passed_over(path: Path) -> None:
    root = parse(path.read_bytes(), Limits())
    whole = told(root)
    known = left_out(NAMES[root_name(path.read_bytes()) or ""])
    for element, name in list(leaves(root)):
        local = etree.QName(name or element).localname
        if local in known or local in OF_LISTS or "xmldsig" in str(element.tag):
            continue
        before = element.text if name is None else element.get(name)
        put(element, name, before + "9" * 9)
        assert told(root) != whole, f"{root.getroottree().getpath(element)} {name or ''}"
        put(element, name, before)


def put(element: Any, name: str | None, text: str) -> None:
    if name is None:
        element.text = text
    else:
        element.set(name, text)
