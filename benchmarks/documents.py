"""What a page of the list, a search and a status cost with many documents, against few.

    python -m benchmarks.documents [FEW MANY [POSTGRESQL]]

Fills two databases (10,000 and 200,000 documents in SQLite; in new databases of the PostgreSQL server whose URL
is given) and makes the same calls through the API on both in turns, so that whatever else the machine does
meets both alike. Prints milliseconds of computing (of a database in a process of its own it is not in it) and by
the clock, and how many times as long it takes with many: p95 of the computing, and half of the calls by the clock.
"""

import asyncio
import base64
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import sqlalchemy as sa

from app.application import build_app
from config.config import Settings
from service.store import order, search
from service.store.tables import jobs
from service.wiring import Services, build_services

CALLS = 100
"""Of each kind, on each database."""

AT_ONCE = 1000
"""Documents that are added in one transaction."""

DICE = random.Random(17)

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


class Sent(NamedTuple):
    """A document as the search needs it."""

    id: str
    tenant: str
    created_at: datetime
    needs_review: bool
    filename: str
    reference: str


def main() -> None:
    """Fill both databases, call, print."""
    few, many = (int(count) for count in (sys.argv[1:3] or (10_000, 200_000)))
    server = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as folder:
        both = [filled(Path(folder) / str(count), count, server) for count in (few, many)]
        print(f"{'':34} {few:>10,} documents {many:>12,} documents")
        print(f"{'':34}" + "  p95cpu p50clk p95clk " * 2 + "  cpu   clock: so many times as long")
        asyncio.run(compare(both, (few, many)))
        for services in both:
            services.stop()


