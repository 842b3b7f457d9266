"""The life of a job: receive, submit, process, read, delete."""

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from invoice_extraction.errors import (
    EmptyFile,
    EngineOverloaded,
    EngineRateLimited,
    EngineTimeout,
    ExtractionError,
    FileTooLarge,
    ModelError,
    OwnLimit,
)
from invoice_extraction.extract import OcrDeferred
from invoice_extraction.intake import READERS, refusal
from invoice_extraction.model.calls import Gate
from invoice_extraction.model.document import Page
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.sandbox.client import ReadersUnavailable
from service import words
from service.comparison import Comparison
from service.errors import (
    Expired,
    InternalError,
    ServiceError,
    ServiceUnavailable,
    UnknownTask,
    WorkerLost,
)
from service.files import folder, source_key, words_key
from service.incoming import Incoming, combine, combined_name
from service.job_gate import JobGate
from service.logs import bound
from service.memory import JobMemory
from service.problems import problem
from service.queue import Queue
from service.room import Room
from service.running import Running
from service.storage import Storage
from service.store.answers import Answers
from service.store.base import (
    EVERYTHING,
    MAX_LOSSES,
    Filter,
    Job,
    JobPage,
    Lane,
    Once,
    Share,
    Sort,
    Store,
)
from service.store.idempotency import Idempotency
from service.store.ledger import Ledger, Payer
from service.tenants import TENANT

log = logging.getLogger(__name__)
T = TypeVar("T")

ASKED = ("engine", "language", "pages", "fallback", "force", "fields_schema")
"""The caller's options that are the library's; the rest of a job's are our own."""

WAITS = (EngineRateLimited, EngineOverloaded, EngineTimeout)
"""Errors of a model's API that pass; the job waits and is tried again."""

SHORTEST_WAIT, LONGEST_BACKOFF = 5.0, 600.0
"""Seconds to wait for a provider: a third of what the job has waited already, within these."""

LONGEST_OUTAGE = timedelta(days=1)
"""How long a job waits for its provider, or for readers that do not start, then it fails. Calls that are
turned away cost nothing; of the others a document has so many that it does not wait long."""

OUTAGE = 10.0
"""Seconds to wait where the fault is ours: storage, database or readers are away."""

LONGEST_WAIT = 3600.0
"""The most seconds that a provider can make a job wait."""

IN_HAND = 200_000_000
"""Bytes of files that a lane of a worker has in memory at a time, however many jobs it carries out."""

EACH = 50
"""Jobs that are read from the store at a time, where all of them are gone through."""

ORPHAN_AGE = timedelta(hours=1)
"""A folder of files that has no row after so long belongs to no upload that is still on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the caller asks of all files of one request; `combine` makes them pages of one document.

    `tenant` is whose they are, `key_id` the key that was shown, None in open mode; `batch` is the id of the
    request. `limited` is true where
    the tenant's share bounds what it sends; `once` where the request is carried out once, however often sent.
    """

    tenant: str
    key_id: str | None = None
    batch: str = field(default_factory=lambda: secrets.token_hex(16))
    limited: bool = False
    once: Once | None = None
    options: dict[str, Any]
    combine: bool = False
    reference: str | None = None
    details: Any = None
    request_id: str | None = None


class _ClaimLost(Exception):
    """The job was deleted, or another worker has it: what is read of it would be thrown away."""


