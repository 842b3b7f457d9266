"""Seller and buyer: told apart, and with tax numbers whose check digits are right."""

from importlib import import_module
from typing import Any

from stdnum import exceptions, get_cc_module

from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import Party
from invoice_extraction.validate.base import (
    Context,
    Finding,
    checks_of,
    is_einvoice,
    not_applicable,
)

_PREFIXES = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR"),
        *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
        *("CH", "GB", "NO", "XI"),
    ]
)
"""Countries whose VAT numbers begin with the country: in the EU by Council Directive 2006/112/EC,
article 215; the four others by their own law or use."""

_COUNTRIES = {"EL": "GR", "XI": "GB"}


def seller_identifier(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that an e-invoice identifies its seller (BT-29, BT-30 or BT-31)."""
    rule, seller = "BR-CO-26", invoice.result.seller
    if not is_einvoice(invoice):
        return not_applicable(rule, "Only an e-invoice has to identify its seller by a number.")
    fields = []
    if seller is not None:
        named = {"tax_id": seller.tax_id, "registration_id": seller.registration_id}
        fields = [f"/seller/{name}" for name, value in named.items() if value]
        fields += [f"/seller/identifiers/{n}/value" for n in range(len(seller.identifiers))]
    return [
        Check(
            id=rule,
            status="pass" if fields else "fail",
            fields=fields,
            message="The seller has an identifier."
            if fields
            else "The seller has no identifier, no registration and no tax number.",
        )
    ]


def buyer_is_not_seller(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check that seller and buyer are not the same, by tax number or else by name."""
    rule, seller, buyer = "buyer_is_not_seller", invoice.result.seller, invoice.result.buyer
    for name in ("tax_id", "name"):
        one, other = _plain(getattr(seller, name, None)), _plain(getattr(buyer, name, None))
        if one and other:
            said = "have the same tax number" if name == "tax_id" else "have the same name"
            return [
                Check(
                    id=rule,
                    status="fail" if one == other else "pass",
                    fields=[f"/seller/{name}", f"/buyer/{name}"],
                    message=f"Seller and buyer {said}."
                    if one == other
                    else "Seller and buyer are different.",
                )
            ]
    return not_applicable(rule, "Seller and buyer are not both known.")


def tax_ids(invoice: ExtractedInvoice, context: Context) -> list[Check]:
    """Check the digits of tax numbers, where the country and its format are known."""
    findings = []
    for name in ("seller", "buyer", "payee"):
        party: Party | None = getattr(invoice.result, name)
        if party is not None and party.tax_id:
            country = party.address.country if party.address else None
            findings.append(
                Finding(
                    f"/{name}/tax_id",
                    tax_id_right(party.tax_id, country),
                    f"The {name}'s tax number {party.tax_id} has wrong check digits or form.",
                    party.tax_id,
                )
            )
    return checks_of(
        "tax_id_check_digits",
        findings,
        passed="The tax numbers' check digits are right.",
        nothing="There is no tax number of a known form.",
    )


def tax_id_right(tax_id: str, country: str | None) -> bool | None:
    """Return whether a tax number is right; None where its form says nothing.

    With the country before it, it has to be that country's VAT number. Without, it may be another of
    the country's numbers: then right check digits say that it is one, and wrong ones say nothing.
    """
    compact = "".join(c for c in tax_id if c.isalnum()).upper()
    prefix = compact[:2]
    if prefix in _PREFIXES and (country is None or country in _PREFIXES):
        return _valid(_module(prefix), compact)
    return (_valid(_module(country), compact) or None) if country else None


def _module(country: str) -> Any:
    """Return the module that knows a country's tax numbers, None where there is none."""
    code = _COUNTRIES.get(country, country)
    if code == "IN":
        return import_module("stdnum.in_.gstin")
    return get_cc_module(code.lower(), "vat")


def _valid(module: Any, number: str) -> bool | None:
    if module is None:
        return None
    try:
        module.validate(number)
    except exceptions.ValidationError:
        return False
    return True


def _plain(text: str | None) -> str:
    return "".join(c for c in text or "" if c.isalnum()).casefold()
