"""The recipe for another syntax, in docs/engines.md, followed to the letter."""

import re
from pathlib import Path

import pytest

from invoice_extraction import Options, extract
from invoice_extraction.engines.einvoice import NAMES, SYNTAXES
from tests.servers import ROOT

RECIPE = re.compile(r"### Another syntax\n.*?```python\n(.*?)```", re.S)
XML = b"""<Bill xmlns="urn:example:invoice:1"><Number>7</Number><Currency>EUR</Currency>
<Pay until="2026-05-01"/><Line><Amount>1.50</Amount></Line><Line><Amount>2.50</Amount></Line>
<Colour>green</Colour></Bill>"""


def test_a_syntax_is_one_module_and_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = RECIPE.search((ROOT / "docs" / "engines.md").read_text("utf-8"))
    assert found is not None
    (tmp_path / "exampleland.py").write_text(found[1], "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    root = "{urn:example:invoice:1}Bill"
    monkeypatch.setitem(SYNTAXES, root, "exampleland")
    monkeypatch.setitem(NAMES, root, "exampleland")

    answer = extract(XML, Options())
    [invoice] = answer.invoices
    result = invoice.result
    assert (answer.syntax, result.invoice_number, result.currency) == ("exampleland", "7", "EUR")
    assert str(result.due_date) == "2026-05-01"
    assert [str(line.net_amount) for line in result.lines] == ["1.50", "2.50"]
    assert [(left.path, left.value) for left in invoice.unmapped] == [("/Colour", "green")]
