"""The tables. The job's row is the truth about the job; messages carry ids only."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    func,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC, in both databases (SQLite itself gives back naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; a naive one is an error of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

SELLER = 50
"""Characters of a seller that are sorted by."""

# by its letters as they are in both databases, whatever the server's language
SORTED_TEXT = String(SELLER).with_variant(String(SELLER, collation="C"), "postgresql")

_KEPT: dict[str, Any] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("deleted_at IS NULL")
)
_DUPLICATE: dict[str, Any] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("duplicate_of IS NOT NULL AND deleted_at IS NULL")
)
NO_COPY = text("coalesce(duplicate_reason, '') <> 'same_file'")
"""The condition of jobs whose file was not there already; as text, so that SQLite finds its index."""

_NO_COPY: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), NO_COPY)
_UNDER_WAY: dict[str, Any] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("token IS NOT NULL")
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(32), nullable=False, server_default="default"),
    Column("key_id", String(16)),  # that sent it, or had it read again; NULL in open mode
    Column("batch", String(32)),  # the request that it came with, NULL where it came before batches
    Column("filename", Text, nullable=False),
    Column("media_type", String(100)),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64)),
    Column("request_id", String(64)),
    Column("reference", Text),
    Column("options", JSON, nullable=False),
    Column("details", JSON),  # the caller's own metadata, given back as it came
    Column("status", String(8), nullable=False),
    # the queue: a row waits from `not_before`; `announced_at` is when a message last carried its id
    Column("not_before", UtcDateTime, nullable=False),
    Column("announced_at", UtcDateTime),
    Column("lane", String(8), nullable=False, server_default="fast"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("losses", Integer, nullable=False, default=0),
    Column("worker", String(32)),
    Column("lease_token", String(32)),
    Column("lease_until", UtcDateTime),
    # what came of it
    Column("progress", JSON),
    Column("extraction", Text),  # the library's Extraction as JSON
    Column("as_read", Text),  # the same as the machine read it, NULL where nobody changed it
    Column("needs_review", Boolean),
    Column("decision", String(9)),  # a person's: confirmed or rejected
    Column("duplicate_of", String(32)),  # another job with the same file, or the same invoice
    Column("duplicate_reason", String(16)),
    # what the list is sorted by, of the first invoice: see `order`
    Column("issue_date", Date),
    Column("seller", SORTED_TEXT),
    Column("total", Double),
    Column("error", JSON),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),  # when it is deleted, NULL for never
    Column("deleted_at", UtcDateTime),
    # the list: what was deleted is not in it, however much that is
    *(
        Index(f"ix_jobs_{name}", "tenant", *by, "created_at", "id", **_KEPT)
        for name, by in (
            ("newest", ()),
            ("state", ("status",)),
            ("review", ("needs_review",)),
            ("reference", ("reference",)),
            ("date", ("issue_date",)),
            ("seller", ("seller",)),
            ("total", ("total",)),
        )
    ),
    Index("ix_jobs_duplicate", "tenant", "created_at", "id", **_DUPLICATE),
    Index("ix_jobs_changed", "tenant", "updated_at", "id"),
    Index("ix_jobs_batch", "batch", "tenant"),
    Index("ix_jobs_file", "tenant", "sha256"),
    Index("ix_jobs_first_file", "tenant", "sha256", **_NO_COPY),  # few, however many copies
    Index("ix_jobs_expiry", "expires_at"),
    Index("ix_jobs_queue", "status", "lane", "not_before"),
    Index("ix_jobs_lease", "status", "lease_until"),
    Index("ix_jobs_turn", "tenant", "status", "lane", "not_before"),
)

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def is_kept(now: Any) -> ColumnElement[bool]:
    """Return the condition that a job is not deleted and its time not over, though nobody deleted it yet."""
    # not by OR, which would lead SQLite away from the index that is in the list's order
    return and_(jobs.c.deleted_at.is_(None), func.coalesce(jobs.c.expires_at, _NEVER) > now)


history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("action", String(16), nullable=False),
    Column("key_id", String(16)),  # whose key it was, NULL in open mode
    Column("invoice", Integer),  # which of the document's, from 1
    Column("change", JSON),  # what was changed
    Index("ix_history_job", "job", "id"),
)

earlier_readings = Table(
    "earlier_readings",
    metadata,
    Column("job", String(32), primary_key=True),
    Column("extraction", Text, nullable=False),  # what stood there when it was to be read again
)

# Digests, not what the invoices say: they only have to be the same.

identities = Table(
    "identities",
    metadata,
    Column("tenant", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),  # of seller, number, date and gross total
    Column("job", String(32), primary_key=True),  # whose document holds such an invoice
    Index("ix_identities_job", "job"),
)

seller_accounts = Table(
    "seller_accounts",
    metadata,
    Column("tenant", String(32), primary_key=True),
    Column("seller", String(64), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("job", String(32), primary_key=True),  # the confirmed document that shows the account
    Index("ix_seller_accounts_job", "job"),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("stored", BigInteger, nullable=False),  # bytes of the files that were sent and are kept
    Column("served_at", UtcDateTime),  # when a worker last took one of its jobs
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(64), primary_key=True),  # the tenant and its key
    Column("key", String(64), primary_key=True),  # SHA-256 of the Idempotency-Key
    Column("token", String(32)),  # of the request under way; NULL once it was carried out
    Column("until", UtcDateTime, nullable=False),  # when a request under way is given up
    Column("fingerprint", String(64)),  # SHA-256 of what was sent
    Column("jobs", JSON),  # the ids that it was answered with
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_idempotency_age", "created_at"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(16), primary_key=True),  # the part of the key that may be seen
    Column("tenant", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column(
        "hash", String(64), nullable=False
    ),  # SHA-256 of the key; the key itself is kept nowhere
    Column("scopes", String(32), nullable=False),
    Column("rate", Integer),
    Column("budget_day", BigInteger),
    Column("budget_total", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Index("ix_keys_tenant", "tenant", "created_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("by_upload", Boolean, nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", Text, nullable=False),  # as it is shown: what signs must be known in full
    Column("secret_before", Text),
    Column("secret_before_until", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("rests_until", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("disabled_reason", String(16)),
    Column("served_at", UtcDateTime),  # when a worker last took one of its deliveries
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_webhooks_tenant", "tenant", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook", String(32), primary_key=True),
    Column("event", String(36), primary_key=True),  # the header webhook-id
    Column("kind", String(32), nullable=False),
    Column("job", String(32)),  # whose deletion removes it; NULL where it tells of none
    Column("url", Text),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    # it waits until `not_before`; with a `token` it is under way, and waits again from then on
    Column("not_before", UtcDateTime, nullable=False),
    Column("token", String(32)),
    Column("attempted_at", UtcDateTime),
    Column("status", Integer),
    Column("error", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_deliveries_due", "state", "not_before"),
    Index("ix_deliveries_turn", "webhook", "state", "not_before"),
    # those under way, which are few, however many wait
    Index("ix_deliveries_held", "webhook", "not_before", **_UNDER_WAY),
    Index("ix_deliveries_job", "job"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# Money is in billionths of a US dollar: a token costs less than a millionth.

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("day", Date, nullable=False),  # the newest day (UTC) that money was held or spent on
    # held: the most that calls under way can cost
    Column("day_held", BigInteger, nullable=False),
    Column("day_spent", BigInteger, nullable=False),
    Column("total_held", BigInteger, nullable=False),
    Column("total_spent", BigInteger, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account", String(32), nullable=False),
    Column("day", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_reservations_expiry", "expires_at"),
)

usage = Table(
    "usage",
    metadata,
    Column("tenant", String(32), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),  # of the calls whose price is known
    Column("unpriced", BigInteger, nullable=False),  # calls whose price is not
    Column("cached", BigInteger, nullable=False),  # answers that were kept, and cost nothing
)

answers = Table(
    "answers",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("job", String(32), primary_key=True),  # whose document was read; the answer goes with it
    Column("answer", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Index("ix_answers_job", "job"),
    Index("ix_answers_kept", "kept_at", "size"),
)

paid_calls = Table(
    "paid_calls",
    metadata,
    Column("job", String(32), primary_key=True),  # until its end: nobody asks afterwards
    Column("calls", Integer, nullable=False),  # to models, that may have been billed
)

probes = Table(
    "probes",
    metadata,
    Column("model", String(200), primary_key=True),
    Column("ready", Boolean, nullable=False),
    Column("reason", Text),
    Column("since", UtcDateTime, nullable=False),  # when it became ready, or ceased to be
    Column("checked_at", UtcDateTime, nullable=False),
)
