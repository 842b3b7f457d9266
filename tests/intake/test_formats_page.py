"""docs/formats.md tells every type that is read or refused by name, and every limit."""

from dataclasses import fields

import pytest

from invoice_extraction.intake import READERS, unsupported
from invoice_extraction.model.options import Limits
from tests.servers import ROOT

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", READERS)
def test_every_type_that_is_read_is_documented(kind: str) -> None:
    assert f"`{kind}`" in PAGE


@pytest.mark.parametrize("kind", unsupported.KINDS)
def test_the_way_out_of_every_type_that_is_not_read_is_documented(kind: str) -> None:
    _, hint = unsupported.KINDS[kind]
    assert hint in PAGE


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda field: field.name)
def test_every_limit_is_documented_with_its_default(limit) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{limit.name}`:")]
    assert f" {limit.default:,.0f} " in row
