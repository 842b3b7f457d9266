"""What the store keeps: jobs, and what each call on them promises."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from service.tenants import TENANT

Status = Literal["PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE", "REVOKED"]
"""Celery's words. PENDING, STARTED and RETRY are on their way; the others are final."""

Lane = Literal["fast", "scan"]
"""Who works on a job. All begin in the fast lane; one that has to wait for OCR is handed over to the other."""

Decision = Literal["confirmed", "rejected"]
"""What a person said of a document that was read: it is right, or it is not to be used."""

Duplicate = Literal["same_file", "same_invoice"]
"""What a job has in common with another: the bytes and the pages asked for, or the invoice that is read."""

Sort = Literal["-received", "received", "-date", "date", "seller", "-seller", "-total", "total"]
"""What the list is sorted by: the time of receipt, the invoice's date, the seller, the total; with "-" it falls."""

MAX_LOSSES = 3
"""A job whose worker died so often is failed: it is the job that kills them."""

FINAL: frozenset[str] = frozenset({"SUCCESS", "FAILURE", "REVOKED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One document's record.

    `version` grows with each change. `extraction` is the library's Extraction as JSON text, None until
    SUCCESS; `as_read` is the same as it was read, None where no person changed it; `error` a problem object, None unless FAILURE or RETRY. `lease_token` is given by a claim
    and proves, at the end, that the claim still holds. A job that was handed over is STARTED without a
    token until the scan lane claims it. `deleted_at` marks a job that is gone: all else
    of it is emptied. `key_id` is the key that sent it, or had it read
    again last, and that models are paid for; None in open mode. `batch` is the request that it
    came with, None where that was before there were batches. `duplicate_of` is another job with the same file
    or invoice, None where none is known. `expires_at` is when it is deleted, None for never.
    """

    id: str
    filename: str
    size: int
    status: Status
    created_at: datetime
    updated_at: datetime
    tenant: str = TENANT
    key_id: str | None = None
    batch: str | None = None
    media_type: str | None = None
    sha256: str | None = None
    request_id: str | None = None
    reference: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    details: Any = None
    attempts: int = 0
    losses: int = 0
    lane: Lane = "fast"
    lease_token: str | None = None
    progress: dict[str, Any] | None = None
    extraction: str | None = None
    as_read: str | None = None
    needs_review: bool | None = None
    decision: Decision | None = None
    duplicate_of: str | None = None
    duplicate_reason: Duplicate | None = None
    error: dict[str, Any] | None = None
    version: int = 1
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """True where nothing more will come of it."""
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs in their order, as a rule without their extraction; `next` continues after them, None at the end."""

    jobs: tuple[Job, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs are asked for; all that is given has to hold, None and "" ask for nothing.

    `since` and `until` are days (UTC) on which they were received, both among them. `text` and `seller`
    are words to be found: the first anywhere in a document, the other in its seller's names and ids; only
    what has a result is found by them.
    """

    status: Status | None = None
    needs_review: bool | None = None
    duplicate: bool | None = None
    since: date | None = None
    until: date | None = None
    reference: str | None = None
    seller: str = ""
    text: str = ""


EVERYTHING = Filter()
"""Asks for nothing, and so is fulfilled by all jobs."""


@dataclass(frozen=True, slots=True)
class Share:
    """The most that a tenant may have at a time: jobs that wait, bytes of files; None is no limit."""

    queued: int | None = None
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is carried out once: its Idempotency-Key's hash, whose it is, and what was sent.

    `token` proves that this one, of all that were sent, is under way.
    """

    owner: str
    key: str
    token: str
    fingerprint: str = ""


class Store(Protocol):
    """Keeps jobs; each call is one transaction.

    What people ask for is asked for in the name of a tenant: a job of another one is as unknown as one that
    never was. What workers do goes over all tenants.

    Every call may raise ServiceUnavailable (the database does not answer) or StorageFull.
    """

    def add(self, jobs: list[Job], share: Share = Share(), once: Once | None = None) -> list[Job]:
        """Record new jobs of one tenant, all or none, and return them; durable when it returns.

        One whose file is there already, for the same pages, is returned as the duplicate of the first.

        Raises:
            QueueFull, StorageFull: It would be more than the tenant's share.
            IdempotencyInProgress: Another request with the same key has taken over.
        """
        ...

    def get(self, tenant: str, job_id: str) -> Job:
        """Return a job of the tenant; raises UnknownTask, or Expired for a deleted one."""
        ...

    def versions(self, job_ids: list[str]) -> dict[str, tuple[int, bool]]:
        """Return the version of each known job and whether it is final (or deleted).

        Of any tenant: only for ids that the caller was found to own.
        """
        ...

    def newest(
        self,
        tenant: str,
        *,
        limit: int,
        cursor: str | None = None,
        asked: Filter = EVERYTHING,
        whole: bool = False,
        sort: Sort = "-received",
    ) -> JobPage:
        """Return the tenant's jobs in an order, with `whole` their extractions too; none whose time is over.

        Those that lack what is sorted by come last, the newest of them first. Raises ValueError for a
        cursor that is none of ours, or of another order.
        """
        ...

    def number(self, tenant: str, asked: Filter, most: int) -> int:
        """Return how many jobs of the tenant there are by a filter without words; beyond `most` none is counted."""
        ...

    def delete(self, tenant: str, job_id: str) -> None:
        """Empty the job's row, whatever its state; raises UnknownTask."""
        ...

    def expired(self, limit: int) -> list[tuple[str, str]]:
        """Return tenant and id of jobs whose time is over and that are not deleted, the oldest first."""
        ...

    def keep_for(self, age: timedelta | None) -> int:
        """Let every job expire so long after it was sent, None for never; return how many that changes.

        It is more than one transaction: where it raises, some are changed, and the rest by the next call.
        """
        ...

    def scrub(self) -> None:
        """Let nothing of what was deleted be left in the database's own files, where that is ours to do."""
        ...

    def check_share(self, tenant: str, share: Share) -> None:
        """Return when the tenant may send one job more; raises QueueFull."""
        ...

    def claim(self, job_id: str, worker: str, lease: timedelta) -> Job | None:
        """Take one waiting job of the fast lane, or one whose lease ran out, but not for the last time.

        Where it is another tenant's turn, the oldest job of that one is taken instead: it was announced too,
        and this one is found when the other's announcement comes. None when there is none to be had.
        """
        ...

    def claim_next(self, worker: str, lease: timedelta, lane: Lane = "fast") -> Job | None:
        """Take the oldest job that waits in the lane of the tenant whose turn it is; None when none does.

        That is the one with the fewest jobs being worked on, of several the one that was served longest ago.
        """
        ...

    def hand_over(self, job_id: str, token: str, progress: dict[str, Any]) -> bool:
        """Give a claimed job to the scan lane; it stays STARTED, and its next claim is the same attempt.

        False when the claim no longer holds.
        """
        ...

    def beat(self, worker: str, lease: timedelta, tokens: list[str]) -> None:
        """Say that the worker lives; the leases with these tokens begin anew, if they still hold."""
        ...

    def report(self, job_id: str, token: str, progress: dict[str, Any]) -> bool:
        """Record how far a claimed job is; False when the claim no longer holds."""
        ...

    def finish(
        self, job_id: str, token: str, extraction: str, *, needs_review: bool, text: str = ""
    ) -> bool:
        """Write the result, and what the job can be found by, `text` being the words of its pages.

        False, and nothing written, when the claim no longer holds.
        """
        ...

    def fail(self, job_id: str, token: str, error: dict[str, Any]) -> bool:
        """Write the failure; False when the claim no longer holds."""
        ...

    def postpone(self, job_id: str, token: str, delay: timedelta, error: dict[str, Any]) -> bool:
        """Give the job back, to be tried again after a while; False when the claim no longer holds."""
        ...

    def hand_back(self, worker: str) -> list[str]:
        """Give back every job that the worker holds, as no loss; return their ids."""
        ...

    def fail_lost(self, lost: dict[str, Any]) -> list[str]:
        """Fail jobs whose lease ran out for the last time allowed; return their ids."""
        ...

    def take_due(self, *, silent_for: timedelta, limit: int) -> list[str]:
        """Return ids of the fast lane to announce, the longest waiting first, marked so that no one else does.

        They are of jobs that wait with no message for so long, or with none since they became due, and
        of jobs whose lease ran out with no message since.
        """
        ...

    def tenants(self) -> list[str]:
        """Return every tenant that has or had jobs, or keys."""
        ...

    def forget_removed(self) -> None:
        """Let the words of deleted jobs leave the index's own files too."""
        ...

    def kept(self, tenant: str, job_ids: list[str]) -> set[str]:
        """Return those of the ids that have a row of the tenant which is not deleted, and its time not over."""
        ...

    def mark_announced(self, job_ids: list[str]) -> None:
        """Record that messages with these ids were sent now."""
        ...

    def worker_seen_within(self, age: timedelta) -> bool:
        """Return whether any worker gave a sign of life within that time."""
        ...

    def check(self) -> None:
        """Return when the database answers; raises ServiceUnavailable."""
        ...
