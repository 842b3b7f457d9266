import pytest

from tests.engines.layout import paper
from tests.engines.layout.test_kind import TEXT, kind

LETTERHEAD = ["Quillfern Works Ltd", "4 Alder Yard", "VAT No: GB 123 4567 82"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Despatch note", "other"),
        ("Offene Posten", "statement"),
        ("Bordereau de livraison", "other"),
        ("Confirmación de pedido", "other"),
        ("Sollecito di pagamento", "reminder"),
        ("Opdrachtbevestiging", "other"),
        ("Umowa o świadczenie usług", "other"),
        ("Folha de pagamento", "other"),
        ("Výkaz práce", "other"),
        ("Výzva na úhradu", "reminder"),
        ("Lønspecifikation", "other"),
        ("Kostnadsförslag", "other"),
        ("Leieavtale", "other"),
        ("Toimituslista", "other"),
        ("Fuvarlevél", "other"),
        ("Aviz de însoțire a mărfii", "other"),
        ("Dostavnica", "other"),
        ("Najemna pogodba", "other"),
        ("Sipariş onayı", "other"),
        ("Επιβεβαίωση παραγγελίας", "other"),
        ("Ценова оферта", "other"),
        ("Pakkeleht", "other"),
        ("Cenu piedāvājums", "other"),
        ("Kainos pasiūlymas", "other"),
        ("Surat pengiriman", "other"),
        ("Pengesahan pesanan", "other"),
    ],
)
def test_titles_in_the_languages_tell_what_is_no_invoice(title: str, name: str) -> None:
    assert kind(title, *TEXT) == name


def test_a_title_with_its_number_tells_the_kind_where_nothing_calls_itself_an_invoice() -> None:
    priced = ["Shelf 30.00", "Total 30.00"]
    assert kind("Quotation No. 204", *priced, *TEXT) == "other"
    assert kind("Quotation Quotation No. 204", *priced, *TEXT) == "other"
    assert kind("Quotation No. 204", "Invoice", *priced, *TEXT) == "invoice"


def test_a_row_of_a_list_is_no_title() -> None:
    rows = [(50.0, 40.0, "Customer statement")]
    for n, balance in enumerate(("80.00", "70.00", "90.00", "95.00")):
        y = 100.0 + 20 * n
        rows += [(50.0, y, f"Invoice 30{n}"), (250.0, y, "15.00"), (400.0, y, balance)]
    assert paper.values(*rows)["/document_type"].canonical == "statement"


def ledger(*rows: tuple[str, str]) -> str | None:
    """Return the document type of a page of amounts and the balances beside them, without a title."""
    lines = [(50.0, 40.0, "Quillfern Works Ltd"), (50.0, 60.0, "Movements of the month")]
    for n, (amount, balance) in enumerate(rows):
        lines += [(50.0, 90.0 + 20 * n, "Entry"), (250.0, 90.0 + 20 * n, amount)]
        lines.append((400.0, 90.0 + 20 * n, balance))
    value = paper.values(*lines).get("/document_type")
    return value.canonical if value else None


def test_balances_that_lead_from_row_to_row_are_an_accounts_statement() -> None:
    assert (
        ledger(("10.00", "60.00"), ("15.00", "45.00"), ("5.50", "50.50"), ("0.50", "50.00"))
        == "statement"
    )
    assert (
        ledger(("10.00", "60.00"), ("15.00", "48.00"), ("5.50", "51.50"), ("0.50", "57.00"))
        != "statement"
    )


def test_a_letterhead_makes_no_letter_an_invoice() -> None:
    account = "IBAN: DE75 5121 0800 1245 1261 99"
    assert kind(*LETTERHEAD, *TEXT, account) == "other"


def test_a_few_words_that_name_sums_nobody_can_read_are_not_refused() -> None:
    lines = [
        "Quillfern Works Ltd",
        "Total",
        "Cash",
        "Change",
        "thank you for the visit to this shop",
    ]
    assert kind(*lines, "and come again soon to our house on the hill by the sea") is None


def test_amounts_in_a_form_make_it_no_receipt() -> None:
    form = [f"Box {n} of this form 1{n}.00" for n in range(10, 22)]
    assert kind(*form, "Amount paid in the year", *TEXT, *TEXT, *TEXT, *TEXT) == "other"