@dataclass(frozen=True)
class Jobs:
    """The use cases; everything they touch is passed in.

    `extract` is the library's function, given to workers only. `base_options` are the options of every
    extraction, before what the caller asked; `lease` is how long a claim holds without a sign of life.
    `handed_over` is set when a job was given to the scan lane, whose threads wait for it. `refusal`
    tells what a call to the model would be refused with, `refused` are the jobs that were, and the engine
    that they asked for: by the same they are not opened again only to hear the same. `gate` gives the gate for the calls that somebody pays, None where all go
    through that of `base_options`. `ledger` and `answers` are what models cost and said, None where
    nothing of it is kept. `share` is the most that a tenant may have; `idempotency` the requests that were
    carried out, None where `sweep` forgets none. `comparison` compares what was read with the tenant's other
    documents, None where nothing is compared. `retention` is how long a document is kept, None for ever.
    """

    store: Store
    storage: Storage
    queue: Queue
    base_options: Options
    lease: timedelta
    extract: Callable[..., Extraction] | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    running: Running = field(default_factory=Running)
    handed_over: threading.Event = field(default_factory=threading.Event)
    rooms: Mapping[Lane, Room] = field(
        default_factory=lambda: {"fast": Room(IN_HAND), "scan": Room(IN_HAND)}
    )
    refusal: Callable[[], ModelError | None] = lambda: None
    refused: set[tuple[str, str | None]] = field(default_factory=set)
    ledger: Ledger | None = None
    gate: Callable[[Payer], Gate] | None = None
    answers: Answers | None = None
    idempotency: Idempotency | None = None
    share: Share = field(default_factory=Share)
    comparison: Comparison | None = None
    retention: timedelta | None = None

    # ---------------------------------------------------------------- in

    def receive(self, tenant: str, filename: str) -> Incoming:
        """Begin to receive a tenant's file; the caller writes to it, then submits or aborts it.

        Raises:
            StorageFull: There is no room.
        """
        return self._begun(tenant, filename, self.base_options.limits.max_bytes)

    def _begun(self, tenant: str, filename: str, max_bytes: int) -> Incoming:
        job_id = secrets.token_hex(16)
        begin = partial(self.storage.writer, source_key(tenant, job_id))
        return Incoming(job_id, filename, begin, max_bytes)

    def submit(self, incoming: list[Incoming], submission: Submission) -> list[Job]:
        """Record a job for each file, in order, and announce those that can be read.

        Several pictures that are to be combined become one file, and so one job.

        A file that is refused at the door gets its job too, with status FAILURE and its reason. When
        this returns, files and rows are durable.

        Raises:
            QueueFull, IdempotencyInProgress: As `Store.add`.
            StorageFull, ServiceUnavailable: Nothing of the request was kept; or, where the database
                went away as it was asked to keep it, that is not known, and the files wait for `sweep`.
        """
        now = self.clock()
        jobs: list[Job] = []
        if submission.combine and len(incoming) > 1:
            incoming = [self._combined(submission.tenant, incoming)]
        try:
            # a microsecond apart, so that the list keeps the order of the files
            jobs = [
                self._accept(file, submission, now + timedelta(microseconds=n))
                for n, file in enumerate(incoming)
            ]
            share = self.share if submission.limited else Share()
            jobs = self.store.add(jobs, share, submission.once)
        except BaseException:
            if not jobs or not self._may_be_recorded(jobs):
                self._throw_away(submission.tenant, incoming)
            raise
        self.queue.announce([job.id for job in jobs if not job.is_final])
        return jobs

    def _combined(self, tenant: str, files: list[Incoming]) -> Incoming:
        """Return the pictures as one file; they themselves are thrown away."""
        try:
            limit = self.base_options.limits.max_combined
            whole = self._begun(tenant, combined_name(files), limit)
            try:
                combine(files, whole)
            except BaseException:
                self._throw_away(tenant, [whole])
                raise
        finally:
            for file in files:
                file.abort()
        return whole

    def _may_be_recorded(self, jobs: list[Job]) -> bool:
        """Return whether rows of a failed `add` may be there: an answer to a commit can get lost."""
        try:
            return bool(self.store.versions([job.id for job in jobs]))
        except ServiceError:
            return True

    def _throw_away(self, tenant: str, incoming: list[Incoming]) -> None:
        for file in incoming:
            file.abort()
            with contextlib.suppress(ServiceError):  # the storage itself may be what failed
                self.storage.delete(folder(tenant, file.job_id))

    def _accept(self, file: Incoming, submission: Submission, now: datetime) -> Job:
        kind = file.media_type
        job = Job(
            id=file.job_id,
            tenant=submission.tenant,
            key_id=submission.key_id,
            batch=submission.batch,
            filename=file.filename,
            size=file.size,
            media_type=kind,
            sha256=None if file.too_large else file.sha256,
            status="PENDING",
            options=submission.options,
            reference=submission.reference,
            details=submission.details,
            request_id=submission.request_id,
            created_at=now,
            updated_at=now,
            expires_at=now + self.retention if self.retention else None,
        )
        refusal = self._refusal(file, kind)
        if refusal is None:
            file.commit()
            return job
        file.abort()
        error = problem(refusal, request_id=submission.request_id)
        return replace(job, status="FAILURE", error=error, finished_at=now)

    def _refusal(self, file: Incoming, kind: str) -> ExtractionError | ServiceError | None:
        """Return why a file is refused at the door; None when it is not."""
        if file.refusal is not None:
            return file.refusal
        if file.too_large:
            return FileTooLarge(
                f"The file has {file.size:,} bytes; the limit is {file.max_bytes:,}."
            )
        if file.size == 0:
            return EmptyFile("The file holds no bytes.")
        if kind not in READERS:
            return refusal(kind)
        return None

    # ---------------------------------------------------------------- out

    def get(self, tenant: str, job_id: str) -> Job:
        """Return a job.

        Raises:
            UnknownTask: The tenant has none with that id.
            Expired: It was deleted.
        """
        return self.store.get(tenant, job_id)

    def newest(
        self,
        tenant: str,
        *,
        limit: int = 50,
        cursor: str | None = None,
        asked: Filter = EVERYTHING,
        sort: Sort = "-received",
    ) -> JobPage:
        """Return a tenant's jobs in an order; ValueError for a cursor that is none of it."""
        return self.store.newest(tenant, limit=limit, cursor=cursor, asked=asked, sort=sort)

    def each(self, tenant: str, asked: Filter = EVERYTHING) -> Iterator[Job]:
        """Yield a tenant's jobs newest first with their extractions, read from the store bit by bit."""
        cursor: str | None = None
        while True:
            page = self.store.newest(tenant, limit=EACH, cursor=cursor, asked=asked, whole=True)
            yield from page.jobs
            if (cursor := page.next) is None:
                return

    def source(self, tenant: str, job_id: str) -> tuple[Job, bytes]:
        """Return a job and the file that was sent.

        Raises:
            UnknownTask, Expired: As `get`; also for a file that was refused at the door.
        """
        job = self.store.get(tenant, job_id)
        try:
            return job, self.storage.get(source_key(tenant, job_id))
        except FileNotFoundError:
            raise _no_file() from None

    def file(self, tenant: str, job_id: str) -> tuple[Job, Iterator[bytes]]:
        """Return a job and the file that was sent, piece by piece; raises as `source`."""
        job = self.store.get(tenant, job_id)
        try:
            return job, self.storage.chunks(source_key(tenant, job_id))
        except FileNotFoundError:
            raise _no_file() from None

    def delete(self, tenant: str, job_id: str) -> None:
        """Remove everything of a job: its file, pictures and result.

        Raises:
            UnknownTask, Expired: As `get`.
        """
        self.store.get(tenant, job_id)
        self._remove(tenant, job_id)

    def _remove(self, tenant: str, job_id: str) -> None:
        # Files first: when the storage fails the row still stands, and the call can be made again.
        self.storage.delete(folder(tenant, job_id))
        self.store.delete(tenant, job_id)
        self.storage.delete(
            folder(tenant, job_id)
        )  # a page's picture may have been drawn meanwhile

    # ---------------------------------------------------------------- work

    def process(self, job_id: str, worker: str) -> None:
        """Claim a job by its id and carry it out, or one of a tenant whose turn it is; none where none waits."""
        job = self.store.claim(job_id, worker, self.lease)
        if job is not None:
            with bound(job_id=job.id, request_id=job.request_id):
                self.carry_out(job)

    def carry_out(self, job: Job) -> None:
        """Extract a claimed job and write its end, unless the claim was lost meanwhile.

        One of the fast lane that has to wait for OCR is handed over to the scan lane instead.
        """
        if self.extract is None or job.lease_token is None:
            raise ValueError("only a worker carries out jobs, and only claimed ones")
        log.info("job started", extra={"job_id": job.id, "attempt": job.attempts})
        with self.running.hold(job.lease_token), self.rooms[job.lane].hold(job.size):
            self.running.advance(job.lease_token)
            self._read(job, self.extract)

    def _read(self, job: Job, extract: Callable[..., Extraction]) -> None:
        began = time.monotonic()
        pages: list[Page] = []
        way = _way(job)
        refusal = self.refusal() if way in self.refused else None
        if self._is_final(job, refusal) and isinstance(refusal, self._waits_for(job)):
            self._wait(job, refusal)
            return
        self.refused.discard(way)
        try:
            data = self.storage.get(source_key(job.tenant, job.id))
            extraction = extract(
                data,
                self._options(job),
                progress=self._progress(job),
                defer_ocr=job.lane == "fast",
                passing=self._waits_for(job),
                pages=pages.extend,
            )
            if self.comparison is not None:
                compare = partial(self.comparison.compared, job.tenant, job.id)
                read = extraction
                extraction = self._insist(lambda token: compare(token, read), job)
            text = extraction.model_dump_json()
        except OcrDeferred as deferred:
            self._hand_over(job, deferred.pages)
            return
        except _ClaimLost:
            log.info("job is no longer ours", extra={"job_id": job.id})
            return
        except WAITS as error:
            self._wait(job, error)
            return
        except ServiceUnavailable as error:
            self._postpone(job, error, OUTAGE)
            return
        except ReadersUnavailable:
            away = ServiceUnavailable("No process to read files could be started.")
            if self._waited(job) > LONGEST_OUTAGE:
                self._fail(job, away)
            else:
                self._postpone(job, away, OUTAGE)
            return
        except (ExtractionError, ServiceError) as error:
            self._fail(job, error)
            return
        except FileNotFoundError:
            self._fail(job, _no_file())
            return
        except Exception:
            self._fail(
                job, InternalError("The document could not be read because of a fault here.")
            )
            raise
        review = any(invoice.needs_review for invoice in extraction.invoices)
        self._keep_words(job, pages)
        found_by = words.text(pages)
        held = self._insist(
            lambda token: self.store.finish(
                job.id, token, text, needs_review=review, text=found_by
            ),
            job,
        )
        if not held:
            self._drop_words(job)
        seconds = round(time.monotonic() - began, 3)
        log.info("job done", extra={"job_id": job.id, "held": held, "seconds": seconds})

    def _keep_words(self, job: Job, pages: list[Page]) -> None:
        """Keep the words of the pages, where there is room: the result counts more."""
        if not pages:
            return
        try:
            self.storage.put(words_key(job.tenant, job.id), words.written(pages))
        except ServiceError as error:
            log.warning("words are not kept", extra={"job_id": job.id, "code": error.code})

    def _drop_words(self, job: Job) -> None:
        """Remove what was kept of a document that was deleted meanwhile."""
        with contextlib.suppress(ServiceError):  # `sweep` finds it
            if not self.store.kept(job.tenant, [job.id]):
                self.storage.delete(folder(job.tenant, job.id))

    def _options(self, job: Job) -> Options:
        asked = {key: job.options[key] for key in ASKED if job.options.get(key)}
        limits = self.base_options.limits
        # what was let in is read: without its lock a file can be larger than it came
        limits = replace(limits, max_bytes=max(limits.max_bytes, job.size))
        options = replace(self.base_options, limits=limits, **asked)
        if options.model is None:
            return options
        # what is paid is counted from the first call on, so that a first try has nothing to ask for
        first = job.attempts <= 1 and job.lane == "fast"
        paid = 0 if first or self.ledger is None else self.ledger.paid(job.id)
        reached = partial(self._reached, job=job, paid=paid)
        fallbacks = tuple(map(reached, options.model.fallbacks))
        return replace(options, model=replace(reached(options.model), fallbacks=fallbacks))

    def _reached(self, model: ModelOptions, job: Job, paid: int) -> ModelOptions:
        """Return how to reach a model, through the gate and with the memory that are the job's."""
        model = replace(model, paid=paid)
        gate = self.gate(Payer(job.tenant, job.key_id, job.id)) if self.gate else model.gate
        if gate is not None:
            step = partial(self.running.advance, job.lease_token or "")
            model = replace(model, gate=JobGate(gate, step))
        if self.ledger is None or self.answers is None:
            return model
        return _remembering(model, job=job, answers=self.answers, ledger=self.ledger)

    def _hand_over(self, job: Job, pages: int) -> None:
        told = {"stage": "reading", "page": None, "pages": pages}
        held = self._insist(lambda token: self.store.hand_over(job.id, token, told), job)
        self.handed_over.set()
        log.info("job waits for OCR", extra={"job_id": job.id, "pages": pages, "held": held})

    def _progress(self, job: Job) -> Callable[[str, int | None, int], None]:
        """Return a function that records the stage, once the job has lasted long enough to be watched.

        It raises _ClaimLost where nobody waits for the rest.
        """
        began = time.monotonic()
        token = job.lease_token or ""

        def report(stage: str, page: int | None, pages: int) -> None:
            self.running.advance(token)
            if time.monotonic() - began > 0.3 or stage == "model" or page is not None:
                told = {"stage": stage, "page": page, "pages": pages}
                held = True
                with contextlib.suppress(ServiceError):  # nice to know, and no more than that
                    held = self.store.report(job.id, token, told)
                if not held:
                    raise _ClaimLost

        return report

    def _wait(self, job: Job, error: ModelError) -> None:
        """Let the job wait through a provider's outage; fail it when it has waited long enough."""
        if error.is_last or not isinstance(error, self._waits_for(job)):
            self._fail(job, error)
            return
        waited = self._waited(job)
        if not isinstance(error, EngineTimeout) and self._is_final(job, error):
            self.refused.add(_way(job))
        asked = min(error.retry_after or 0.0, LONGEST_WAIT)
        own = min(max(waited.total_seconds() / 3, SHORTEST_WAIT), LONGEST_BACKOFF)
        # what was turned away together does not come back together, and never too early
        delay = max(asked * (1 + 0.1 * _jitter()), own * (0.8 + 0.4 * _jitter()))
        self._postpone(job, error, delay)

    def _is_final(self, job: Job, error: ModelError | None) -> bool:
        """Return whether no other model or engine is asked after the error."""
        return isinstance(error, OwnLimit) or not job.options.get("fallback")

    def _waits_for(self, job: Job) -> tuple[type[ModelError], ...]:
        """Return the errors of a model's API that the job still waits for to pass."""
        return WAITS if self._waited(job) <= LONGEST_OUTAGE else ()

    def _waited(self, job: Job) -> timedelta:
        """Return how long ago the job was first begun."""
        return self.clock() - (job.started_at or self.clock())

    def _postpone(self, job: Job, error: ModelError | ServiceError, seconds: float) -> None:
        delay = timedelta(seconds=seconds)
        told = problem(error, request_id=job.request_id)
        held = self._insist(lambda token: self.store.postpone(job.id, token, delay, told), job)
        log.warning(
            "job waits",
            extra={"job_id": job.id, "code": error.code, "seconds": seconds, "held": held},
        )

    def _fail(self, job: Job, error: ExtractionError | ServiceError) -> None:
        told = problem(error, request_id=job.request_id)
        held = self._insist(lambda token: self.store.fail(job.id, token, told), job)
        log.warning("job failed", extra={"job_id": job.id, "code": error.code, "held": held})

    def _insist(self, write: Callable[[str], T], job: Job) -> T:
        """Write what belongs to a job's end, however often it takes while the lease may hold: the work is done."""
        deadline = time.monotonic() + self.lease.total_seconds()
        while True:
            try:
                return write(job.lease_token or "")
            except ServiceError as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("result waits", extra={"job_id": job.id, "code": error.code})
                time.sleep(1.0)

    # ---------------------------------------------------------------- upkeep

    def reap(self) -> None:
        """Fail jobs lost too often; announce again what waits unannounced or lost its worker."""
        lost = WorkerLost(f"The worker was lost {MAX_LOSSES} times while it read the document.")
        for job_id in self.store.fail_lost(problem(lost)):
            log.error("job lost too often", extra={"job_id": job_id})
        self.queue.announce(self.store.take_due(silent_for=timedelta(seconds=30), limit=500))
        if self.ledger is not None and (expired := self.ledger.expire()):
            log.warning("calls were never settled", extra={"calls": expired})

    def expire(self) -> int:
        """Delete the documents whose time is over, as `delete` does; return how many.

        Raises:
            ServiceUnavailable, StorageFull: Some are left, and are found by the next call. Where there are
                many of them, nothing more was tried: something is away.
        """
        removed = 0
        left: dict[tuple[str, str], ServiceError] = {}
        while len(left) < EACH:
            found = self.store.expired(EACH + len(left))
            due = [one for one in found if one not in left]
            if not due:
                break
            for tenant, job_id in due:
                try:
                    self._remove(tenant, job_id)
                    removed += 1
                except UnknownTask:
                    pass  # somebody else was first
                except ServiceError as error:
                    left[tenant, job_id] = error
        if left:
            log.warning("expired documents are left", extra={"removed": removed, "left": len(left)})
            raise next(iter(left.values()))
        return removed

    def sweep(self) -> int:
        """Remove files that belong to no job, and return of how many: an upload that died left them.

        Models' answers that are too old go too, requests that were carried out long ago, and what the
        database still holds of documents that were deleted.
        """
        if changed := self.store.keep_for(self.retention):
            log.warning("documents are kept for another time", extra={"documents": changed})
        self.refused.clear()  # some of them were carried out by other workers
        if self.answers is not None:
            self.answers.prune()
        if self.idempotency is not None:
            self.idempotency.prune()
        self.store.forget_removed()
        before = self.clock() - ORPHAN_AGE
        removed = sum(self._sweep(tenant, before) for tenant in {TENANT, *self.store.tenants()})
        self.store.scrub()  # last: somebody who reads for long hinders it
        return removed

    def _sweep(self, tenant: str, before: datetime) -> int:
        removed = 0
        folders = self.storage.folders(tenant, before)
        while some := list(islice(folders, 500)):
            for job_id in set(some) - self.store.kept(tenant, some):
                self.storage.delete(folder(tenant, job_id))
                removed += 1
        return removed


def _way(job: Job) -> tuple[str, str | None]:
    """Return the job and the engine that it asks for, another one once a person lets it be read by that."""
    return job.id, job.options.get("engine")


def _remembering(
    model: ModelOptions, *, job: Job, answers: Answers, ledger: Ledger
) -> ModelOptions:
    """Return how to reach a model, with the memory of its answers that belongs to the job."""
    again = job.lane == "scan"
    memory = JobMemory(answers, ledger, job.tenant, job.id, model.model, again)
    return replace(model, memory=memory)


def _no_file() -> ServiceError:
    return Expired("The file of this job is not kept: it was refused at the door, or deleted.")


def _jitter() -> float:
    return secrets.randbelow(1000) / 1000
