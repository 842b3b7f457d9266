"""Each call of the API: what is sent, and what its answer is read as; who sends it is the clients' part."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_jsonable_python

from invoice_extraction.client.answers import Accepted, Status, Summary, Task
from invoice_extraction.model.extraction import Extraction

T = TypeVar("T")

File = str | Path | tuple[str, bytes]
"""A file on disk, or its name and content."""


class Asked(TypedDict, total=False):
    """What may be asked of an extraction, as the form fields of the API."""

    engine: str
    fallback: bool
    force: bool
    fields_schema: dict[str, Any]
    pages: str
    language: str
    password: str
    reference: str
    metadata: Any
    webhook_url: str


class Again(TypedDict, total=False):
    """What may be asked of a second extraction in place of what the first was asked."""

    engine: str
    fallback: bool
    force: bool


class Filter(TypedDict, total=False):
    """Which documents; all that is given has to hold."""

    status: Status
    needs_review: bool
    duplicate: bool
    since: date
    until: date
    reference: str
    seller: str
    q: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """A request and how its answer is read.

    `repeatable`: where the answer got lost it may be sent again, for it is carried out once or does no harm
    twice. `wait` are seconds for which the service may hold it. `done` is the status that answers one sent again
    where the first was carried out, None where such an answer is like the first.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, tuple[str, bytes]]] | None = None
    form: dict[str, str] | None = None
    json: Any = None
    repeatable: bool = True
    wait: float = 0
    done: int | None = None


def send(files: tuple[File, ...], asked: Asked, *, combine: bool = False) -> Call[list[Accepted]]:
    """Return the upload; its Idempotency-Key lets it be sent again when its answer gets lost."""
    form = {name: _field(value) for name, value in asked.items() if value is not None}
    if combine:
        form["combine"] = "true"
    return Call(
        method="POST",
        path="/extract-invoice",
        headers={"Idempotency-Key": str(uuid.uuid4())},
        files=[("files", _part(file)) for file in files],
        form=form,
        read=_reader(list[Accepted]),
    )


def status(task_id: str, wait: float = 0) -> Call[Task]:
    """Return the question for a task, held by the service for `wait` seconds while it is not final."""
    params = {"wait": f"{wait:g}"} if wait else {}
    return Call(method="GET", path=_path("/status", task_id), params=params, read=_task, wait=wait)


def document(task_id: str) -> Call[Task]:
    """Return the question for all that is known of a document."""
    return Call(method="GET", path=_path("/v1/documents", task_id), read=_task)


class _Page(BaseModel):
    documents: list[Summary]
    next: str | None


def documents(asked: Filter, cursor: str | None, limit: int) -> Call[_Page]:
    """Return the question for a page of the list."""
    params = _query(asked) | {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    return Call(method="GET", path="/v1/documents", params=params, read=_reader(_Page))


def extraction(task_id: str) -> Call[Extraction]:
    """Return the question for what the library's own `extract` would have returned."""
    path = _path("/v1/documents", task_id, "export")
    return Call(method="GET", path=path, params={"format": "json"}, read=_reader(Extraction))


def correct(task_id: str, invoice: int, changes: dict[str, Any], etag: str) -> Call[Task]:
    """Return the correction of an invoice; sent twice, the second would come too late for its version."""
    return Call(
        method="PATCH",
        path=_path("/v1/documents", task_id, "invoices", str(invoice)),
        headers={"If-Match": etag, "Content-Type": "application/merge-patch+json"},
        json=to_jsonable_python(changes),
        read=_task,
        repeatable=False,
    )


def act(task_id: str, action: str, *, etag: str | None = None, body: Any = None) -> Call[Task]:
    """Return what a person does with a document: confirm, reject, reopen, retry, cancel."""
    return Call(
        method="POST",
        path=_path("/v1/documents", task_id, action),
        headers={"If-Match": etag} if etag else {},
        json=body,
        read=_task,
        repeatable=False,
    )


def delete(task_id: str) -> Call[None]:
    """Return the deletion of everything of a document; what is deleted already is gone (410)."""
    return Call(method="DELETE", path=_path("/v1/documents", task_id), read=_nothing, done=410)


def file(task_id: str) -> Call[bytes]:
    """Return the question for the file that was sent."""
    path = _path("/v1/documents", task_id, "file")
    return Call(method="GET", path=path, read=lambda answer: answer.content)


def export(name: str, task_ids: tuple[str, ...], asked: Filter) -> Call[None]:
    """Return the question for an export, whose answer is read piece by piece."""
    params = {"format": name} | _query(asked)
    if task_ids:
        params["task_ids"] = ",".join(task_ids)
    return Call(method="GET", path="/v1/export", params=params, read=_nothing)


# ---------------------------------------------------------------- helpers


def _path(*parts: str) -> str:
    first, *rest = parts
    return "/".join([first, *(quote(part, safe="") for part in rest)])


def _part(file: File) -> tuple[str, bytes]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, path.read_bytes()


def _field(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _query(asked: Filter) -> dict[str, str]:
    names = {"since": "from", "until": "to"}
    return {
        names.get(name, name): value if isinstance(value, str) else _plain(value)
        for name, value in asked.items()
        if value is not None
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def _reader(kind: type[T]) -> Callable[[httpx.Response], T]:
    adapter = TypeAdapter(kind)
    return lambda answer: adapter.validate_json(answer.content, extra="ignore")


_read_task = _reader(Task)


def _task(answer: httpx.Response) -> Task:
    task = _read_task(answer)
    task.etag = answer.headers.get("ETag")
    return task


def _nothing(_: httpx.Response) -> None:
    return None
