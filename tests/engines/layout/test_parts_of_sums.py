"""Sums that are told in parts: exempt and taxed ones, a rounding of what is not printed, rows on end."""

from tests.engines.layout.paper import Line, texts, values

HEAD: list[Line] = [
    (50, 40, "Kastanje Catering BV"),
    (50, 55, "Brugweg 6, 9711 AB Groningen"),
    (50, 90, "Factuur 2031-77"),
    (50, 105, "Datum: 04-03-2031"),
]


def sums(rows: list[tuple[str, str]]) -> dict[str, str]:
    lines: list[Line] = []
    for n, (label, amount) in enumerate(rows):
        lines += [(200, 300 + 15 * n, label), (500 - 5 * len(amount), 300 + 15 * n, amount)]
    found = texts(values(*HEAD, *lines))
    return {k.removeprefix("/totals/"): v for k, v in found.items() if k.startswith("/totals/")}


def test_what_is_taxed_and_what_is_exempt_make_the_net_sum_together() -> None:
    found = sums(
        [
            ("Maatstaf van heffing 21%", "80,00"),
            ("Btw 21%", "16,80"),
            ("Vrijgesteld", "12,50"),
            ("Totaal", "109,30"),
        ]
    )
    assert found["net"] == "92.50"
    assert (found["tax"], found["gross"]) == ("16.80", "109.30")


def test_three_sums_in_rows_on_end_prove_a_net_sum_that_is_called_a_total() -> None:
    found = sums([("Totaal gerechten", "741.54"), ("Totaal btw", "99.06"), ("Totaal", "840.60")])
    assert (found["net"], found["tax"], found["gross"]) == ("741.54", "99.06", "840.60")


def test_a_rounding_may_be_that_of_a_sum_that_is_not_printed() -> None:
    found = sums(
        [
            ("Subtotaal", "719,55"),
            ("Btw 9%", "64,76"),
            ("Afronding", "-0,01"),
            ("Totaal", "784,30"),
        ]
    )
    assert (found["net"], found["tax"], found["gross"]) == ("719.55", "64.76", "784.30")


def test_a_term_of_payment_is_no_net_sum() -> None:
    terms: list[Line] = [(350, 90, "Terms: Net 15")]
    rows: list[Line] = [
        (200, 300, "Sub Total"),
        (450, 300, "1,127.50"),
        (200, 315, "Total"),
        (450, 315, "1,127.50"),
    ]
    found = texts(values(*HEAD, *terms, *rows))
    assert found["/totals/net"] == "1127.50"
