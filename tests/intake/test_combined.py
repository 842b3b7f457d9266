"""Several pictures as one document."""

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from invoice_extraction.errors import (
    BlankDocument,
    CorruptFile,
    DocumentError,
    FileTooLarge,
    OptionError,
    TooComplex,
    TooManyPages,
)
from invoice_extraction.intake import COMBINED, image, media_type, open_document, picture
from invoice_extraction.intake.combined import EXTENSIONS, combine, pictures, write
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.sandbox.client import Readers

READ, BROKEN = "read", "unreadable"


def a_picture(width: int = 40, height: int = 60, kind: str = "PNG", pages: int = 1) -> bytes:
    """Return a picture that is not of one colour; of a TIFF, that many pages."""
    drawn = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(drawn).rectangle((4, 4, width // 2, height // 2), fill="navy")
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [drawn] * (pages - 1)} if pages > 1 else {}
    drawn.save(out, kind, **more)
    return out.getvalue()


def cut_off() -> bytes:
    whole = a_picture()
    return whole[: len(whole) // 2]


def test_the_same_types_can_be_combined_as_are_read() -> None:
    assert set(EXTENSIONS) == set(image.FORMATS)


def test_pages_come_in_the_order_of_the_files_and_all_pages_of_a_tiff_in_theirs() -> None:
    data = combine(
        [a_picture(40, 60), a_picture(80, 20, "TIFF", pages=3), a_picture(30, 90, "JPEG")]
    )
    assert media_type(data) == COMBINED
    document = open_document(data, Options())
    assert document.media_type == COMBINED
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5]
    sizes = [(page.width / 0.75, page.height / 0.75) for page in document.pages]
    assert sizes == [(40, 60), (80, 20), (80, 20), (80, 20), (30, 90)]
    drawn = [picture.pixels(data, COMBINED, number, Limits())[:2] for number in range(1, 6)]
    assert drawn == sizes


def test_pictures_are_given_as_paths_or_bytes(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    path.write_bytes(a_picture())
    assert list(pictures(combine([path, str(path), a_picture()]))) == [a_picture()] * 3


def test_the_file_is_a_zip_that_anybody_opens() -> None:
    with zipfile.ZipFile(io.BytesIO(combine([a_picture(), a_picture(kind="JPEG")]))) as archive:
        assert archive.namelist() == ["mimetype", "001.png", "002.jpg"]
        assert archive.read("mimetype").decode() == COMBINED


def test_a_picture_is_written_in_pieces() -> None:
    taken, one = bytearray(), a_picture()
    write(taken.extend, [("image/png", [one[:7], one[7:]])])
    assert list(pictures(bytes(taken))) == [one]


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(OptionError, match=r"letter\.pdf is none") as caught:
        combine([a_picture(), path])
    assert "letter.pdf by itself" in caught.value.hint
    with pytest.raises(OptionError, match="file 2 is none"):
        combine([a_picture(), b""])
    with pytest.raises(OptionError, match="no pictures"):
        combine([])


def test_named_pages_are_those_of_the_whole_document() -> None:
    data = combine([a_picture(), a_picture(kind="TIFF", pages=2), a_picture(30, 30)])
    document = open_document(data, Options(pages="2,4-"))
    assert [page.number for page in document.pages] == [2, 4]
    assert document.pages[1].width == 30 * 0.75
    assert document.notes == ("2 of 4 pages were not read: the option `pages` leaves them out.",)
    with pytest.raises(OptionError, match="no page 5"):
        picture.render(data, COMBINED, 5, 100, Limits())
    with pytest.raises(OptionError, match="no page 0"):
        picture.render(data, COMBINED, 0, 100, Limits())


def test_a_damaged_picture_is_an_unreadable_page_among_others() -> None:
    document = open_document(combine([a_picture(), cut_off(), a_picture()]), Options())
    assert [page.status for page in document.pages] == [READ, BROKEN, READ]


def test_pictures_that_show_nothing_or_cannot_be_decoded_are_refused() -> None:
    blank = io.BytesIO()
    Image.new("L", (20, 20), "white").save(blank, "PNG")
    with pytest.raises(BlankDocument):
        open_document(combine([blank.getvalue()] * 2), Options())
    with pytest.raises(CorruptFile):
        open_document(combine([cut_off()] * 2), Options())
    with pytest.raises(CorruptFile):
        open_document(combine([cut_off(), blank.getvalue()]), Options())


def test_the_limits_hold_for_each_picture_and_for_all() -> None:
    data = combine([a_picture(), a_picture(90, 90, "TIFF", pages=3)])
    with pytest.raises(TooManyPages, match="has 4 pages"):
        open_document(data, Options(limits=Limits(max_pages=3)))
    with pytest.raises(TooComplex, match="Picture 2: The picture has 90 x 90"):
        open_document(data, Options(limits=Limits(max_pixels=5_000)))
    with pytest.raises(FileTooLarge, match="Picture 2 has"):
        open_document(data, Options(limits=Limits(max_bytes=1_000)))
    with pytest.raises(FileTooLarge, match="The file has"):
        open_document(data, Options(limits=Limits(max_combined=1_000)))


def container(*members: bytes, packed: bool = False) -> bytes:
    """Return a file that claims to be combined pictures."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", COMBINED)
        for number, data in enumerate(members):
            way = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(f"{number}", data, way)
    return out.getvalue()


def overlapping() -> bytes:
    """Return a container whose directory tells the same picture many times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", COMBINED)
        archive.writestr("1", a_picture(400, 400, "BMP"))
        archive.filelist += [archive.filelist[1]] * 50
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        container(),
        container(b"%PDF-1.7"),
        container(a_picture(), combine([a_picture()])),
        container(a_picture(), packed=True),
        container(*[b"x"] * 1_001),
        overlapping(),
        combine([a_picture()])[:-30],
        combine([a_picture()])[:90],
        combine([a_picture()]).replace(b"IDAT", b"IDAX"),
    ],
    ids=["none", "pdf", "itself", "packed", "many", "overlap", "no end", "cut", "checksum"],
)
def test_a_file_that_only_claims_to_be_combined_pictures_is_refused(data: bytes) -> None:
    assert media_type(data) == COMBINED
    with pytest.raises(CorruptFile):
        open_document(data, Options())


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_any_damage_ends_in_one_of_our_errors_or_none(place: int) -> None:
    data = bytearray(combine([a_picture(), a_picture(kind="GIF")]))
    for flip in (0x01, 0x80, 0xFF):
        broken = bytearray(data)
        broken[-1 - place % len(data)] ^= flip
        if media_type(bytes(broken)) != COMBINED:
            continue
        with contextlib.suppress(DocumentError):
            open_document(bytes(broken), Options())


def test_it_is_read_in_a_process_of_its_own_too() -> None:
    data = combine([a_picture(), a_picture(80, 20, "TIFF", pages=2)])
    with Readers(1) as readers:
        document = readers.open(data, Options())
        assert document == open_document(data, Options())
        raster = readers.pixels(document, 3, Options())
        assert (raster.width, raster.height) == (80, 20)
