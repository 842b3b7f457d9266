"""The client of the service, with the extra `client`: pip install 'invoice-extraction[client]'.

>>> from invoice_extraction.client import Client
>>> with Client("http://localhost:8000", key) as client:
...     print(client.extract("invoice.pdf").result.totals.gross)
"""

from importlib.util import find_spec as _find_spec

if _find_spec("httpx") is None:
    raise ImportError("The client needs httpx: pip install 'invoice-extraction[client]'.")

from invoice_extraction.client.answers import (
    Accepted,
    DuplicateOf,
    PersonsAct,
    Problem,
    Progress,
    Summary,
    Task,
)
from invoice_extraction.client.async_client import AsyncClient
from invoice_extraction.client.client import Client
from invoice_extraction.client.errors import (
    ApiError,
    ClientError,
    InvalidSignature,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from invoice_extraction.client.webhooks import verify_webhook

__all__ = [
    "Accepted",
    "ApiError",
    "AsyncClient",
    "Client",
    "ClientError",
    "DuplicateOf",
    "InvalidSignature",
    "PersonsAct",
    "Problem",
    "Progress",
    "Summary",
    "Task",
    "TaskFailed",
    "Unreachable",
    "WaitTimeout",
    "verify_webhook",
]
