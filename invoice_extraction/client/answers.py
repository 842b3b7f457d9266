"""What the service answers. What a newer service adds is passed over, so that it does no harm."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from invoice_extraction.model.extraction import (
    Attempt,
    ExtractedInvoice,
    ExtractionUsage,
    PageInfo,
)
from invoice_extraction.model.invoice import Invoice

Status = Literal["PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE", "REVOKED"]


class Problem(BaseModel):
    """Why a task failed, or waits to be tried again; `code` is stable."""

    code: str
    title: str = ""
    detail: str = ""
    hint: str = ""
    retryable: bool = False
    request_id: str | None = None


class DuplicateOf(BaseModel):
    """Another document that holds the same: `reason` is same_file, byte for byte, or same_invoice."""

    task_id: str
    reason: str


class Accepted(BaseModel):
    """One file of an upload; one that was refused at the door has status FAILURE and its `error`."""

    task_id: str
    filename: str
    status: Status
    error: Problem | None = None
    duplicate_of: DuplicateOf | None = None


class PersonsAct(BaseModel):
    """What somebody did to a document: with which key, None in open mode; to which invoice, None to all of it."""

    at: datetime
    action: str
    key_id: str | None = None
    invoice: int | None = None
    change: Any = None


class Progress(BaseModel):
    """How far a running task is."""

    stage: str
    page: int | None = None
    pages: int | None = None


class Summary(BaseModel):
    """A document in a list: its task, and what is recorded of it, without its result."""

    task_id: str
    status: Status
    filename: str
    error: Problem | None = None
    progress: Progress | None = None
    batch_id: str | None = None
    duplicate_of: DuplicateOf | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    media_type: str | None = None
    size: int = 0
    sha256: str | None = None
    options: dict[str, Any] = {}
    reference: str | None = None
    metadata: Any = None
    needs_review: bool | None = None
    decision: str | None = None
    """A person's: confirmed or rejected."""

    @property
    def is_final(self) -> bool:
        """True where nothing more will come of it."""
        return self.status in {"SUCCESS", "FAILURE", "REVOKED"}


class Task(Summary):
    """A task; `result` is that of `invoices[0]`, None until SUCCESS.

    `client.document` fills all of it; what `client.status` does not tell (media_type to decision, syntax,
    pages, warnings, as_read, history) has its default there.
    """

    result: Invoice | None = None
    invoices: list[ExtractedInvoice] = []
    engine: str | None = None
    syntax: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    pages: list[PageInfo] = []
    attempts: list[Attempt] = []
    usage: ExtractionUsage | None = None
    warnings: list[str] = []
    as_read: list[ExtractedInvoice] | None = None
    """The invoices as the machine read them, None where no person changed any."""
    history: list[PersonsAct] = []
    """What people did to it, the latest first."""
    etag: str | None = None
    """The version, which a correction names; None where it was not told."""
