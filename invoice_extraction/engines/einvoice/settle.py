"""What has to be seen together before it is told: currency, totals of tax, discounts, due dates."""

import re
from collections.abc import Mapping
from decimal import Decimal

from invoice_extraction.engines.einvoice.base import code, document_type, number
from invoice_extraction.engines.einvoice.paths import Foreign, Part, Sheet
from invoice_extraction.model.invoice import Account
from invoice_extraction.model.reading import Doubt, Value

_ACCOUNTS = "/payment/accounts"
_OF_ACCOUNT = tuple(Account.model_fields)
_IN_A_LIST = re.compile(r"/\d+/")
_CHANGE_OF_A_LINE = re.compile(r"/lines/\d+/(?:allowances|charges)/")


def settle_type(sheet: Sheet, root: str = "", named: str | None = None) -> None:
    """Tell what the document is by its type code (BT-3), or by its root element.

    `named` is the document type that the root element `root` stands for, None where it stands for any;
    a credit note is one whatever its code. A code that is not listed for the document is the syntax's
    own word.
    """
    value = sheet.values.get("/type_code")
    kind = document_type(value.text) if value else None
    if named == "credit_note" and kind != named:
        kind = None
    if value is not None and kind is None:
        sheet.values["/source_type_code"] = sheet.values.pop("/type_code")
        sheet.doubts.append(
            Doubt(
                id="type_code_not_listed",
                message=f"The document's type code {value.text[:40]} is none that "
                f"{'a credit note' if named == 'credit_note' else 'an invoice'} may have "
                "(UNTDID 1001).",
                fields=("/source_type_code", "/document_type"),
                found=value.text[:40],
            )
        )
    if kind or named:
        told = value.text if value is not None and kind else root
        sheet.put("/document_type", told, kind or named, "")


def settle_listed_type(
    sheet: Sheet, types: Mapping[str, tuple[str, str | None]], otherwise: str | None = None
) -> None:
    """Tell what the document is by the syntax's own code, which stands in /source_type_code.

    `types` holds the document type and the code of UNTDID 1001 for each; `otherwise` is the document
    type where the code is none of them.
    """
    value = sheet.values.get("/source_type_code")
    kind, code_1001 = types.get(value.text if value else "", (otherwise, None))
    if value is None or kind is None:
        return
    sheet.put("/document_type", value.text, kind, "")
    if code_1001 is not None:
        sheet.put("/type_code", value.text, code_1001, "")


def settle_currency(sheet: Sheet) -> None:
    """Set the currency that every amount is marked with, where the document names none itself."""
    if "/currency" in sheet.values:
        return
    for currency in sorted(sheet.currencies):
        if len(sheet.currencies) == 1:
            sheet.put("/currency", currency, code(3, currency), "@currencyID")
        else:
            sheet.leave("@currencyID", currency)


def settle_tax_totals(sheet: Sheet) -> None:
    """Tell the tax total (BT-110) from the one in the currency of the tax (BT-111).

    Where both are the same currency, the second is BT-111. Without a tax currency, several totals are
    one for each kind of tax, and are added up. A total in a third currency is neither.
    """
    own: list[Part] = []
    taxed: list[Part] = []
    known = sheet.values.get("/tax_currency")
    tax_currency = known.text.upper() if known else None
    once = tax_currency is not None and tax_currency == (sheet.currency or "").upper()
    for part in sheet.take("/totals/tax"):
        currency = (part.currency or "").strip()
        if not sheet.is_foreign(currency):
            (taxed if once and own else own).append(part)
        elif currency.upper() == tax_currency:
            taxed.append(part)
        else:
            sheet.foreign.append(Foreign("/totals/tax", currency))
            sheet.leave(part.path, part.text)
    put_sum(sheet, "/totals/tax", own)
    for part in taxed:
        sheet.put("/totals/tax_in_tax_currency", part.text, number(part.text), part.path)


def settle_foreign(sheet: Sheet) -> None:
    """Doubt the amounts that were left out for their currency, save where another took their place.

    CII gives some totals in two currencies; the one in the document's is the invoice's.
    """
    lost = [
        amount
        for amount in sheet.foreign
        if amount.pointer not in sheet.values or _IN_A_LIST.search(amount.pointer)
    ]
    if not lost:
        return
    found = ", ".join(sorted({amount.currency for amount in lost}))[:100]
    sheet.doubts.append(
        Doubt(
            id="amount_in_other_currency",
            message=f"The invoice is in {sheet.currency}, but some of its amounts are in {found}: "
            "they were left out.",
            fields=tuple(dict.fromkeys(amount.pointer for amount in lost)),
            expected=sheet.currency,
            found=found,
        )
    )


def settle_withheld(sheet: Sheet) -> None:
    """Add up the taxes that the buyer keeps back."""
    put_sum(sheet, "/totals/withheld", sheet.take("/totals/withheld"))


