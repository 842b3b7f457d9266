"""Examples for the OpenAPI description: one for each kind of answer and body, by the name of its schema."""

from datetime import date
from decimal import Decimal
from typing import Any

from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.invoice import Account, Invoice, Line, Party, Payment, Tax, Totals

_TASK = "0f8fad5bd9cb469fa16570867728950e"
_KEY = "3f9a1c7be204"
_BATCH = "3d813cbb47fb32ba91df831e1593ac29"
_HOOK = "7c9e6679f1a14a2c8f6f5b0e6e0c7a11"
_DELIVERY = "msg_01a203ceb0a0b56fe72a7fcc8147eb0b"
_SENT, _BEGUN, _DONE = (f"2026-01-31T09:00:0{second}Z" for second in range(3))

PARAMETERS: dict[str, Any] = {
    "task_id": _TASK,
    "batch_id": _BATCH,
    "key_id": _KEY,
    "webhook_id": _HOOK,
    "delivery_id": _DELIVERY,
    "page": 1,
    "invoice": 1,
}
"""What stands in a path, by its name."""

_RESULT = Invoice(
    document_type="invoice",
    invoice_number="2026-0017",
    issue_date=date(2026, 1, 30),
    due_date=date(2026, 2, 13),
    currency="EUR",
    seller=Party(name="Muster Papier GmbH", tax_id="DE123456788"),
    buyer=Party(name="Example Ltd"),
    lines=[
        Line(
            description="Paper, A4",
            quantity=Decimal(20),
            unit="boxes",
            unit_price=Decimal("5.00"),
            tax_rate=Decimal(19),
            net_amount=Decimal("100.00"),
        )
    ],
    taxes=[Tax(rate=Decimal(19), taxable_amount=Decimal("100.00"), tax_amount=Decimal("19.00"))],
    totals=Totals(net=Decimal("100.00"), tax=Decimal("19.00"), gross=Decimal("119.00")),
    payment=Payment(accounts=[Account(iban="DE02120300000000202051")]),
).model_dump(mode="json")

_INVOICE = ExtractedInvoice(result=Invoice(), pages=[1]).model_dump(mode="json") | {
    "result": _RESULT,
    "evidence": {
        "/totals/gross": {
            "origin": "text",
            "text": "119,00 €",
            "page": 1,
            "boxes": [[0.71, 0.82, 0.8, 0.84]],
            "confidence": 0.97,
            "level": "high",
            "checks": ["BR-CO-15"],
        }
    },
    "checks": [
        {
            "id": "BR-CO-15",
            "status": "pass",
            "fields": ["/totals/net", "/totals/tax", "/totals/gross"],
            "expected": "119.00",
            "found": "119.00",
            "tolerance": "0.01",
            "message": "Net and tax make 119.00, as the invoice says.",
        }
    ],
}

_READING: dict[str, Any] = {
    "engine": "layout",
    "model": None,
    "prompt_version": None,
    "invoices": [_INVOICE],
    "attempts": [
        {
            "engine": "layout",
            "model": None,
            "error": None,
            "message": None,
            "failed_checks": [],
            "cached": False,
            "seconds": 0.2,
        }
    ],
    "usage": {
        "pages": 1,
        "calls": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "cost": None,
        "cached": False,
        "seconds": 0.4,
    },
}
_PAPER: dict[str, Any] = {
    "syntax": None,
    "pages": [{"number": 1, "width": 595.0, "height": 842.0, "status": "read"}],
    "warnings": [],
}

