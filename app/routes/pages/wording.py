"""What the pages say of a job, in words: its state, its size, where its files go."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from invoice_extraction.model.options import ModelOptions
from service.store.base import Job

Kind = Literal["waits", "runs", "done", "look", "failed"]
"""How a state is drawn; each kind has its own shape, so that colour is never alone."""

STAGES: dict[str, str] = {
    "reading": "Reading the pages",
    "model": "Asking the model",
    "checking": "Checking the values",
}
"""What a worker reports, in words; an unknown stage is "Reading"."""

PROVIDERS: dict[str, str] = {
    "anthropic": "Anthropic",
    "google": "Google Gemini",
    "mistral": "Mistral",
    "openai": "OpenAI",
}
"""Names of model providers for people, by the first part of `provider:name`."""


@dataclass(frozen=True, slots=True)
class State:
    """A job's state: a word or two, and where there is more to say a sentence and what to do."""

    kind: Kind
    word: str
    detail: str | None = None
    hint: str | None = None


def state_of(job: Job) -> State:
    """Return the state of a job in words."""
    error = job.error or {}
    match job.status:
        case "SUCCESS" if job.decision == "confirmed":
            return State("done", "Confirmed")
        case "SUCCESS" if job.decision == "rejected":
            return State("failed", "Rejected")
        case "SUCCESS" if job.needs_review:
            return State("look", "Needs a look")
        case "SUCCESS":
            return State("done", "Done")
        case "FAILURE":
            return State(
                "failed",
                "Not read" if job.started_at else "Refused",
                error.get("detail") or error.get("title"),
                error.get("hint"),
            )
        case "REVOKED":
            return State("failed", "Cancelled")
        case "RETRY":
            return State("waits", "Tried again soon", error.get("detail") or error.get("title"))
        case "STARTED":
            return State("runs", _stage(job))
        case _:
            return State("waits", "Waiting")


def _stage(job: Job) -> str:
    progress = job.progress or {}
    words = STAGES.get(str(progress.get("stage")), "Reading")
    pages, page = progress.get("pages"), progress.get("page")
    if page and pages:
        return f"{words}, page {page} of {pages}"
    if pages:
        return f"{words}, {pages} {'page' if pages == 1 else 'pages'}"
    return words


def size_text(size: int) -> str:
    """Return a number of bytes for a person, in decimal units as limits are given ("1.2 MB")."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5 or unit == "GB":
            break
    return f"{value:.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.1f} {unit}"


def provider_of(model: ModelOptions | None) -> str | None:
    """Return who is sent PDFs and pictures; None when nobody is."""
    if model is None:
        return None
    if model.base_url is not None:
        return f"the model server at {urlsplit(model.base_url).hostname or 'its own address'}"
    name = model.model.partition(":")[0]
    return PROVIDERS.get(name, name)
