"""What the pages say of a job, in words: its state, its size, where its files go."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from app.languages import Language
from invoice_extraction.intake import COMBINED, PAGELESS
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

HINTS: dict[str, str] = {
    "password_required": "Drop the file into the inbox again; its password is then typed in its row.",
    "too_many_pages": "Split the document into smaller ones.",
}
"""What to do on the page about an error, by its code; others say it themselves."""

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


def state_of(job: Job, language: Language) -> State:
    """Return the state of a job in words."""
    error = job.error or {}
    say, told = language.say, language.told
    match job.status:
        case "SUCCESS" if job.decision == "confirmed":
            return State("done", say("Confirmed"))
        case "SUCCESS" if job.decision == "rejected":
            return State("failed", say("Rejected"))
        case "SUCCESS" if job.needs_review:
            return State("look", say("Needs a look"))
        case "SUCCESS":
            return State("done", say("Done"))
        case "FAILURE":
            return State(
                "failed",
                say("Not read") if job.started_at else say("Refused"),
                _why(error, language),
                told(HINTS.get(error.get("code", ""), error.get("hint"))) or None,
            )
        case "REVOKED":
            return State("failed", say("Cancelled"))
        case "RETRY":
            return State("waits", say("Tried again soon"), _why(error, language))
        case "STARTED":
            return State("runs", _stage(job, language))
        case _:
            return State("waits", say("Waiting"))


def deed_of(job: Job) -> Literal["cancel", "retry"] | None:
    """Return what can be done about a document that was not read, as the API calls it; None where nothing can."""
    if not job.is_final:
        return "cancel"
    is_kept = job.status == "REVOKED" or (job.status == "FAILURE" and job.attempts > 0)
    return "retry" if is_kept else None


def icon_of(job: Job) -> Literal["file", "camera", "sheet"]:
    """Return what kind of file it is, as icons tell it: a picture, an e-invoice without pages, any other."""
    kind = job.media_type or ""
    if kind in PAGELESS:
        return "sheet"
    return "camera" if kind.startswith("image/") or kind == COMBINED else "file"


def _why(error: dict[str, Any], language: Language) -> str | None:
    """Return what went wrong: the sentence where the language has it, else what it is in general."""
    title, detail = error.get("title"), error.get("detail")
    if detail and language.has(detail):
        return language.told(detail)
    return language.told(title) or detail


def _stage(job: Job, language: Language) -> str:
    progress = job.progress or {}
    words = language.say(STAGES.get(str(progress.get("stage")), "Reading"))
    pages, page = progress.get("pages"), progress.get("page")
    if page and pages:
        place = language.say("page {page} of {pages}", page=page, pages=pages)
        return f"{words}, {place}"
    if pages:
        count = language.many("{count} page", "{count} pages", pages)
        return f"{words}, {count}"
    return words


def size_text(size: int, language: Language) -> str:
    """Return a number of bytes for a person, in decimal units as limits are given ("1.2 MB")."""
    value = float(size)
    units = ["B", "kB", "MB", "GB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    number = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return f"{number.replace('.', language.decimal_sign)} {language.say(units[0])}"


def in_fours(iban: str) -> str:
    """Return an IBAN as it is printed: groups of four (ISO 13616)."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def provider_of(model: ModelOptions | None, language: Language) -> str | None:
    """Return who is sent PDFs and pictures; None when nobody is."""
    if model is None:
        return None
    if model.base_url is not None:
        host = urlsplit(model.base_url).hostname or language.say("its own address")
        return language.say("the model server at {host}", host=host)
    name = model.model.partition(":")[0]
    return PROVIDERS.get(name, name)
