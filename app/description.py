"""The OpenAPI description: what FastAPI finds in the routes, and the problems beside it."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.examples import add_examples
from app.schemas import Problem

TITLE = "Invoice Extraction API"
SUMMARY = "Send invoices, read exact, checked data that proves each value."

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
"""How a key is shown. While none was ever made, this machine needs none."""

_PROBLEM = "#/components/schemas/Problem"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the part of a route's description that says which problems it may answer."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
        }
        for status in sorted({*statuses, 429, 500})
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once for an application."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        _drop_framework_errors(found)
        _open_health(found)
        found["components"]["securitySchemes"] = SCHEMES
        found["security"] = [{name: []} for name in SCHEMES]
        schemas = found["components"]["schemas"]
        described = Problem.model_json_schema(
            mode="serialization", ref_template="#/components/schemas/{model}"
        )
        schemas |= described.pop("$defs", {}) | {"Problem": described}
        found["components"]["schemas"] = dict(sorted(schemas.items()))
        add_examples(found)
        app.openapi_schema = found
    return app.openapi_schema


def _drop_framework_errors(found: dict[str, Any]) -> None:
    """Tell as ours what FastAPI refuses: a parameter or body that is not as described, JSON that is none."""
    for methods in found["paths"].values():
        for operation in methods.values():
            responses = operation["responses"]
            if "application/json" in responses.get("422", {}).get("content", {}):
                del responses["422"]
                if _can_be_wrong(operation):
                    responses["422"] = problems(422)[422]
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                responses["400"] = problems(400)[400]
            operation["responses"] = dict(sorted(responses.items()))
    for name in ("HTTPValidationError", "ValidationError"):
        found["components"]["schemas"].pop(name, None)


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    """Return whether a call can be other than described: it has a body, or a parameter that is not any text."""
    schemas = [parameter["schema"] for parameter in operation.get("parameters", [])]
    return "requestBody" in operation or any(
        schema.keys() - {"title", "type"} or schema.get("type") != "string" for schema in schemas
    )


def _open_health(found: dict[str, Any]) -> None:
    """Say that health needs no key."""
    for path, methods in found["paths"].items():
        if path.startswith("/health/"):
            for operation in methods.values():
                operation["security"] = []
