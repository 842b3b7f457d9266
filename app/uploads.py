"""A multipart form, received without ever holding a file in memory: its bytes go on as they come.

RFC 7578 over python-multipart's parser. The parser's events are collected for a while and carried out
in a thread: opening and writing files waits for the disk.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

import anyio
from anyio import to_thread
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser
from starlette.requests import ClientDisconnect

from app.errors import (
    FieldError,
    InvalidOption,
    MalformedRequest,
    NoFiles,
    NotMultipart,
    RequestTooLarge,
    TooManyFiles,
)
from app.filenames import clean
from service.incoming import Incoming

FILES = "files"
"""The form field that holds files."""

MAX_FIELD = 16_384
"""Bytes of a form field that is no file."""

MAX_FIELDS = 32
MAX_HEADER = 8_192
"""Bytes of one header of a part; a file's name stands in it."""

BATCH = 131_072
"""Bytes that are collected before a thread writes them; a piece counts as at least 64."""

_TYPE = re.compile(r"\s*multipart/form-data\s*(?:;|$)", re.I)
_PARAMETER = re.compile(rb';\s*([\w!#$%&+.^`|~*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_BOUNDARY_MAX = 256


@dataclass(slots=True)
class Form:
    """What was received: the files in their order, and the other fields as text."""

    files: list[Incoming] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def abort(self) -> None:
        """Throw away every file."""
        for file in self.files:
            file.abort()


@asynccontextmanager
async def receiving(
    request: Request, begin: Callable[[str], Incoming], *, max_bytes: int, max_files: int
) -> AsyncIterator[Form]:
    """Receive the form; each file is begun by `begin(filename)` and written as it comes.

    However the block or the receiving ends but well, every file is aborted: a client that went away, a
    broken form, a full disk leave nothing behind.

    Raises:
        RequestError: The form is refused as a whole.
        StorageFull, ServiceUnavailable: The files cannot be kept.
    """
    reception = _Reception(begin, max_files)
    try:
        await _read(request, reception, max_bytes)
        yield reception.form()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(reception.abort)
        raise


async def _read(request: Request, reception: "_Reception", max_bytes: int) -> None:
    """Feed the body to the parser, and what it found to the disk."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    parser = _parser(request, reception)
    count = 0
    try:
        async for chunk in request.stream():
            count += len(chunk)
            if count > max_bytes:
                raise _too_large(max_bytes)
            if parser is not None and chunk:
                parser.write(chunk)
            if reception.waiting >= BATCH:
                await to_thread.run_sync(reception.carry_out)
    except FormParserError as exc:
        raise MalformedRequest("The body is no well-formed multipart form.") from exc
    except ClientDisconnect as exc:
        raise MalformedRequest("The connection ended before the form did.") from exc
    await to_thread.run_sync(reception.carry_out)
    if count == 0:
        raise NoFiles("The request has no body.")
    if parser is None:
        raise NotMultipart("The body is not of the type multipart/form-data.")
    if not reception.complete:
        raise MalformedRequest("The form ends before its last boundary.")


def _parser(request: Request, reception: "_Reception") -> MultipartParser | None:
    """Return the parser for the request's boundary; None where it is no multipart form."""
    kind = request.headers.get("content-type", "")
    if not _TYPE.match(kind):
        return None
    boundary = _parameters(kind.encode("latin-1")).get("boundary", b"")
    if not 0 < len(boundary) <= _BOUNDARY_MAX:
        raise MalformedRequest("The Content-Type names no boundary.")
    return MultipartParser(
        boundary,
        {
            "on_part_begin": reception.begin_part,
            "on_header_field": reception.header_name,
            "on_header_value": reception.header_value,
            "on_header_end": reception.end_header,
            "on_headers_finished": reception.end_headers,
            "on_part_data": reception.data,
            "on_part_end": reception.end_part,
            "on_end": reception.end,
        },
        max_header_size=MAX_HEADER,
    )


class _Reception:
    """What the parser found so far.

    Its events come in the event loop, `carry_out` runs in a thread, never both at once.
    """

    def __init__(self, begin: Callable[[str], Incoming], max_files: int) -> None:
        self.waiting = 0
        self.complete = False
        self._begin = begin
        self._max_files = max_files
        self._names: list[bytes | None] = []
        self._files: list[Incoming] = []
        self._fields: list[tuple[str, bytearray]] = []
        self._work: list[bytes | None] = []
        self._header = (bytearray(), bytearray())
        self._disposition: bytes | None = None
        self._field: bytearray | None = None

    # the parser's events

    def begin_part(self) -> None:
        self._disposition = None
        self._field = None

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def end_headers(self) -> None:
        disposition = self._disposition or b""
        parameters = _parameters(disposition)
        name = parameters.get("name", b"").decode(errors="replace")
        if not disposition.lower().startswith(b"form-data") or not name:
            raise MalformedRequest("A part of the form has no name.")
        if name != FILES:
            self._begin_field(name)
            return
        if len(self._names) >= self._max_files:
            raise TooManyFiles(f"A request holds at most {self._max_files} files.")
        filename = parameters.get("filename")
        self._names.append(_extended(parameters) if filename is None else filename)
        self._work.append(None)

    def _begin_field(self, name: str) -> None:
        if len(self._fields) >= MAX_FIELDS:
            raise MalformedRequest(f"The form has more than {MAX_FIELDS} fields.")
        if any(name == other for other, _ in self._fields):
            raise InvalidOption([FieldError(f"/{name[:64]}", "repeated", "It stands there twice.")])
        self._field = bytearray()
        self._fields.append((name, self._field))

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self._work.append(data[start:end])
            self.waiting += max(end - start, 64)
            return
        self._field.extend(data[start:end])
        if len(self._field) > MAX_FIELD:
            name = self._fields[-1][0][:64]
            detail = f"`{name}` has more than {MAX_FIELD:,} bytes; files go into `{FILES}`."
            raise InvalidOption([FieldError(f"/{name}", "too_long", detail)])

    def end_part(self) -> None:
        self._field = None

    def end(self) -> None:
        self.complete = True

    # what follows from them

    def carry_out(self) -> None:
        """Open and write files, as far as the events say; None in the work begins the next file."""
        work, self._work, self.waiting = self._work, [], 0
        for chunk in work:
            if chunk is None:
                name = self._names[len(self._files)]
                self._files.append(self._begin(clean(name or b"")))
            else:
                self._files[-1].write(chunk)

    def form(self) -> Form:
        """Return the whole form.

        A browser sends an empty part without a file name where nobody chose a file: that is no file.

        Raises:
            NoFiles: There is no file in it.
        """
        chosen = []
        for name, file in zip(self._names, self._files, strict=True):
            if name == b"" and file.size == 0:
                file.abort()
            else:
                chosen.append(file)
        if not chosen:
            raise NoFiles(f"The form has no file in the field `{FILES}`.")
        fields = {name: bytes(value).decode(errors="replace") for name, value in self._fields}
        return Form(chosen, fields)

    def abort(self) -> None:
        """Throw away every file."""
        for file in self._files:
            file.abort()


def _parameters(header: bytes) -> dict[str, bytes]:
    """Return the parameters of a header; the first of a name counts."""
    found: dict[str, bytes] = {}
    for key, value in _PARAMETER.findall(header):
        if value.startswith(b'"') and value.endswith(b'"') and len(value) > 1:
            value = re.sub(rb'\\(["\\])', rb"\1", value[1:-1])
        found.setdefault(key.decode("ascii", "replace").lower(), value.strip())
    return found


def _extended(parameters: dict[str, bytes]) -> bytes | None:
    """Return the name in `filename*` (RFC 5987); None where there is none.

    RFC 7578 forbids it, some clients send nothing else.
    """
    charset, _, rest = parameters.get("filename*", b"").partition(b"'")
    encoded = rest.partition(b"'")[2]
    if not encoded:
        return None
    raw = unquote_to_bytes(encoded)
    return raw.decode("latin-1").encode() if charset.lower() == b"iso-8859-1" else raw


def _too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body has more than {max_bytes:,} bytes.")
