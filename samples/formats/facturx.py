"""Factur-X 1.0 (ZUGFeRD 2): a PDF with its Cross Industry Invoice attached, profile EN 16931.

Built after the rules of PDF/A-3b (fonts and colour profile inside, XMP, the attachment an associated file), but not checked by a PDF/A validator.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pikepdf
from PIL import ImageCms

from invoice_extraction.model.invoice import Invoice
from samples import truth
from samples.formats import cii, pdf
from samples.formats.base import Sample
from samples.layouts import Layout
from samples.wording import Wording

NAME = "factur-x.xml"
NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
STAMP = "2000-01-01T00:00:00+00:00"
MOMENT = "D:20000101000000+00'00'"
"""One moment for all, as the XMP and as PDF writes it; the two have to agree."""

EXTENSION = f"""<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>{{properties}}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{text}</pdfaProperty:description></rdf:li>"""
PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "version of the Factur-X schema",
    "ConformanceLevel": "conformance level of the embedded data",
}
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 pdfaid:part="3" pdfaid:conformance="B"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmp:CreateDate="{stamp}" xmp:ModifyDate="{stamp}" xmp:CreatorTool="Invoice samples"/>
<rdf:Description rdf:about="" xmlns:fx="{namespace}" fx:DocumentType="INVOICE"
 fx:DocumentFileName="{name}" fx:Version="1.0" fx:ConformanceLevel="EN 16931"/>
{extension}
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def write(
    invoice: Invoice, layout: Layout, wording: Wording, stated: Invoice | None = None
) -> Sample:
    """Return the invoice on paper with its XML inside; the truth is what either of them says.

    `stated` is another invoice for the XML (see `DIFFERENCES`): the truth is that of the paper then.
    """
    xml, pointers = cii.compose(stated or invoice)
    sheet = pdf.draw(invoice, layout, wording, "embedded")
    return Sample(
        data=_attach(sheet.finish(), xml, invoice.invoice_number or ""),
        suffix=".facturx.pdf",
        medium="born-digital pdf",
        truth=truth.told(invoice, sheet.places.keys() | pointers | truth.SAID_BY_PAGE),
        places=sheet.places,
        pages=sheet.page,
    )


def _other_total(invoice: Invoice) -> Invoice:
    """Return the invoice with more to pay, its other sums as they were."""
    sums = invoice.totals
    more = {"gross": _more(sums.gross), "amount_due": _more(sums.amount_due)}
    return invoice.model_copy(update={"totals": sums.model_copy(update=more)})


def _other_sums(invoice: Invoice) -> Invoice:
    """Return the invoice with a higher net and gross total that agree with one another."""
    names = ("lines_net", "net", "gross", "amount_due")
    more = {name: _more(getattr(invoice.totals, name)) for name in names}
    return invoice.model_copy(update={"totals": invoice.totals.model_copy(update=more)})


def _other_tax(invoice: Invoice) -> Invoice:
    more = {"tax": _more(invoice.totals.tax)}
    return invoice.model_copy(update={"totals": invoice.totals.model_copy(update=more)})


def _other_account(invoice: Invoice) -> Invoice:
    """Return the invoice with another account of the same bank, its check digits right."""
    pay = invoice.payment
    if pay is None:
        return invoice
    accounts = [
        account.model_copy(update={"iban": _next_iban(account.iban)}) if account.iban else account
        for account in pay.accounts
    ]
    return invoice.model_copy(update={"payment": pay.model_copy(update={"accounts": accounts})})


def _next_iban(iban: str) -> str:
    """Return the IBAN whose last digit is one more, with its check digits (ISO 13616)."""
    rest = iban[4:-1] + str((int(iban[-1]) + 1) % 10)
    number = int("".join(str(int(c, 36)) for c in f"{rest}{iban[:2]}00"))
    return f"{iban[:2]}{98 - number % 97:02d}{rest}"


def _other_number(invoice: Invoice) -> Invoice:
    number = invoice.invoice_number or ""
    last = max(n for n, c in enumerate(number) if c.isdigit())
    other = str((int(number[last]) + 1) % 10)
    return invoice.model_copy(update={"invoice_number": number[:last] + other + number[last + 1 :]})


def _other_issue(invoice: Invoice) -> Invoice:
    day = invoice.issue_date
    return invoice.model_copy(update={"issue_date": day and day - timedelta(days=3)})


def _other_due(invoice: Invoice) -> Invoice:
    day = invoice.due_date
    return invoice.model_copy(update={"due_date": day and day + timedelta(days=30)})


def _due_at_once(invoice: Invoice) -> Invoice:
    """Return the invoice due on its day of issue, which the paper shows as such."""
    return invoice.model_copy(update={"due_date": invoice.due_date and invoice.issue_date})


def _other_currency(invoice: Invoice) -> Invoice:
    return invoice.model_copy(update={"currency": "USD" if invoice.currency != "USD" else "EUR"})


def _other_line(invoice: Invoice) -> Invoice:
    """Return the invoice with another amount on its last line."""
    *lines, last = invoice.lines
    last = last.model_copy(update={"net_amount": _more(last.net_amount)})
    return invoice.model_copy(update={"lines": [*lines, last]})


def _more(amount: Decimal | None) -> Decimal | None:
    return amount and amount + Decimal("101.01")


DIFFERENCES: dict[str, Callable[[Invoice], Invoice]] = {
    "total": _other_total,
    "sums": _other_sums,
    "tax": _other_tax,
    "account": _other_account,
    "number": _other_number,
    "issue": _other_issue,
    "due": _other_due,
    "due_at_once": _due_at_once,
    "currency": _other_currency,
    "line": _other_line,
}
"""What an XML may say otherwise than its paper; the same invoice comes back where it has no such value."""


def _attach(data: bytes, xml: bytes, title: str) -> bytes:
    """Return the PDF with the XML as its associated file "Alternative" and the XMP that names it."""
    with pikepdf.open(BytesIO(data)) as document:
        file = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec,
                F=pikepdf.String(NAME),
                UF=pikepdf.String(NAME),
                AFRelationship=pikepdf.Name.Alternative,
                Desc=pikepdf.String("Factur-X invoice"),
                EF=pikepdf.Dictionary(F=_file(document, xml), UF=_file(document, xml)),
            )
        )
        root = document.Root
        root.AF = pikepdf.Array([file])
        root.Names = pikepdf.Dictionary(
            EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String(NAME), file]))
        )
        profile = document.make_stream(_colours(), N=3, Alternate=pikepdf.Name.DeviceRGB)
        root.OutputIntents = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.OutputIntent,
                    S=pikepdf.Name.GTS_PDFA1,
                    OutputConditionIdentifier=pikepdf.String("sRGB"),
                    Info=pikepdf.String("sRGB"),
                    DestOutputProfile=profile,
                )
            ]
        )
        root.Metadata = document.make_stream(
            _metadata(title), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        # only what the XMP says too, or the two contradict one another
        document.docinfo = document.make_indirect(
            pikepdf.Dictionary(
                Title=pikepdf.String(title),
                Creator=pikepdf.String("Invoice samples"),
                CreationDate=pikepdf.String(MOMENT),
                ModDate=pikepdf.String(MOMENT),
            )
        )
        out = BytesIO()
        document.save(out, deterministic_id=True, force_version="1.7")
        return out.getvalue()


def _file(document: pikepdf.Pdf, xml: bytes) -> pikepdf.Stream:
    return document.make_stream(
        xml,
        Type=pikepdf.Name.EmbeddedFile,
        Subtype=pikepdf.Name("/text/xml"),
        Params=pikepdf.Dictionary(Size=len(xml), ModDate=pikepdf.String(MOMENT)),
    )


def _metadata(title: str) -> bytes:
    properties = "".join(PROPERTY.format(name=name, text=text) for name, text in PROPERTIES.items())
    extension = EXTENSION.format(properties=properties)
    return PACKET.format(
        title=title, stamp=STAMP, namespace=NAMESPACE, name=NAME, extension=extension
    ).encode()


def _colours() -> bytes:
    """Return an sRGB colour profile whose date (bytes 24 to 35, ICC.1 7.2.8) is fixed."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    fixed = b"".join(part.to_bytes(2, "big") for part in (2000, 1, 1, 0, 0, 0))
    return profile[:24] + fixed + profile[36:]
