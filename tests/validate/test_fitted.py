"""What the local engine's confidence is made of, and what it is worth on our own documents."""

import json
from importlib import resources

import pytest

from invoice_extraction import Options, extract
from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice, level_of
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.validate import fitted, review_threshold, validate
from invoice_extraction.validate.confidence import (
    FAILED_AT_MOST,
    REVIEWED,
    SUM_FAILED_AT_MOST,
    outcomes,
)
from samples import library


def page(*texts: str) -> Page:
    words = tuple(Word(text, 10, 20 * n, 90, 20 * n + 10) for n, text in enumerate(texts))
    return Page(1, 500, 700, words, "text")


def invoice(values: dict, evidence: dict[str, Evidence], *checks: Check) -> ExtractedInvoice:
    return ExtractedInvoice(
        result=Invoice.model_validate(values), evidence=evidence, checks=list(checks)
    )


def proof(text: str, origin="text", confidence: float = 0.9) -> Evidence:
    return Evidence(
        origin=origin, text=text, page=1, confidence=confidence, level=level_of(confidence)
    )


def signs(found: ExtractedInvoice, *pages: Page) -> dict[str, fitted.Signs]:
    return dict(fitted.signs(found, pages, *outcomes(found)))


def total(text: str = "84.00", **how) -> ExtractedInvoice:
    return invoice({"totals": {"gross": text}}, {"/totals/gross": proof(text, **how)})


def test_every_field_that_is_fitted_has_its_weight() -> None:
    weights = fitted.model().weights
    assert "" in weights
    assert {f"is {field}" for field in fitted.FIELDS} <= weights.keys()


def test_the_weights_say_what_they_were_fitted_on_and_hold_no_text_of_it() -> None:
    found = json.loads(
        resources.files("invoice_extraction.validate").joinpath("weights.json").read_text()
    )
    assert set(found) == {"about", "accepted", "weights"}
    assert found["about"]["documents"] == sum(one["documents"] for one in found["about"]["data"])
    assert all(one["licence"] for one in found["about"]["data"])
    assert len(found["about"]["sha256"]) == 64


def test_what_the_engine_was_surer_of_is_more_certain() -> None:
    model = fitted.model()
    sure, unsure = (
        model.confidence(signs(total(confidence=told), page("84.00"))["/totals/gross"])
        for told in (0.95, 0.5)
    )
    assert sure > unsure


def test_a_total_is_told_how_often_it_is_printed_and_what_is_larger() -> None:
    found = signs(total(), page("84.00", "€84,00", "1.250,00", "12.50"))["/totals/gross"]
    assert found["printed"] == 2
    assert found["larger /totals/gross"] == 1


def test_a_larger_amount_on_the_page_makes_a_total_less_certain() -> None:
    model = fitted.model()
    alone = signs(total(), page("84.00", "12.50"))["/totals/gross"]
    beside = signs(total(), page("84.00", "99.50"))["/totals/gross"]
    assert model.confidence(beside) < model.confidence(alone)


def test_a_name_that_is_its_own_site_is_told() -> None:
    found = invoice(
        {"seller": {"name": "Quellfeder OHG"}}, {"/seller/name": proof("Quellfeder OHG")}
    )
    with_site = signs(found, page("Quellfeder", "OHG", "www.quellfeder.example"))["/seller/name"]
    without = signs(found, page("Quellfeder", "OHG", "www.anderswo.example"))["/seller/name"]
    assert (with_site["site"], without["site"]) == (1, 0)


@pytest.mark.parametrize(
    ("name", "is_form"),
    [("Quellfeder OHG", 1), ("Fontana S.r.l.", 1), ("Quellfeder", 0), ("Gasthof Agnes", 0)],
)
def test_a_legal_form_in_a_name_is_told_with_its_dots_or_without(name, is_form) -> None:
    found = invoice({"seller": {"name": name}}, {"/seller/name": proof(name)})
    assert signs(found, page(name))["/seller/name"]["form /seller/name"] == is_form


def test_an_amount_that_a_rounded_one_stands_beside_is_less_certain() -> None:
    model = fitted.model()
    near, far = (
        signs(total("47.63"), page("47.63", other))["/totals/gross"] for other in ("47.65", "45.00")
    )
    assert (near["nearly /totals/gross"], far["nearly /totals/gross"]) == (1, 0)
    assert model.confidence(near) < model.confidence(far)


def test_a_page_of_which_ocr_reads_half_the_words_badly_makes_its_values_less_certain() -> None:
    clear, unclear = (
        Page(
            1,
            500,
            700,
            (Word("84.00", 10, 20, 90, 30, 0.99), Word("x", 10, 40, 90, 50, read)),
            "ocr",
        )
        for read in (0.99, 0.6)
    )
    found = total(origin="ocr")
    before, after = (signs(found, one)["/totals/gross"] for one in (clear, unclear))
    assert (before["unclear words"], after["unclear words"]) == (0, 2.5)
    assert fitted.model().confidence(after) < fitted.model().confidence(before)


def test_net_and_tax_that_lead_to_the_total_make_every_value_more_certain() -> None:
    values = {"issue_date": "2031-05-17", "totals": {"gross": "84.00"}}
    evidence = {"/issue_date": proof("17.05.2031")}
    sums = Check(id="BR-CO-15", status="pass", fields=["/totals/gross"], message="")
    before, after = (
        signs(invoice(values, evidence, *checks), page("17.05.2031"))["/issue_date"]
        for checks in ((), (sums,))
    )
    assert fitted.model().confidence(after) > fitted.model().confidence(before)


