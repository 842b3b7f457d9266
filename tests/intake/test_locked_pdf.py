"""PDFs with a password."""

import io

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.errors import CorruptFile, PasswordRequired
from invoice_extraction.intake import open_document, pdfium
from invoice_extraction.model.options import Options
from invoice_extraction.sandbox.client import Readers

XML = b"<Invoice><ID>42</ID></Invoice>"
LOCKS = {
    "RC4 of 40 bits": {"R": 2, "aes": False, "metadata": False},
    "RC4 of 128 bits": {"R": 3, "aes": False, "metadata": False},
    "AES of 128 bits": {"R": 4, "aes": True},
    "AES of 256 bits, Acrobat 9": {"R": 5},
    "AES of 256 bits": {"R": 6},
}


def plain(*, attached: bool = False) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    canvas.drawString(50, 200, "Invoice 12")
    canvas.save()
    if not attached:
        return out.getvalue()
    with pikepdf.open(out) as pdf:
        pdf.attachments["factur-x.xml"] = XML
        saved = io.BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def locked(
    user: str | bytes, owner: str | bytes = "rose", data: bytes | None = None, **lock
) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data or plain())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=user, owner=owner, **lock))
    return out.getvalue()


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
@pytest.mark.parametrize("password", ["tulip", "rose"], ids=["user", "owner"])
def test_every_kind_of_lock_is_opened_by_either_password(lock, password: str) -> None:
    data = locked("tulip", **lock)
    assert open_document(data, Options(password=password)).has_words
    free = pdfium.unlocked(data, password)
    assert free is not None
    assert open_document(free, Options()).has_words
    with pikepdf.open(io.BytesIO(free)) as pdf:
        assert not pdf.is_encrypted


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_wrong_password_is_told(lock) -> None:
    data = locked("tulip", **lock)
    for wrong in ("Tulip", "tulip ", "\0", "x" * 500, "日本"):
        with pytest.raises(PasswordRequired, match="does not open"):
            pdfium.unlocked(data, wrong)
        with pytest.raises(PasswordRequired, match="does not open"):
            open_document(data, Options(password=wrong))
    with pytest.raises(PasswordRequired, match="is locked with a password") as caught:
        open_document(data, Options())
    assert "`password`" in caught.value.hint
    assert "--password" in caught.value.hint


@pytest.mark.parametrize(
    ("typed", "spelled", "revision"),
    [
        ("Schlüssel", "Schlüssel".encode(), 6),
        ("Schlu\u0308ssel", "Schlüssel".encode(), 6),
        ("パスワード", "パスワード".encode(), 6),
        ("Schlüssel", "Schlüssel".encode("latin-1"), 3),
        ("Schlüssel", "Schlüssel".encode(), 4),
        ("5€", "5€".encode("pdfdoc"), 4),
        ("5€", "5€".encode("cp1252"), 3),
        (" blank ", b" blank ", 6),
    ],
)
def test_a_password_beyond_ascii_is_spelled_as_programs_spell_it(
    typed: str, spelled: bytes, revision: int
) -> None:
    older = {"R": revision, "aes": revision == 4, "metadata": revision == 4}
    data = (
        locked(spelled.decode(), R=6)
        if revision == 6
        else locked(spelled.decode("pdfdoc"), **older)
    )
    assert pdfium.unlocked(data, typed) is not None
    assert open_document(data, Options(password=typed)).has_words


def test_what_opens_without_a_password_is_left_as_it_is() -> None:
    for data in (plain(), locked("", owner="rose"), plain()[:-200], b"%PDF-1.7 and nothing else"):
        assert pdfium.unlocked(data, "tulip") is None


def test_a_locked_file_without_its_end_is_opened_too() -> None:
    data = locked("tulip")
    place = data.rindex(b"startxref")
    free = pdfium.unlocked(data[:place], "tulip")
    assert free is not None
    assert open_document(free, Options()).has_words


def test_a_locked_file_that_nothing_can_open_is_damaged() -> None:
    data = locked("tulip").replace(b"/Pages", b"/Pagan")
    with pytest.raises(CorruptFile):
        pdfium.unlocked(data, "tulip")


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_an_attached_e_invoice_stays_readable(lock) -> None:
    data = locked("tulip", data=plain(attached=True), **lock)
    free = pdfium.unlocked(data, "tulip")
    assert free is not None
    for document in (
        open_document(free, Options()),
        open_document(data, Options(password="tulip")),
    ):
        assert [(item.name, item.data) for item in document.xml] == [("factur-x.xml", XML)]


def test_it_is_unlocked_in_a_process_of_its_own() -> None:
    with Readers(1) as readers:
        assert readers.unlocked(plain(), "tulip") is None
        free = readers.unlocked(locked("tulip"), "tulip")
        assert free is not None
        assert open_document(free, Options()).has_words
        with pytest.raises(PasswordRequired):
            readers.unlocked(locked("tulip"), "rosé")
