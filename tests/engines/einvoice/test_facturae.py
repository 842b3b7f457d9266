"""Facturae: batches, corrections, several taxes on a line, and the parties of every form."""

import pytest

from invoice_extraction.engines.einvoice.facturae import DOCUMENT_TYPES, MEANS, UNITS, read
from invoice_extraction.extract import extract
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.options import Limits
from invoice_extraction.model.reading import InvoiceReading

SPACES = [
    "http://www.facturae.es/Facturae/2007/v3.0/Facturae",
    "http://www.facturae.es/Facturae/2007/v3.1/Facturae",
    "http://www.facturae.es/Facturae/2009/v3.2/Facturae",
    "http://www.facturae.es/Facturae/2014/v3.2.1/Facturae",
    "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml",
]
PARTIES = (
    "<Parties><SellerParty><LegalEntity><CorporateName>Prueba SL</CorporateName></LegalEntity>"
    "</SellerParty></Parties>"
)


def file(content: str, space: str = SPACES[2], prefix: str = "fe") -> bytes:
    name, xmlns = (f"{prefix}:Facturae", f"xmlns:{prefix}") if prefix else ("Facturae", "xmlns")
    return f'<{name} {xmlns}="{space}">{content}</{name}>'.encode()


def invoice(content: str) -> str:
    return f"<Invoices><Invoice>{content}</Invoice></Invoices>"


def number(text: str) -> str:
    return f"<InvoiceHeader><InvoiceNumber>{text}</InvoiceNumber></InvoiceHeader>"


def read_one(content: str) -> InvoiceReading:
    [found] = read(parse(file(content), Limits()))
    return found


def values(content: str) -> dict[str, str | None]:
    return {pointer: value.canonical for pointer, value in read_one(content).values.items()}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("prefix", ["fe", "namespace", ""])
def test_every_version_is_read_with_any_prefix(space: str, prefix: str) -> None:
    found = extract(file(PARTIES + invoice(number("7")), space, prefix))
    assert found.syntax == "facturae"
    assert found.invoices[0].result.invoice_number == "7"
    assert found.invoices[0].result.seller is not None
    assert found.invoices[0].unmapped == []


def test_a_batch_is_as_many_invoices_with_the_same_parties() -> None:
    batch = "".join(f"<Invoice>{number(n)}<X>x</X></Invoice>" for n in ("1", "2", "2"))
    found = extract(file(f"{PARTIES}<Invoices>{batch}</Invoices>"))
    assert [one.result.invoice_number for one in found.invoices] == ["1", "2", "2"]
    assert {one.result.seller and one.result.seller.name for one in found.invoices} == {"Prueba SL"}
    assert [left.path for one in found.invoices for left in one.unmapped] == [
        f"/Invoices/Invoice[{n}]/X" for n in (1, 2, 3)
    ]


def test_a_file_without_an_invoice_tells_who_it_is_from() -> None:
    assert values(PARTIES) == {"/seller/name": "Prueba SL"}


def header(document: str, kind: str, method: str = "", total: str = "") -> str:
    corrective = method and (
        f"<Corrective><InvoiceNumber>4</InvoiceNumber><CorrectionMethod>{method}"
        "</CorrectionMethod></Corrective>"
    )
    totals = total and f"<InvoiceTotals><InvoiceTotal>{total}</InvoiceTotal></InvoiceTotals>"
    return invoice(
        f"<InvoiceHeader><InvoiceDocumentType>{document}</InvoiceDocumentType>"
        f"<InvoiceClass>{kind}</InvoiceClass>{corrective}</InvoiceHeader>{totals}"
    )


@pytest.mark.parametrize("code", DOCUMENT_TYPES)
def test_the_document_type_is_told_by_type_and_class(code: str) -> None:
    document, _, kind = code.partition("/")
    found = values(header(document, kind))
    told, untdid = DOCUMENT_TYPES[code]
    assert found["/source_type_code"] == code
    assert found["/document_type"] == told
    assert found.get("/type_code") == untdid


@pytest.mark.parametrize(
    ("method", "total", "told"),
    [
        ("01", "-100.00", ("credit_note", "381")),
        ("01", "100.00", ("invoice", "384")),
        ("02", "-100.00", ("credit_note", "381")),
        ("02", "100.00", ("debit_note", "383")),
        ("03", "100.00", ("credit_note", "381")),
        ("", "", ("credit_note", "381")),
    ],
)
@pytest.mark.parametrize("kind", ["OR", "CR"])
def test_a_correction_is_what_it_does_to_the_other_invoice(
    kind: str, method: str, total: str, told: tuple[str, str]
) -> None:
    found = values(header("FC", kind, method, total))
    assert (found["/document_type"], found["/type_code"]) == told
    assert found.get("/preceding_invoices/0/invoice_number") == ("4" if method else None)


