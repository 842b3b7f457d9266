from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest
from stdnum import iban
from stdnum.at import uid as at_uid
from stdnum.ch import vat as ch_vat
from stdnum.de import vat as de_vat
from stdnum.gb import vat as gb_vat
from stdnum.ie import vat as ie_vat
from stdnum.us import rtn

from invoice_extraction.model.invoice import Invoice
from samples import facts
from samples.regions import REGIONS

CENT = Decimal("0.01")
ZERO = Decimal(0)
TAX_IDS = {"DE": de_vat, "AT": at_uid, "CH": ch_vat, "IE": ie_vat, "GB": gb_vat}


def draw(region: str, kind: str, seed: int) -> Invoice:
    return facts.draw_up(Random(seed), REGIONS[region], kind)  # type: ignore[arg-type]


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
@pytest.mark.parametrize("region", sorted(REGIONS))
def test_the_sums_of_an_invoice_hold_to_the_cent(region: str, kind: str) -> None:
    for seed in range(60):
        invoice = draw(region, kind, seed)
        sums = invoice.totals
        for line in invoice.lines:
            full = rounded((line.quantity or ZERO) * (line.unit_price or ZERO))
            assert line.net_amount == full - (line.discount_amount or ZERO)
        assert sums.lines_net == sum((line.net_amount or ZERO for line in invoice.lines), ZERO)
        less = sum((one.amount or ZERO for one in invoice.allowances), ZERO)
        more = sum((one.amount or ZERO for one in invoice.charges), ZERO)
        assert sums.net == sums.lines_net - less + more
        assert sums.net == sum((tax.taxable_amount or ZERO for tax in invoice.taxes), ZERO)
        assert sums.tax == sum((tax.tax_amount or ZERO for tax in invoice.taxes), ZERO)
        assert sums.gross == sums.net + (sums.tax or ZERO)
        for tax in invoice.taxes:
            assert tax.tax_amount == rounded(
                (tax.taxable_amount or ZERO) * (tax.rate or ZERO) / 100
            )


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_the_sums_of_a_receipt_hold_with_tax_inside_the_prices(region: str) -> None:
    for seed in range(60):
        receipt = draw(region, "receipt", seed)
        sums = receipt.totals
        assert sums.gross == sum((line.gross_amount or ZERO for line in receipt.lines), ZERO)
        assert sums.gross == (sums.net or ZERO) + (sums.tax or ZERO)
        for tax in receipt.taxes:
            off = (tax.taxable_amount or ZERO) * (tax.rate or ZERO) / 100 - (tax.tax_amount or ZERO)
            assert abs(off) <= CENT


@pytest.mark.parametrize("region", sorted(TAX_IDS))
def test_identifiers_have_right_check_digits(region: str) -> None:
    for seed in range(60):
        invoice = draw(region, "invoice", seed)
        assert invoice.seller is not None
        assert invoice.payment is not None
        assert TAX_IDS[region].is_valid(invoice.seller.tax_id or "")
        assert iban.is_valid(invoice.payment.accounts[0].iban or "")


def test_an_american_account_has_a_right_routing_number() -> None:
    invoice = draw("US", "invoice", 1)
    assert invoice.payment is not None
    assert rtn.is_valid(invoice.payment.accounts[0].routing_number or "")


def test_no_invoice_is_due_before_it_is_issued() -> None:
    for seed in range(60):
        invoice = draw("DE", "invoice", seed)
        assert invoice.issue_date is not None
        assert invoice.due_date is None or invoice.due_date > invoice.issue_date
