"""The one place where settings become objects."""

import logging
import os
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from config.config import Settings
from invoice_extraction.engines.llm.gate import LocalGate
from invoice_extraction.engines.llm.providers import key_owner, model_options
from invoice_extraction.model.options import Limits, ModelOptions, Options
from invoice_extraction.sandbox.client import Readers
from service.addresses import Addresses
from service.comparison import Comparison
from service.documents import Documents
from service.embedded import EmbeddedWorker
from service.errors import ServiceError
from service.jobs import Jobs
from service.keys import Keys
from service.limits import Rates
from service.prober import Prober
from service.queue import CeleryQueue, NoQueue, Queue
from service.storage import BACKENDS, Storage
from service.store.answers import Answers
from service.store.base import Share, Store
from service.store.changes import Changes
from service.store.idempotency import Idempotency
from service.store.keys import SqlKeyStore
from service.store.known import Known
from service.store.ledger import Budget, Ledger
from service.store.migrate import migrate
from service.store.people import People
from service.store.probes import Probes
from service.store.sql import SqlStore
from service.store.transactions import connect
from service.store.webhooks import SqlWebhookStore
from service.webhooks import Webhooks

if TYPE_CHECKING:
    from service.courier import Courier

log = logging.getLogger(__name__)

OCR_SLOTS = max(1, (os.cpu_count() or 1) - 1)
"""How many pages a worker recognises at a time: one core is left to documents with text."""

SCANS_IN_FLIGHT = OCR_SLOTS + 1
"""How many scans a worker reads at a time: a page of one is drawn while those of others are recognised."""

JOBS_WITHOUT_MODEL = 8
"""Jobs that a worker carries out at a time where nothing of them waits for a model."""

IN_FLIGHT_BYTES = 64_000_000
"""Bytes of files on their way to models, in one worker; each takes four times as much memory meanwhile."""

REDIS = ("redis://", "rediss://", "redis+unix://")
"""How the address of a broker begins that can also count calls for all workers."""

DATABASE_SECONDS = 60.0
"""How long a process waits at its start for the database to answer."""


@dataclass(frozen=True)
class Services:
    """Everything an entry point may call; nothing is connected before `start`."""

    settings: Settings
    options: Options
    engine: Engine
    store: Store
    changes: Changes
    storage: Storage
    queue: Queue
    readers: Readers
    jobs: Jobs
    documents: Documents
    ledger: Ledger
    probes: Probes
    keys: Keys
    idempotency: Idempotency
    rates: Rates
    webhooks: Webhooks
    prober: Prober | None = None
    courier: "Courier | None" = None

    def prepare(self) -> None:
        """Make the data folder, wait for the database and migrate it.

        Raises:
            OperationalError: The database did not answer for a minute.
        """
        _data_dir(self.settings).mkdir(mode=0o700, parents=True, exist_ok=True)
        _migrate(self.engine)

    def start(self) -> None:
        """Prepare, and start the embedded worker.

        Raises:
            OperationalError: The database did not answer for a minute.
        """
        self.prepare()
        try:
            self.storage.check()
        except ServiceError as error:
            # readiness tells it too; what is kept can still be read
            log.error("files cannot be kept: %s", error.message)  # noqa: TRY400
        if isinstance(self.queue, EmbeddedWorker):
            self.queue.start()
        if self.prober is not None:
            self.prober.start()
        if self.courier is not None:
            self.courier.start()

    def stop(self) -> None:
        """Stop what was started."""
        if self.courier is not None:
            self.courier.stop()
        if self.prober is not None:
            self.prober.stop()
        self.queue.close()
        self.readers.close()
        self.engine.dispose()


def build_services(settings: Settings) -> Services:
    """Build what the API needs: it accepts, announces and answers, but extracts nothing."""
    return _services(settings, EmbeddedWorker(lambda: _environment(settings)), Readers(slots=2))