def test_a_negative_correction_is_told_as_a_positive_credit_note() -> None:
    found = extract(file(PARTIES + header("FC", "OR", "02", "-121.00"))).invoices[0]
    assert found.result.document_type == "credit_note"
    assert str(found.result.totals.gross) == "121.00"
    assert any(check.id == "sign_normalised" for check in found.checks)


def taxed(*taxes: tuple[str, str]) -> str:
    written = "".join(
        f"<Tax><TaxTypeCode>{code}</TaxTypeCode><TaxRate>{rate}</TaxRate></Tax>"
        for code, rate in taxes
    )
    return invoice(
        f"<Items><InvoiceLine><TaxesOutputs>{written}</TaxesOutputs></InvoiceLine></Items>"
    )


def test_of_a_lines_taxes_its_vat_is_the_lines() -> None:
    both = taxed(("02", "3.00"), ("01", "21.00"))
    assert values(both) == {"/lines/0/tax_rate": "21.00"}
    assert [left.value for left in read_one(both).unmapped] == ["02", "3.00"]
    assert values(taxed(("03", "7.00"))) == {"/lines/0/tax_rate": "7.00"}


def test_a_surcharge_is_a_part_of_the_tax_and_what_is_withheld_of_the_total() -> None:
    tax = (
        "<TaxesOutputs><Tax><TaxTypeCode>01</TaxTypeCode><TaxRate>21.00</TaxRate>"
        "<TaxableBase><TotalAmount>100.00</TotalAmount></TaxableBase>"
        "<TaxAmount><TotalAmount>21.00</TotalAmount></TaxAmount>"
        "<EquivalenceSurcharge>5.20</EquivalenceSurcharge><EquivalenceSurchargeAmount>"
        "<TotalAmount>{}</TotalAmount></EquivalenceSurchargeAmount></Tax></TaxesOutputs>"
    )
    totals = (
        "<InvoiceTotals><TotalGrossAmountBeforeTaxes>100.00</TotalGrossAmountBeforeTaxes>"
        "<TotalTaxOutputs>26.20</TotalTaxOutputs><TotalTaxesWithheld>15.00</TotalTaxesWithheld>"
        "<InvoiceTotal>{}</InvoiceTotal></InvoiceTotals>"
    )

    def failed(surcharge: str, total: str) -> set[str]:
        content = number("1") + tax.format(surcharge) + totals.format(total)
        checks = extract(file(PARTIES + invoice(content))).invoices[0].checks
        return {check.id for check in checks if check.status == "fail"} & {"BR-CO-14", "BR-CO-15"}

    assert failed("5.20", "111.20") == set()
    assert failed("5.20", "126.20") == set()
    assert failed("4.20", "110.00") == {"BR-CO-14", "BR-CO-15"}


@pytest.mark.parametrize(("country", "code"), [("ESP", "ES"), ("FRA", "FR"), ("E", None)])
def test_a_country_of_three_letters_is_told_by_two(country: str, code: str | None) -> None:
    place = f"<OverseasAddress><CountryCode>{country}</CountryCode></OverseasAddress>"
    parties = PARTIES.replace("</LegalEntity>", f"{place}</LegalEntity>")
    assert values(parties)["/seller/address/country"] == code


@pytest.mark.parametrize("code", [*UNITS, "05", "06"])
def test_a_unit_stays_as_written_and_is_told_as_the_common_code(code: str) -> None:
    line = f"<InvoiceLine><UnitOfMeasure>{code}</UnitOfMeasure></InvoiceLine>"
    found = values(invoice(f"<Items>{line}</Items>"))
    assert found["/lines/0/unit"] == code
    assert found.get("/lines/0/unit_code") == UNITS.get(code)


@pytest.mark.parametrize("code", MEANS)
def test_the_means_of_payment_is_told_in_words(code: str) -> None:
    part = f"<Installment><PaymentMeans>{code}</PaymentMeans></Installment>"
    found = values(invoice(f"<PaymentDetails>{part}</PaymentDetails>"))
    meaning, untdid = MEANS[code]
    assert found["/payment/means_text"] == meaning
    assert found.get("/payment/means_code") == untdid
