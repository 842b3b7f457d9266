import pytest

from tests.engines.layout import paper
from tests.engines.layout.paper import Line

HEAD: list[Line] = [
    (50, 40, "Rindler Werkzeugbau GmbH"),
    (50, 55, "Torweg 3, 39104 Magdeburg"),
    (50, 150, "Rechnung Nr. RW-5120"),
    (50, 165, "Rechnungsdatum 11.03.2026"),
    (50, 250, "Gesamtbetrag"),
    (480, 250, "119,00 EUR"),
]


def due(*lines: Line) -> str | None:
    """Return what is due of an invoice of 119.00 that says something more."""
    return paper.texts(paper.values(*HEAD, *lines)).get("/totals/amount_due")


def test_an_invoice_that_tells_of_no_payment_is_due_as_a_whole() -> None:
    assert due() == "119.00"
    assert due((50, 400, "Zahlbar ohne Abzug.")) == "119.00"


@pytest.mark.parametrize(
    "text",
    [
        "Der Betrag wurde bereits per PayPal bezahlt.",
        "Bezahlt am 14.03.2026",
        "Betrag dankend erhalten",
        "Vorkasse, bereits erhalten",
        "Zahlungsart: Kreditkarte",
        "Zahlung per PayPal",
        "Wir danken. Der Betrag von 119,00 EUR ist beglichen. Bitte nicht überweisen.",
        "This invoice was paid on 14 March 2026.",
        "Payment received with thanks",
        "Payment method: Visa ending 1180",
        "Cette facture a été payée par carte le 14/03/2026",
        "Mode de paiement : carte bancaire",
        "Esta factura ha sido pagada con tarjeta",
        "Forma de pago: Tarjeta de crédito",
        "Fattura pagata il 14/03/2026",
        "Modalità di pagamento: carta di credito",
        "O valor já foi pago por cartão",
        "Het bedrag is reeds voldaan via iDEAL.",
        "Betaalmethode: creditcard",
        "Fakturaen er betalt med dankort",
        "Betalingsmetode: Vipps",
        "Fakturan är betald med kort",
        "Lasku on maksettu 14.3.2026",
        "Należność opłacona kartą",
        "Způsob platby: kartou",
        "Faktúra bola uhradená kartou",
        "A számla pénzügyi teljesítést nem igényel",
        "Factura a fost achitată cu cardul",
        "Начин на плащане: с карта",
        "Το ποσό εξοφλήθηκε με κάρτα",
        "Bu fatura ödenmiştir.",
        "Račun je plaćeno karticom",
        "Način plačila: kartica",
        "Arve on tasutud",
        "Rēķins apmaksāts",
        "Sąskaita apmokėta kortele",
        "Tagihan ini sudah dibayar",
        "Kaedah pembayaran: kad kredit",
    ],
)
def test_of_an_invoice_that_says_it_is_paid_nothing_is_told_as_due(text: str) -> None:
    assert due((50, 400, text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "The goods stay ours until they are paid in full.",
        "Invoices have to be paid within 14 days.",
        "If paid within 8 days, 2 % less.",
        "Delivered duty paid",
        "Zahlbar innerhalb von 14 Tagen",
        "Wird die Rechnung nicht rechtzeitig bezahlt, fallen Zinsen an.",
        "Die Ware bleibt unser Eigentum, bis sie bezahlt ist.",
        "Zahlungsart: Überweisung",
        "Zahlungsart: Lastschrift",
        "Payment method: bank transfer",
        "Forma de pago: transferencia",
        "TVA acquittée sur les encaissements",
        "Toute somme non payée porte intérêt",
        "De factuur dient binnen 30 dagen te worden betaald",
        "Skal være betalt senest 25.03.2026",
        "Fakturan ska vara betald inom 30 dagar",
        "Forma płatności: przelew",
        "Modes of payment: Visa, cheque, transfer",
    ],
)
def test_words_of_how_and_when_to_pay_leave_the_total_due(text: str) -> None:
    assert due((50, 400, text)) == "119.00"


def test_a_sentence_may_begin_in_the_line_above() -> None:
    assert (
        due((50, 400, "The goods stay ours until the sum is"), (50, 412, "paid in full."))
        == "119.00"
    )
    assert due((50, 400, "The sum has been"), (50, 412, "paid in full.")) is None


def test_the_way_of_payment_may_stand_beside_or_below_its_label() -> None:
    assert due((50, 400, "Zahlungsweise"), (250, 400, "PayPal")) is None
    assert due((50, 400, "Zahlungsweise"), (50, 412, "Apple Pay")) is None
    assert due((50, 400, "Zahlungsweise"), (250, 400, "Überweisung")) == "119.00"


def test_an_item_that_speaks_of_payments_leaves_the_total_due() -> None:
    assert due((50, 220, "Fees paid for you"), (480, 220, "40,00 EUR")) == "119.00"


def test_a_clause_takes_back_no_other() -> None:
    assert due((50, 400, "Bitte nicht mehr überweisen, der Betrag wurde bereits bezahlt.")) is None
    assert due((50, 400, "Invoice No. 5120 has been paid.")) is None
