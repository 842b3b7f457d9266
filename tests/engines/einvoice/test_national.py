"""National forms of UBL, with the customs of each that EN 16931 does not have."""

import pytest

from invoice_extraction.engines.einvoice.ubl import read
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.options import Limits
from invoice_extraction.model.reading import InvoiceReading

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
PEPPOL = "urn:cen.eu:en16931:2017#conformant#urn:fdc:peppol.eu:2017:poacc:billing:international:"

AUSTRALIA = (
    f"{PEPPOL}aunz:3.0",
    "AUD",
    """<cbc:EndpointID schemeID="0151">51824753556</cbc:EndpointID>
    <cac:PartyTaxScheme><cbc:CompanyID>51824753556</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>GST</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>""",
    "<cbc:ID>S</cbc:ID><cbc:Percent>10</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>GST</cbc:ID></cac:TaxScheme>",
    "",
)
SINGAPORE = (
    f"{PEPPOL}sg:3.0",
    "SGD",
    """<cbc:EndpointID schemeID="0195">SGUEN200312345A</cbc:EndpointID>
    <cac:PartyTaxScheme><cbc:CompanyID>M90312345A</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>GST</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>""",
    "<cbc:ID>SR</cbc:ID><cbc:Percent>10</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>GST</cbc:ID></cac:TaxScheme>",
    "<cbc:UUID>00000000-0000-4000-8000-000000000012</cbc:UUID>",
)
ROMANIA = (
    "urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1",
    "RON",
    """<cac:PostalAddress><cbc:StreetName>Strada Exemplului 1</cbc:StreetName>
    <cbc:CityName>SECTOR3</cbc:CityName><cbc:CountrySubentity>RO-B</cbc:CountrySubentity>
    <cac:Country><cbc:IdentificationCode>RO</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>RO18547290</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>""",
    "<cbc:ID>S</cbc:ID><cbc:Percent>10</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>",
    "",
)
JAPAN = (
    "urn:peppol:pint:billing-1@jp-1",
    "JPY",
    """<cbc:EndpointID schemeID="0221">T7000012050002</cbc:EndpointID>
    <cac:PartyTaxScheme><cbc:CompanyID>T7000012050002</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>""",
    "<cbc:ID>AA</cbc:ID><cbc:Percent>10</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>",
    "<cac:InvoicePeriod><cbc:StartDate>2026-01-01</cbc:StartDate>"
    "<cbc:EndDate>2026-01-31</cbc:EndDate></cac:InvoicePeriod>",
)
DENMARK = (
    "OIOUBL-2.1",
    "DKK",
    """<cbc:EndpointID schemeID="DK:CVR">DK13585628</cbc:EndpointID>
    <cac:PartyTaxScheme><cbc:CompanyID schemeID="DK:SE">DK13585628</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>63</cbc:ID><cbc:Name>Moms</cbc:Name></cac:TaxScheme></cac:PartyTaxScheme>""",
    """<cbc:ID schemeAgencyID="320" schemeID="urn:oioubl:id:taxcategoryid-1.1">StandardRated</cbc:ID>
    <cbc:Percent>10</cbc:Percent><cac:TaxScheme><cbc:ID>63</cbc:ID></cac:TaxScheme>""",
    "",
)


def form(form: tuple[str, str, str, str, str]) -> InvoiceReading:
    """Return an invoice over 100 and 10 % of tax as a national form writes it."""
    profile, currency, seller, category, head = form
    # OIOUBL 2 calls the sum of taxes TaxExclusiveAmount.
    net = "10" if profile.startswith("OIOUBL-2") else "100"
    [invoice] = read(
        parse(
            f"""<Invoice xmlns="{SCHEMA}Invoice-2" xmlns:cac="{SCHEMA}CommonAggregateComponents-2"
            xmlns:cbc="{SCHEMA}CommonBasicComponents-2">
            <cbc:CustomizationID>{profile}</cbc:CustomizationID><cbc:ID>N-1</cbc:ID>{head}
            <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
            <cac:AccountingSupplierParty><cac:Party>{seller}</cac:Party></cac:AccountingSupplierParty>
            <cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">10</cbc:TaxAmount><cac:TaxSubtotal>
            <cbc:TaxableAmount currencyID="{currency}">100</cbc:TaxableAmount>
            <cbc:TaxAmount currencyID="{currency}">10</cbc:TaxAmount>
            <cac:TaxCategory>{category}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
            <cac:LegalMonetaryTotal>
            <cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
            <cbc:TaxInclusiveAmount currencyID="{currency}">110</cbc:TaxInclusiveAmount>
            </cac:LegalMonetaryTotal></Invoice>""".encode(),
            Limits(),
        )
    )
    return invoice


@pytest.mark.parametrize(
    ("national", "told"),
    [
        (
            AUSTRALIA,
            {
                "/currency": "AUD",
                "/seller/tax_id": "51824753556",
                "/seller/identifiers/0/scheme": "0151",
                "/taxes/0/category": "S",
                "/taxes/0/name": "GST",
            },
        ),
        (
            SINGAPORE,
            {
                "/currency": "SGD",
                "/seller/tax_id": "M90312345A",
                "/seller/identifiers/0/value": "SGUEN200312345A",
                "/taxes/0/source_category": "SR",
                "/taxes/0/name": "GST",
            },
        ),
        (
            ROMANIA,
            {
                "/currency": "RON",
                "/seller/tax_id": "RO18547290",
                "/seller/address/region": "RO-B",
                "/seller/address/city": "SECTOR3",
            },
        ),
        (
            JAPAN,
            {
                "/currency": "JPY",
                "/seller/tax_id": "T7000012050002",
                "/taxes/0/category": "AA",
                "/period_start": "2026-01-01",
            },
        ),
        (
            DENMARK,
            {
                "/currency": "DKK",
                "/seller/tax_id": "DK13585628",
                "/taxes/0/source_category": "StandardRated",
                "/totals/net": "100",
            },
        ),
    ],
    ids=["A-NZ", "SG", "RO", "JP", "OIOUBL"],
)
def test_a_national_form_is_read_with_its_own_codes(
    national: tuple[str, str, str, str, str], told: dict[str, str]
) -> None:
    values = form(national).values
    assert {pointer: values[pointer].canonical for pointer in told} == told
    sums = {"/totals/gross": "110", "/totals/tax": "10", "/taxes/0/taxable_amount": "100"}
    assert {pointer: values[pointer].canonical for pointer in sums} == sums
    coded = values.get("/taxes/0/category")
    assert coded is None or coded.canonical in ("S", "AA")
