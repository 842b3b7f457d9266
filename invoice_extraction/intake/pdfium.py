"""PDFium: opening a document, and the few functions that words are read with.

The functions are bound through `ctypes.PyDLL`, which keeps the interpreter's lock: letting it go at
each of some hundred calls a page costs more than the calls. PDFium is not thread-safe, so everything
that uses it stands inside `opened`, which holds a lock for the whole document.
"""

import contextlib
import ctypes
import io
import math
import threading
import unicodedata
from collections.abc import Iterator

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
from pypdfium2_raw import bindings

from invoice_extraction.errors import CorruptFile, PasswordRequired, UnsupportedType

_LOCK = threading.RLock()
_LIBRARY = ctypes.PyDLL(bindings._libs["pdfium"]._name)
_POINTER, _INT = ctypes.c_void_p, ctypes.c_int

# qpdf's own errors come as PdfError; damaged page trees surface as the others.
_DAMAGE = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError)

_FORM_XFA_FULL = 2  # fpdf_formfill.h: the pages themselves are XFA
_FORM_XFA_FOREGROUND = 3  # fpdf_formfill.h: XFA fields over ordinary pages


class Rect(ctypes.Structure):
    """Left, top, right and bottom in the space of the unrotated page, y upwards."""

    _fields_ = (
        ("left", ctypes.c_float),
        ("top", ctypes.c_float),
        ("right", ctypes.c_float),
        ("bottom", ctypes.c_float),
    )


def _function(name: str, result: type | None, *arguments: type) -> "ctypes._NamedFuncPointer":
    function = getattr(_LIBRARY, name)
    function.restype = result
    function.argtypes = arguments
    return function  # type: ignore[no-any-return]


load_page = _function("FPDF_LoadPage", _POINTER, _POINTER, _INT)
close_page = _function("FPDF_ClosePage", None, _POINTER)
page_bounds = _function("FPDF_GetPageBoundingBox", _INT, _POINTER, ctypes.POINTER(Rect))
page_rotation = _function("FPDFPage_GetRotation", _INT, _POINTER)
count_objects = _function("FPDFPage_CountObjects", _INT, _POINTER)
get_object = _function("FPDFPage_GetObject", _POINTER, _POINTER, _INT)
object_type = _function("FPDFPageObj_GetType", _INT, _POINTER)
object_bounds = _function(
    "FPDFPageObj_GetBounds", _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER
)
object_matrix = _function("FPDFPageObj_GetMatrix", _INT, _POINTER, _POINTER)
is_transparent = _function("FPDFPageObj_HasTransparency", _INT, _POINTER)
fill_color = _function(
    "FPDFPageObj_GetFillColor", _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER
)
stroke_color = _function(
    "FPDFPageObj_GetStrokeColor", _INT, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER
)
count_marks = _function("FPDFPageObj_CountMarks", _INT, _POINTER)
get_mark = _function("FPDFPageObj_GetMark", _POINTER, _POINTER, ctypes.c_ulong)
mark_name = _function("FPDFPageObjMark_GetName", _INT, _POINTER, _POINTER, ctypes.c_ulong, _POINTER)
draw_mode = _function("FPDFPath_GetDrawMode", _INT, _POINTER, _POINTER, _POINTER)
count_segments = _function("FPDFPath_CountSegments", _INT, _POINTER)
get_segment = _function("FPDFPath_GetPathSegment", _POINTER, _POINTER, _INT)
segment_point = _function("FPDFPathSegment_GetPoint", _INT, _POINTER, _POINTER, _POINTER)
segment_type = _function("FPDFPathSegment_GetType", _INT, _POINTER)
get_clip = _function("FPDFPageObj_GetClipPath", _POINTER, _POINTER)
count_clips = _function("FPDFClipPath_CountPaths", _INT, _POINTER)
count_clip_segments = _function("FPDFClipPath_CountPathSegments", _INT, _POINTER, _INT)
get_clip_segment = _function("FPDFClipPath_GetPathSegment", _POINTER, _POINTER, _INT, _INT)
count_form_objects = _function("FPDFFormObj_CountObjects", _INT, _POINTER)
get_form_object = _function("FPDFFormObj_GetObject", _POINTER, _POINTER, ctypes.c_ulong)
image_pixels = _function("FPDFImageObj_GetImagePixelSize", _INT, _POINTER, _POINTER, _POINTER)
image_bitmap = _function("FPDFImageObj_GetRenderedBitmap", _POINTER, _POINTER, _POINTER, _POINTER)
create_bitmap = _function("FPDFBitmap_CreateEx", _POINTER, _INT, _INT, _INT, _POINTER, _INT)
draw_page = _function(
    "FPDF_RenderPageBitmap", None, _POINTER, _POINTER, _INT, _INT, _INT, _INT, _INT, _INT
)
bitmap_buffer = _function("FPDFBitmap_GetBuffer", _POINTER, _POINTER)
bitmap_width = _function("FPDFBitmap_GetWidth", _INT, _POINTER)
bitmap_height = _function("FPDFBitmap_GetHeight", _INT, _POINTER)
bitmap_stride = _function("FPDFBitmap_GetStride", _INT, _POINTER)
bitmap_format = _function("FPDFBitmap_GetFormat", _INT, _POINTER)
close_bitmap = _function("FPDFBitmap_Destroy", None, _POINTER)
text_mode = _function("FPDFTextObj_GetTextRenderMode", _INT, _POINTER)
text_object = _function("FPDFText_GetTextObject", _POINTER, _POINTER, _INT)
get_annotation = _function("FPDFPage_GetAnnot", _POINTER, _POINTER, _INT)
close_annotation = _function("FPDFPage_CloseAnnot", None, _POINTER)
annotation_type = _function("FPDFAnnot_GetSubtype", _INT, _POINTER)
annotation_text = _function(
    "FPDFAnnot_GetStringValue", ctypes.c_ulong, _POINTER, ctypes.c_char_p, _POINTER, ctypes.c_ulong
)
count_annotations = _function("FPDFPage_GetAnnotCount", _INT, _POINTER)
load_text = _function("FPDFText_LoadPage", _POINTER, _POINTER)
close_text = _function("FPDFText_ClosePage", None, _POINTER)
count_chars = _function("FPDFText_CountChars", _INT, _POINTER)
get_text = _function("FPDFText_GetText", _INT, _POINTER, _INT, _INT, _POINTER)
get_unicode = _function("FPDFText_GetUnicode", ctypes.c_uint, _POINTER, _INT)
get_font_size = _function("FPDFText_GetFontSize", ctypes.c_double, _POINTER, _INT)
get_matrix = _function("FPDFText_GetMatrix", _INT, _POINTER, _INT, _POINTER)
count_rects = _function("FPDFText_CountRects", _INT, _POINTER, _INT, _INT)
get_rect = _function(
    "FPDFText_GetRect", _INT, _POINTER, _INT, _POINTER, _POINTER, _POINTER, _POINTER
)
get_char_box = _function(
    "FPDFText_GetCharBox", _INT, _POINTER, _INT, _POINTER, _POINTER, _POINTER, _POINTER
)
get_loose_box = _function("FPDFText_GetLooseCharBox", _INT, _POINTER, _INT, ctypes.POINTER(Rect))


