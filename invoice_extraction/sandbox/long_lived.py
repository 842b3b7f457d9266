"""A process that lives on: it answers one request after another by itself, and forks nothing.

What it needs is loaded before it gives up its rights. It ends when its client's end of the socket is
closed; what it computes then ends with the request.
"""

import os
import socket
from collections.abc import Callable

from invoice_extraction.errors import CorruptFile, ExtractionError, TooComplex
from invoice_extraction.sandbox import limits
from invoice_extraction.sandbox.parent import receive, silence, write
from invoice_extraction.sandbox.wire import ANSWER, READY, REPLY, Request, failure

Work = Callable[[Request, bytes], bytes]
"""Returns the payload of the answer to a request and its body; raises our errors."""

_STDIN = 0


def serve(prepare: Callable[[], Work], *, reserves: bool = False) -> None:
    """Answer the requests that come on standard input, a socket, until it is closed.

    `prepare` loads what is needed and returns the work; `reserves` is as `limits.confine_for_long` has it.
    """
    client = socket.socket(fileno=os.dup(_STDIN))
    silence(keep_errors=True)
    work = prepare()
    silence(keep_errors=False)
    limits.confine_for_long(reserves=reserves)
    line = client.fileno()  # written to as a file: sending is refused from here on
    write(line, REPLY.pack(len(READY)) + READY)
    while (asked := receive(client)) is not None:
        request, body = asked
        limits.allow_cpu(request.cpu)
        reply = _answer(work, request, body)
        try:
            write(line, REPLY.pack(len(reply)) + reply)
        except OSError:
            return


def _answer(work: Work, request: Request, body: bytes) -> bytes:
    try:
        return ANSWER + work(request, body)
    except ExtractionError as exc:
        return failure(exc)
    except (MemoryError, RecursionError):
        return failure(TooComplex("The file asks for more memory than the limit."))
    except Exception:  # noqa: BLE001  # the libraries' undocumented errors; the file made them fail
        return failure(CorruptFile("The file is one that its reader cannot handle."))
