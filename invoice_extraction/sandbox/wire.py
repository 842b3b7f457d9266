"""What goes between client, parent and child: frames, requests, answers, errors. Never pickle.

A request is a frame of head and body: the head is a msgpack `Request`, the body the file's bytes as
they are. A reply is a frame with a mark and a payload: the kind's own answer, or a `Failure`.
"""

import struct
from dataclasses import dataclass, field

import msgspec

from invoice_extraction import errors
from invoice_extraction.errors import ExtractionError, ReaderCrashed
from invoice_extraction.model.document import Page
from invoice_extraction.model.options import Limits, Options

REQUEST = struct.Struct("<IQ")  # bytes of the head, bytes of the body
REPLY = struct.Struct("<Q")  # bytes of mark and payload
READY = b"ready"
ANSWER, FAILURE = b"=", b"!"
CPU_SECONDS = 10  # of computing for a file, and for each page of it:
CPU_SECONDS_A_PAGE = 0.2
WALL_SECONDS = 20.0  # by the clock on the wall, and for each page as above
OCR_CPU_SECONDS = 20  # for a page
OFFICIAL_CPU_SECONDS = 30  # for a file: rules take the square of its lines
ADDRESS_SPACE = 1_536 * 1024 * 1024  # bytes that a page reader may map
MAX_REPLY = 64_000_000  # bytes
_MAX_MESSAGE = 500  # characters


@dataclass(frozen=True, slots=True)
class Request:
    """What a child is to do, and its limits in seconds.

    CPU time is `cpu` at first, and never more than `cpu_max`; `wall` is what the clock on the wall
    may show.
    """

    kind: str
    arguments: msgspec.Raw
    cpu: int
    cpu_max: int
    wall: float


@dataclass(frozen=True, slots=True)
class Found:
    """An attached XML file; `data` is None where it is the whole document, which need not travel."""

    name: str | None
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A document without its own bytes, which the client still has."""

    media_type: str
    pages: tuple[Page, ...]
    xml: tuple[Found, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EInvoiceArguments:
    """The XML files of a document; the body is the one whose data is None, empty where there is none."""

    media_type: str
    xml: tuple[Found, ...]
    options: Options


@dataclass(frozen=True, slots=True)
class PictureArguments:
    """Which page to draw, and how wide in pixels."""

    media_type: str
    page: int
    width: int
    limits: Limits
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SheetArguments:
    """Which page of an e-invoice's sheet to draw, and how wide in pixels."""

    page: int
    width: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A page of a sheet as WebP, and how many it has."""

    picture: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class PixelsArguments:
    """Which page's pixels, or picture for a model, are wanted."""

    media_type: str
    page: int
    options: Options


@dataclass(frozen=True, slots=True)
class Isolation:
    """What holds a page reader, as its child found it: a kernel, or a container, may lack some of it.

    `rlimits` are those of memory, computing time, files and their size.
    """

    landlock: bool
    seccomp: bool
    rlimits: bool


@dataclass(frozen=True, slots=True)
class UnlockArguments:
    """What opens the PDF that is the body."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecogniseArguments:
    """The size of the picture whose grey pixels are the body."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class OfficialArguments:
    """What the XML that is the body may cost."""

    limits: Limits


@dataclass(frozen=True, slots=True)
class Failure:
    """One of our errors."""

    code: str
    message: str
    hint: str


def failure(error: ExtractionError) -> bytes:
    """Return the reply for an error."""
    found = Failure(error.code, error.message[:_MAX_MESSAGE], error.hint[:_MAX_MESSAGE])
    return FAILURE + msgspec.msgpack.encode(found)


def raised(payload: bytes) -> ExtractionError:
    """Return the error that a reply tells; ReaderCrashed where it is none of ours."""
    try:
        told = msgspec.msgpack.decode(payload, type=Failure)
        kind = _ERRORS[told.code]
    except (msgspec.DecodeError, KeyError):
        return ReaderCrashed("The process that reads files gave an answer that is not valid.")
    return kind(told.message[:_MAX_MESSAGE], hint=told.hint[:_MAX_MESSAGE])


def _leaves(kind: type[ExtractionError]) -> list[type[ExtractionError]]:
    children = kind.__subclasses__()
    return [leaf for child in children for leaf in _leaves(child)] if children else [kind]


# Only the ends of the hierarchy are raised; their codes are unique.
_ERRORS = {kind.code: kind for kind in _leaves(errors.ExtractionError)}