_STATE: dict[str, Any] = {
    "task_id": _TASK,
    "status": "SUCCESS",
    "filename": "invoice.pdf",
    "result": None,
    "error": None,
    "progress": None,
    "batch_id": _BATCH,
    "duplicate_of": None,
    "created_at": _SENT,
    "started_at": _BEGUN,
    "finished_at": _DONE,
    "expires_at": None,
    "links": {
        "status": f"/status/{_TASK}",
        "document": f"/v1/documents/{_TASK}",
        "file": f"/v1/documents/{_TASK}/file",
    },
}
_RECORD: dict[str, Any] = {
    "media_type": "application/pdf",
    "size": 48_213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "options": {"language": "de"},
    "reference": "PO-7",
    "metadata": {"department": 12},
    "needs_review": False,
    "decision": None,
    "starts": 1,
    "request_id": "8f14e45fceea467a9f0c4a6d0e1f2a3b",
    "updated_at": _DONE,
}
_STATUS = _STATE | {"result": _RESULT} | _READING
_OF_A_CHANGE = (
    *("task_id", "status", "filename", "error", "progress", "batch_id", "duplicate_of", "links"),
)
_CHANGE = {name: _STATE[name] for name in _OF_A_CHANGE} | {
    "needs_review": False,
    "updated_at": _DONE,
}

_REFUSED: dict[str, Any] = {
    "type": "/docs/errors#empty_file",
    "title": "The file is empty",
    "detail": "The file holds no bytes.",
    "code": "empty_file",
    "hint": "Send the file again; its upload may have been cut short.",
    "retryable": False,
    "request_id": "8f14e45fceea467a9f0c4a6d0e1f2a3b",
}

_WEBHOOK: dict[str, Any] = {
    "id": _HOOK,
    "url": "https://erp.example/invoices",
    "events": ["document.completed", "document.failed"],
    "by_upload": False,
    "enabled": True,
    "created_at": _SENT,
    "failures": 0,
    "failing_since": None,
    "rests_until": None,
    "disabled_at": None,
    "disabled_reason": None,
    "secret_before_until": None,
}
_SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
_SENDING: dict[str, Any] = {
    "id": _DELIVERY,
    "type": "document.completed",
    "state": "pending",
    "url": "https://erp.example/invoices",
    "task_id": _TASK,
    "body": '{"type":"document.completed","timestamp":"2026-01-31T09:00:02Z","data":{}}',
    "attempts": 0,
    "status": None,
    "error": None,
    "created_at": _DONE,
    "attempted_at": None,
    "next_attempt_at": _DONE,
}
_RECORDED_KEY: dict[str, Any] = {
    "id": _KEY,
    "prefix": f"inv_{_KEY}",
    "name": "Scanner",
    "tenant": "default",
    "scopes": ["write"],
    "rate": None,
    "budget": {"day": "2.50", "total": None},
    "created_at": _SENT,
    "expires_at": "2026-05-01T09:00:00Z",
    "revoked_at": None,
    "last_used_at": None,
}
_USE: dict[str, Any] = {"calls": 12, "tokens": 31_250, "cost": "0.0731", "unpriced": 0, "cached": 3}
_ENGINE: dict[str, Any] = {
    "name": "layout",
    "ready": True,
    "reason": None,
    "model": None,
    "fallbacks": [],
    "models": [],
    "leaves": None,
}
_WELL = {"status": "ok", "detail": None}

