from typing import Any

from invoice_extraction.engines.llm.merge import merged
from invoice_extraction.engines.llm.wire import WireAnswer
from tests.engines.llm.answers import answer, invoice, line, party, tax


def merge(*answers: dict[str, Any]) -> dict[str, Any]:
    return merged([WireAnswer.model_validate(one) for one in answers]).model_dump()


def numbers(told: dict[str, Any]) -> list[str | None]:
    return [one["invoice_number"] for one in told["invoices"]]


def test_the_head_is_the_first_page_s_and_the_sums_are_the_last_s() -> None:
    first = invoice(
        invoice_number="1", issue_date_text="1 May 2026", total="carried 10", seller=party(name="S")
    )
    last = invoice(
        invoice_number="1",
        issue_date_text="2 May 2026",
        seller=party(iban="DE1"),
        taxes=[tax(rate="19 %", amount="3")],
        total="20",
        amount_due="20",
    )
    (one,) = merge(answer(first), answer(last))["invoices"]
    assert (one["issue_date_text"], one["total"], one["amount_due"]) == ("1 May 2026", "20", "20")
    assert (one["seller"]["name"], one["seller"]["iban"]) == ("S", "DE1")
    assert one["taxes"] == [tax(rate="19 %", amount="3")]


def test_lines_follow_one_another_and_those_alike_stay_two() -> None:
    same = line(description="Travel", amount="5", page=1)
    told = merge(answer(invoice(lines=[same])), answer(invoice(lines=[same | {"page": 2}])))
    assert [row["page"] for row in told["invoices"][0]["lines"]] == [1, 2]


def test_several_invoices_stay_several() -> None:
    told = merge(
        answer(invoice(invoice_number="1"), invoice(invoice_number="2")),
        answer(invoice(invoice_number="2", total="7"), invoice(invoice_number="3")),
        answer(invoice(invoice_number=" 1 ", amount_due="4")),
    )
    assert numbers(told) == ["1", "2", "3"]
    assert [one["total"] for one in told["invoices"]] == [None, "7", None]
    assert told["invoices"][0]["amount_due"] == "4"


def test_an_invoice_goes_on_where_a_group_begins_without_a_number() -> None:
    told = merge(
        answer(invoice(invoice_number="1"), invoice(invoice_number="2")),
        answer(invoice(total="9"), invoice(invoice_number=None, total="3")),
    )
    assert numbers(told) == ["1", "2", None]
    assert [one["total"] for one in told["invoices"]] == [None, "9", "3"]


def test_receipts_without_a_number_that_each_have_a_total_are_two() -> None:
    assert len(merge(answer(invoice(total="9")), answer(invoice(total="3")))["invoices"]) == 2


def test_another_seller_is_another_invoice() -> None:
    first = invoice(invoice_number="1", seller=party(name="One Ltd"))
    assert len(merge(answer(first), answer(invoice(seller=party(name="Two"))))["invoices"]) == 2


def test_the_same_number_of_another_seller_is_another_invoice() -> None:
    one, two = (invoice(invoice_number="1", seller=party(name=name)) for name in ("One", "Two"))
    told = merge(answer(one), answer(two), answer(invoice(invoice_number="1", total="7")))
    assert [row["seller"]["name"] for row in told["invoices"]] == ["One", "Two"]
    longer = invoice(invoice_number="1", seller=party(name="One Ltd", tax_id="GB1"))
    assert len(merge(answer(one), answer(longer))["invoices"]) == 1
    other = invoice(invoice_number="1", seller=party(tax_id="GB2"))
    assert len(merge(answer(longer), answer(other))["invoices"]) == 2


def test_two_invoices_of_one_answer_are_never_one() -> None:
    same = invoice(invoice_number="1", total="9")
    assert numbers(merge(answer(same, same), answer(same, same))) == ["1", "1"]


def test_a_value_keeps_the_sources_of_the_part_that_it_comes_from() -> None:
    def quoted(quote: str) -> list[dict[str, Any]]:
        names = ("total", "issue_date", "seller.name", "seller.iban", "taxes[0].amount")
        return [{"field": name, "quote": quote, "page": 1} for name in names]

    seller = party(name="S", iban="DE1")
    first = invoice(
        invoice_number="1", issue_date="2026-05-01", total="1", seller=party(name="S")
    ) | {"sources": quoted("first")}
    last = invoice(
        invoice_number="1",
        issue_date="2026-05-02",
        total="2",
        seller=seller,
        taxes=[tax(amount="3")],
    ) | {"sources": quoted("last")}
    (one,) = merge(answer(first), answer(last))["invoices"]
    assert {source["field"]: source["quote"] for source in one["sources"]} == {
        "total": "last",
        "issue_date": "first",
        "seller.name": "first",
        "seller.iban": "last",
        "taxes[0].amount": "last",
    }
    assert len(one["sources"]) == 5


def test_a_group_without_an_invoice_takes_nothing_away() -> None:
    empty = answer(document_type="other", unreadable=["page 1"], language=None)
    told = merge(empty, answer(invoice(invoice_number="1"), language="de"), empty)
    assert (told["document_type"], told["language"]) == ("invoice", "de")
    assert told["unreadable"] == ["page 1", "page 1"]
    assert numbers(told) == ["1"]


def test_own_values_come_from_the_first_part_that_has_them_and_lists_are_joined() -> None:
    first = invoice(custom={"centre": None, "days": ["1"], "ref": {"a": "x", "b": None}})
    second = invoice(custom={"centre": "K", "days": ["2"], "ref": {"a": "y", "b": "z"}})
    (one,) = merge(answer(first), answer(second))["invoices"]
    assert one["custom"] == {"centre": "K", "days": ["1", "2"], "ref": {"a": "x", "b": "z"}}
