"""Bank accounts: IBAN and BIC."""

from stdnum import bic as bic_number
from stdnum import iban as iban_number

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import Account
from invoice_extraction.validate.base import Context, Finding, checks_of


def ibans(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check each IBAN's length, structure and check digits (ISO 13616, mod 97)."""
    findings = [
        Finding(
            f"/payment/accounts/{n}/iban",
            iban_number.is_valid(account.iban, check_country=False),
            f"The IBAN {account.iban} has wrong check digits or form.",
            account.iban,
        )
        for n, account in enumerate(_accounts(invoice))
        if account.iban
    ]
    return checks_of(
        "iban_check_digits",
        findings,
        passed="The IBAN's check digits are right.",
        nothing="There is no IBAN.",
    )


def bics(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check each BIC's form (ISO 9362)."""
    findings = [
        Finding(
            f"/payment/accounts/{n}/bic",
            bic_number.is_valid(account.bic),
            f"{account.bic} has not the form of a BIC.",
            account.bic,
        )
        for n, account in enumerate(_accounts(invoice))
        if account.bic
    ]
    return checks_of(
        "bic_format",
        findings,
        passed="The BIC has the right form.",
        nothing="There is no BIC.",
    )


def _accounts(invoice: ExtractedInvoice) -> list[Account]:
    return invoice.result.payment.accounts if invoice.result.payment else []