def settle_line_discounts(sheet: Sheet) -> None:
    """Set each line's discount: its one allowance, or its allowances less its charges.

    The line's amount follows from quantity, price and all of them (EN 16931, BT-131), while the
    invoice has one field; so that none is lost, the parts of a sum go to `unmapped` too.
    """
    lines: dict[str, list[Part]] = {}
    for part in sheet.parts:
        if _CHANGE_OF_A_LINE.match(part.pointer):
            lines.setdefault("/".join(part.pointer.split("/", 3)[:3]), []).append(part)
    for line, parts in lines.items():
        amounts = [part for part in parts if part.pointer.endswith("/amount")]
        percents = [part for part in parts if part.pointer.endswith("/percent")]
        if len(amounts) == 1 and "/allowances/" in amounts[0].pointer:
            for name, part in (("discount_amount", amounts[0]), *_percent(percents)):
                sheet.put(f"{line}/{name}", part.text, number(part.text), part.path)
            continue
        for part in parts:
            sheet.leave(part.path, part.text)
        put_sum(sheet, f"{line}/discount_amount", amounts)


def settle_accounts(sheet: Sheet) -> None:
    """Give the accounts of all instalments, each account once."""
    seen: dict[tuple[tuple[str, str], ...], None] = {}
    for n in range(sheet.counts.get("/payment/instalments", 0) + 1):
        names = [name for name in _OF_ACCOUNT if f"{_ACCOUNTS}/{n}/{name}" in sheet.values]
        values = {name: sheet.values.pop(f"{_ACCOUNTS}/{n}/{name}") for name in names}
        account = tuple((name, value.text) for name, value in values.items())
        if not account or account in seen:
            continue
        for name, value in values.items():
            sheet.values[f"{_ACCOUNTS}/{len(seen)}/{name}"] = value
        seen[account] = None


def settle_line_gross(sheet: Sheet) -> None:
    """Set each line's amount with tax from its TaxTotal/RoundingAmount, where it is that.

    Saudi Arabia's invoices tell it there (ZATCA, KSA-12); in UBL it is what was rounded.
    """
    for part in sheet.parts:
        line, _, name = part.pointer.rpartition("/")
        if name != "rounding":
            continue
        known = [sheet.values.get(f"{line}/{name}") for name in ("net_amount", "tax_amount")]
        amounts = [Decimal(v.canonical) for v in known if v is not None and v.canonical]
        told = number(part.text)
        if len(amounts) == 2 and told is not None and Decimal(told) == sum(amounts):
            sheet.put(f"{line}/gross_amount", part.text, told, part.path)
        else:
            sheet.leave(part.path, part.text)


def settle_due_date(sheet: Sheet) -> None:
    """Set the due date (BT-9): the file's first, where its terms of payment give several.

    Terms with amounts, or with several dates, stay instalments too.
    """
    values = sheet.values
    count = sheet.counts.get("/payment/instalments", 0)
    pointers = [f"/payment/instalments/{n}" for n in range(count)]
    dates = [values[f"{p}/due_date"] for p in pointers if f"{p}/due_date" in values]
    if dates:
        known = values.setdefault("/due_date", dates[0])
        if len(dates) == len(pointers) and all(date.text == known.text for date in dates):
            _drop_bare(sheet, pointers)


def settle_descriptions(sheet: Sheet) -> None:
    """Put the description of an item (BT-154) below its name (BT-153), whichever came first."""
    for part in sheet.parts:
        if part.pointer.endswith("/description"):
            name = sheet.values.get(part.pointer)
            text = part.text
            if name is not None and not text.startswith(name.text):
                text = f"{name.text}\n{text}"
            sheet.values[part.pointer] = Value(text, text, origin="xml")


def settle_old_danish_net(sheet: Sheet) -> None:
    """Tell the net total of an OIOUBL 2 document, whose TaxExclusiveAmount is the sum of its taxes."""
    values = sheet.values
    tax, gross = values.pop("/totals/net", None), values.get("/totals/gross")
    if tax is None or gross is None or tax.canonical is None or gross.canonical is None:
        return
    net = Decimal(gross.canonical) - Decimal(tax.canonical)
    values.setdefault("/totals/tax", tax)
    text = f"{gross.text} - {tax.text}"
    values["/totals/net"] = Value(text, format(net, "f"), origin="derived")


def settle_name(sheet: Sheet, party: str) -> None:
    """Call a party by its trading name where the XML gives it no other."""
    values = sheet.values
    if f"{party}/name" not in values and f"{party}/trading_name" in values:
        values[f"{party}/name"] = values.pop(f"{party}/trading_name")


def _drop_bare(sheet: Sheet, pointers: list[str]) -> None:
    """Drop instalments that say nothing but the due date."""
    if not any(f"{pointer}/amount" in sheet.values for pointer in pointers):
        for pointer in pointers:
            sheet.values.pop(f"{pointer}/due_date", None)


def _percent(percents: list[Part]) -> list[tuple[str, Part]]:
    return [("discount_percent", part) for part in percents[:1]]


def put_sum(sheet: Sheet, pointer: str, parts: list[Part]) -> None:
    """Set the one amount as it is written, or the sum of several (charges of a line count less)."""
    if not parts:
        return
    first = parts[0]
    if len(parts) == 1 and "/charges/" not in first.pointer:
        sheet.put(pointer, first.text, number(first.text), first.path)
        return
    total, told = Decimal(0), ""
    for part in parts:
        value = number(part.text)
        if value is None:
            for lost in parts:
                sheet.leave(lost.path, lost.text)
            return
        less = "/charges/" in part.pointer
        total += -Decimal(value) if less else Decimal(value)
        told += (" - " if less else " + " if told else "") + part.text
    sheet.put(pointer, told.strip(), format(total, "f"), first.path, origin="derived")
