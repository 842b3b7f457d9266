"""What the service accepts and can do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from urllib.parse import urlsplit

import anyio
import msgspec
from anyio import to_thread
from fastapi import APIRouter, Response

from app.deps import CanRead, ServicesDep
from app.description import problems
from app.schemas import (
    Budgets,
    EngineList,
    EngineState,
    ModelState,
    ModelUse,
    ReaderIsolation,
    ServiceLimits,
    TimeLimits,
    Usage,
    Use,
)
from invoice_extraction.engines import Readiness, readiness
from invoice_extraction.engines.llm.providers import find_provider, ready
from invoice_extraction.intake import READERS
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import ModelOptions
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable
from invoice_extraction.sandbox.wire import (
    ADDRESS_SPACE,
    CPU_SECONDS,
    CPU_SECONDS_A_PAGE,
    OCR_CPU_SECONDS,
    WALL_SECONDS,
)
from service.running import LONGEST_JOB
from service.store.ledger import Spent
from service.store.probes import Probe

router = APIRouter(prefix="/v1", tags=["about"])

WAIT = 5.0
"""Seconds that the first caller waits for a reader to tell what holds it."""


@router.get("/limits", summary="What is accepted", responses=problems(401, 403))
async def limits(caller: CanRead, services: ServicesDep) -> ServiceLimits:
    """Return what is accepted, how long it may take, and what holds those who read it."""
    asked, settings = services.options.limits, services.settings
    return ServiceLimits(
        max_file_size=asked.max_bytes,
        max_request_size=settings.max_request_size,
        max_files=settings.max_files,
        max_pages=asked.max_pages,
        max_pixels=asked.max_pixels,
        max_side=asked.max_side,
        max_page_points=asked.max_page_points,
        max_unpacked_size=asked.max_unpacked,
        max_xml_size=asked.max_xml,
        max_xml_depth=asked.max_depth,
        max_xml_elements=asked.max_elements,
        max_page_text=asked.max_text,
        max_document_text=asked.max_document_text,
        reader_memory=ADDRESS_SPACE,
        seconds=TimeLimits(
            reading_cpu=CPU_SECONDS,
            reading_wall=WALL_SECONDS,
            reading_a_page=CPU_SECONDS_A_PAGE,
            ocr_cpu_a_page=OCR_CPU_SECONDS,
            model_call=settings.llm_timeout,
            job=LONGEST_JOB,
        ),
        media_types=sorted(READERS),
        isolation=await _isolation(services.readers),
    )


async def _isolation(readers: Readers) -> ReaderIsolation | None:
    """Return what holds the readers, None where none answers in time or it starts no reader."""
    with anyio.move_on_after(WAIT):
        try:
            found = await to_thread.run_sync(lambda: readers.isolation, abandon_on_cancel=True)
        except ReadersUnavailable:
            return None
        return ReaderIsolation(
            landlock=found.landlock, seccomp=found.seccomp, rlimits=found.rlimits
        )
    return None


@router.get("/engines", summary="Which engines are ready", responses=problems(401, 403, 503))
def engines(caller: CanRead, services: ServicesDep) -> EngineList:
    """Return each engine, why it is not ready where it is not, and what leaves the service for it.

    What models' providers say of them is what a worker was told last.
    """
    model = services.options.model
    probes = services.probes.all() if model else {}
    return EngineList(
        engines=[
            _engine(name, state, model if name == "llm" else None, probes)
            for name, state in readiness(services.options).items()
        ]
    )


def _engine(
    name: str, state: Readiness, model: ModelOptions | None, probes: Mapping[str, Probe]
) -> EngineState:
    models = (
        [_model(one, probes.get(one.model)) for one in (model, *model.fallbacks)] if model else []
    )
    return EngineState(
        name=name,
        ready=models[0].ready if models else state.ready,
        reason=models[0].reason if models else state.reason,
        model=model.model if model else None,
        fallbacks=[other.model for other in model.fallbacks] if model else [],
        models=models,
        leaves=_leaves(model) if model and state.ready else None,
    )


def _model(model: ModelOptions, probe: Probe | None) -> ModelState:
    """Return what is known of a model: how it is set up, and then what its provider said."""
    set_up = ready(model)
    if not set_up.ready or probe is None:
        return ModelState(
            model=model.model, ready=set_up.ready, reason=set_up.reason, since=None, checked_at=None
        )
    return ModelState(
        model=model.model,
        ready=probe.ready,
        reason=probe.reason,
        since=probe.since,
        checked_at=probe.checked_at,
    )


def _leaves(model: ModelOptions) -> str:
    """Return what of a document a model is sent, and where to; an address without what may be secret in it."""
    provider, _ = find_provider(model)
    what = (
        "the file itself" if "application/pdf" in provider.media_types else "pictures of its pages"
    )
    host = urlsplit(model.base_url or "").hostname
    where = host or f"the provider {model.model.partition(':')[0]!r}"
    return f"Of a document without an e-invoice {what}, to {where}."


@router.get("/usage", summary="What models took", responses=problems(401, 403, 503))
def usage(caller: CanRead, services: ServicesDep) -> Usage:
    """Return what models took of the tenant's documents, and what is left of the key's budgets.

    In open mode, of the service's.
    """
    today, in_all = services.ledger.used(caller.tenant)
    balance = services.ledger.balance(caller.key_id)
    return Usage(today=_use(today), in_all=_use(in_all), budget=Budgets(**asdict(balance)))


def _use(models: Sequence[Spent]) -> Use:
    return Use(
        calls=sum(spent.calls for spent in models),
        tokens=sum(spent.tokens for spent in models),
        cost=sum((spent.cost for spent in models), Decimal()),
        unpriced=sum(spent.unpriced for spent in models),
        cached=sum(spent.cached for spent in models),
        models=[ModelUse(**asdict(spent)) for spent in models],
    )


@router.get(
    "/schema",
    summary="The JSON Schema of an invoice",
    response_class=Response,
    responses=problems(401, 403) | {200: {"content": {"application/schema+json": {}}}},
)
async def schema(caller: CanRead) -> Response:
    """Return the JSON Schema of `result`."""
    return Response(invoice_schema(), media_type="application/schema+json")


@cache
def invoice_schema() -> bytes:
    """Return the JSON Schema of the canonical invoice, as it is written in JSON."""
    described = Invoice.model_json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return msgspec.json.format(msgspec.json.encode(dialect | described), indent=2) + b"\n"
