"""What is known of a tenant's documents, to compare new ones with: files, invoices, sellers' accounts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    and_,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from service.store.base import Job
from service.store.tables import NO_COPY, identities, jobs, seller_accounts, tenants
from service.store.transactions import Transactions

_COUNTS = and_(jobs.c.deleted_at.is_(None), jobs.c.status.not_in(("FAILURE", "REVOKED")))
"""The jobs that others can be duplicates of: what failed may be sent again."""

_PIECE = 500
"""How many values a statement is given at a time; SQLite bounds them."""


class Known(Transactions):
    """Keeps by what invoices are known; each call is one transaction.

    Each may raise ServiceUnavailable or StorageFull.
    """

    def register(
        self, tenant: str, job_id: str, token: str, keys: Sequence[Collection[str]]
    ) -> list[str | None]:
        """Record by what a claimed job is known, as the function `register`; nothing where the claim was lost."""
        held = (jobs.c.id == job_id, jobs.c.status == "STARTED", jobs.c.lease_token == token)
        with self._write() as connection:
            if connection.execute(select(jobs.c.id).where(*held).with_for_update()).first() is None:
                return [None] * len(keys)
            return register(connection, tenant, job_id, keys)

    def accounts(self, tenant: str, sellers: Collection[str]) -> dict[str, set[str]]:
        """Return the confirmed accounts of each of the sellers that has any."""
        found: dict[str, set[str]] = {}
        query = select(seller_accounts.c.seller, seller_accounts.c.account).where(
            seller_accounts.c.tenant == tenant, seller_accounts.c.seller.in_(sellers)
        )
        with self._read() as connection:
            for row in connection.execute(query):
                found.setdefault(row.seller, set()).add(row.account)
        return found


def register(
    connection: Connection, tenant: str, job_id: str, keys: Sequence[Collection[str]]
) -> list[str | None]:
    """Record the keys of a job's invoices, in place of earlier ones, and mark it where it is a duplicate.

    Return for each invoice the job that was sent first of those that have one with a key in common, else
    the one with the same file; None where there is none. Of two jobs that are registered at once, one
    is told of the other. Part of a transaction that has locked the job's row: before that of its tenant, as
    claims and deletions lock them.
    """
    connection.execute(select(tenants.c.id).where(tenants.c.id == tenant).with_for_update())
    connection.execute(delete(identities).where(identities.c.job == job_id))
    wanted = sorted(set().union(*keys))
    if wanted:
        rows = [{"tenant": tenant, "key": key, "job": job_id} for key in wanted]
        connection.execute(insert(identities), rows)
    first = _first(connection, tenant, job_id, wanted)
    twin = _twin(connection, job_id)
    found = [_earliest(first, own) or twin for own in keys]
    other = twin or next((job for job in found if job), None)
    reason = "same_file" if twin else "same_invoice" if other else None
    mark = update(jobs).where(jobs.c.id == job_id)
    connection.execute(mark.values(duplicate_of=other, duplicate_reason=reason))
    return found


def confirm_accounts(
    connection: Connection, tenant: str, job_id: str, accounts: Iterable[tuple[str, str]]
) -> None:
    """Keep the accounts (seller, account) of a document that a person confirmed, in place of earlier ones.

    Part of the confirmation's own transaction; with no accounts, of its withdrawal.
    """
    connection.execute(delete(seller_accounts).where(seller_accounts.c.job == job_id))
    rows = [
        {"tenant": tenant, "seller": seller, "account": account, "job": job_id}
        for seller, account in sorted(set(accounts))
    ]
    if rows:
        connection.execute(insert(seller_accounts), rows)


def without_twins(connection: Connection, new: list[Job]) -> list[Job]:
    """Return new jobs of one tenant, those whose file is there already as duplicates of the first.

    Part of the transaction that adds them, in which nobody else adds to the tenant.
    """
    asked = {
        (job.sha256, job.options.get("pages", "")) for job in new if job.sha256 and not job.is_final
    }
    first = _files(connection, new[0].tenant, {file for file, _ in asked}, NO_COPY)
    if left := {file for file, pages in asked if (file, pages) not in first}:
        # where the first is gone, its copies count
        first = _files(connection, new[0].tenant, left, true()) | first
    marked = []
    for job in new:
        if job.sha256 and not job.is_final:
            twin = first.setdefault((job.sha256, job.options.get("pages", "")), job.id)
            if twin != job.id:
                job = replace(job, duplicate_of=twin, duplicate_reason="same_file")
        marked.append(job)
    return marked


def _files(
    connection: Connection,
    tenant: str,
    files: Collection[str],
    which: ColumnElement[bool] | TextClause,
) -> dict[tuple[str, str], str]:
    """Return the first of those jobs that have one of the files, by the file and its pages."""
    own = and_(jobs.c.tenant == tenant, jobs.c.sha256.in_(files), _COUNTS, which)
    query = select(jobs.c.id, jobs.c.sha256, jobs.c.options).where(own)
    found: dict[tuple[str, str], str] = {}
    # of those that race the first one here need not be the one that was sent first: it alone is no duplicate
    order = (jobs.c.duplicate_of.is_not(None), jobs.c.created_at, jobs.c.id)
    for row in connection.execute(query.order_by(*order)):
        found.setdefault((row.sha256, row.options.get("pages", "")), row.id)
    return found


def forget(connection: Connection, job_id: str) -> None:
    """Remove what is known of a job's document; part of the job's own deletion."""
    for table in (identities, seller_accounts):
        connection.execute(delete(table).where(table.c.job == job_id))


def _twin(connection: Connection, job_id: str) -> str | None:
    """Return the job with the same file that was found when this one was sent, while that one counts."""
    twin = select(jobs.c.duplicate_of).where(
        jobs.c.id == job_id, jobs.c.duplicate_reason == "same_file"
    )
    query = select(jobs.c.id).where(jobs.c.id == twin.scalar_subquery(), _COUNTS)
    return connection.execute(query).scalar_one_or_none()


def _first(
    connection: Connection, tenant: str, job_id: str, keys: list[str]
) -> dict[str, tuple[datetime, str]]:
    """Return for each key when the first other job with it was sent, and its id."""
    found: dict[str, tuple[datetime, str]] = {}
    nth = func.row_number().over(
        partition_by=identities.c.key, order_by=(jobs.c.created_at, jobs.c.id)
    )
    query = (
        select(identities.c.key, jobs.c.created_at, jobs.c.id, nth.label("nth"))
        .join(jobs, jobs.c.id == identities.c.job)
        .where(identities.c.tenant == tenant, jobs.c.id != job_id, _COUNTS)
        # one that was sent later with the same file may have been read before
        .where(jobs.c.duplicate_of.is_distinct_from(job_id))
    )
    for start in range(0, len(keys), _PIECE):
        all_of = query.where(identities.c.key.in_(keys[start : start + _PIECE])).subquery()
        for row in connection.execute(select(all_of).where(all_of.c.nth == 1)):
            found[row.key] = (row.created_at, row.id)
    return found


def _earliest(first: dict[str, tuple[datetime, str]], keys: Iterable[str]) -> str | None:
    """Return the job that was sent first of those with one of the keys; None where there is none."""
    found = [first[key] for key in keys if key in first]
    return min(found)[1] if found else None