_MATRIX = (ctypes.c_float * 6)()  # filled at each call; `opened` holds the lock
_MATRIX_ADDRESS = ctypes.addressof(_MATRIX)


@contextlib.contextmanager
def opened(data: bytes, password: str | None) -> Iterator[pypdfium2.PdfDocument]:
    """Give the open document, repaired where it had to be; it has at least one page.

    Raises:
        PasswordRequired: It is locked and neither the empty password nor `password` opens it.
        CorruptFile: It cannot be opened, not even after a repair.
        UnsupportedType: It is an XFA form, whose pages only Adobe's programs can show.
    """
    with _LOCK:
        pdf = _open(data, password)
        try:
            _check(pdf)
            yield pdf
        finally:
            pdf.close()


def prepare() -> None:
    """Let qpdf open the system's source of random numbers, which it needs for what is locked.

    A process that reads files may open no such thing any more.
    """
    lock = pikepdf.Encryption(user="", owner="any")
    with pikepdf.new() as pdf:
        pdf.save(io.BytesIO(), encryption=lock)


def rectangle() -> Rect:
    """Return a rectangle for `page_bounds` and `get_loose_box` to fill."""
    return Rect()


def font_size(text: int, index: int) -> float | None:
    """Return the font size in points as displayed: the nominal one, scaled by the text's matrix."""
    nominal: float = get_font_size(text, index)
    if nominal <= 0 or not get_matrix(text, index, _MATRIX_ADDRESS):
        return None
    size = nominal * math.hypot(_MATRIX[2], _MATRIX[3])
    return round(size, 2) if 0 < size < 10_000 else None


