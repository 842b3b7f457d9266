"""What people do with documents, in SQLite or PostgreSQL: each call is one transaction, with its history."""

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from service.errors import Conflict, Expired, Stale, UnknownTask
from service.store import answers, known, order, outbox, search
from service.store.base import FINAL, Decision
from service.store.tables import earlier_readings, history, jobs
from service.store.transactions import Transactions

Action = Literal["corrected", "confirmed", "rejected", "reopened", "retried", "cancelled"]


Versions = Set[int] | None

DEEDS = 100
"""How many of what was done to a document are told."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did: whose key it was, None in open mode; to which invoice, None to the document."""

    at: datetime
    action: Action
    key_id: str | None
    invoice: int | None
    change: Any


@dataclass(frozen=True, slots=True)
class Correction:
    """A document with an invoice corrected: its extraction and, as it was read, the machine's.

    `keys` are those by which each of its invoices is known. `compared` is told which other document holds
    each, None for none, and returns the extraction with that, and whether it needs a person.
    """

    extraction: str
    as_read: str
    invoice: int
    change: Any
    keys: Sequence[Collection[str]]
    compared: Callable[[list[str | None]], tuple[str, bool]]


class People(Transactions):
    """Keeps what people say of documents.

    `versions` are those that the caller would change, None for whichever there is. Each may raise UnknownTask, Expired,
    Stale (the document is none of these versions), Conflict (its state does not allow it), and
    ServiceUnavailable or StorageFull. With `keeps_answers` those of models outlive the end of their job.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        keeps_answers: bool = True,
    ) -> None:
        super().__init__(engine, clock)
        self._keeps_answers = keeps_answers

    def correct(
        self, tenant: str, job_id: str, key_id: str | None, versions: Versions, made: Correction
    ) -> None:
        """Keep a correction, and take a decision back: it was about something else.

        By what it says now the document is compared with all others, in the same transaction: of two
        corrections of one version the one that is kept.
        """
        found_by = search.entry(made.extraction)
        with self._write() as connection:
            job = self._locked(connection, tenant, job_id, versions)
            _need_result(job)
            extraction, review = made.compared(
                known.register(connection, tenant, job_id, made.keys)
            )
            changed = self._change(
                connection,
                job,
                extraction=extraction,
                as_read=made.as_read,
                needs_review=review,
                decision=None,
                **order.keys(extraction),
            )
            known.confirm_accounts(connection, tenant, job_id, ())
            search.rewrite(connection, changed, found_by)
            self._note(connection, job_id, "corrected", key_id, made.invoice, made.change)

    def decide(
        self,
        tenant: str,
        job_id: str,
        key_id: str | None,
        decision: Decision,
        accounts_in: Callable[[str], Iterable[tuple[str, str]]],
        versions: Versions = None,
    ) -> None:
        """Keep what a person says of a document: nobody has to look at it any more.

        `accounts_in` finds in an extraction the sellers and their accounts, which a confirmation makes known.
        """
        with self._write() as connection:
            job = self._locked(connection, tenant, job_id, versions)
            _need_result(job)
            if job.decision != decision:
                changed = self._change(connection, job, decision=decision, needs_review=False)
                search.mark(connection, changed)
                self._note(connection, job_id, decision, key_id)
                confirmed = decision == "confirmed"
                accounts = accounts_in(changed.extraction) if confirmed else ()
                known.confirm_accounts(connection, tenant, job_id, accounts)
                if confirmed:
                    outbox.tell(connection, "document.confirmed", changed, self._now())

    def reopen(
        self, tenant: str, job_id: str, key_id: str | None, versions: Versions, *, review: bool
    ) -> None:
        """Take a decision back; `review` says whether a person needs to look at the document then."""
        with self._write() as connection:
            job = self._locked(connection, tenant, job_id, versions)
            _need_result(job)
            if job.decision is not None:
                changed = self._change(connection, job, decision=None, needs_review=review)
                search.mark(connection, changed)
                known.confirm_accounts(connection, tenant, job_id, ())
                self._note(connection, job_id, "reopened", key_id)

    def retry(self, tenant: str, job_id: str, key_id: str | None, options: dict[str, Any]) -> None:
        """Let a document be read again, with these options beside its own; its result is gone from it.

        It is kept, with what people corrected in it, as the earlier one, in place of the one before.
        Its calls to models count for this key from now on, not for the one that sent it.
        With the option `force` the models' answers about it are gone too.
        """
        with self._write() as connection:
            job = self._locked(connection, tenant, job_id)
            if job.status not in FINAL:
                raise Conflict("The document is still on its way.")
            if job.status == "FAILURE" and job.attempts == 0:
                raise Conflict("The file was refused when it was sent, and is not kept.")
            if job.decision == "confirmed":
                raise Conflict("The document is confirmed.")
            own = {name: value for name, value in job.options.items() if name != "force"}
            _keep_earlier(connection, job_id)
            self._change(
                connection,
                job,
                **dict.fromkeys(_READ),
                options=own | options,
                key_id=key_id,
                status="PENDING",
                lane="fast",
                losses=0,
                not_before=self._now(),
            )
            known.forget(connection, job_id)
            search.remove(connection, job_id, job.created_at)
            answers.end(connection, job_id, kept=not options.get("force"))
            self._note(connection, job_id, "retried", key_id, change=options or None)

    def cancel(self, tenant: str, job_id: str, key_id: str | None, error: dict[str, Any]) -> None:
        """End a document that is on its way; whoever reads it finds its claim gone."""
        with self._write() as connection:
            job = self._locked(connection, tenant, job_id)
            if job.status == "REVOKED":
                return
            if job.status in FINAL:
                raise Conflict("The document has been read already.")
            cancelled = self._change(
                connection,
                job,
                **dict.fromkeys(_UNDER_WAY),
                status="REVOKED",
                error=error,
                finished_at=self._now(),
            )
            answers.end(connection, job_id, kept=self._keeps_answers)
            outbox.tell_ends(connection, [cancelled], self._now())
            self._note(connection, job_id, "cancelled", key_id)

    def history(self, job_id: str) -> list[Deed]:
        """Return the last DEEDS that were done to a document that the caller was found to own, the latest first."""
        query = select(history).where(history.c.job == job_id).order_by(history.c.id.desc())
        query = query.limit(DEEDS)
        with self._read() as connection:
            return [
                Deed(row.at, row.action, row.key_id, row.invoice, row.change)
                for row in connection.execute(query)
            ]

    def earlier(self, job_id: str) -> str | None:
        """Return the extraction that stood in a document before it was read again, None where there is none.

        The caller was found to own it.
        """
        query = select(earlier_readings.c.extraction).where(earlier_readings.c.job == job_id)
        with self._read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _locked(
        self, connection: Connection, tenant: str, job_id: str, versions: Versions = None
    ) -> Row[Any]:
        """Return the row, which nobody else changes until the transaction ends."""
        query = select(*_KNOWN).where(jobs.c.id == job_id, jobs.c.tenant == tenant)
        job = connection.execute(query.with_for_update()).one_or_none()
        if job is None:
            raise UnknownTask("There is no task with this id.")
        if job.deleted_at is not None:
            raise Expired("This document and its result were deleted.")
        if job.expires_at is not None and job.expires_at <= self._clock():
            raise Expired("The time for which this document is kept is over.")
        check_version(job.version, versions)
        return job

    def _change(self, connection: Connection, job: Row[Any], **values: Any) -> Row[Any]:
        """Change a row that is locked, and return it."""
        change = update(jobs).where(jobs.c.id == job.id).returning(*jobs.c)
        return connection.execute(
            change.values(version=jobs.c.version + 1, updated_at=self._now(), **values)
        ).one()

    def _note(
        self,
        connection: Connection,
        job_id: str,
        action: Action,
        key_id: str | None,
        invoice: int | None = None,
        change: Any = None,
    ) -> None:
        row = {"job": job_id, "at": self._now(), "action": action, "key_id": key_id}
        connection.execute(insert(history).values(**row, invoice=invoice, change=change))


def forget(connection: Connection, job_id: str) -> None:
    """Remove what was done to a document, and what it said before; part of its own deletion."""
    connection.execute(delete(history).where(history.c.job == job_id))
    connection.execute(delete(earlier_readings).where(earlier_readings.c.job == job_id))


def check_version(version: int, versions: Versions) -> None:
    """Return where a document of this version is one that the caller would change; else raise Stale."""
    if versions is not None and version not in versions:
        raise Stale(f"The document is version {version} now.")


def _keep_earlier(connection: Connection, job_id: str) -> None:
    """Keep what a document says now as its earlier reading; one that says nothing leaves the one before."""
    now = select(jobs.c.id, jobs.c.extraction)
    now = now.where(jobs.c.id == job_id, jobs.c.extraction.is_not(None))
    earlier = earlier_readings.c.job == job_id
    connection.execute(delete(earlier_readings).where(earlier, now.exists()))
    kept = insert(earlier_readings).from_select(["job", "extraction"], now)
    connection.execute(kept)


def _need_result(job: Row[Any]) -> None:
    if job.status != "SUCCESS":
        raise Conflict(f"The document has no result: it is {job.status}.")


_KNOWN = [column for column in jobs.c if column.name not in {"extraction", "as_read"}]
_UNDER_WAY = ("progress", "worker", "lease_token", "lease_until")
_READ = (
    *("extraction", "as_read", "needs_review", "decision", "error"),
    *("announced_at", "started_at", "finished_at"),
    *order.NAMES,
)
"""What is emptied when a document is to be read anew."""
