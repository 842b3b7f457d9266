"""What the API says on the wire, for its description; answers are written by app/answers.py."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
)

from app.submission import ENGINE_NAMES
from invoice_extraction.model.extraction import (
    Attempt,
    ExtractedInvoice,
    ExtractionUsage,
    PageInfo,
)
from invoice_extraction.model.invoice import Invoice
from service.keys import MAX_DAYS, MAX_RATE, Scope
from service.store.base import Decision, Duplicate, Status
from service.store.people import Action
from service.webhooks import EVENTS, Event, State


class OptionProblem(BaseModel):
    """What is wrong with one option or parameter."""

    pointer: str
    code: str
    detail: str


class TaskProblem(BaseModel):
    """Why a task failed, or why it waits to be tried again."""

    type: str
    title: str
    detail: str
    code: str = Field(description="Stable; listed at /docs/errors.")
    hint: str = Field(description="What to do next.")
    retryable: bool
    request_id: str | None = None


class Problem(TaskProblem):
    """An RFC 9457 problem: why the request was not carried out."""

    status: int
    instance: str
    errors: list[OptionProblem] = []


class DuplicateOf(BaseModel):
    """Another document that holds the same: `same_file`, byte for byte, or `same_invoice`, as it is read."""

    task_id: str
    reason: Duplicate


class Accepted(BaseModel):
    """One file of an upload. A file refused at the door has status FAILURE and its `error`."""

    task_id: str
    filename: str
    status: Status
    error: TaskProblem | None = None
    duplicate_of: DuplicateOf | None = None


class Links(BaseModel):
    """Where to go on."""

    status: str
    document: str
    file: str


class Progress(BaseModel):
    """How far a running task is."""

    stage: str
    page: int | None
    pages: int | None


class TaskState(BaseModel):
    """What holds of a task in any state. PENDING, STARTED and RETRY are on their way."""

    task_id: str
    status: Status
    filename: str
    error: TaskProblem | None
    progress: Progress | None
    batch_id: str | None = Field(
        description="The upload that it came with; null for one from before there were batches."
    )
    duplicate_of: DuplicateOf | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    links: Links


class TaskChange(BaseModel):
    """How a task stands since `updated_at`; an event of /v1/events holds one."""

    task_id: str
    status: Status
    filename: str = Field(description="Empty where the document was deleted.")
    error: TaskProblem | None
    progress: Progress | None
    needs_review: bool | None
    batch_id: str | None
    duplicate_of: DuplicateOf | None
    updated_at: datetime
    links: Links


class Batch(BaseModel):
    """The documents of one upload, without those that were deleted since."""

    batch_id: str
    final: bool = Field(description="True where nothing more will come of any of them.")
    documents: int
    deleted: int = Field(description="How many were deleted, and are not counted here.")
    needs_review: int
    counts: dict[Status, int] = Field(description="How many are in which state; none is left out.")
    created_at: datetime
    finished_at: datetime | None = Field(description="When the last one became final.")
    tasks: list[TaskChange]


class TaskStatus(TaskState):
    """A task and, once it is SUCCESS, its result: `result` is the same as `invoices[0].result`.

    `attempts` are the engines that were tried, `usage` what it took.
    """

    result: Invoice | None
    invoices: list[ExtractedInvoice]
    engine: str | None
    model: str | None
    prompt_version: str | None
    attempts: list[Attempt]
    usage: ExtractionUsage | None


class Record(BaseModel):
    """What is recorded of a document beside its task. `starts` counts how often it was begun."""

    media_type: str | None
    size: int
    sha256: str | None
    options: dict[str, Any]
    reference: str | None
    metadata: Any
    needs_review: bool | None
    decision: Decision | None = Field(description="What a person said of it.")
    starts: int
    request_id: str | None
    updated_at: datetime


class PersonsAct(BaseModel):
    """What somebody did to a document: with which key (null in open mode), to which of its invoices."""

    at: datetime
    action: Action
    key_id: str | None
    invoice: int | None
    change: Any = Field(
        description="What is otherwise since, null where it was taken away; of a list of the same length "
        "the members, by their place from 0. Of a retry its options."
    )


class Document(Record, TaskStatus):
    """Everything that is known of a document."""

    syntax: str | None
    pages: list[PageInfo]
    warnings: list[str]
    as_read: list[ExtractedInvoice] | None = Field(
        description="The invoices as the machine read them, where a person changed any; else null."
    )
    history: list[PersonsAct] = Field(
        description="What people did to it last, 100 acts at the most, the latest first."
    )


class PageWord(BaseModel):
    """A word of a page; `box` is x0, y0, x1, y1, each 0 to 1 of the page as displayed."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float | None = Field(description="How sure OCR is, 0 to 1; null for a PDF's text.")


class PageWords(BaseModel):
    """The words of a page, in the order of its content. Width and height are points as displayed."""

    page: int
    width: float
    height: float
    origin: Literal["text", "ocr"] | None = Field(description="Null where there are no words.")
    words: list[PageWord]


