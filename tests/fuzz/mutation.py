"""Damage of the kinds that files come with: bytes lost and changed, elements moved, values out of range.

Everything follows from the dice, so that a seed makes the same file again.
"""

import base64
import random
from io import BytesIO

import pikepdf
from lxml import etree

TEXTS = (
    *("", " ", "0", "-0", "-1", "+1", ".", "-", ".5", "5.", "1e5", "1E+400", "NaN", "INF", "-INF"),
    *(
        "1,5",
        "1.234,56",
        "1 000",
        "٣٫١٤",
        "１２３",
        "0x10",
        "1_000",
        "9" * 27,
        "9" * 28,
        "9" * 5_000,
    ),
    *("0." + "0" * 40 + "1", "1." + "3" * 5_000, "true", "false", "TRUE", "null", "None"),
    *(
        "0000-00-00",
        "2026-02-30",
        "9999-12-31",
        "99999-01-01",
        "0001-01-01",
        "20260230",
        "2026-13-01",
    ),
    *("2026-01-01T00:00:00Z", "2026-01-01+25:00", "24:00:00", "23:59:60", "99:99", "102", "610"),
    *(
        "eur",
        "XXX",
        "EURO",
        "€",
        "380",
        "381",
        "9999",
        "S",
        "ZZ",
        "\u0000".strip("\0"),
        "\u202e\u200b",
    ),
    *(
        "ß" * 300,
        "x" * 20_000,
        "<b>&amp;</b>",
        "../../etc/passwd",
        "=1+1",
        "\ud7ff",
        "\U0001f4a9" * 50,
    ),
    *("DE89370400440532013000", "DE00", "a" * 70_000, "\n\r\t", "A\nB\n\nC", "{}", "%s%n", "'\""),
)
PIECES = (
    *(b"\0", b"<", b">", b"&", b"'", b'"', b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x ", b"?>"),
    *(
        b"<!DOCTYPE a [",
        b"&#0;",
        b"&#x10FFFF;",
        b"&lol;",
        b"xmlns:a=''",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ),
    *(b"encoding='utf-7'", b"encoding='UTF-16'", b"\xed\xa0\x80", b"\xc0\x80", b"\x1a", b"stream"),
    *(b"endobj", b"startxref", b"/Length -1", b"/Count 999999999", b"99999999999999999999"),
)
_LARGEST = 2_000_000  # bytes; what grows beyond is no new case


def changed_bytes(data: bytes, dice: random.Random) -> bytes:
    """Return the file with one to four places cut, doubled, moved, changed or written into."""
    out = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at, to = sorted(dice.randrange(len(out) + 1) for _ in range(2))
        to = min(to, at + dice.choice((1, 8, 64, 4_096)))
        match dice.randrange(7):
            case 0:
                del out[at:to]
            case 1:
                out[at:at] = out[at:to] * dice.choice((1, 2, 50))
            case 2:
                out[at:at] = dice.choice(PIECES)
            case 3:
                out[at : at + 1] = dice.randbytes(1)
            case 4:
                out[at:to] = dice.randbytes(to - at)
            case 5:
                del out[at:]
            case _:
                there = dice.randrange(len(out) + 1)
                out[there:there] = out[at:to]
        del out[_LARGEST:]
    return bytes(out)


def changed_xml(data: bytes, dice: random.Random) -> bytes:
    """Return a well-formed XML with one to six elements lost, doubled, moved, renamed or refilled."""
    root = etree.fromstring(data)
    for _ in range(dice.randint(1, 6)):
        elements = list(root.iter("*"))
        one, other = dice.choice(elements), dice.choice(elements)
        parent = one.getparent()
        match dice.randrange(8):
            case 0 if parent is not None:
                parent.remove(one)
            case 1 if parent is not None:
                for _ in range(dice.choice((1, 2, 30))):
                    parent.append(etree.fromstring(etree.tostring(one)))
            case 2 if parent is not None and one not in other.iterancestors() and one is not other:
                other.append(one)
            case 3:
                one.tag = other.tag
            case 4 if one.attrib:
                one.set(dice.choice(list(one.attrib)), _text(dice))
            case 5:
                one.append(etree.fromstring(etree.tostring(other)))
            case 6:
                for child in one:
                    one.remove(child)
            case _:
                one.text = _text(dice)
        if len(etree.tostring(root)) > _LARGEST:
            break
    return etree.tostring(root, encoding=dice.choice(("UTF-8", "UTF-16", "ISO-8859-1", "US-ASCII")))


def _text(dice: random.Random) -> str:
    return (
        dice.choice(TEXTS)
        if dice.random() < 0.9
        else "".join(chr(dice.randrange(32, 0x2FFF)) for _ in range(dice.randrange(40)))
    )


def within_pdf(xml: bytes, name: str, dice: random.Random) -> bytes:
    """Return a PDF that holds the XML, by the name tree, by /AF, or by both, and at times another."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    spec = pikepdf.AttachedFileSpec(pdf, xml, filename=name)
    by_name, by_catalog = dice.choice(((True, False), (False, True), (True, True)))
    if by_name:
        pdf.attachments[name] = spec
    if by_catalog:
        pdf.Root.AF = pikepdf.Array([spec.obj])
    if dice.random() < 0.3:
        pdf.attachments["other.xml"] = pikepdf.AttachedFileSpec(pdf, b"<a/>", filename="other.xml")
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def as_base64(data: bytes, dice: random.Random) -> bytes:
    """Return Base64 with line breaks here and there."""
    text = base64.b64encode(data)
    width = dice.choice((64, 76, 1_000))
    return b"\r\n".join(text[at : at + width] for at in range(0, len(text), width))
