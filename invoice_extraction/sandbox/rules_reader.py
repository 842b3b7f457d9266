"""A process that runs official rules over one e-invoice after another, in Saxon."""

import msgspec

from invoice_extraction.errors import OptionError
from invoice_extraction.official import Official
from invoice_extraction.sandbox import long_lived
from invoice_extraction.sandbox.long_lived import Work
from invoice_extraction.sandbox.wire import OfficialArguments, Request


def serve() -> None:
    """Answer the requests that come on standard input, a socket, until it is closed."""
    long_lived.serve(_prepare, reserves=True)


def _prepare() -> Work:
    try:
        official = Official()
    except OptionError as exc:
        missing = exc  # told to whoever asks, as any other error

        def refuse(request: Request, body: bytes) -> bytes:
            raise missing

        return refuse

    def work(request: Request, body: bytes) -> bytes:
        asked = msgspec.msgpack.decode(request.arguments, type=OfficialArguments)
        return msgspec.msgpack.encode(official.check(body, asked.limits))

    return work