def build_worker(settings: Settings) -> Services:
    """Build what a worker needs: the same, and the library."""
    from invoice_extraction.engines.llm.probe import probe
    from invoice_extraction.extract import extract
    from service.courier import Courier

    readers = Readers(slots=os.cpu_count() or 1, ocr_slots=OCR_SLOTS)
    services = _services(settings, NoQueue(), readers)
    jobs = replace(services.jobs, extract=partial(extract, readers=readers))
    model = services.options.model
    models = (model, *model.fallbacks) if model else ()
    return replace(
        services,
        jobs=_with_gate(jobs, settings, services.ledger),
        prober=Prober(models, services.probes, probe) if models else None,
        courier=Courier(services.webhooks.store, _addresses(settings)),
    )


def jobs_in_flight(settings: Settings) -> int:
    """Return how many jobs a worker carries out at a time: where there is a model, most wait for it."""
    if settings.jobs_in_flight is not None:
        return settings.jobs_in_flight
    return settings.llm_concurrency if _model(settings) else JOBS_WITHOUT_MODEL


def _services(settings: Settings, without_broker: Queue, readers: Readers) -> Services:
    engine = connect(_database_url(settings))
    store = SqlStore(engine, keeps_answers=bool(settings.llm_cache_days))
    broker = settings.broker_url
    queue = (
        CeleryQueue(broker.get_secret_value(), store.mark_announced) if broker else without_broker
    )
    storage = _storage(settings)
    options = _options(settings)
    ledger = Ledger(engine, _budget(settings))
    idempotency = Idempotency(engine)
    jobs = Jobs(
        store=store,
        storage=storage,
        queue=queue,
        base_options=options,
        lease=timedelta(seconds=settings.lease_seconds),
        ledger=ledger,
        answers=Answers(engine, timedelta(days=settings.llm_cache_days)),
        idempotency=idempotency,
        share=Share(settings.max_queued, settings.storage_quota),
        comparison=Comparison(Known(engine)),
        retention=timedelta(days=settings.retention_days) if settings.retention_days else None,
    )
    return Services(
        settings=settings,
        options=options,
        engine=engine,
        store=store,
        changes=Changes(engine),
        storage=storage,
        queue=queue,
        readers=readers,
        jobs=jobs,
        documents=Documents(
            store=store,
            people=People(engine, keeps_answers=bool(settings.llm_cache_days)),
            comparison=Comparison(Known(engine)),
            storage=storage,
            queue=queue,
            review_threshold=options.review_threshold,
            share=jobs.share,
        ),
        ledger=ledger,
        probes=Probes(engine),
        keys=Keys(SqlKeyStore(engine)),
        idempotency=idempotency,
        rates=Rates(_redis_url(settings)),
        webhooks=Webhooks(SqlWebhookStore(engine), _addresses(settings)),
    )


def _addresses(settings: Settings) -> Addresses:
    return Addresses(frozenset(host.lower() for host in settings.webhook_allowed_hosts))


def _options(settings: Settings) -> Options:
    """Return the options of every extraction; the service always isolates its readers."""
    limits = Limits(
        max_bytes=settings.max_file_size,
        max_combined=settings.max_request_size,
        max_pages=settings.max_pages,
    )
    model = _model(settings)
    _tell_of_keys(settings, model)
    return Options(isolate=True, model=model, limits=limits)


def _tell_of_keys(settings: Settings, model: ModelOptions | None) -> None:
    """Log which models that stand in are left out for want of a key, and a key that nobody is sent."""
    reached = (model, *model.fallbacks) if model else ()
    for name in settings.llm_fallbacks if model else ():
        if name not in {one.model for one in reached}:
            log.warning("a model that stands in is left out: it has no key", extra={"model": name})
    key = _secret(settings.llm_api_key)
    if key and key not in {one.api_key for one in reached}:
        log.warning("LLM_API_KEY is sent to nobody: no model that is set needs it")


