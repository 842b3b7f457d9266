"""FatturaPA: what its codes mean, several bodies, and sums that hang together."""

import time

import pytest

from invoice_extraction.engines.einvoice.engine import read as read_document
from invoice_extraction.engines.einvoice.fatturapa import CATEGORIES, DOCUMENT_TYPES, MEANS, read
from invoice_extraction.errors import InvalidEInvoiceXML, NotAnInvoice, TooComplex
from invoice_extraction.extract import extract
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import InvoiceReading

SPACE = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
SELLER = (
    "<FatturaElettronicaHeader><CedentePrestatore><DatiAnagrafici><Anagrafica>"
    "<Denominazione>Prova srl</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>"
    "</FatturaElettronicaHeader>"
)


def file(
    content: str, root: str = "p:FatturaElettronica", xmlns: str = f'xmlns:p="{SPACE}"'
) -> bytes:
    return f"<{root} {xmlns}>{content}</{root}>".encode()


def invoices(content: str) -> tuple[InvoiceReading, ...]:
    return read(parse(file(content), Limits()))


def body(general: str = "", goods: str = "", payment: str = "") -> str:
    return (
        "<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        f"{general}</DatiGeneraliDocumento></DatiGenerali>"
        f"<DatiBeniServizi>{goods}</DatiBeniServizi>{payment}</FatturaElettronicaBody>"
    )


def values(content: str) -> dict[str, str | None]:
    [invoice] = invoices(content)
    return {pointer: value.canonical for pointer, value in invoice.values.items()}


def unmapped(content: str) -> set[str]:
    return {left.value for left in invoices(content)[0].unmapped}


def line(content: str, total: str, price: str = "100.00", quantity: str = "2.00") -> str:
    return (
        f"<DettaglioLinee><Quantita>{quantity}</Quantita><PrezzoUnitario>{price}</PrezzoUnitario>"
        f"{content}<PrezzoTotale>{total}</PrezzoTotale></DettaglioLinee>"
    )


def step(kind: str, percent: str = "", amount: str = "") -> str:
    percent = percent and f"<Percentuale>{percent}</Percentuale>"
    amount = amount and f"<Importo>{amount}</Importo>"
    return f"<ScontoMaggiorazione><Tipo>{kind}</Tipo>{percent}{amount}</ScontoMaggiorazione>"


@pytest.mark.parametrize(
    ("root", "xmlns"),
    [
        ("p:FatturaElettronica", f'xmlns:p="{SPACE}"'),
        ("ns0:FatturaElettronica", f'xmlns:ns0="{SPACE}"'),
        ("FatturaElettronica", f'xmlns="{SPACE}"'),
        ("FatturaElettronica", ""),
        ("p:FatturaElettronica", 'xmlns:p="http://www.fatturapa.gov.it/sdi/fatturapa/v1.0"'),
        ("p:FatturaElettronica", 'xmlns:p="http://www.fatturapa.gov.it/sdi/fatturapa/v1.1"'),
    ],
)
def test_every_version_is_read_with_prefix_and_without(root: str, xmlns: str) -> None:
    found = extract(file(SELLER + body("<Numero>1/A</Numero>"), root, xmlns))
    assert found.syntax == "fatturapa"
    assert found.invoices[0].result.invoice_number == "1/A"
    assert found.invoices[0].result.seller is not None
    assert found.invoices[0].result.seller.name == "Prova srl"
    assert found.invoices[0].unmapped == []


def test_each_body_is_an_invoice_with_the_header_of_all() -> None:
    found = invoices(SELLER + "".join(body(f"<Numero>{n}</Numero><X>x</X>") for n in (7, 7, 8)))
    assert [one.values["/invoice_number"].text for one in found] == ["7", "7", "8"]
    assert {one.values["/seller/name"].text for one in found} == {"Prova srl"}
    assert [one.unmapped[0].path for one in found] == [
        f"/FatturaElettronicaBody[{n}]/DatiGenerali/DatiGeneraliDocumento/X" for n in (1, 2, 3)
    ]


def test_two_bodies_with_the_same_number_are_two_invoices_in_the_answer() -> None:
    found = extract(file(SELLER + body("<Numero>7</Numero>") * 2))
    assert [one.result.invoice_number for one in found.invoices] == ["7", "7"]
    assert found.warnings == ["The file holds 2 different e-invoices; each is given."]


def test_a_file_without_a_body_tells_what_its_header_does() -> None:
    assert values(SELLER) == {"/seller/name": "Prova srl"}


