"""What the largest e-invoice takes, isolated, as a worker reads it: `python -m benchmarks.large [LINES]`.

The invoice is UBL with six values a line; 50,000 lines are 9.3 MB. Prints the CPU time of this process,
which asks, proves and writes, and of the page reader with its children, and the most memory that this
process took. The kernel counts the readers' time in steps of 10 ms.
"""

import resource
import sys
import time
from decimal import Decimal

from benchmarks.speed import spent
from invoice_extraction import Options, extract
from invoice_extraction.sandbox.client import Readers
from worker.garbage import collect_seldom

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
PRICE, RATE = Decimal("20.00"), Decimal("0.19")


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    data, options = invoice(lines), Options(isolate=True)
    with Readers(slots=1) as readers:
        extract(invoice(1), options, readers=readers)  # the first call starts the reader
        collect_seldom()
        own, all_ = time.process_time(), spent()
        found = extract(data, options, readers=readers)
        read = time.process_time()
        text = found.model_dump_json()
        written = time.process_time()
        apart = spent() - all_ - (written - own)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(data) / 1e6:.1f} MB, {lines:,} lines, JSON {len(text) / 1e6:.0f} MB")
    print(
        f"CPU seconds: readers {apart:.2f}, asking {read - own:.2f}, writing {written - read:.2f}"
    )
    print(f"at most {peak:.0f} MB in the process that asks")


def invoice(lines: int) -> bytes:
    """Return an e-invoice that passes all checks."""
    net = lines * PRICE
    tax = (net * RATE).quantize(PRICE)
    rows = "".join(
        f'<a:InvoiceLine><ID>{n}</ID><InvoicedQuantity unitCode="C62">2</InvoicedQuantity>'
        f"<LineExtensionAmount>{PRICE}</LineExtensionAmount><a:Item><Name>Item {n}</Name></a:Item>"
        "</a:InvoiceLine>"
        for n in range(1, lines + 1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<i:Invoice xmlns:i="{SCHEMA}Invoice-2" xmlns:a="{SCHEMA}CommonAggregateComponents-2"
 xmlns="{SCHEMA}CommonBasicComponents-2"><ID>1</ID><IssueDate>2026-01-31</IssueDate>
<InvoiceTypeCode>380</InvoiceTypeCode><DocumentCurrencyCode>EUR</DocumentCurrencyCode>
<a:AccountingSupplierParty><a:Party><a:PartyName><Name>Probe GmbH</Name></a:PartyName><a:PartyLegalEntity>
<CompanyID>HRB 1</CompanyID></a:PartyLegalEntity></a:Party></a:AccountingSupplierParty>
<a:TaxTotal><TaxAmount currencyID="EUR">{tax}</TaxAmount><a:TaxSubtotal>
<TaxableAmount>{net}</TaxableAmount><TaxAmount currencyID="EUR">{tax}</TaxAmount>
<a:TaxCategory><ID>S</ID><Percent>19</Percent></a:TaxCategory></a:TaxSubtotal></a:TaxTotal>
<a:LegalMonetaryTotal><LineExtensionAmount>{net}</LineExtensionAmount>
<TaxExclusiveAmount>{net}</TaxExclusiveAmount><TaxInclusiveAmount>{net + tax}</TaxInclusiveAmount>
<PayableAmount>{net + tax}</PayableAmount></a:LegalMonetaryTotal>{rows}</i:Invoice>""".encode()


if __name__ == "__main__":
    main()