class Retry(BaseModel):
    """How a document is to be read again; what is left out is as it was sent."""

    model_config = ConfigDict(extra="forbid")

    engine: str | None = Field(default=None, json_schema_extra={"enum": [*ENGINE_NAMES, None]})
    fallback: bool | None = None
    force: bool | None = Field(default=None, description="True: models are asked again.")

    @field_validator("engine")
    @classmethod
    def check_engine(cls, name: str | None) -> str | None:
        """Return the name of an engine; any other is a ValueError."""
        if name is None or name in ENGINE_NAMES:
            return name
        raise ValueError(f"none of: {', '.join(ENGINE_NAMES)}")


class DocumentSummary(Record, TaskState):
    """A document in a list; `result` is null there, whatever the status."""

    result: None


class DocumentList(BaseModel):
    """Some documents, in the order that was asked for; `next` is the cursor of those after them, null at the end."""

    documents: list[DocumentSummary]
    next: str | None


class PartHealth(BaseModel):
    """One part of the service; `detail` says what is wrong with it."""

    status: Literal["ok", "failed"]
    detail: str | None = None


class Live(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Ready(BaseModel):
    """Whether all parts work."""

    status: Literal["ok", "failed"]
    parts: dict[str, PartHealth]


class TimeLimits(BaseModel):
    """Seconds; what takes longer is broken off with an error."""

    reading_cpu: float = Field(description="Of computing to open a file or draw a page.")
    reading_wall: float = Field(description="The same by the clock on the wall.")
    reading_a_page: float = Field(description="Added to both for each page.")
    ocr_cpu_a_page: float
    model_call: float
    job: float = Field(description="All of a task's work, from one start to its end.")


class ReaderIsolation(BaseModel):
    """What holds the processes that read files on the API's machine; told by one of them."""

    landlock: bool = Field(description="It can open no files but programs and fonts.")
    seccomp: bool = Field(description="It has no network, starts nothing and writes no file.")
    rlimits: bool = Field(description="Its memory, computing time and files are limited.")


class ServiceLimits(BaseModel):
    """What is accepted; sizes in bytes, sides in pixels or points, texts in characters."""

    max_file_size: int
    max_request_size: int
    max_files: int = Field(description="In one request.")
    max_pages: int
    max_pixels: int
    max_side: int
    max_page_points: float
    max_unpacked_size: int
    max_xml_size: int
    max_xml_depth: int
    max_xml_elements: int
    max_page_text: int
    max_document_text: int
    reader_memory: int = Field(description="Address space of a process that reads a file.")
    seconds: TimeLimits
    media_types: list[str]
    isolation: ReaderIsolation | None = Field(
        description="Null where no reader answers at the moment."
    )


class ModelState(BaseModel):
    """One model; `reason` says why it cannot be used, and what to do."""

    model: str
    ready: bool
    reason: str | None
    since: datetime | None = Field(
        description="When it became ready, or ceased to be; null where its provider was not asked."
    )
    checked_at: datetime | None = Field(description="When a worker last asked its provider.")


class EngineState(BaseModel):
    """One engine; `reason` says why it is not ready, and what to do."""

    name: str
    ready: bool
    reason: str | None
    model: str | None
    fallbacks: list[str] = Field(
        description="Models that are asked where this one cannot answer and `fallback` is sent."
    )
    models: list[ModelState] = Field(
        description="The model and its fallbacks, with what their providers say of them."
    )
    leaves: str | None = Field(
        description="What of a document leaves the service, and where it goes; null: nothing does."
    )


class EngineList(BaseModel):
    """The engines; "auto" chooses among those that are ready."""

    engines: list[EngineState]


class ModelUse(BaseModel):
    """What one model took. `cost` is in US dollars, of the calls whose price is known."""

    model: str
    calls: int
    tokens: int
    cost: Decimal
    unpriced: int = Field(description="Calls whose price is not known, and not in `cost`.")
    cached: int = Field(
        description="Answers that were kept from an earlier call, and cost nothing."
    )


class Use(BaseModel):
    """What all models took, and each of them, the dearest first."""

    calls: int
    tokens: int
    cost: Decimal
    unpriced: int
    cached: int
    models: list[ModelUse]


class Budgets(BaseModel):
    """US dollars; null where there is no budget. What calls under way hold is not left."""

    day: Decimal | None
    day_left: Decimal | None
    day_held: Decimal | None
    total: Decimal | None
    total_left: Decimal | None
    total_held: Decimal | None


class Usage(BaseModel):
    """What models took; a day begins at midnight UTC."""

    today: Use
    in_all: Use
    budget: Budgets


def written(pattern: str, *, numbers: bool = False) -> BeforeValidator:
    """Return the check that a value is written in one way; Pydantic alone takes others too.

    It would read 0 as a time, and "1e3" as an amount. `numbers` lets JSON's own numbers pass.
    """

    def check(value: object) -> object:
        if isinstance(value, str):
            if re.fullmatch(pattern, value):
                return value
        elif numbers and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return value
        raise ValueError(f"is not written as {pattern}")

    return BeforeValidator(check)


_DOLLARS = r"[0-9]{1,9}(\.[0-9]{1,6})?"

Dollars = Annotated[
    Decimal,
    Field(ge=0, lt=1_000_000_000),
    written(_DOLLARS, numbers=True),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000},
                {"type": "string", "pattern": f"^{_DOLLARS}$"},
            ]
        },
        mode="validation",
    ),
]

