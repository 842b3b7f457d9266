"""Errors of the service, beside those of the library.

* ServiceError          code, title, message, hint; `retry_after` in seconds or None
  + UnknownTask            unknown_task
  + InvalidKey             invalid_key
  + UnknownKey             unknown_key
  + UnknownBatch           unknown_batch
  + UnknownWebhook         unknown_webhook
  + WebhookConflict        webhook_conflict
  + ForbiddenUrl           forbidden_url
  + Expired                expired: it was deleted, or its time is over
  + Conflict               conflict: the document's state does not allow it
  + StorageFull            storage_full
  + ServiceUnavailable     service_unavailable: the database or the storage does not answer
  + RateLimited            rate_limited
  + QueueFull              queue_full
  + NoInvoice              no_invoice
  + Stale                  stale
  + IdempotencyMismatch    idempotency_mismatch
  + IdempotencyInProgress  idempotency_in_progress
  + Cancelled              cancelled: only ever written to a job, never raised
  + WorkerLost             worker_lost: only ever written to a job, never raised
  + InternalError          internal_error: only ever written to a job, never raised
"""

from typing import ClassVar


class ServiceError(Exception):
    """Base of the service's own errors; the same fields as `ExtractionError`."""

    code: ClassVar[str] = "service_error"
    title: ClassVar[str] = "The request could not be carried out"
    hint: str = "Try again; if it fails again, report the request id."
    retryable: ClassVar[bool] = False
    retry_after: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownTask(ServiceError):
    """No job with that id belongs to the caller."""

    code = "unknown_task"
    title = "Unknown task"
    hint = "Check the task_id; it is the one that POST /extract-invoice answered."


class InvalidKey(ServiceError):
    """The key that was shown is none of ours, was revoked, or has expired."""

    code = "invalid_key"
    title = "The key is not valid"
    hint = "Ask whoever runs the service for a new key: python -m app keys create."


class UnknownKey(ServiceError):
    """No key with that id belongs to the caller's tenant."""

    code = "unknown_key"
    title = "Unknown key"
    hint = "GET /v1/keys lists the keys with their ids."


class UnknownBatch(ServiceError):
    """No upload with that id belongs to the caller's tenant."""

    code = "unknown_batch"
    title = "Unknown upload"
    hint = (
        "Check the batch_id; GET /status/{task_id} tells it, and Location in the upload's answer."
    )


class UnknownWebhook(ServiceError):
    """No webhook, or delivery of it, with that id belongs to the caller's tenant."""

    code = "unknown_webhook"
    title = "Unknown webhook"
    hint = "GET /v1/webhooks lists the webhooks, GET /v1/webhooks/{id}/deliveries what was sent."


class WebhookConflict(ServiceError):
    """The webhook is switched off, or the tenant has as many as it may."""

    code = "webhook_conflict"
    title = "This is not possible now"
    hint = "Switch the webhook on by PATCH, or delete webhooks that are no longer needed."


class ForbiddenUrl(ServiceError):
    """The URL names no place that webhooks may be sent to."""

    code = "forbidden_url"
    title = "Webhooks cannot be sent to this URL"
    hint = (
        "Use an https:// URL of a public host; who runs the service can allow hosts of its own "
        "network by WEBHOOK_ALLOWED_HOSTS (docs/webhooks.md)."
    )


class Expired(ServiceError):
    """The job was deleted, or its time is over."""

    code = "expired"
    title = "The document is gone"
    hint = "Send the file again if you still need its result."


class Conflict(ServiceError):
    """What is asked does not go with the state that the document is in."""

    code = "conflict"
    title = "The document's state does not allow it"
    hint = "Read the document: `status` and `decision` say what became of it, and `error` why."


class StorageFull(ServiceError):
    """There is no room to keep another file."""

    code = "storage_full"
    title = "No space left"
    hint = "Free space in DATA_DIR, or delete documents; nothing of this request was kept."
    retryable = True
    retry_after = 60


class ServiceUnavailable(ServiceError):
    """The database or the storage does not answer at the moment."""

    code = "service_unavailable"
    title = "Not available at the moment"
    hint = "Send the request again after the time in Retry-After."
    retryable = True
    retry_after = 5


class RateLimited(ServiceError):
    """The caller sends more requests, or more uploads at a time, than it may."""

    code = "rate_limited"
    title = "Too many requests"
    hint = (
        "Send it again after the time in Retry-After; RateLimit-Remaining tells how many are left."
    )
    retryable = True

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueFull(ServiceError):
    """The tenant has as many documents waiting as it may."""

    code = "queue_full"
    title = "Too many documents wait"
    hint = "Send it again after the time in Retry-After, when some of those that wait were read."
    retryable = True
    retry_after = 30


class NoInvoice(ServiceError):
    """The document holds no invoice with that number."""

    code = "no_invoice"
    title = "There is no such invoice"
    hint = "Invoices of a document are counted from 1; GET it to see them."


class Stale(ServiceError):
    """The document was changed since the caller read it."""

    code = "stale"
    title = "The document has changed meanwhile"
    hint = "Read the document again, and send what you change with its new ETag in If-Match."


class IdempotencyMismatch(ServiceError):
    """The Idempotency-Key was sent before, with other files or options."""

    code = "idempotency_mismatch"
    title = "The Idempotency-Key belongs to another request"
    hint = "Use a new Idempotency-Key for each new request, and the same one only to send it again."


class IdempotencyInProgress(ServiceError):
    """The first request with this Idempotency-Key is still under way."""

    code = "idempotency_in_progress"
    title = "The same request is under way"
    hint = "Send it again after the time in Retry-After, with the same Idempotency-Key."
    retryable = True
    retry_after = 1


class Cancelled(ServiceError):
    """Somebody cancelled the document before it was read."""

    code = "cancelled"
    title = "Cancelled"
    hint = "POST /v1/documents/{task_id}/retry lets it be read after all."


class WorkerLost(ServiceError):
    """Three workers died, or were killed, while they read this document."""

    code = "worker_lost"
    title = "The workers did not survive this document"
    hint = "Send the file again; if it fails again, print it to a new PDF and send that."
    retryable = True


class InternalError(ServiceError):
    """A fault of ours while the document was read; its trace is in the worker's log."""

    code = "internal_error"
    title = "An internal error"
    hint = "Report the task_id; the worker's log says what happened."