def repaired(data: bytes, password: str | None) -> bytes:
    """Return the PDF as pikepdf (qpdf) rewrites it: no password, a sound cross-reference table.

    Raises:
        PasswordRequired: It is locked.
        CorruptFile: qpdf cannot find any page in it either.
    """
    out = io.BytesIO()
    try:
        with rewritable(data, password) as pdf:
            if not len(pdf.pages):
                raise CorruptFile("The PDF has no pages.")
            pdf.save(out, encryption=False)
    except _DAMAGE as exc:
        raise CorruptFile("The PDF is damaged and could not be repaired.") from exc
    return out.getvalue()


def unlocked(data: bytes, password: str) -> bytes | None:
    """Return the PDF without its lock; None where it opens without a password, or not at all.

    Raises:
        PasswordRequired: It is locked, and `password` does not open it.
        CorruptFile: It cannot be written without its lock.
    """
    with _LOCK:
        try:
            pypdfium2.PdfDocument(data).close()
        except pypdfium2.PdfiumError as exc:
            if exc.err_code == pdfium_c.FPDF_ERR_PASSWORD or _is_locked(data):
                return repaired(data, password)
    return None


def rewritable(data: bytes, password: str | None) -> pikepdf.Pdf:
    """Return the PDF as pikepdf opens it, to be closed by the caller.

    Raises:
        PasswordRequired: It is locked.
        pikepdf.PdfError: It cannot be opened.
    """
    for spelling in _spellings(password or ""):
        with contextlib.suppress(pikepdf.PasswordError):
            return pikepdf.open(io.BytesIO(data), password=spelling)
    raise _locked(password)


def _spellings(password: str) -> list[bytes]:
    """Return the bytes that a password may stand for.

    By ISO 32000-2 (7.6.4) it is normalised UTF-8 since PDF 2.0, and PDFDocEncoding before; programs also
    took what was typed as it was.
    """
    normal = unicodedata.normalize("NFKC", password)
    spelled = [(normal, "utf-8"), (password, "utf-8"), (normal, "pdfdoc"), (normal, "cp1252")]
    found: dict[bytes, None] = {}
    for text, encoding in spelled:
        with contextlib.suppress(UnicodeEncodeError):
            found[text.encode(encoding)] = None
    return list(found)


def _is_locked(data: bytes) -> bool:
    """Return whether qpdf, which opens more of what is damaged than PDFium, finds it locked."""
    try:
        rewritable(data, None).close()
    except PasswordRequired:
        return True
    except _DAMAGE:
        return False
    return False


def _open(data: bytes, password: str | None) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
        if len(pdf) > 0 and _has_first_page(pdf):
            return pdf
        pdf.close()
    except pypdfium2.PdfiumError as exc:
        # What a password opens goes the way of what is damaged: qpdf takes more spellings of it.
        if exc.err_code == pdfium_c.FPDF_ERR_PASSWORD and password is None:
            raise _locked(password) from exc
    try:
        return pypdfium2.PdfDocument(repaired(data, password))
    except pypdfium2.PdfiumError as exc:
        raise CorruptFile("The PDF is damaged and could not be repaired.") from exc


def _has_first_page(pdf: pypdfium2.PdfDocument) -> bool:
    """Return whether the page tree leads to a page; its content is not looked at."""
    size = pdfium_c.FS_SIZEF()
    return bool(pdfium_c.FPDF_GetPageSizeByIndexF(pdf, 0, size))


def address(holder: "pypdfium2.PdfDocument") -> int:
    """Return a document's handle as a number, the form in which PyDLL functions take it."""
    return ctypes.cast(holder.raw, _POINTER).value or 0


def _check(pdf: pypdfium2.PdfDocument) -> None:
    if len(pdf) < 1:
        raise CorruptFile("The PDF has no pages.")
    if pdf.get_formtype() == _FORM_XFA_FULL:
        raise xfa_form()


def is_xfa(pdf: pypdfium2.PdfDocument) -> bool:
    """Return whether the document's fields are XFA, which nothing here can show."""
    return bool(pdf.get_formtype() == _FORM_XFA_FOREGROUND)


def xfa_form() -> UnsupportedType:
    """Return the error for a form that is drawn by Adobe's programs alone."""
    return UnsupportedType(
        "The PDF is an XFA form, whose content is not on its pages.",
        hint="Open it in Adobe Reader, print it to a new PDF and send that.",
    )


def _locked(password: str | None) -> PasswordRequired:
    if password is None:
        return PasswordRequired("The PDF is locked with a password.")
    return PasswordRequired("The PDF is locked, and the password that was given does not open it.")
