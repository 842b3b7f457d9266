from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from lxml import etree

from samples import library
from samples.formats import cii
from samples.library import Recipe

CII = {key: value for key, value in cii.NAMESPACES.items() if key}
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@pytest.mark.parametrize("seed", range(8))
def test_the_cii_states_the_truth(seed: int) -> None:
    sample = library.make(Recipe("DE", "invoice", "letter", "cii", seed))
    root = etree.fromstring(sample.data)
    truth = sample.truth
    assert root.findtext("rsm:ExchangedDocument/ram:ID", None, CII) == truth.invoice_number
    assert Decimal(root.findtext(".//ram:GrandTotalAmount", "", CII)) == truth.totals.gross
    assert root.findtext(".//ram:IBANID", None, CII) is not None
    amounts = root.findall(".//ram:SpecifiedLineTradeSettlement//ram:LineTotalAmount", CII)
    assert [Decimal(one.text or "") for one in amounts] == [line.net_amount for line in truth.lines]


@pytest.mark.parametrize(("kind", "name"), [("invoice", "Invoice"), ("credit_note", "CreditNote")])
def test_the_ubl_states_the_truth(kind: str, name: str) -> None:
    sample = library.make(Recipe("AT", kind, "letter", "ubl", 4))  # type: ignore[arg-type]
    root = etree.fromstring(sample.data)
    truth = sample.truth
    assert root.tag == f"{{urn:oasis:names:specification:ubl:schema:xsd:{name}-2}}{name}"
    assert root.findtext("cbc:ID", None, UBL) == truth.invoice_number
    assert Decimal(root.findtext(".//cbc:PayableAmount", "", UBL)) == truth.totals.gross
    assert len(root.findall(f"cac:{name}Line", UBL)) == len(truth.lines)
    assert all(item.tail is None or not item.tail.strip() for item in root.iter())


def test_a_factur_x_carries_its_xml_as_an_associated_file() -> None:
    recipe = Recipe("DE", "invoice", "modern", "facturx", 8)
    sample = library.make(recipe)
    bare = library.make(Recipe("DE", "invoice", "modern", "cii", 8))
    with pikepdf.open(BytesIO(sample.data)) as document:
        assert document.attachments["factur-x.xml"].get_file().read_bytes() == bare.data
        assert document.Root.AF[0].AFRelationship == "/Alternative"
        with document.open_metadata() as xmp:
            assert xmp[
                "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel"
            ] == ("EN 16931")
            assert xmp["pdfaid:part"] == "3"
    assert sample.truth.lines[0].unit_code
    assert sample.truth.lines[0].unit
