"""What the service accepts and can do."""

from functools import cache

import msgspec
from fastapi import APIRouter, Response

from app.deps import ServicesDep
from app.description import problems
from app.schemas import EngineList, EngineState, ServiceLimits
from invoice_extraction.engines import readiness
from invoice_extraction.intake import READERS
from invoice_extraction.model.invoice import Invoice

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/limits", summary="What is accepted", responses=problems(401, 403))
async def limits(services: ServicesDep) -> ServiceLimits:
    """Return the sizes and types that are accepted."""
    asked, settings = services.options.limits, services.settings
    return ServiceLimits(
        max_file_size=asked.max_bytes,
        max_request_size=settings.max_request_size,
        max_files=settings.max_files,
        max_pages=asked.max_pages,
        media_types=sorted(READERS),
    )


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
