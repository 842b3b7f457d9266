"""What comparing invoices with the tenant's other documents tells: duplicates, changed bank accounts."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from invoice_extraction.model.extraction import Check, ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Account, Invoice, decimal_text
from service.store.known import Known

CHECKS = frozenset({"duplicate", "bank_account_changed"})
"""The checks that are made here."""

_IDENTITY = ("/invoice_number", "/issue_date", "/totals/gross")
_COUNTRY = 2
"""Letters of the country before a tax number, which is often printed without them."""

_SHORTEST = 7
"""Characters that a tax number has without its country."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares; `known` is what is kept of the tenants' documents."""

    known: Known

    def compared(self, tenant: str, job_id: str, token: str, extraction: Extraction) -> Extraction:
        """Return what was read of a claimed job with the checks of its invoices.

        They are compared with all others from now on.

        Raises:
            ServiceUnavailable, StorageFull: The database does not answer, or is full.
        """
        results = [one.result for one in extraction.invoices]
        others = self.known.register(tenant, job_id, token, list(map(identities, results)))
        made = checks(results, others, self.accounts(tenant, results))
        pairs = zip(extraction.invoices, made, strict=True)
        invoices = [with_checks(invoice, checks) for invoice, checks in pairs]
        return extraction.model_copy(update={"invoices": invoices})

    def accounts(self, tenant: str, invoices: Sequence[Invoice]) -> dict[str, set[str]]:
        """Return the confirmed accounts of each of the invoices' sellers that has any.

        Raises:
            ServiceUnavailable: The database does not answer.
        """
        sellers = {seller for invoice in invoices for seller in sellers_of(invoice)}
        return self.known.accounts(tenant, sellers) if sellers else {}


def checks(
    invoices: Sequence[Invoice], others: Sequence[str | None], accounts: dict[str, set[str]]
) -> list[list[Check]]:
    """Return the checks of each of a document's invoices.

    `others` are the documents that hold them already, as `known.register` tells; `accounts` are those that
    are confirmed.
    """
    seen: set[str] = set()
    made = []
    for invoice, other in zip(invoices, others, strict=True):
        own = identities(invoice)
        again = not seen.isdisjoint(own)
        seen.update(own)
        made.append([_duplicate(invoice, own, other, again=again), *_accounts(invoice, accounts)])
    return made


def with_checks(invoice: ExtractedInvoice, checks: list[Check]) -> ExtractedInvoice:
    """Return the invoice with these checks after its own; those that fail need a person."""
    failed = [check.message for check in checks if check.status == "fail"]
    return invoice.model_copy(
        update={
            "checks": [*invoice.checks, *checks],
            "needs_review": invoice.needs_review or bool(failed),
            "review_reasons": list(dict.fromkeys([*invoice.review_reasons, *failed])),
        }
    )


def identities(invoice: Invoice) -> list[str]:
    """Return digests by which the invoice is known; empty where it does not say enough.

    One for each way in which its seller is known, since another copy may show only one of them. A credit note
    is another document than the invoice that it takes back.
    """
    gross = invoice.totals.gross
    number = _plain(invoice.invoice_number)
    if not number or gross is None or invoice.issue_date is None:
        return []
    kind = "credit" if invoice.document_type == "credit_note" else "claim"
    amount = decimal_text(gross.normalize())
    rest = (kind, number, invoice.issue_date.isoformat(), amount)
    return [_digest(seller, *rest) for seller in sellers_of(invoice)]


def sellers_of(invoice: Invoice) -> list[str]:
    """Return digests by which the seller is known, the surest first: tax number, registration, name."""
    seller = invoice.seller
    if seller is None:
        return []
    tax = _plain(seller.tax_id)
    if tax[:_COUNTRY].isalpha() and len(tax) >= _COUNTRY + _SHORTEST:
        tax = tax[_COUNTRY:]
    known = {
        "tax": tax,
        "registration": _plain(seller.registration_id),
        "name": _plain(seller.name),
    }
    return [_digest(kind, value) for kind, value in known.items() if value]


def accounts_of(invoices: Iterable[Invoice]) -> set[tuple[str, str]]:
    """Return the accounts that invoices show, each with each digest of its seller; for a confirmation."""
    return {
        (seller, account)
        for invoice in invoices
        for seller in sellers_of(invoice)
        for _, account, _ in _shown(invoice)
    }


def _duplicate(invoice: Invoice, own: list[str], other: str | None, *, again: bool) -> Check:
    fields = [*_IDENTITY, *_seller_fields(invoice)] if own else []
    if other is not None:
        what = "The same invoice" if own else "The same file"
        message = f"{what} is there already: task {other}."
        return Check(id="duplicate", status="fail", fields=fields, found=other, message=message)
    if again:
        message = "The file holds this invoice twice."
        return Check(id="duplicate", status="fail", fields=fields, message=message)
    if own:
        message = "No other document holds this invoice."
        return Check(id="duplicate", status="pass", fields=fields, message=message)
    return Check(
        id="duplicate",
        status="not_applicable",
        message="Seller, number, date and gross total are not all known.",
    )


def _seller_fields(invoice: Invoice) -> list[str]:
    names = ("tax_id", "registration_id", "name")
    return [f"/seller/{name}" for name in names if getattr(invoice.seller, name, None)]


def _accounts(invoice: Invoice, known: dict[str, set[str]]) -> list[Check]:
    """Return the checks of the accounts against those of the seller's confirmed invoices."""
    shown = _shown(invoice)
    confirmed = next((known[one] for one in sellers_of(invoice) if one in known), None)
    if not shown or confirmed is None:
        nothing = "No confirmed invoice of this seller shows an account."
        message = nothing if shown else "The invoice shows no bank account."
        return [Check(id="bank_account_changed", status="not_applicable", message=message)]
    new = [(field, text) for field, account, text in shown if account not in confirmed]
    if not new:
        fields = [field for field, _, _ in shown]
        message = "The bank account is one of the seller's confirmed invoices."
        return [Check(id="bank_account_changed", status="pass", fields=fields, message=message)]
    return [
        Check(
            id="bank_account_changed",
            status="fail",
            fields=[field],
            found=text,
            message=f"The bank account {text} is in none of this seller's confirmed invoices. "
            "Ask the seller, by a number you know, before it is paid.",
        )
        for field, text in new
    ]


def _shown(invoice: Invoice) -> list[tuple[str, str, str]]:
    """Return pointer, digest and text of each account that the invoice shows."""
    accounts: list[Account] = invoice.payment.accounts if invoice.payment else []
    found = []
    for n, account in enumerate(accounts):
        for name in ("iban", "account_number"):
            text = getattr(account, name)
            if text and (plain := _plain(text)):
                found.append((f"/payment/accounts/{n}/{name}", _digest("account", plain), text))
                break
    return found


def _plain(text: str | None) -> str:
    """Return letters and digits alone, without case: as printed here and there, it is the same."""
    folded = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(char for char in folded if char.isalnum())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