def test_the_only_day_of_a_document_is_told() -> None:
    found = invoice({"issue_date": "2031-05-17"}, {"/issue_date": proof("17.05.2031")})
    assert signs(found, page("17.05.2031"))["/issue_date"]["only day /issue_date"] == 1
    several = signs(found, page("17.05.2031", "28.05.2031"))["/issue_date"]
    assert several["only day /issue_date"] == 0


def test_a_line_that_is_quantity_times_price_is_told() -> None:
    pointer = "/lines/0/net_amount"
    line = {"description": "Zierkies", "quantity": "3", "unit_price": "4", "net_amount": "12"}
    right = Check(id="line_amount", status="pass", fields=[pointer], message="")
    plain = invoice({"lines": [line]}, {pointer: proof("12.00")})
    proven = invoice({"lines": [line]}, {pointer: proof("12.00")}, right)
    before, after = (signs(found, page("12.00"))[pointer] for found in (plain, proven))
    assert (before["quantity x price"], after["quantity x price"]) == (0, 1)
    assert fitted.model().confidence(after) > fitted.model().confidence(before)


def test_what_is_no_field_of_the_fit_or_stands_in_an_e_invoice_has_no_signs() -> None:
    found = invoice(
        {"totals": {"gross": "84.00"}, "notes": ["ab Lager"]},
        {"/totals/gross": proof("84.00", origin="xml"), "/notes/0": proof("ab Lager")},
    )
    assert signs(found, page("84.00")) == {}


def test_a_page_of_one_endless_number_is_read_over() -> None:
    endless = "1." * 50_000
    assert signs(total(), page(endless, "84.00"))["/totals/gross"]["printed"] == 1


def test_only_what_the_local_engine_read_has_a_fitted_confidence() -> None:
    found = total(confidence=0.85)
    own = validate(found, threshold=REVIEWED, pages=[page("84.00")])
    others = validate(found, threshold=REVIEWED)
    assert others.evidence["/totals/gross"].confidence == 0.85
    assert own.evidence["/totals/gross"].confidence != 0.85
    assert own.evidence["/totals/gross"].level == level_of(own.evidence["/totals/gross"].confidence)


IBAN = "/payment/accounts/0/iban"


@pytest.mark.parametrize(
    ("pointer", "right", "wrong"),
    [
        (IBAN, "DE02120300000000202051", "DE02120300000000202015"),
        ("/seller/tax_id", "ATU12345675", "ATU12345676"),
    ],
)
def test_what_fails_a_check_is_never_certain_however_well_it_was_read(
    pointer, right, wrong
) -> None:
    told = {}
    for text in (right, wrong):
        values = {}
        if pointer == IBAN:
            values["payment"] = {"accounts": [{"iban": text}]}
        else:
            _, place, name = pointer.split("/")
            values.setdefault(place, {})[name] = text
        found = invoice(values, {pointer: proof(text, confidence=0.95)})
        told[text] = validate(found, threshold=REVIEWED, pages=[page(text)]).evidence[pointer]
    assert told[right].confidence > FAILED_AT_MOST
    assert told[wrong].confidence <= FAILED_AT_MOST
    assert told[wrong].level == "low"


def test_where_a_sum_fails_its_values_are_never_certain_but_one_of_them_alone_may_be_wrong() -> (
    None
):
    pointer, told = "/totals/gross", []
    for text, *more in (
        ("84.00",),
        ("84.50",),
        ("84.50", Check(id="currency_decimals", status="fail", fields=[pointer], message="")),
    ):
        values = {"totals": {"net": "70.00", "tax": "14.00", "gross": text}}
        found = invoice(values, {pointer: proof(text, confidence=0.95)}, *more)
        told.append(validate(found, threshold=REVIEWED, pages=[page(text)]).evidence[pointer])
    fits, fails, fails_alone = told
    assert fits.level == "high"
    assert fails.level == "medium"
    assert fails.confidence <= SUM_FAILED_AT_MOST < fitted.model().accepted
    assert fails_alone.confidence <= FAILED_AT_MOST


def test_an_identifier_that_check_digits_repaired_is_not_certain() -> None:
    text = "DE02120300000000202051"
    mended = Check(id="identifier_repaired", status="fail", fields=[IBAN], message="")
    values = {"payment": {"accounts": [{"iban": text}]}}
    found = invoice(values, {IBAN: proof(text, origin="derived", confidence=0.95)}, mended)
    told = validate(found, threshold=REVIEWED, pages=[page(text)]).evidence[IBAN]
    assert told.confidence <= FAILED_AT_MOST
    assert "iban_check_digits" in told.checks


def test_a_review_is_asked_for_below_what_was_measured_unless_another_limit_is_set() -> None:
    assert review_threshold("layout", None) == fitted.model().accepted
    assert review_threshold("llm", None) == REVIEWED
    assert review_threshold("layout", 0.5) == 0.5


@pytest.mark.parametrize("name", ["invoice-en.pdf", "rechnung-de.pdf"])
def test_a_clear_invoice_is_certain_and_one_asked_for_more_certainty_is_reviewed(name) -> None:
    data = dict(library.committed())[name]
    found = extract(data, Options(engine="layout")).invoices[0]
    gross = found.evidence["/totals/gross"]
    assert gross.level == "high"
    strict = extract(data, Options(engine="layout", review_threshold=1.0)).invoices[0]
    assert "The gross total is not certain." in strict.review_reasons