EXAMPLES: dict[str, Any] = {
    "Problem": _REFUSED
    | {
        "type": "/docs/errors#unknown_task",
        "title": "Unknown task",
        "detail": "There is no task with this id.",
        "code": "unknown_task",
        "hint": "Check the task_id; it is the one that POST /extract-invoice answered.",
        "status": 404,
        "instance": f"/status/{_TASK}",
        "errors": [],
    },
    "Accepted": {
        "task_id": _TASK,
        "filename": "invoice.pdf",
        "status": "PENDING",
        "error": None,
        "duplicate_of": None,
    },
    "Batch": {
        "batch_id": _BATCH,
        "final": True,
        "documents": 1,
        "deleted": 0,
        "needs_review": 0,
        "counts": {
            **{"PENDING": 0, "STARTED": 0, "RETRY": 0},
            **{"SUCCESS": 1, "FAILURE": 0, "REVOKED": 0},
        },
        "created_at": _SENT,
        "finished_at": _DONE,
        "tasks": [_CHANGE],
    },
    "TaskStatus": _STATUS,
    "Document": _STATUS | _RECORD | _PAPER | {"as_read": None, "history": []},
    "DocumentList": {"documents": [_STATE | _RECORD], "next": None},
    "Retry": {"engine": "llm"},
    "PageWords": {
        "page": 1,
        "width": 595.0,
        "height": 842.0,
        "origin": "text",
        "words": [{"text": "119,00", "box": [0.71, 0.82, 0.78, 0.84], "confidence": None}],
    },
    "Extraction": {"media_type": "application/pdf"} | _READING | _PAPER,
    "ExportedDocument": {
        "task_id": _TASK,
        "filename": "invoice.pdf",
        "reference": "PO-7",
        "received_at": _SENT,
        "media_type": "application/pdf",
    }
    | _READING
    | _PAPER,
    "NewKey": {"name": "Scanner", "scopes": ["write"], "expires_in_days": 90},
    "ShownKey": _RECORDED_KEY | {"key": f"inv_{_KEY}_B4zAJ1oYRJxs2qwDLsDwY4riGgPJY-3est2H3SOAvus"},
    "KeyList": {"keys": [_RECORDED_KEY]},
    "NewWebhook": {"url": "https://erp.example/invoices", "events": ["document.completed"]},
    "WebhookChange": {"events": ["document.completed", "document.failed"]},
    "WebhookRecord": _WEBHOOK,
    "ShownWebhook": _WEBHOOK | _SECRET,
    "WebhookList": {"webhooks": [_WEBHOOK]},
    "DeliveryRecord": _SENDING,
    "DeliveryList": {"deliveries": [_SENDING], "next": None},
    "ServiceLimits": {
        "max_file_size": 20_000_000,
        "max_request_size": 100_000_000,
        "max_files": 20,
        "max_pages": 50,
        "max_pixels": 40_000_000,
        "max_side": 10_000,
        "max_page_points": 14_400.0,
        "max_unpacked_size": 200_000_000,
        "max_xml_size": 10_000_000,
        "max_xml_depth": 100,
        "max_xml_elements": 1_000_000,
        "max_page_text": 100_000,
        "max_document_text": 1_000_000,
        "reader_memory": 1_610_612_736,
        "seconds": {
            "reading_cpu": 10.0,
            "reading_wall": 20.0,
            "reading_a_page": 0.2,
            "ocr_cpu_a_page": 20.0,
            "model_call": 120.0,
            "job": 600.0,
        },
        "media_types": ["application/pdf", "application/xml", "image/jpeg"],
        "isolation": {"landlock": True, "seccomp": True, "rlimits": True},
    },
    "EngineList": {"engines": [_ENGINE]},
    "Usage": {
        "today": _USE | {"models": [{"model": "google:gemini-3.8-flash"} | _USE]},
        "in_all": _USE | {"models": []},
        "budget": {"day": "5", "day_left": "4.9069", "day_held": "0.02"}
        | dict.fromkeys(("total", "total_left", "total_held")),
    },
    "Live": {"status": "ok"},
    "Ready": {
        "status": "ok",
        "parts": dict.fromkeys(("database", "storage", "broker", "worker"), _WELL),
    },
}
"""What an answer or a body looks like; a test holds each against its schema."""


def add_examples(found: dict[str, Any]) -> None:
    """Let every answer and body of a description name its example, and every part of a path have one."""
    used: set[str] = set()
    for methods in found["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in PARAMETERS:
                    parameter["example"] = PARAMETERS[parameter["name"]]
            bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
            for body in bodies:
                for content in body.get("content", {}).values():
                    if name := _name(content.get("schema", {})):
                        used.add(name)
                        content["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
    found["components"]["examples"] = {name: {"value": _value(name)} for name in sorted(used)}


def _name(schema: dict[str, Any]) -> str | None:
    """Return the name of a schema's example, `Things` where it is a list of them; None where there is none."""
    if schema.get("type") == "array":
        item = _name(schema["items"])
        return f"{item}s" if item else None
    chosen = schema.get("anyOf", [schema])[0].get("$ref", "").rpartition("/")[2]
    return chosen if chosen in EXAMPLES else None


def _value(name: str) -> Any:
    return EXAMPLES[name] if name in EXAMPLES else [EXAMPLES[name.removesuffix("s")]]