def test_a_file_that_holds_nothing_is_invalid() -> None:
    with pytest.raises(InvalidEInvoiceXML):
        extract(file(body("<Causale>niente</Causale>")))


def test_many_invoices_are_read_in_linear_time_and_too_many_refused() -> None:
    began = time.process_time()
    assert len(invoices(SELLER + body("<Numero>1</Numero>") * 2_000)) == 2_000
    assert time.process_time() - began < 3
    with pytest.raises(TooComplex, match="more than one file may"):
        invoices("<X/>" * 100_000 + body() * 20)


def test_a_receipt_of_the_exchange_system_is_no_invoice() -> None:
    space = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fattura/messaggi/v1.0"
    data = f'<ns:RicevutaConsegna xmlns:ns="{space}"/>'.encode()
    document = Document("application/xml", data, xml=(Attachment(None, data),))
    with pytest.raises(NotAnInvoice, match="RicevutaConsegna"):
        read_document(document, Options())


@pytest.mark.parametrize("code", DOCUMENT_TYPES)
def test_the_document_type_stays_as_written_and_is_told_where_it_is_clear(code: str) -> None:
    kind, untdid = DOCUMENT_TYPES[code]
    found = values(body(f"<TipoDocumento>{code}</TipoDocumento>"))
    assert found["/source_type_code"] == code
    assert found["/document_type"] == kind
    assert found.get("/type_code") == untdid


def test_a_document_type_that_is_not_known_is_only_as_written() -> None:
    assert values(body("<TipoDocumento>TD29</TipoDocumento>")) == {"/source_type_code": "TD29"}


@pytest.mark.parametrize("code", ["N1", "N2.2", "N3.1", "N3.2", "N3.5", "N4", "N5", "N6.9", "N7"])
def test_a_band_has_its_natura_and_the_common_category_where_there_is_one(code: str) -> None:
    found = values(body(goods=f"<DatiRiepilogo><Natura>{code}</Natura></DatiRiepilogo>"))
    assert found["/taxes/0/source_category"] == code
    assert found.get("/taxes/0/category") == CATEGORIES.get(code)


def test_a_line_has_no_place_for_a_natura_without_common_category() -> None:
    goods = "".join(line(f"<Natura>{code}</Natura>", "1") for code in ("N4", "N1"))
    found = values(body(goods=goods))
    assert found["/lines/0/tax_category"] == "E"
    assert "/lines/1/tax_category" not in found
    assert unmapped(body(goods=goods)) == {"N1"}


@pytest.mark.parametrize("code", MEANS)
def test_the_means_of_payment_is_told_in_words(code: str) -> None:
    part = f"<DettaglioPagamento><ModalitaPagamento>{code}</ModalitaPagamento></DettaglioPagamento>"
    found = values(body(payment=f"<DatiPagamento>{part}</DatiPagamento>"))
    meaning, untdid = MEANS[code]
    assert found["/payment/means_text"] == meaning
    assert found.get("/payment/means_code") == untdid


@pytest.mark.parametrize(
    ("steps", "total", "amount", "percent"),
    [
        (step("SC", "10.00"), "180.00", None, "10.00"),
        (step("SC", amount="5.00"), "190.00", "10.0000", None),
        (step("SC", amount="5.00"), "195.00", "5.00", None),
        (step("SC", "10.00", "9.00"), "182.00", "18.0000", "10.00"),
        (step("SC", "10.00", "9.00"), "180.00", "20.00", "10.00"),
        (step("MG", "10.00"), "220.00", "-20.00", None),
        (step("SC", "50.00") + step("SC", "10.00"), "90.00", "110.00", None),
        (step("SC", amount="10.00") + step("MG", "10.00"), "198.00", "2.00", None),
        (step("SC", "x"), "180.00", None, None),
    ],
    ids=[
        *("percent", "of_a_unit", "of_the_line", "amount_first", "percent_fits", "surcharge"),
        *("cascade", "both_ways", "no_number"),
    ],
)
def test_a_lines_discounts_are_one_that_leads_to_its_total(
    steps: str, total: str, amount: str | None, percent: str | None
) -> None:
    found = values(body(goods=line(steps, total)))
    told = found.get("/lines/0/discount_amount")
    assert (told and float(told)) == (amount and float(amount))
    assert found.get("/lines/0/discount_percent") == percent


def test_a_discount_without_a_price_stays_as_written() -> None:
    goods = "<DettaglioLinee>" + step("SC", amount="5.00") + "</DettaglioLinee>"
    assert values(body(goods=goods)) == {"/lines/0/discount_amount": "5.00"}
    goods = "<DettaglioLinee>" + step("SC", "1") + step("SC", "2") + "</DettaglioLinee>"
    assert values(body(goods=goods)) == {}
    assert unmapped(body(goods=goods)) == {"1", "2"}