def filled(folder: Path, count: int, server: str | None) -> Services:
    """Return the service over a database with so many documents."""
    chosen: dict[str, Any] = {"data_dir": folder, "broker_url": "redis://127.0.0.1:1"}
    if server is not None:
        name = f"documents_{count}_{secrets.token_hex(3)}"
        admin = sa.create_engine(
            server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        chosen["database_url"] = f"{server.rpartition('/')[0]}/{name}"
    services = build_services(Settings(_env_file=None, rate_limit=10**6, **chosen))
    services.prepare()
    began = time.monotonic()
    words = Words(count)
    for start in range(0, count, AT_ONCE):
        add(services.engine, range(start, min(start + AT_ONCE, count)), words)
    if server is not None:
        with services.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    print(f"{count:,} documents added in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return services


class Words:
    """What documents say: a few words stand in most of them, most words in a few."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # the same documents each time
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.all = ["".join(self.random.choices(letters, k=7)) for _ in range(30_000)]
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.all) + 1)))
        self.sellers = [" ".join(self.pick(2)) + " GmbH" for _ in range(2_000)]

    def pick(self, count: int) -> list[str]:
        """Return some words."""
        return self.random.choices(self.all, cum_weights=self.weights, k=count)


def add(engine: sa.Engine, numbers: range, words: Words) -> None:
    """Add documents as workers leave them."""
    rows: list[dict[str, Any]] = []
    found = []
    for n in numbers:
        at = BEGAN + timedelta(minutes=n)
        seller = words.random.choice(words.sellers)
        extraction = said(n, seller, words)
        job_id = job_of(n)
        rows.append(
            {
                "id": job_id,
                "tenant": "default",
                "filename": f"scan-{n}.pdf",
                "media_type": "application/pdf",
                "size": 80_000,
                "sha256": f"{n:064x}",
                "reference": f"PO-{n % 5000}",
                "options": {},
                "status": "FAILURE" if n % 50 == 0 else "SUCCESS",
                "not_before": at,
                "attempts": 1,
                "losses": 0,
                "extraction": extraction,
                "needs_review": n % 997 == 0,
                "version": 4,
                "created_at": at,
                "started_at": at,
                "finished_at": at,
                "updated_at": at,
                **order.keys(extraction),
            }
        )
        page_text = "Rechnung Betrag Summe " + " ".join(words.pick(200))
        row = rows[-1]
        sent = Sent(**{name: row[name] for name in Sent._fields})
        found.append((sent, search.entry(extraction, page_text)))
    with engine.begin() as connection:
        connection.execute(sa.insert(jobs), rows)
        for job, entry in found:
            search.write(connection, job, entry)  # type: ignore[arg-type]


def said(n: int, seller: str, words: Words) -> str:
    """Return an extraction of the size that they have: six lines, each value with its evidence."""
    lines = [{"description": " ".join(words.pick(4)), "net_amount": f"{n % 977}.00"}] * 6
    evidence = {"origin": "text", "text": "x" * 20, "page": 1, "boxes": [[0.1, 0.2, 0.3, 0.4]]}
    evidence |= {"confidence": 0.97, "level": "high", "checks": ["BR-CO-15"]}
    result = {"invoice_number": f"RE-{n:07}", "seller": {"name": seller}, "lines": lines}
    # some say no date or no total
    if n % 10:
        result["issue_date"] = str((BEGAN + timedelta(days=n * 7919 % 900)).date())
    if n % 9:
        result["totals"] = {"gross": f"{n * 104_729 % 500_000}.50"}
    invoice = {
        "result": result,
        "evidence": {f"/lines/{k}/net_amount": evidence for k in range(20)},
    }
    return json.dumps({"engine": "layout", "invoices": [invoice]})


async def compare(both: list[Services], counts: tuple[int, int]) -> None:
    """Make each kind of call on both in turns, and print what it took."""
    clients = [
        httpx.AsyncClient(
            transport=httpx.ASGITransport(build_app(services), client=("127.0.0.1", 5)),
            base_url="http://127.0.0.1",
        )
        for services in both
    ]
    for name, paths in kinds(counts):
        took: list[list[tuple[float, float]]] = [[], []]
        for call in range(CALLS + 10):
            for place, client in enumerate(clients):
                path = next(paths[place])
                wall, cpu = time.perf_counter(), time.process_time()
                answer = await client.get(path)
                spent = (time.process_time() - cpu, time.perf_counter() - wall)
                assert answer.status_code == 200, answer.text
                if call >= 10:  # the first ones fill the caches
                    took[place].append(spent)
        told = [[at(95, one, 0), at(50, one, 1), at(95, one, 1)] for one in took]
        ratios = [late / early for early, late in zip(*told, strict=True)]
        shown = "   ".join(f"{cpu:6.1f} {half:6.1f} {clock:6.1f}" for cpu, half, clock in told)
        print(f"{name:34} {shown}   {ratios[0]:5.2f} {ratios[1]:5.2f}", flush=True)


def at(percent: int, took: list[tuple[float, float]], which: int) -> float:
    """Return milliseconds: of computing (0) or by the clock (1)."""
    return sorted(spent[which] for spent in took)[len(took) * percent // 100] * 1000


def kinds(counts: tuple[int, int]) -> Iterator[tuple[str, list[Iterator[str]]]]:
    """Yield each kind of call, and its paths for either database."""
    words = [Words(count) for count in counts]
    lists = {
        "list": "",
        "list, needs_review": "&needs_review=true",
        "list, status": "&status=FAILURE",
        "list, reference": "&reference=PO-123",
        "list, by date": "&sort=-date",
        "list, by seller": "&sort=seller",
        "list, by total": "&sort=-total",
        "list, by total, needs_review": "&sort=-total&needs_review=true",
        "list, of a month": "&from=2024-01-03&to=2024-01-05",
        "search, a word in every one": "&q=rechnung",
        "search, two such words": "&q=rechnung+summe",
        "search, the beginning of a word": "&q=rech",
        "search, that needs a look": "&q=rechnung&needs_review=true",
        "search, by total": "&q=rechnung&sort=-total",
        "search, with a reference": "&q=rechnung&reference=PO-123",
        "search, of the first days": "&q=rechnung&to=2024-01-02",
        "search, nothing": "&q=nowhere",
    }
    for name, query in lists.items():
        yield name, [forever(lambda query=query: f"/v1/documents?limit=50{query}") for _ in counts]
    yield (
        "list, some page of it",
        [forever(lambda n=n: f"/v1/documents?limit=50&cursor={cursor(n)}") for n in counts],
    )
    for sort in ("-date", "seller", "-total"):
        yield (
            f"list, some page of it, {sort}",
            [
                forever(
                    lambda n=n, sort=sort: f"/v1/documents?sort={sort}&cursor={sorted_at(n, sort)}"
                )
                for n in counts
            ],
        )
    yield (
        "search, some page of it",
        [forever(lambda n=n: f"/v1/documents?q=rechnung&cursor={cursor(n)}") for n in counts],
    )
    yield (
        "search, a number",
        [forever(lambda n=n: f"/v1/documents?q=RE-{DICE.randrange(n):07}") for n in counts],
    )
    yield (
        "search, a word of the text",
        [forever(lambda one=one: f"/v1/documents?q={one.pick(1)[0]}") for one in words],
    )
    yield (
        "search, a seller",
        [
            forever(lambda one=one: f"/v1/documents?seller={one.random.choice(one.sellers)}")
            for one in words
        ],
    )
    yield "status", [forever(lambda n=n: f"/status/{job_of(DICE.randrange(n))}") for n in counts]
    yield (
        "document",
        [forever(lambda n=n: f"/v1/documents/{job_of(DICE.randrange(n))}") for n in counts],
    )


def forever(path: Any) -> Iterator[str]:
    """Yield a path, made anew for each call."""
    while True:
        yield path()


def job_of(n: int) -> str:
    """Return the id of a document by its number."""
    return f"{n * 2654435761 % 2**32:08x}{n:024x}"


def cursor(count: int) -> str:
    """Return the cursor of some page of the list."""
    n = DICE.randrange(count)
    at = (BEGAN + timedelta(minutes=n)).timestamp()
    plain = json.dumps([at, job_of(n)])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def sorted_at(count: int, sort: str) -> str:
    """Return the cursor of some page of a list in an order."""
    n = DICE.randrange(count)
    values = {
        "-date": str((BEGAN + timedelta(days=DICE.randrange(900))).date()),
        "seller": DICE.choice("abcdefghijklmnopqrstuvwxyz"),
        "-total": DICE.uniform(0, 500_000),
    }
    at = (BEGAN + timedelta(minutes=n)).timestamp()
    plain = json.dumps([sort, values[sort], at, job_of(n)])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


if __name__ == "__main__":
    main()