Instant = Annotated[AwareDatetime, written(r"\d{4}-\d\d-\d\d[Tt ].+")]
"""A time with its offset, as RFC 3339 writes it."""


class KeyBudget(BaseModel):
    """US dollars that models may cost for documents of one key; null is no limit of its own."""

    day: Dollars | None = Field(default=None, description="On one day (UTC).")
    total: Dollars | None = Field(default=None, description="Ever.")


class NewWebhook(BaseModel):
    """Where to send events, and which."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        max_length=2_000,
        description="An https:// URL of a public host, or of one in WEBHOOK_ALLOWED_HOSTS.",
    )
    events: list[Event] = Field(
        default=list(EVENTS),
        max_length=100,
        description="What it is sent for; an empty list: only uploads that name it by `webhook_url`.",
    )


class WebhookChange(BaseModel):
    """What to change of a webhook; what is not sent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, max_length=2_000)
    events: list[Event] | None = Field(default=None, max_length=100)
    enabled: bool | None = Field(
        default=None, description="False switches it off; true on again, without its failures."
    )


class WebhookRecord(BaseModel):
    """A webhook, without its secret."""

    id: str
    url: str
    events: list[Event]
    by_upload: bool = Field(
        description="It came by `webhook_url`: `url` is its host, and each delivery has its own."
    )
    enabled: bool
    created_at: datetime
    failures: int = Field(description="Attempts that failed since the last one that did not.")
    failing_since: datetime | None
    rests_until: datetime | None = Field(description="It asked to be left alone (Retry-After).")
    disabled_at: datetime | None
    disabled_reason: Literal["gone", "failing", "asked"] | None = Field(
        description="gone: it answered 410; failing: nothing was taken for five days; asked: by PATCH."
    )
    secret_before_until: datetime | None = Field(
        description="Until then the secret before the last rotation signs too."
    )


class ShownWebhook(WebhookRecord):
    """A webhook with a new secret."""

    secret: str = Field(description="What signs. It is shown this once.")


class WebhookList(BaseModel):
    """The webhooks of a tenant."""

    webhooks: list[WebhookRecord]


class DeliveryRecord(BaseModel):
    """One event on its way to a webhook. `status` is the last attempt's, `error` why it had none."""

    id: str = Field(description="The header webhook-id: the same for all attempts.")
    type: str
    state: State
    url: str
    task_id: str | None
    body: str = Field(description="What is sent, as JSON text.")
    attempts: int
    status: int | None
    error: str | None = Field(
        description="unreachable, timeout, tls, protocol, forbidden_url or switched_off."
    )
    created_at: datetime
    attempted_at: datetime | None
    next_attempt_at: datetime | None


class DeliveryList(BaseModel):
    """Some deliveries, newest first; `next` is the cursor of those after them, null at the end."""

    deliveries: list[DeliveryRecord]
    next: str | None


class NewKey(BaseModel):
    """What a new key is to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        min_length=1, max_length=100, description="Who or what it is for, for people."
    )
    scopes: list[Scope] = Field(
        default=["read", "write"],
        min_length=1,
        max_length=3,
        description="read: see documents; write: send, change and delete them; admin: manage keys and webhooks.",
    )
    expires_at: Instant | None = Field(
        default=None, description="When it stops to be valid; null is never."
    )
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = Field(
        default=None, description="The same, counted from now; it wins over `expires_at`."
    )
    rate: Annotated[int, Field(ge=1, le=MAX_RATE)] | None = Field(
        default=None, description="Requests a minute; null is the service's own limit."
    )
    budget: KeyBudget = KeyBudget()

    @field_validator("name")
    @classmethod
    def _is_kept(cls, name: str) -> str:
        """Return the name; one with a NUL is refused, which PostgreSQL keeps nowhere."""
        if "\0" in name:
            raise ValueError("it holds a NUL")
        return name


class KeyRecord(BaseModel):
    """A key, without its secret."""

    id: str
    prefix: str = Field(description="The part of the key that may be seen.")
    name: str
    tenant: str = Field(description="Whose documents it opens.")
    scopes: list[Scope]
    rate: int | None
    budget: KeyBudget
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="Right to a minute.")


class ShownKey(KeyRecord):
    """A new key."""

    key: str = Field(description="The key itself. It is shown this once, and kept nowhere.")


class KeyList(BaseModel):
    """The keys of a tenant."""

    keys: list[KeyRecord]