STAMP = "<DatiBollo><ImportoBollo>2.00</ImportoBollo></DatiBollo>"
BAND = (
    "<DatiRiepilogo><ImponibileImporto>100.00</ImponibileImporto><Imposta>0.00</Imposta>"
    "</DatiRiepilogo>"
)


@pytest.mark.parametrize(("gross", "charged"), [("102.00", True), ("100.00", False), ("", False)])
def test_stamp_duty_is_a_charge_only_where_the_total_holds_it(gross: str, charged: bool) -> None:
    total = gross and f"<ImportoTotaleDocumento>{gross}</ImportoTotaleDocumento>"
    content = body(STAMP + total, BAND)
    found = values(content)
    assert found.get("/charges/0/amount") == ("2.00" if charged else None)
    assert found.get("/charges/0/reason") == ("Bollo" if charged else None)
    assert unmapped(content) == (set() if charged else {"2.00"})


def test_a_rate_of_the_state_itself_is_split_payment() -> None:
    band = "<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA>{}</DatiRiepilogo>"
    for code, category in (("S", "B"), ("D", None), ("I", None)):
        found = values(body(goods=band.format(f"<EsigibilitaIVA>{code}</EsigibilitaIVA>")))
        assert found.get("/taxes/0/category") == category
        assert found["/taxes/0/rate"] == "22.00"


def test_a_law_beside_a_plain_rate_exempts_from_nothing() -> None:
    law = "<RiferimentoNormativo>art. 1</RiferimentoNormativo>"
    found = values(body(goods=f"<DatiRiepilogo><Natura>N4</Natura>{law}</DatiRiepilogo>"))
    assert found["/taxes/0/exemption_reason"] == "art. 1"
    plain = body(goods=f"<DatiRiepilogo><AliquotaIVA>22</AliquotaIVA>{law}</DatiRiepilogo>")
    assert "/taxes/0/exemption_reason" not in values(plain)
    assert unmapped(plain) == {"art. 1"}


def test_an_account_of_all_instalments_is_given_once() -> None:
    part = (
        "<DettaglioPagamento><ImportoPagamento>{}</ImportoPagamento><IBAN>{}</IBAN>"
        "</DettaglioPagamento>"
    )
    ibans = ("IT17A0312305678000000987654", "IT17A0312305678000000987654", "IT99X1")
    parts = "".join(part.format(n, iban) for n, iban in enumerate(ibans, 1))
    found = values(body(payment=f"<DatiPagamento>{parts}</DatiPagamento>"))
    assert found == {
        "/payment/instalments/0/amount": "1",
        "/payment/instalments/1/amount": "2",
        "/payment/instalments/2/amount": "3",
        "/payment/accounts/0/iban": "IT17A0312305678000000987654",
        "/payment/accounts/1/account_number": "IT99X1",
    }


def test_a_person_has_a_name_in_two_parts_and_a_company_one() -> None:
    def named(content: str) -> str:
        start, end = SELLER.split("<Denominazione>Prova srl</Denominazione>")
        return start + content + end

    assert values(named("<Nome>Ada</Nome><Cognome>Rossi</Cognome>")) == {
        "/seller/name": "Ada Rossi"
    }
    both = named("<Denominazione>Rossi</Denominazione><Nome>Ada</Nome><Cognome>R.</Cognome>")
    assert values(both) == {"/seller/name": "Rossi"}
    assert unmapped(both) == {"Ada", "R."}


@pytest.mark.parametrize(
    ("code", "scheme"), [("UFX7Q2", "0201"), ("ABC1234", "0205"), ("0000000", None)]
)
def test_the_recipients_code_is_the_buyers_identifier(code: str, scheme: str | None) -> None:
    found = values(
        "<FatturaElettronicaHeader><DatiTrasmissione>"
        f"<CodiceDestinatario>{code}</CodiceDestinatario>"
        "</DatiTrasmissione></FatturaElettronicaHeader>"
    )
    assert found.get("/buyer/identifiers/0/scheme") == scheme
    assert found.get("/buyer/identifiers/0/value") == (code if scheme else None)


def test_an_attached_file_is_told_by_its_size() -> None:
    attachment = "<Allegati><Attachment>" + "QUJD" * 400 + "</Attachment></Allegati>"
    assert unmapped(body(payment=attachment)) == {"(1,200 bytes)"}
