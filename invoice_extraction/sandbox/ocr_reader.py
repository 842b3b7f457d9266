"""An OCR process: it reads one page's pixels after another, and never sees a file.

Its networks are loaded before it gives up its rights. It ends when its client's end of the socket is
closed; what it computes then ends with the page.
"""

import os
import socket

import msgspec

from invoice_extraction.errors import CorruptFile, ExtractionError, TooComplex
from invoice_extraction.model.document import Raster
from invoice_extraction.ocr import Backend, get_backend
from invoice_extraction.sandbox import limits
from invoice_extraction.sandbox.parent import receive, silence, write
from invoice_extraction.sandbox.wire import (
    ANSWER,
    READY,
    REPLY,
    RecogniseArguments,
    Request,
    failure,
)

_STDIN = 0
_WARM_UP = Raster(64, 64, bytes(range(64)) * 64)


def serve() -> None:
    """Answer the requests that come on standard input, a socket, until it is closed."""
    client = socket.socket(fileno=os.dup(_STDIN))
    silence(keep_errors=True)
    recognise = get_backend()
    recognise(_WARM_UP)
    silence(keep_errors=False)
    limits.confine_for_long()
    line = client.fileno()  # written to as a file: sending is refused from here on
    write(line, REPLY.pack(len(READY)) + READY)
    while (asked := receive(client)) is not None:
        request, body = asked
        limits.allow_cpu(request.cpu)
        reply = _work(recognise, request, body)
        try:
            write(line, REPLY.pack(len(reply)) + reply)
        except OSError:
            return


def _work(recognise: Backend, request: Request, body: bytes) -> bytes:
    asked = msgspec.msgpack.decode(request.arguments, type=RecogniseArguments)
    raster = Raster(asked.width, asked.height, body)
    if not raster.is_sound:
        return failure(CorruptFile("The picture is damaged or cut off."))
    try:
        return ANSWER + msgspec.msgpack.encode(recognise(raster))
    except ExtractionError as exc:
        return failure(exc)
    except (MemoryError, RecursionError):
        return failure(TooComplex("The page asks for more memory than the limit."))
    except Exception:  # noqa: BLE001  # the libraries' undocumented errors; the page made them fail
        return failure(CorruptFile("The page's picture is one that OCR cannot handle."))
