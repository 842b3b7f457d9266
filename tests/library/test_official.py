"""The official schemas and rules, as an extraction with `official` and the command `validate` tell them."""

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from invoice_extraction import official
from invoice_extraction.cli import NOT_VALID, main
from invoice_extraction.errors import CorruptFile, OptionError, ReaderError, TooComplex
from invoice_extraction.extract import extract
from invoice_extraction.model.extraction import Check
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.sandbox import client
from invoice_extraction.sandbox.client import Readers
from tests.servers import ROOT

FILES = ROOT / "samples" / "files"
UBL = FILES / "invoice-ubl.xml"
FACTUR_X = FILES / "factur-x-de.pdf"
FULL = ROOT / "tests" / "data" / "einvoice"
ASKED = Options(official=True)


@pytest.fixture(scope="module")
def readers():
    with Readers(1) as pool:
        yield pool


def told(data: bytes | Path, readers: Readers, options: Options = ASKED) -> list[Check]:
    checks = extract(data, Options(official=True, isolate=True), readers=readers).invoices[0].checks
    return [check for check in checks if check.id.startswith("official_")]


def spoilt(old: bytes, new: bytes) -> bytes:
    data = UBL.read_bytes()
    assert old in data
    return data.replace(old, new)


@pytest.mark.parametrize("path", [UBL, FACTUR_X], ids=lambda path: path.name)
def test_our_own_samples_keep_to_the_official_rules(path, readers):
    assert [(check.id, check.status) for check in told(path, readers)] == [
        ("official_schema", "pass"),
        ("official_rules", "pass"),
    ]


def test_a_broken_rule_is_told_by_its_id_with_the_values_still_read(readers):
    found = extract(
        spoilt(b"<cbc:DocumentCurrencyCode>", b"<cbc:DocumentCurrencyCode>X"),
        Options(official=True, isolate=True),
        readers=readers,
    )
    [invoice] = found.invoices
    broken = {c.found for c in invoice.checks if c.id == "official_rules" and c.status == "fail"}
    assert "BR-CL-04" in broken
    assert invoice.needs_review
    assert invoice.result.invoice_number


def test_what_the_schema_does_not_know_is_told_with_its_line(readers):
    data = spoilt(b"</Invoice>", b"<cbc:Unheard/></Invoice>")
    [schema, *_] = told(data, readers)
    assert (schema.id, schema.status) == ("official_schema", "fail")
    assert "Unheard" in schema.message
    assert " line " in schema.message


def test_an_e_invoice_without_official_rules_here_says_so(readers):
    [check] = told(FULL / "ksef_fa3.xml", readers)
    assert (check.id, check.status) == ("official_rules", "not_applicable")


def test_a_national_form_of_ubl_has_a_schema_and_no_rules(readers):
    schema, rules = told(FULL / "ubl_zatca.xml", readers)
    assert (schema.id, schema.status) == ("official_schema", "pass")
    assert (rules.id, rules.status) == ("official_rules", "not_applicable")


def test_the_rules_are_not_looked_at_unless_asked_for():
    found = extract(UBL, Options())
    assert not any(c.id.startswith("official_") for c in found.invoices[0].checks)


def test_every_artefact_is_in_the_package_once():
    for profiles in official.RULE_SETS.values():
        for _, chosen in profiles:
            for pattern in filter(None, (chosen.schema, chosen.rules)):
                assert len(list(official.artefacts().glob(pattern))) == 1, pattern
    assert metadata.version("factur-x")


def test_every_profile_is_checked_by_its_own_rules():
    from lxml import etree

    def name(guideline: str) -> str:
        root = etree.Element(official._CII)
        context = etree.SubElement(root, "ExchangedDocumentContext")
        parameter = etree.SubElement(context, "GuidelineSpecifiedDocumentContextParameter")
        etree.SubElement(parameter, "ID").text = guideline
        chosen = official.rule_set(root)
        return chosen.name if chosen else ""

    assert name("urn:factur-x.eu:1p0:minimum") == "Factur-X MINIMUM"
    assert name("urn:zugferd.de:2p0:basicwl") == "Factur-X BASIC WL"
    assert name("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic") == "Factur-X BASIC"
    assert (
        name("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended")
        == "Factur-X EXTENDED"
    )
    assert name("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0") == (
        "EN 16931 for CII"
    )


def test_another_profile_of_en_16931_is_no_error_of_its_rules(readers):
    data = (FULL / "cii_full.xml").read_bytes()
    start = data.index(b"<ram:GuidelineSpecifiedDocumentContextParameter>")
    end = data.index(b"</ram:GuidelineSpecifiedDocumentContextParameter>")
    profile = b"urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
    data = (
        data[:start]
        + (b"<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>" + profile + b"</ram:ID>")
        + data[end:]
    )
    assert not any("Guideline" in check.message for check in told(data, readers))


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"<Invoice", CorruptFile), (b"<a>" * 200 + b"</a>" * 200, TooComplex)],
    ids=["cut off", "deep"],
)
def test_what_is_no_sound_xml_never_gets_to_the_rules(data, error, readers):
    with pytest.raises(error):
        readers.official(data, Limits())


def test_a_file_that_takes_the_rules_too_long_is_said_to_be_not_checked(monkeypatch):
    monkeypatch.setattr(client, "OFFICIAL_CPU_SECONDS", 1)
    data = UBL.read_bytes()
    start = data.index(b"<cac:InvoiceLine>")
    end = data.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")
    many = data[:start] + data[start:end] * 4_000 + data[end:]
    with Readers(1) as readers:
        with pytest.raises(ReaderError):
            readers.official(many, Limits())
        [check] = told(many, readers)
        assert check.status == "fail"
        assert "could not be run" in check.message


def test_without_the_extra_the_caller_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "saxonche", None)
    with pytest.raises(OptionError, match="not installed") as told:
        official.Official()
    assert "invoice-extraction[validate]" in told.value.hint


def test_validate_says_that_a_file_is_valid(capfd):
    assert main(["validate", str(UBL)]) == 0
    assert "invoice-ubl.xml: valid (ubl)" in capfd.readouterr().out


def test_validate_names_what_is_broken_and_ends_with_a_code_of_its_own(tmp_path, capfd):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(spoilt(b"<cbc:DocumentCurrencyCode>", b"<cbc:DocumentCurrencyCode>X"))
    assert main(["validate", str(bad), str(UBL)]) == NOT_VALID
    out = capfd.readouterr().out
    assert "NOT VALID" in out
    assert "BR-CL-04: " in out


def test_validate_gives_a_line_of_json_for_each_file(capfd):
    assert main(["validate", "--json", str(UBL), str(FACTUR_X)]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["valid"] for line in lines] == [True, True]
    assert {"official_schema", "official_rules", "BR-CO-15"} <= {
        c["id"] for c in lines[1]["checks"]
    }


def test_validate_refuses_what_is_no_e_invoice(capfd):
    assert main(["validate", str(FILES / "invoice-en.pdf")]) == 3
    assert "holds no e-invoice" in capfd.readouterr().err