def _model(settings: Settings) -> ModelOptions | None:
    """Return how to reach the model and those that stand in for it; None where its key is not set."""
    names = (settings.llm_model, *settings.llm_fallbacks)
    owner = key_owner(settings.llm_model, settings.llm_fallbacks) if settings.llm_api_key else ""
    model, *others = (_reached(name, settings, owner) for name in names)
    if model is None:
        return None
    return replace(model, fallbacks=tuple(other for other in others if other is not None))


def _reached(name: str, settings: Settings, owner: str) -> ModelOptions | None:
    """Return how to reach a model, with LLM_API_KEY where its provider is the key's `owner`."""
    kind = name.partition(":")[0]
    same_provider = kind == settings.llm_model.partition(":")[0]
    return model_options(
        name,
        google_key=_secret(settings.gemini_api_key),
        other_key=_secret(settings.llm_api_key) if kind == owner else "",
        base_url=settings.llm_base_url if same_provider else None,
        timeout=settings.llm_timeout,
    )


def _budget(settings: Settings) -> Budget:
    return Budget(
        day=settings.llm_budget_day,
        total=settings.llm_budget_total,
        unknown=settings.llm_unknown_cost,
    )


def _with_gate(jobs: Jobs, settings: Settings, ledger: Ledger) -> Jobs:
    """Return the jobs with the gate through which all calls of this worker go."""
    options = jobs.base_options
    model = options.model
    if model is None:
        return jobs
    from service.gate import SharedGate, SharedRates

    local = LocalGate(
        concurrency=settings.llm_concurrency,
        in_flight=IN_FLIGHT_BYTES,
        rpm=settings.llm_rpm,
        tpm=settings.llm_tpm,
    )
    url = _redis_url(settings)
    rates = SharedRates(url, rpm=settings.llm_rpm, tpm=settings.llm_tpm) if url else None
    gate = SharedGate(local, ledger, rates)
    fallbacks = tuple(replace(other, gate=gate) for other in model.fallbacks)
    model = replace(model, gate=gate, fallbacks=fallbacks)
    return replace(
        jobs,
        base_options=replace(options, model=model),
        gate=gate.of,
        refusal=partial(gate.refusal, model.model),
    )


def _redis_url(settings: Settings) -> str | None:
    """Return the address of the broker, where it can also count for all processes."""
    url = _secret(settings.broker_url)
    return url if url.startswith(REDIS) else None


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def _data_dir(settings: Settings) -> Path:
    return settings.data_dir.expanduser().resolve()


def _database_url(settings: Settings) -> str:
    """Return SQLAlchemy's URL: SQLite in DATA_DIR, or PostgreSQL through psycopg."""
    if settings.database_url is None:
        return f"sqlite:///{_data_dir(settings) / 'jobs.db'}"
    url = settings.database_url.get_secret_value()
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    return f"{scheme}{separator}{rest}"


def _storage(settings: Settings) -> Storage:
    url = settings.storage_url or f"file://{quote(str(_data_dir(settings) / 'files'))}"
    scheme = urlsplit(url).scheme
    if scheme not in BACKENDS:
        raise ValueError(f"STORAGE_URL must begin with one of: {', '.join(BACKENDS)}")
    return BACKENDS[scheme](url)


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the embedded worker: ours, with these settings spelled out."""
    environment = dict(os.environ)
    for name, value in settings:
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, tuple):
            value = ",".join(value)
        # what is not set is set to nothing, so that no .env of the child's own is heard
        environment[name.upper()] = "" if value is None else str(value)
    return environment | {"DATA_DIR": str(_data_dir(settings))}


def _migrate(engine: Engine) -> None:
    """Wait for the database, then bring its tables up to date."""
    deadline = time.monotonic() + DATABASE_SECONDS
    while True:
        try:
            migrate(engine)
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            log.warning("waiting for the database")
            time.sleep(1.0)
        else:
            return
