"""Factur-X 1.0 (ZUGFeRD 2): a PDF with its Cross Industry Invoice attached, profile EN 16931.

Built after the rules of PDF/A-3b (fonts and colour profile inside, XMP, the attachment an associated file), but not checked by a PDF/A validator.
"""

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


def write(invoice: Invoice, layout: Layout, wording: Wording) -> Sample:
    """Return the invoice on paper with its XML inside; the truth is what either of them says."""
    xml, stated = cii.compose(invoice)
    sheet = pdf.draw(invoice, layout, wording, "embedded")
    return Sample(
        data=_attach(sheet.finish(), xml, invoice.invoice_number or ""),
        suffix=".facturx.pdf",
        medium="born-digital pdf",
        truth=truth.told(invoice, sheet.places.keys() | stated | truth.SAID_BY_PAGE),
        places=sheet.places,
        pages=sheet.page,
    )


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
