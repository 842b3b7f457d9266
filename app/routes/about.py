"""What the service accepts and can do."""

from functools import cache

import anyio
import msgspec
from anyio import to_thread
from fastapi import APIRouter, Response

from app.deps import ServicesDep
from app.description import problems
from app.schemas import EngineList, EngineState, ReaderIsolation, ServiceLimits, TimeLimits
from invoice_extraction.engines import readiness
from invoice_extraction.intake import READERS
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable
from invoice_extraction.sandbox.wire import (
    ADDRESS_SPACE,
    CPU_SECONDS,
    CPU_SECONDS_A_PAGE,
    OCR_CPU_SECONDS,
    WALL_SECONDS,
)
from service.jobs import LONGEST_JOB

router = APIRouter(prefix="/v1", tags=["about"])

WAIT = 5.0
"""Seconds that the first caller waits for a reader to tell what holds it."""


@router.get("/limits", summary="What is accepted", responses=problems(401, 403))
async def limits(services: ServicesDep) -> ServiceLimits:
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


@router.get("/engines", summary="Which engines are ready", responses=problems(401, 403))
async def engines(services: ServicesDep) -> EngineList:
    """Return each engine, and why it is not ready where it is not."""
    model = services.options.model
    return EngineList(
        engines=[
            EngineState(
                name=name,
                ready=state.ready,
                reason=state.reason,
                model=model.model if model and name == "llm" else None,
            )
            for name, state in readiness(services.options).items()
        ]
    )


@router.get(
    "/schema",
    summary="The JSON Schema of an invoice",
    response_class=Response,
    responses=problems(401, 403) | {200: {"content": {"application/schema+json": {}}}},
)
async def schema() -> Response:
    """Return the JSON Schema of `result`."""
    return Response(invoice_schema(), media_type="application/schema+json")


@cache
def invoice_schema() -> bytes:
    """Return the JSON Schema of the canonical invoice, as it is written in JSON."""
    described = Invoice.model_json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return msgspec.json.format(msgspec.json.encode(dialect | described), indent=2) + b"\n"
