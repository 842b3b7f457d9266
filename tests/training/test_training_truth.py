"""Which values count as right when the confidence is fitted."""

from training.truth import judged


def right(fields, invoice):
    return dict(judged(fields, invoice))


def test_a_value_that_the_truth_does_not_know_is_not_judged():
    assert right({"total": 7}, {"invoice_number": "K-7"}) == {}


def test_a_value_where_the_document_shows_none_is_wrong():
    assert right({"due_date": None}, {"due_date": "2031-02-03"}) == {"/due_date": False}


def test_any_of_several_truths_is_right():
    truth = {"total": [41.5, 43]}
    assert right(truth, {"totals": {"gross": "43.00"}}) == {"/totals/gross": True}
    assert right(truth, {"totals": {"gross": "42.00"}}) == {"/totals/gross": False}


def test_numbers_are_the_same_without_their_signs_and_the_country_before_them():
    fields = {"invoice_number": "K/2031-7", "seller_tax_id": "ZZ 39 052 617"}
    invoice = {"invoice_number": "k 2031 7", "seller": {"tax_id": "39052617"}}
    assert right(fields, invoice) == {"/invoice_number": True, "/seller/tax_id": True}


def test_a_name_may_be_longer_but_not_another():
    fields = {"seller_name": "Quellfeder"}
    assert right(fields, {"seller": {"name": "Quellfeder OHG"}}) == {"/seller/name": True}
    assert right(fields, {"seller": {"name": "Zierkies OHG"}}) == {"/seller/name": False}


def test_lines_are_compared_with_those_that_are_most_like_them():
    fields = {
        "lines": [
            {"description": "Zierkies grob", "quantity": 3, "amount": 12},
            {"description": "Anfahrt", "amount": 30, "alt_amount": [35.7]},
        ]
    }
    invoice = {
        "lines": [
            {"description": "Anfahrt", "gross_amount": "35.70"},
            {"description": "Zierkies grob", "quantity": "2", "net_amount": "12.00"},
            {"description": "Summe", "net_amount": "42.00"},
        ]
    }
    assert right(fields, invoice) == {
        "/lines/0/gross_amount": True,
        "/lines/0/description": True,
        "/lines/1/net_amount": True,
        "/lines/1/description": True,
        "/lines/1/quantity": False,
        "/lines/2/net_amount": False,
        "/lines/2/description": False,
    }
