"""Numbers and dates whose label says more, or less, than usual."""

from tests.engines.layout.paper import Line, texts, values


def read(*lines: Line) -> dict[str, str]:
    return texts(values(*lines, (50, 500, "Total"), (480, 500, "90.00 EUR")))


def test_a_code_behind_the_title_is_the_number() -> None:
    assert read((50, 40, "Invoice AB-7"))["/invoice_number"] == "AB-7"
    assert "/invoice_number" not in read((50, 40, "Invoice for 7 days"))


def test_the_end_of_a_compound_word_labels_its_number() -> None:
    for label in ("Sammelrechnungsnummer", "Kaufbelegnummer", "Fuhrrechnung"):
        found = read((50, 40, label), (250, 40, "2026-4410"), (50, 60, "Datum 03.02.2026"))
        assert found["/invoice_number"] == "2026-4410"


def test_a_number_may_read_as_a_date_where_another_is_the_date() -> None:
    number: list[Line] = [(50, 40, "Numer faktury"), (50, 52, "4/12/2026")]
    assert read(*number, (50, 80, "Data wystawienia: 30.12.2026"))["/invoice_number"] == "4/12/2026"
    assert "/invoice_number" not in read(*number)


def test_a_date_behind_more_words_and_a_colon_is_its_labels() -> None:
    label = "Date of issue, as section 12 of the Act wants it: 31.10.2026"
    found = read(
        (50, 40, label), (50, 60, "Date of the work and of its delivery:"), (50, 72, "03.10.2026")
    )
    assert found["/issue_date"] == "2026-10-31"


def test_the_no_of_norway_labels_no_number() -> None:
    found = read((50, 40, "Faktura 2055"), (300, 40, "NO 911 222 333 MVA"))
    assert found["/invoice_number"] == "2055"


def test_a_receipts_own_ids_are_its_number_where_there_is_no_other() -> None:
    assert read((50, 40, "Booking ID"), (50, 52, "TRXK4410"))["/invoice_number"] == "TRXK4410"


def test_a_code_at_the_end_of_a_longer_title_is_the_number() -> None:
    for title in ("Facture acquittée n° 26-0118", "Factura de venta 26-0118"):
        assert read((50, 40, title))["/invoice_number"] == "26-0118"
    assert "/invoice_number" not in read((50, 40, "Invoice for customer no. 26-0118"))


def test_an_abbreviated_word_before_the_colon_is_part_of_the_label() -> None:
    assert read((50, 40, "Data doc.:"), (200, 40, "17/12/2026"))["/issue_date"] == "2026-12-17"


def test_a_hungarian_date_has_spaces() -> None:
    assert read((50, 40, "Kelt: 2026. 02. 27. 15:10"))["/issue_date"] == "2026-02-27"
