"""Each rule passes, fails and knows when it has nothing to say."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.reading import Origin
from invoice_extraction.validate import RULES, Context

TODAY = date(2026, 3, 2)
EUR = {"currency": "EUR"}


def extracted(result: dict[str, Any], origin: Origin = "text") -> ExtractedInvoice:
    evidence = Evidence(origin=origin, confidence=0.9, level="high")
    return ExtractedInvoice(
        result=Invoice.model_validate(result), evidence={"/invoice_number": evidence}
    )


def checks(rule: str, result: dict[str, Any], origin: Origin = "text") -> list[Check]:
    return RULES[rule](extracted(result, origin), Context(TODAY))


def statuses(rule: str, result: dict[str, Any], origin: Origin = "text") -> list[str]:
    return [check.status for check in checks(rule, result, origin)]


def lines(*amounts: str) -> list[dict[str, str]]:
    return [{"net_amount": amount} for amount in amounts]


def totals(**amounts: str) -> dict[str, Any]:
    return {"totals": amounts}


def seller(**fields: Any) -> dict[str, Any]:
    return {"seller": fields}


def account(**fields: str) -> dict[str, Any]:
    return {"payment": {"accounts": [fields]}}


def line(**fields: Any) -> dict[str, Any]:
    return {"lines": [fields]}


def band(rate: str, taxable: str, tax: str) -> dict[str, Any]:
    return {"taxes": [{"rate": rate, "taxable_amount": taxable, "tax_amount": tax}]}


VALID_IBAN, WRONG_IBAN = "DE89370400440532013000", "DE88370400440532013000"

CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # rule, passes, fails, not applicable
    (
        "not_an_invoice",
        {"document_type": "receipt"},
        {"document_type": "purchase_order"},
        {},
    ),
    (
        "BR-CO-10",
        {"lines": lines("98.00", "2.00"), **totals(lines_net="100.00")},
        {"lines": lines("96.00", "2.00"), **totals(lines_net="100.00")},
        {"lines": [{"net_amount": "1"}, {}], **totals(lines_net="100.00")},
    ),
    (
        "BR-CO-11",
        {"allowances": [{"amount": "5"}], **totals(allowances="5.00")},
        {"allowances": [{"amount": "5"}], **totals(allowances="6.00")},
        totals(allowances="5.00"),
    ),
    (
        "BR-CO-12",
        {"charges": [{"amount": "5"}], **totals(charges="5.00")},
        {"charges": [{"amount": "5"}], **totals(charges="6.00")},
        totals(charges="5.00"),
    ),
    (
        "BR-CO-13",
        totals(lines_net="100", allowances="10", charges="5", net="95"),
        totals(lines_net="100", allowances="10", net="95"),
        totals(net="95"),
    ),
    (
        "BR-CO-14",
        {"taxes": [{"tax_amount": "19"}, {"tax_amount": "7"}], **totals(tax="26")},
        {"taxes": [{"tax_amount": "19"}, {"tax_amount": "7"}], **totals(tax="27")},
        {"taxes": [{"rate": "19"}], **totals(tax="27")},
    ),
    (
        "BR-CO-15",
        totals(net="100.00", tax="19.00", gross="119.00"),
        totals(net="100.00", tax="19.00", gross="119.02"),
        totals(net="100.00", gross="119.00"),
    ),
    (
        "BR-CO-16",
        totals(gross="119.00", paid="19.00", rounding="0.02", amount_due="100.02"),
        totals(gross="119.00", paid="19.00", amount_due="119.00"),
        totals(gross="119.00"),
    ),
    ("BR-CO-17", band("19", "100.00", "19.00"), band("19", "100.00", "7.00"), {"taxes": [{}]}),
    (
        "lines_add_up",
        {"lines": lines("60", "50"), "allowances": [{"amount": "10"}], **totals(net="100")},
        {"lines": lines("60", "50"), **totals(net="100")},
        {"lines": lines("60", "50"), **totals(net="100", lines_net="110")},
    ),
    (
        "line_amount",
        line(quantity="3", unit_price="10", discount_amount="5", net_amount="25.00"),
        line(quantity="3", unit_price="10", net_amount="25.00"),
        line(unit_price="10", net_amount="25.00"),
    ),
    (
        "due_after_issue",
        {"issue_date": "2026-03-02", "due_date": "2026-03-02"},
        {"issue_date": "2026-03-02", "due_date": "2026-03-01"},
        {"issue_date": "2026-03-02"},
    ),
    (
        "plausible_dates",
        {"issue_date": "1990-01-01", "due_date": "2031-03-02"},
        {"issue_date": "1989-12-31"},
        {},
    ),
    (
        "BR-29",
        {"period_start": "2026-02-01", "period_end": "2026-02-01"},
        {"period_start": "2026-02-02", "period_end": "2026-02-01"},
        {"period_start": "2026-02-02"},
    ),
    (
        "BR-30",
        line(period_start="2026-02-01", period_end="2026-02-28"),
        line(period_start="2026-02-28", period_end="2026-02-01"),
        line(period_start="2026-02-28"),
    ),
    (
        "buyer_is_not_seller",
        {**seller(name="A", tax_id="DE1"), "buyer": {"name": "A", "tax_id": "DE2"}},
        {**seller(name="Same & Co"), "buyer": {"name": "SAME CO"}},
        seller(name="A"),
    ),
    (
        "tax_id_check_digits",
        seller(tax_id="DE 136 695 976"),
        seller(tax_id="DE136695975"),
        seller(tax_id="12/345/67890", address={"country": "DE"}),
    ),
    (
        "iban_check_digits",
        account(iban=VALID_IBAN),
        account(iban=WRONG_IBAN),
        account(account_number="1"),
    ),
    ("bic_format", account(bic="COBADEFFXXX"), account(bic="COBADEF"), account(iban=VALID_IBAN)),
    ("gtin_check_digit", line(gtin="4012345000016"), line(gtin="4012345000017"), line()),
    ("currency_evidenced", {**EUR, **totals(gross="1")}, totals(gross="1"), EUR),
    (
        "currency_decimals",
        {**EUR, **totals(gross="1.2300")},
        {**EUR, **totals(gross="1.235")},
        totals(gross="1.235"),
    ),
]


@pytest.mark.parametrize(("rule", "result"), [(c[0], c[1]) for c in CASES])
def test_a_rule_passes_what_fits(rule: str, result: dict[str, Any]) -> None:
    made = checks(rule, result)
    assert [check.status for check in made] == ["pass"]
    assert all(check.fields and check.message for check in made)


@pytest.mark.parametrize(("rule", "result"), [(c[0], c[2]) for c in CASES])
def test_a_rule_fails_what_does_not_fit(rule: str, result: dict[str, Any]) -> None:
    failed = [check for check in checks(rule, result) if check.status == "fail"]
    assert len(failed) == 1
    assert failed[0].fields
    assert failed[0].message.endswith(".")


@pytest.mark.parametrize(("rule", "result"), [(c[0], c[3]) for c in CASES])
def test_a_rule_says_nothing_where_a_value_is_missing(rule: str, result: dict[str, Any]) -> None:
    assert statuses(rule, result) == ["not_applicable"]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_cases(rule: str) -> None:
    assert rule in {case[0] for case in CASES} | {"BR-CO-26"}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_s_checks_carry_its_name(rule: str) -> None:
    made = checks(rule, {})
    assert made
    assert {check.id for check in made} == {rule}
    every = [result for case in CASES for result in case[1:]]
    assert {check.id for result in every for check in checks(rule, result)} == {rule}


def test_only_an_e_invoice_has_to_identify_its_seller() -> None:
    assert statuses("BR-CO-26", seller(name="A")) == ["not_applicable"]
    assert statuses("BR-CO-26", seller(name="A"), "xml") == ["fail"]
    assert statuses("BR-CO-26", seller(registration_id="HRB 1"), "xml") == ["pass"]
    assert statuses("BR-CO-26", seller(identifiers=[{"value": "1"}]), "xml") == ["pass"]


def test_a_failed_sum_says_what_was_expected_and_what_is_there() -> None:
    [check] = checks("BR-CO-10", {"lines": lines("98.00"), **totals(lines_net="100.00")})
    assert check.message == "The lines add up to 98.00, the invoice says 100.00."
    assert (check.expected, check.found, check.tolerance) == ("98.00", "100.00", "0.01")
    assert check.fields == ["/lines/0/net_amount", "/totals/lines_net"]


def test_the_tolerance_grows_with_the_lines() -> None:
    ten = {"lines": lines(*["1.00"] * 10)}
    assert statuses("BR-CO-10", {**ten, **totals(lines_net="10.05")}) == ["pass"]
    assert statuses("BR-CO-10", {**ten, **totals(lines_net="10.06")}) == ["fail"]


def test_a_currency_without_decimals_is_rounded_to_whole_units() -> None:
    yen = {"currency": "JPY", **band("8", "1234", "98")}
    assert statuses("BR-CO-17", yen) == ["pass"]
    assert statuses("currency_decimals", {"currency": "JPY", **totals(gross="1.5")}) == ["fail"]
    assert statuses("currency_decimals", {"currency": "KWD", **totals(gross="1.234")}) == ["pass"]


@pytest.mark.parametrize(
    ("currency", "right", "wrong"),
    [
        # The digits of ISO 4217, where CLDR has others: what is paid in cash.
        *[(one, "1.25", "1.255") for one in ("RSD", "ALL", "MGA", "LBP", "AFN", "YER", "SYP")],
        ("IQD", "1.255", "1.2555"),
        ("CLF", "1.2555", "1.25555"),
        ("JPY", "1", "1.5"),
        ("EUR", "1.25", "1.255"),
    ],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, right: str, wrong: str) -> None:
    assert statuses("currency_decimals", {"currency": currency, **totals(gross=right)}) == ["pass"]
    assert statuses("currency_decimals", {"currency": currency, **totals(gross=wrong)}) == ["fail"]


def test_a_sum_in_a_currency_with_decimals_is_exact_to_them() -> None:
    told = {"currency": "RSD", **totals(net="100", tax="20", gross="120.90")}
    assert statuses("BR-CO-15", told) == ["fail"]


def test_one_wrong_line_is_named_and_the_others_pass() -> None:
    result = {
        "lines": [
            {"quantity": "2", "unit_price": "5", "net_amount": "10"},
            {"quantity": "2", "unit_price": "5", "net_amount": "11"},
        ]
    }
    passed, failed = checks("line_amount", result)
    assert passed.fields == ["/lines/0/net_amount", "/lines/0/quantity", "/lines/0/unit_price"]
    assert failed.fields == ["/lines/1/net_amount"]
    assert failed.message.startswith("Line 2: ")


def test_very_many_wrong_lines_are_told_together() -> None:
    wrong = {"quantity": "2", "unit_price": "5", "net_amount": "11"}
    made = checks("line_amount", {"lines": [wrong] * 1_000})
    assert {check.status for check in made} == {"fail"}
    assert len(made) == 51
    assert made[-1].message == "950 more values fail the check line_amount."
    pointers = [pointer for check in made for pointer in check.fields]
    assert pointers == [f"/lines/{n}/net_amount" for n in range(1_000)]


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": "250", "unit_price": "120", "price_base_quantity": "100", "net_amount": "300"},
        {"quantity": "2", "unit_price": "50", "discount_percent": "10", "net_amount": "90"},
        {"quantity": "2", "unit_price": "50", "gross_amount": "100"},
        {"quantity": "2", "unit_price": "50", "price_base_quantity": "0", "net_amount": "100"},
    ],
)
def test_a_line_s_amount_follows_from_price_base_and_discount(fields: dict[str, str]) -> None:
    assert statuses("line_amount", line(**fields)) == ["pass"]


ONE_BY_ONE = {"quantity": "2", "unit_price": "50", "tax_rate": "19"}


@pytest.mark.parametrize(
    ("fields", "printed", "xml"),
    [
        # A price without tax beside an amount with it, and the other way round.
        ({**ONE_BY_ONE, "gross_amount": "119.00"}, "pass", "fail"),
        ({**ONE_BY_ONE, "unit_price": "59.50", "net_amount": "100.00"}, "pass", "fail"),
        ({**ONE_BY_ONE, "gross_amount": "117.00"}, "fail", "fail"),
        ({**ONE_BY_ONE, "net_amount": "101.50"}, "fail", "fail"),
        # 0.1234 is told as 0.12, in e-invoices too: what it hides may be 7.50, and no more.
        (
            {"quantity": "1500", "unit_price": "0.12", "net_amount": "185.10"},
            "not_applicable",
            "not_applicable",
        ),
        ({"quantity": "1500", "unit_price": "0.12", "net_amount": "188.00"}, "fail", "fail"),
        ({"quantity": "3", "unit_price": "10", "net_amount": "30.50"}, "fail", "fail"),
    ],
)
def test_a_price_may_be_rounded_and_a_printed_one_be_without_the_tax_of_its_amount(
    fields: dict[str, str], printed: str, xml: str
) -> None:
    told = {**EUR, **line(**fields)}
    assert statuses("line_amount", told) == [printed]
    assert statuses("line_amount", told, "xml") == [xml]


def test_a_price_without_tax_proves_the_amount_with_it() -> None:
    result = {**EUR, **line(**ONE_BY_ONE, net_amount="90", gross_amount="119.00")}
    [check] = checks("line_amount", result)
    assert check.fields == ["/lines/0/gross_amount", "/lines/0/quantity", "/lines/0/unit_price"]


def test_a_receipt_s_band_may_be_told_with_its_tax() -> None:
    result = band("19", "119.00", "19.00")
    assert statuses("BR-CO-17", result) == ["pass"]
    assert statuses("BR-CO-17", {**result, "prices_include_tax": False}) == ["fail"]
    assert statuses("BR-CO-17", result, "xml") == ["fail"]
    assert statuses("BR-CO-17", band("19", "119.00", "20.00")) == ["fail"]


@pytest.mark.parametrize("gross", ["1060", "1210"])
def test_what_the_buyer_withholds_may_be_taken_from_the_total(gross: str) -> None:
    result = totals(net="1000", tax="210", withheld="150", gross=gross)
    assert statuses("BR-CO-15", result) == ["pass"]
    assert statuses("BR-CO-15", result, "xml") == ["pass"]


def test_the_surcharges_of_the_taxes_are_a_part_of_their_total() -> None:
    result = {
        "taxes": [{"tax_amount": "21.00", "surcharge_amount": "5.20"}, {"tax_amount": "4.00"}],
        **totals(tax="30.20"),
    }
    assert statuses("BR-CO-14", result) == ["pass"]
    assert statuses("BR-CO-14", {**result, **totals(tax="25.00")}) == ["fail"]


@pytest.mark.parametrize(("gross", "status"), [("119.00", "fail"), ("100.00", "pass")])
def test_an_e_invoice_without_tax_has_a_gross_total_without_it(gross: str, status: str) -> None:
    result = totals(lines_net="100.00", net="100.00", gross=gross)
    assert statuses("BR-CO-15", result) == ["not_applicable"]
    [check] = checks("BR-CO-15", result, "xml")
    assert check.status == status
    assert check.fields == ["/totals/net", "/totals/gross"]
    assert check.message.startswith("Net without any tax makes 100.00, ")


def test_prices_with_tax_lead_to_the_gross_amounts() -> None:
    one = {"quantity": "2", "unit_price": "5.95", "net_amount": "10.00", "gross_amount": "11.90"}
    result = {"prices_include_tax": True, "lines": [one], **totals(gross="11.90", net="10.00")}
    assert statuses("line_amount", result) == ["pass"]
    assert statuses("lines_add_up", result) == ["pass"]
    assert statuses("lines_add_up", {**result, **totals(gross="12.90")}) == ["fail"]


def test_a_receipt_s_lines_lead_to_its_total_though_nothing_tells_of_tax() -> None:
    result = {"lines": [{"gross_amount": "6.10"}, {"gross_amount": "2.50"}], **totals(gross="8.60")}
    assert statuses("lines_add_up", result) == ["pass"]
    assert statuses("lines_add_up", {**result, **totals(gross="8.70")}) == ["fail"]
    rounded = totals(gross="8.65", rounding="0.05")
    assert statuses("lines_add_up", {**result, **rounded}) == ["pass"]


def test_a_receipt_s_total_may_hold_the_tip_but_an_e_invoice_s_may_not() -> None:
    result = totals(net="100", tax="19", tip="10", gross="129")
    assert statuses("BR-CO-15", result) == ["pass"]
    assert statuses("BR-CO-15", result, "xml") == ["fail"]


@pytest.mark.parametrize(
    ("amounts", "status"),
    [
        ({"gross": "100", "previous_balance": "20", "amount_due": "120"}, "pass"),
        ({"gross": "100", "previous_balance": "20", "amount_due": "100"}, "pass"),
        ({"gross": "100", "withheld": "20", "amount_due": "80"}, "pass"),
        ({"gross": "100", "withheld": "20", "amount_due": "90"}, "fail"),
    ],
)
def test_the_amount_due_may_hold_an_old_balance(amounts: dict[str, str], status: str) -> None:
    assert statuses("BR-CO-16", totals(**amounts), "xml") == [status]


@pytest.mark.parametrize(
    "amounts",
    [
        # The total is rounded already; the tip comes on top of it.
        {"gross": "100.00", "rounding": "0.02", "amount_due": "100.00"},
        {"gross": "100.00", "tip": "10.00", "amount_due": "110.00"},
        {"gross": "100.00", "rounding": "0.02", "tip": "10.00", "amount_due": "110.00"},
    ],
)
def test_a_printed_amount_due_may_hold_rounding_and_tip(amounts: dict[str, str]) -> None:
    assert statuses("BR-CO-16", totals(**amounts)) == ["pass"]
    assert statuses("BR-CO-16", totals(**amounts), "xml") == ["fail"]


@pytest.mark.parametrize(
    ("tax_id", "country", "status"),
    [
        ("ATU13585627", None, "pass"),
        ("EL094259216", "GR", "pass"),
        ("CHE-107.787.577 MWST", "CH", "pass"),
        ("27AAPFU0939F1ZV", "IN", "pass"),
        ("51824753556", "AU", "pass"),
        ("DE0815", None, "fail"),
        ("51824753555", "AU", "not_applicable"),
        ("123 456 789", "DE", "not_applicable"),
        ("DE123456789", "DE", "fail"),
        ("12-3456789", "US", "not_applicable"),
        ("DEL850101AB1", "MX", "pass"),
        ("XX123", None, "not_applicable"),
        ("123456789", None, "not_applicable"),
    ],
)
def test_a_tax_number_is_checked_by_its_country(
    tax_id: str, country: str | None, status: str
) -> None:
    address = {"address": {"country": country}} if country else {}
    assert statuses("tax_id_check_digits", seller(tax_id=tax_id, **address)) == [status]


@pytest.mark.parametrize("country", ["IS", "DO", "IN", "ZZ", "US", "UA"])
def test_every_country_code_can_be_asked(country: str) -> None:
    made = statuses("tax_id_check_digits", seller(tax_id="x", address={"country": country}))
    assert made == ["not_applicable"]


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_what_adds_up_always_passes(amounts: list[Any]) -> None:
    told = {"lines": lines(*map(str, amounts)), **totals(lines_net=str(sum(amounts)))}
    assert statuses("BR-CO-10", told) == ["pass"]


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_net_and_tax_pass_exactly_when_they_make_the_gross(net: Any, tax: Any, gross: Any) -> None:
    right = abs(net + tax - gross) * 100 <= 1
    told = totals(net=str(net), tax=str(tax), gross=str(gross))
    assert statuses("BR-CO-15", told) == ["pass" if right else "fail"]


@given(st.integers(-(10**27), 10**27), st.integers(-(10**27), 10**27))
def test_amounts_of_any_size_are_only_checked(one: int, other: int) -> None:
    result = {
        **EUR,
        "lines": [{"quantity": str(one), "unit_price": str(other), "net_amount": str(one)}],
        "taxes": [{"rate": str(one), "taxable_amount": str(other), "tax_amount": str(one)}],
        "totals": {"net": str(one), "tax": str(other), "gross": str(one), "amount_due": str(other)},
    }
    for rule in RULES:
        assert {check.id for check in checks(rule, result)} == {rule}
    assert statuses("BR-CO-15", result) == ["pass" if other == 0 else "fail"]
    assert statuses("BR-CO-16", result) == ["pass" if one == other else "fail"]
    exact = one * other == one
    assert ("pass" in statuses("line_amount", result)) == exact


@pytest.mark.parametrize("name", ["allowances", "charges"])
def test_an_e_invoice_without_allowances_has_no_total_of_them(name: str) -> None:
    rule = {"allowances": "BR-CO-11", "charges": "BR-CO-12"}[name]
    assert statuses(rule, totals(**{name: "5.00"}), "xml") == ["fail"]
    assert statuses(rule, totals(**{name: "0.00"}), "xml") == ["pass"]
    assert statuses(rule, totals(**{name: "5.00"})) == ["not_applicable"]


@pytest.mark.parametrize("kind", ["KOR", "ZAL", "ROZ"])
def test_polish_lines_that_are_not_what_is_billed_are_no_false_alarm(kind: str) -> None:
    before_and_after = {"lines": lines("50.00", "40.00"), **totals(net="-10.00")}
    assert statuses("lines_add_up", before_and_after, "xml") == ["fail"]
    told = {**before_and_after, "source_type_code": kind}
    assert statuses("lines_add_up", told, "xml") == ["not_applicable"]
    only_changes = {**told, "lines": lines("-10.00")}
    assert statuses("lines_add_up", only_changes, "xml") == ["pass"]


def test_an_e_invoice_that_has_no_place_for_what_is_paid_is_no_false_alarm() -> None:
    outline = totals(net="100", tax="20", gross="120", amount_due="90")
    assert statuses("BR-CO-16", outline, "xml") == ["not_applicable"]
    assert statuses("BR-CO-16", outline) == ["fail"]
    whole = extracted({**outline, "lines": lines("100")}, "xml")
    whole.evidence["/lines/0/net_amount"] = whole.evidence["/invoice_number"]
    assert [check.status for check in RULES["BR-CO-16"](whole, Context(TODAY))] == ["fail"]


def test_an_outline_that_does_not_tell_the_tax_is_no_false_alarm() -> None:
    outline = totals(net="100", gross="120", amount_due="120")
    assert statuses("BR-CO-15", outline, "xml") == ["not_applicable"]
    assert statuses("BR-CO-15", {**totals(net="100", gross="120", lines_net="100")}, "xml") == [
        "fail"
    ]


def test_forints_are_rounded_though_they_have_decimals() -> None:
    line = {"quantity": "3", "unit_price": "33.20", "net_amount": "100.00"}
    band = {"rate": "27", "taxable_amount": "101.00", "tax_amount": "27.00"}
    result = {"lines": [line], "taxes": [band]}
    for rule in ("line_amount", "BR-CO-17"):
        assert statuses(rule, {**result, "currency": "HUF"}, "xml") == ["pass"]
        assert statuses(rule, {**result, "currency": "EUR"}, "xml") == ["fail"]
