"""Types that are known and not read: `KINDS` maps one to its name and to what to send instead."""

from invoice_extraction.errors import UnsupportedType

_UNPACK = "Unpack it and send the invoices in it as files of their own."
_EXPORT = "Export it as PDF and send that."
_CONVERT = "Save it as PNG, JPEG or PDF and send that."

KINDS: dict[str, tuple[str, str]] = {
    "application/zip": ("a ZIP archive", _UNPACK),
    "application/vnd.rar": ("a RAR archive", _UNPACK),
    "application/x-7z-compressed": ("a 7z archive", _UNPACK),
    "application/x-tar": ("a tar archive", _UNPACK),
    "application/gzip": ("a gzip archive", _UNPACK),
    "application/vnd.openxmlformats-officedocument": ("an Office document", _EXPORT),
    "application/x-ole-storage": ("an old Office document or an Outlook message", _EXPORT),
    "application/rtf": ("a text document (RTF)", _EXPORT),
    "application/postscript": ("a PostScript file", _EXPORT),
    "text/html": ("a web page", "Print it to a PDF and send that."),
    "text/plain": ("plain text", "Print it to a PDF and send that."),
    "message/rfc822": ("an e-mail", "Save the invoice that is attached to it and send that."),
    "application/ms-tnef": (
        "an Outlook attachment (winmail.dat)",
        "Ask the sender to send the invoice as PDF.",
    ),
    "application/edifact": ("an EDIFACT message", "Send its PDF, or the invoice as UBL or CII."),
    "image/svg+xml": ("an SVG drawing", _CONVERT),
    "image/avif": ("an AVIF picture", _CONVERT),
    "image/jp2": ("a JPEG 2000 picture", _CONVERT),
    "application/x-executable": ("a program", "Send the invoice itself, as PDF or picture."),
}


def refusal(media_type: str) -> UnsupportedType:
    """Return the error for a file of a type that is not read."""
    if media_type not in KINDS:
        return UnsupportedType("The file is of no type that is known here.")
    name, hint = KINDS[media_type]
    return UnsupportedType(f"The file is {name}, which is not read here.", hint=hint)
