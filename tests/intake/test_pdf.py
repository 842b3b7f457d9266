"""Words, pages and attachments of PDFs that are made here."""

import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.errors import (
    BlankDocument,
    CorruptFile,
    PageUnreadable,
    PasswordRequired,
    TooComplex,
    TooManyPages,
    UnsupportedType,
)
from invoice_extraction.intake import open_document, pdf
from invoice_extraction.model.document import Document, Word
from invoice_extraction.model.options import Limits, Options

WIDTH, HEIGHT = 400.0, 300.0


def made(*pages: Callable[[Canvas], None], size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for draw in pages:
        canvas.setFont("Helvetica", 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def line(canvas: Canvas) -> None:
    canvas.drawString(50, 250, "Invoice Total 12.50")


def changed(data: bytes, change: Callable[[pikepdf.Pdf], object], **saving: object) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as document:
        change(document)
        document.save(out, **saving)
    return out.getvalue()


def opened(data: bytes, **options: object) -> Document:
    return pdf.read(data, Options(**options))  # type: ignore[arg-type]


def texts(document: Document, page: int = 0) -> list[str]:
    return [word.text for word in document.pages[page].words]


def found(document: Document, text: str) -> Word:
    return next(word for page in document.pages for word in page.words if word.text == text)


def test_words_have_boxes_in_points_from_the_top_left() -> None:
    document = opened(made(line))
    page = document.pages[0]
    assert (page.number, page.width, page.height) == (1, WIDTH, HEIGHT)
    assert (page.origin, page.rotation) == ("text", 0)
    assert texts(document) == ["Invoice", "Total", "12.50"]
    word = found(document, "Invoice")
    assert word.box == pytest.approx((50, HEIGHT - 250 - 9, 88, HEIGHT - 250), abs=2)
    assert word.size == 12
    assert word.confidence is None


@pytest.mark.parametrize(
    ("rotation", "size", "box"),
    [
        (90, (HEIGHT, WIDTH), (250, 50, 259, 88)),
        (180, (WIDTH, HEIGHT), (WIDTH - 88, 250, WIDTH - 50, 259)),
        (270, (HEIGHT, WIDTH), (HEIGHT - 259, WIDTH - 88, HEIGHT - 250, WIDTH - 50)),
    ],
)
def test_boxes_lie_on_the_page_as_displayed_when_it_is_turned(
    rotation: int, size: tuple[float, float], box: tuple[float, ...]
) -> None:
    document = opened(changed(made(line), lambda it: it.pages[0].rotate(rotation, relative=False)))
    page = document.pages[0]
    assert (page.rotation, page.displayed_size) == (rotation, size)
    assert page.displayed(found(document, "Invoice").box) == pytest.approx(box, abs=2)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_text_that_lies_on_its_side_is_given_level_with_its_angle(rotation: int) -> None:
    document = opened(changed(made(line), lambda it: it.pages[0].rotate(rotation, relative=False)))
    page = document.pages[0]
    assert (page.angle, page.width, page.height) == (rotation, WIDTH, HEIGHT)
    assert found(document, "Invoice").box == found(opened(made(line)), "Invoice").box


@pytest.mark.parametrize(("rotation", "x", "y"), [(90, 200, 50), (270, 100, 250)])
def test_text_that_its_pages_rotation_makes_level_has_no_angle(
    rotation: int, x: int, y: int
) -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.translate(x, y)
        canvas.rotate(rotation)
        canvas.drawString(0, 0, "Invoice Total")

    turned = changed(made(sideways), lambda it: it.pages[0].rotate(rotation, relative=False))
    document = opened(turned)
    word = found(document, "Invoice")
    assert document.pages[0].angle == 0
    assert word.x1 - word.x0 > word.bottom - word.top


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_agree_with_the_rendered_page(rotation: int) -> None:
    """The ink of the only word lies where its box says."""
    from invoice_extraction.intake import picture

    def change(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        page.cropbox = [30, 20, 330, 280]
        page.rotate(rotation, relative=False)

    data = changed(made(lambda canvas: canvas.drawString(70, 250, "Total")), change)
    document = opened(data)
    page = document.pages[0]
    width, height = page.displayed_size
    assert (width, height) == ((260, 300) if rotation in (90, 270) else (300, 260))
    shown = Image.open(
        BytesIO(picture.render(data, "application/pdf", 1, round(width * 2), Limits()))
    )
    ink = shown.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    box = page.displayed(found(document, "Total").box)
    assert box == pytest.approx([edge / 2 for edge in ink], abs=1.5)


def test_a_crop_box_moves_the_origin() -> None:
    def crop(document: pikepdf.Pdf) -> None:
        document.pages[0].cropbox = [40, 200, 240, 300]

    document = opened(changed(made(line), crop))
    assert (document.pages[0].width, document.pages[0].height) == (200, 100)
    assert found(document, "Invoice").box == pytest.approx((10, 41, 48, 50), abs=2)


def test_a_font_scaled_by_its_matrix_has_the_size_that_is_seen() -> None:
    def scaled(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 1)
        canvas.translate(50, 100)
        canvas.scale(14, 14)
        canvas.drawString(0, 0, "Scaled")

    assert found(opened(made(scaled)), "Scaled").size == 14


def test_a_word_broken_at_the_end_of_a_line_is_two_words() -> None:
    def broken(canvas: Canvas) -> None:
        canvas.drawString(50, 250, "Your Rech-")
        canvas.drawString(50, 236, "nung of May")

    document = opened(made(broken))
    assert texts(document) == ["Your", "Rech-", "nung", "of", "May"]
    assert found(document, "nung").top > found(document, "Rech-").bottom


def test_letters_placed_one_by_one_make_one_word_and_far_ones_do_not() -> None:
    def letters(canvas: Canvas) -> None:
        x = 50.0
        for letter in "Total":
            canvas.drawString(x, 250, letter)
            x += canvas.stringWidth(letter, "Helvetica", 12)
        canvas.drawString(50, 200, "Qty")
        canvas.drawString(300, 200, "Price")

    assert texts(opened(made(letters))) == ["Total", "Qty", "Price"]


def test_text_of_a_page_is_capped() -> None:
    document = opened(made(line), limits=Limits(max_text=10))
    assert texts(document) == ["Invoice", "To"]
    assert document.notes == ("Of page 1, only the first 10 characters were read.",)
    assert opened(made(line)).notes == ()


def test_more_text_than_any_invoice_has_is_too_complex_unless_few_pages_are_asked_for() -> None:
    data, limits = made(*[line] * 5), Limits(max_document_text=40)
    with pytest.raises(TooComplex, match="40 characters") as caught:
        opened(data, limits=limits)
    assert "`pages`" in caught.value.hint
    assert len(opened(data, limits=limits, pages="1-2").pages) == 2


def test_a_scan_is_a_document_without_words() -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 0, 0, WIDTH, HEIGHT)

    document = opened(made(scan))
    assert not document.has_words
    assert document.pages[0].origin is None


def test_pages_that_show_nothing_are_blank() -> None:
    with pytest.raises(BlankDocument):
        opened(made(lambda canvas: None, lambda canvas: canvas.drawString(9, 9, "   ")))


def test_one_blank_page_among_others_is_kept() -> None:
    document = opened(made(line, lambda canvas: None, line))
    assert [len(page.words) for page in document.pages] == [3, 0, 3]
    assert [page.status for page in document.pages] == ["read", "blank", "read"]


def without_page_two(data: bytes) -> bytes:
    """Return the PDF, the reference to its second page leading nowhere."""
    kids = re.search(rb"/Kids \[ (\d+ 0 R) \d+ 0 R(.*?) \]", data)
    assert kids
    lost = b"/Kids [ %s 99 0 R%s]" % (kids[1], kids[2])
    return data.replace(kids[0], lost.ljust(len(kids[0])))


def test_a_page_that_cannot_be_opened_is_told_and_the_others_are_read() -> None:
    document = opened(without_page_two(made(line, line, line)))
    assert [page.status for page in document.pages] == ["read", "unreadable", "read"]
    assert [len(page.words) for page in document.pages] == [3, 0, 3]


def test_a_document_whose_shown_pages_cannot_be_opened_is_unreadable() -> None:
    with pytest.raises(PageUnreadable):
        opened(without_page_two(made(lambda canvas: None, line)))


def test_a_text_layer_of_private_characters_counts_as_none() -> None:
    """A font that maps its glyphs to private characters gives text that nobody wrote."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        b"1 begincodespacerange <00> <FF> endcodespacerange "
        b"1 beginbfrange <21> <7E> <E021> endbfrange endcmap end end"
    )

    def hide(document: pikepdf.Pdf) -> None:
        fonts = document.pages[0].Resources.Font
        for name in fonts.keys():  # noqa: SIM118
            fonts[name].ToUnicode = document.make_stream(cmap)

    document = opened(changed(made(line), hide))
    assert not document.has_words


def test_a_mixture_of_scripts_over_a_scan_counts_as_none_and_elsewhere_as_text() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))

    def noise(canvas: Canvas) -> None:
        canvas.setFont("HeiseiMin-W3", 12)
        canvas.drawString(50, 250, "○℃『でい○。『二口○、画、砲、Ｆの山くｇＢｎ")

    def scan(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 0, 0, WIDTH, HEIGHT)
        noise(canvas)

    document = opened(made(noise, scan))
    assert [bool(page.words) for page in document.pages] == [True, False]


def attached(*files: tuple[str, bytes]) -> bytes:
    def attach(document: pikepdf.Pdf) -> None:
        for name, content in files:
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)

    return changed(made(line), attach)


def test_xml_attachments_are_given_and_others_are_not() -> None:
    data = attached(("terms.txt", b"terms"), ("factur-x.xml", b"<?xml version='1.0'?><a/>"))
    document = opened(data)
    assert [(file.name, file.data) for file in document.xml] == [
        ("factur-x.xml", b"<?xml version='1.0'?><a/>")
    ]


def test_an_associated_file_that_no_name_tree_lists_is_found() -> None:
    def unlist(document: pikepdf.Pdf) -> None:
        specification = document.Root.Names.EmbeddedFiles.Names[1]
        document.Root.AF = pikepdf.Array([specification])
        del document.Root.Names

    data = changed(attached(("invoice.xml", b"<Invoice/>")), unlist)
    assert [file.data for file in opened(data).xml] == [b"<Invoice/>"]


def test_a_file_pinned_to_a_page_is_found() -> None:
    def pin(document: pikepdf.Pdf) -> None:
        specification = document.Root.Names.EmbeddedFiles.Names[1]
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.FileAttachment,
            Rect=[0, 0, 9, 9],
            FS=specification,
        )
        document.pages[0].Annots = document.make_indirect([note])
        del document.Root.Names

    data = changed(attached(("invoice.xml", b"<Invoice/>")), pin)
    assert [file.data for file in opened(data).xml] == [b"<Invoice/>"]


def test_xml_over_its_limit_is_not_given() -> None:
    data = attached(("invoice.xml", b"<Invoice>" + b" " * 5_000 + b"</Invoice>"))
    document = opened(data, limits=Limits(max_xml=1_000))
    assert document.xml == ()
    assert document.notes == ("1 attached XML of more than 1,000 bytes was not read.",)


def test_of_very_many_attachments_the_first_hundred_are_looked_at_and_that_is_told() -> None:
    document = opened(attached(*[(f"{number:03}.xml", b"<a/>") for number in range(103)]))
    assert len(document.xml) == 100
    assert document.notes == ("Of 103 attached files, only the first 100 were looked at.",)


def test_attachments_over_the_limit_of_unpacked_bytes_are_too_complex() -> None:
    data = attached(("a.xml", b"<a>" + b" " * 900), ("b.xml", b"<b>" + b" " * 900))
    with pytest.raises(TooComplex):
        opened(data, limits=Limits(max_unpacked=1_000))


def locked(user: str) -> bytes:
    return changed(
        made(line), lambda it: None, encryption=pikepdf.Encryption(user=user, owner="rose")
    )


def test_a_pdf_without_a_users_password_opens() -> None:
    assert opened(locked("")).has_words


def test_a_locked_pdf_needs_its_password() -> None:
    data = locked("tulip")
    with pytest.raises(PasswordRequired, match="is locked with"):
        opened(data)
    with pytest.raises(PasswordRequired, match="does not open it"):
        opened(data, password="wrong")
    assert opened(data, password="tulip").has_words


def test_a_pdf_cut_off_before_what_its_page_shows_is_corrupt_and_not_blank() -> None:
    data = made(line)
    with pytest.raises(CorruptFile):
        opened(data[: data.rindex(b"stream", 0, data.rindex(b"endstream"))])


@pytest.mark.parametrize("length", [9, 200, 700])
def test_a_pdf_cut_off_early_is_corrupt(length: int) -> None:
    with pytest.raises(CorruptFile):
        opened(made(line)[:length])


def test_a_pdf_without_its_end_is_repaired() -> None:
    data = made(line)
    document = opened(data[: data.rindex(b"startxref")])
    assert texts(document) == ["Invoice", "Total", "12.50"]
    assert document.data == data[: data.rindex(b"startxref")]


def test_a_pdf_without_pages_is_corrupt() -> None:
    def empty(document: pikepdf.Pdf) -> None:
        del document.pages[0]

    with pytest.raises(CorruptFile):
        opened(changed(made(line), empty))


def test_more_pages_than_the_limit_are_refused() -> None:
    data = made(*[line] * 200)
    with pytest.raises(TooManyPages, match="200 pages; the limit is 50"):
        opened(data)
    document = opened(data, limits=Limits(max_pages=200))
    assert [page.number for page in document.pages] == list(range(1, 201))


def test_only_the_pages_that_are_asked_for_are_opened() -> None:
    document = opened(made(*[line] * 200), pages="199-,3")
    assert [page.number for page in document.pages] == [3, 199, 200]
    assert document.notes == (
        "197 of 200 pages were not read: the option `pages` leaves them out.",
    )


def test_a_page_larger_than_the_limit_is_too_complex() -> None:
    def grow(document: pikepdf.Pdf) -> None:
        document.pages[0].mediabox = [0, 0, 1_036_800, 14_400]

    with pytest.raises(TooComplex, match="Page 1"):
        opened(changed(made(line), grow))


def test_a_form_that_only_adobe_shows_is_told_so() -> None:
    def make_xfa(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=stream)
        document.Root.NeedsRendering = True

    with pytest.raises(UnsupportedType, match="XFA") as caught:
        opened(changed(made(line), make_xfa))
    assert "print" in caught.value.hint


def test_bytes_before_the_header_do_not_matter() -> None:
    data = b"Content-Type: application/pdf\r\n\r\n" + made(line)
    assert open_document(data, Options()).has_words
