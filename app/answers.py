"""A job as JSON. What was extracted is passed on as it is stored, not parsed and written anew."""

import json
from typing import Any

import msgspec

from service.store.base import Job
from service.store.changes import Change
from service.store.people import Deed

_NULL = msgspec.Raw(b"null")
_NONE = msgspec.Raw(b"[]")


class _Invoice(msgspec.Struct):
    """The part of an extracted invoice that stands at the top of an answer too."""

    result: msgspec.Raw = _NULL


class _Extraction(msgspec.Struct):
    """The parts of the library's Extraction, each as stored."""

    invoices: list[msgspec.Raw] = []
    engine: msgspec.Raw = _NULL
    syntax: msgspec.Raw = _NULL
    model: msgspec.Raw = _NULL
    prompt_version: msgspec.Raw = _NULL
    pages: msgspec.Raw = _NONE
    attempts: msgspec.Raw = _NONE
    usage: msgspec.Raw = _NULL
    warnings: msgspec.Raw = _NONE


_encode = msgspec.json.encode
_extraction = msgspec.json.Decoder(_Extraction)
_invoice = msgspec.json.Decoder(_Invoice)


def accepted(jobs: list[Job]) -> bytes:
    """Return the answer to an upload: an entry for each file, in their order."""
    return _encode([_entry(job) for job in jobs])


def status(job: Job) -> bytes:
    """Return the answer to GET /status/{task_id}."""
    return _encode(_status(job))


def record(job: Job, deeds: list[Deed]) -> bytes:
    """Return the document: its status, what is recorded of it beside, and what people did to it."""
    return _encode(_status(job) | _recorded(job) | _details(job) | {"history": deeds})


def summary(job: Job) -> dict[str, Any]:
    """Return the document as it stands in a list: without what was extracted."""
    return _state(job) | _recorded(job)


def change(change: Change) -> dict[str, Any]:
    """Return how a task stands."""
    return {
        "task_id": change.id,
        "status": change.status,
        "filename": change.filename,
        "error": change.error,
        "progress": change.progress,
        "needs_review": change.needs_review,
        "batch_id": change.batch,
        "duplicate_of": _duplicate(change),
        "updated_at": change.updated_at,
        "links": _links(change.id),
    }


def _entry(job: Job) -> dict[str, Any]:
    entry = {"task_id": job.id, "filename": job.filename, "status": job.status}
    beside = {"error": job.error, "duplicate_of": _duplicate(job)}
    return entry | {name: value for name, value in beside.items() if value}


def _status(job: Job) -> dict[str, Any]:
    found = _extraction.decode(job.extraction) if job.extraction else _Extraction()
    invoices = found.invoices
    return _state(job) | {
        "result": _invoice.decode(invoices[0]).result if invoices else None,
        "invoices": invoices,
        "engine": found.engine,
        "model": found.model,
        "prompt_version": found.prompt_version,
        "attempts": found.attempts,
        "usage": found.usage,
    }


def _state(job: Job) -> dict[str, Any]:
    """Return what holds of a job in any state; `result` has its place behind the name."""
    return {
        "task_id": job.id,
        "status": job.status,
        "filename": job.filename,
        "result": None,
        "error": job.error,
        "progress": job.progress,
        "batch_id": job.batch,
        "duplicate_of": _duplicate(job),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "expires_at": job.expires_at,
        "links": _links(job.id),
    }


def _recorded(job: Job) -> dict[str, Any]:
    return {
        "media_type": job.media_type,
        "size": job.size,
        "sha256": job.sha256,
        "options": job.options,
        "reference": job.reference,
        # json, not msgspec: it writes an integer of any length, as the caller may have sent one
        "metadata": msgspec.Raw(json.dumps(job.details).encode()),
        "needs_review": job.needs_review,
        "decision": job.decision,
        "starts": job.attempts,
        "request_id": job.request_id,
        "updated_at": job.updated_at,
    }


def _links(job_id: str) -> dict[str, str]:
    document = f"/v1/documents/{job_id}"
    return {"status": f"/status/{job_id}", "document": document, "file": f"{document}/file"}


def _duplicate(job: Job | Change) -> dict[str, Any] | None:
    """Return the document that this one is a duplicate of, and why; None where none is known."""
    if job.duplicate_of is None:
        return None
    return {"task_id": job.duplicate_of, "reason": job.duplicate_reason}


def _details(job: Job) -> dict[str, Any]:
    """Return the rest of the extraction."""
    found = _extraction.decode(job.extraction) if job.extraction else _Extraction()
    read = _extraction.decode(job.as_read).invoices if job.as_read else None
    return {
        "syntax": found.syntax,
        "pages": found.pages,
        "warnings": found.warnings,
        "as_read": read,
    }
