"""Errors as RFC 9457 problem objects: the same in an HTTP answer and in a task's `error`."""

from typing import Any

from invoice_extraction.errors import ExtractionError
from service.errors import ServiceError


def problem(
    error: ExtractionError | ServiceError, *, request_id: str | None = None
) -> dict[str, Any]:
    """Return the problem of an error, without an HTTP status (a task has none).

    `type` is a relative reference into the documentation, so that it never dangles.
    """
    return {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "retryable": error.retryable,
        "request_id": request_id,
    }
