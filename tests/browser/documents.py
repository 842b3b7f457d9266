"""Documents in every state that a page can show: an invoice that is drawn, and what was read of it."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from invoice_extraction.model.extraction import Extraction
from service.files import picture_key, source_key
from service.store.base import Job
from service.store.migrate import migrate
from service.tenants import TENANT
from service.wiring import Services
from tests.servers import ROOT

SHEET = ROOT / "tests" / "data" / "einvoice" / "cii_full.xml"
HOSTILE = '<script>window.broken=1</script>"><img src=x onerror=window.broken=1>{{7*7}}'
DAY = timedelta(days=1)


def fill(services: Services) -> dict[str, str]:
    """Put documents of every kind into a new data folder; return their ids by name."""
    services.settings.data_dir.mkdir()
    migrate(services.engine)
    filler = Filler(services)
    picture, boxes = paper()
    filler.done("invoice", "shelving-2026-118.pdf", an_invoice(boxes), picture, review=True)
    filler.done("hostile", f"{HOSTILE}.pdf", hostile_invoice(boxes), picture, review=True)
    filler.done(
        "xml", "e-invoice.xml", an_xml_invoice(), source=SHEET, media_type="application/xml"
    )
    filler.done("two", "two-invoices.pdf", two_invoices(boxes), picture)
    filler.done("long", "long-list.pdf", a_long_list(boxes), picture)
    filler.failed("locked", "locked.pdf")
    filler.started("started", "long-scan.pdf")
    filler.started("finishing", "slow-scan.pdf")
    return filler.ids


class Filler:
    """Puts documents into a service that is not running yet; `ids` are theirs by name."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.ids: dict[str, str] = {}

    def done(
        self,
        name: str,
        filename: str,
        extraction: dict[str, Any],
        picture: bytes | None = None,
        *,
        review: bool = False,
        source: Path | None = None,
        media_type: str = "application/pdf",
    ) -> None:
        text = Extraction.model_validate(extraction).model_dump_json()
        job = self._claimed(name, filename, media_type)
        if source is not None:
            self.services.storage.put(source_key(TENANT, job.id), source.read_bytes())
        self.services.store.finish(job.id, job.lease_token or "", text, needs_review=review)
        if picture is not None:
            for width in (320, 1240):
                self.services.storage.put(picture_key(TENANT, job.id, 1, width), picture)

    def failed(self, name: str, filename: str) -> None:
        job = self._claimed(name, filename)
        error = {
            "type": "/docs/errors#password_required",
            "title": "The file has a password",
            "detail": "The PDF is locked and cannot be opened.",
            "code": "password_required",
            "hint": "Remove the password and drop it again.",
            "retryable": False,
            "request_id": "req-1",
        }
        self.services.store.fail(job.id, job.lease_token or "", error)

    def started(self, name: str, filename: str) -> None:
        job = self._claimed(name, filename)
        progress = {"stage": "model", "page": None, "pages": 3}
        self.services.store.report(job.id, job.lease_token or "", progress)

    def _claimed(self, name: str, filename: str, media_type: str = "application/pdf") -> Job:
        self.ids[name] = f"{len(self.ids) + 1:032x}"
        now = datetime.now(UTC)
        job = Job(
            id=self.ids[name],
            filename=filename,
            size=48_213,
            media_type=media_type,
            status="PENDING",
            created_at=now,
            updated_at=now,
        )
        self.services.store.add([job])
        claimed = self.services.store.claim(job.id, "0" * 32, DAY)
        assert claimed is not None
        return claimed


Box = tuple[float, float, float, float]


def paper() -> tuple[bytes, dict[str, Box]]:
    """Draw an invoice; return its picture and where each of its values stands, relative to the page."""
    width, height = 1240, 1754
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    boxes: dict[str, Box] = {}

    def put(
        x: int, y: int, text: str, size: int = 26, pointer: str = "", ink: str = "#222"
    ) -> None:
        font = ImageFont.load_default(size)
        draw.text((x, y), text, font=font, fill=ink)
        if pointer:
            x0, y0, x1, y1 = draw.textbbox((x, y), text, font=font)
            box = (x0 / width, y0 / height, x1 / width, y1 / height)
            boxes[pointer] = tuple(round(value, 5) for value in box)  # type: ignore[assignment]

    draw.rectangle((0, 0, width, 16), fill="#20605a")
    put(110, 110, "Harbour & Pine Ltd", 40, "/seller/name", "#20605a")
    put(110, 170, "14 Quay Street, Bristol BS1 4RB", 24, "/seller/address/text")
    put(110, 206, "VAT GB 123 4567 28", 24, "/seller/tax_id")
    put(110, 330, "Larch Studio GmbH", 28, "/buyer/name")
    put(110, 370, "Lindenweg 3, 50674 Köln", 24, "/buyer/address/text")
    put(820, 320, "Invoice", 44)
    put(820, 390, "Number", 24, ink="#667")
    put(980, 390, "HP-2026-118", 24, "/invoice_number")
    put(820, 426, "Date", 24, ink="#667")
    put(980, 426, "2 November 2026", 24, "/issue_date")
    put(820, 462, "Due", 24, ink="#667")
    put(980, 462, "2 December 2026", 24, "/due_date")
    y = 600
    for x, text in ((110, "Description"), (690, "Qty"), (800, "Price"), (1000, "Amount")):
        put(x, y, text, 22, ink="#667")
    draw.line((110, y + 36, 1130, y + 36), fill="#aab", width=2)
    rows = (
        ("Oak shelving, oiled, 240 cm", "4", "85.00", "340.00"),
        ("Wall fixing set, black steel", "8", "7.50", "60.00"),
        ("Delivery and fitting on site", "1", "100.00", "100.00"),
    )
    for index, (what, quantity, price, amount) in enumerate(rows):
        y += 54
        put(110, y, what, 24, f"/lines/{index}/description")
        put(690, y, quantity, 24, f"/lines/{index}/quantity")
        put(800, y, price, 24, f"/lines/{index}/unit_price")
        put(1000, y, amount, 24, f"/lines/{index}/net_amount")
    for index, (label, amount, pointer) in enumerate(
        (
            ("Net", "500.00", "/totals/net"),
            ("VAT 20 %", "100.00", "/totals/tax"),
            ("Total EUR", "600.00", "/totals/gross"),
        )
    ):
        put(800, 1320 + 44 * index, label, 26, ink="#667")
        put(1000, 1320 + 44 * index, amount, 30 if index == 2 else 26, pointer)
    put(110, 1600, "IBAN DE89 3704 0044 0532 0130 00", 24, "/payment/accounts/0/iban")
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80)
    return out.getvalue(), boxes


def an_invoice(boxes: dict[str, Box]) -> dict[str, Any]:
    """An extraction of the drawn invoice; its due date has no box, its tax is doubtful."""
    names = (
        "Oak shelving, oiled, 240 cm",
        "Wall fixing set, black steel",
        "Delivery and fitting on site",
    )
    lines = [
        {
            "description": name,
            "quantity": quantity,
            "unit_price": price,
            "tax_rate": "20",
            "net_amount": net,
        }
        for name, quantity, price, net in zip(
            names,
            ("4", "8", "1"),
            ("85.00", "7.50", "100.00"),
            ("340.00", "60.00", "100.00"),
            strict=True,
        )
    ]
    lines[1]["product_code"] = "WF-8-BLK"
    result = {
        "document_type": "invoice",
        "invoice_number": "HP-2026-118",
        "issue_date": "2026-11-02",
        "due_date": "2026-12-02",
        "currency": "EUR",
        "language": "en",
        "seller": {
            "name": "Harbour & Pine Ltd",
            "tax_id": "GB123456728",
            "address": {
                "text": "14 Quay Street, Bristol BS1 4RB",
                "city": "Bristol",
                "country": "GB",
            },
        },
        "buyer": {"name": "Larch Studio GmbH", "address": {"text": "Lindenweg 3, 50674 Köln"}},
        "lines": lines,
        "taxes": [
            {"rate": "20", "taxable_amount": "500.00", "tax_amount": "100.00", "name": "VAT"}
        ],
        "totals": {"lines_net": "500.00", "net": "500.00", "tax": "100.00", "gross": "600.00"},
        "payment": {"accounts": [{"iban": "DE89370400440532013000"}]},
    }
    printed = {
        "/issue_date": "2 November 2026",
        "/payment/accounts/0/iban": "DE89 3704 0044 0532 0130 00",
        "/seller/tax_id": "GB 123 4567 28",
    }
    evidence = {
        pointer: {
            "origin": "text",
            "text": printed.get(pointer),
            "page": 1,
            "boxes": [box],
            "confidence": 0.98,
            "level": "high",
        }
        for pointer, box in boxes.items()
    }
    evidence["/totals/tax"] |= {"confidence": 0.7, "level": "medium"}
    evidence["/lines/1/unit_price"] |= {"confidence": 0.4, "level": "low", "origin": "ocr"}
    evidence["/due_date"] = {
        "origin": "model",
        "text": "2 December 2026",
        "confidence": 0.3,
        "level": "low",
    }
    evidence["/currency"] = {"origin": "derived", "confidence": 0.98, "level": "high"}
    checks = [
        {
            "id": "BR-CO-15",
            "status": "pass",
            "fields": ["/totals/net", "/totals/tax", "/totals/gross"],
            "message": "Net and tax make 600.00, as the invoice says.",
        },
        {
            "id": "BR-CO-10",
            "status": "pass",
            "fields": ["/totals/lines_net"],
            "message": "The lines add up to 500.00, as the invoice says.",
        },
        {
            "id": "VAT-ID",
            "status": "fail",
            "fields": ["/seller/tax_id"],
            "expected": "check digits 82",
            "found": "28",
            "message": "The seller's tax number GB123456728 has wrong check digits or form.",
        },
        {
            "id": "BR-29",
            "status": "not_applicable",
            "message": "There is no period with beginning and end.",
        },
    ]
    return {
        "media_type": "application/pdf",
        "engine": "layout",
        "invoices": [
            {
                "result": result,
                "pages": [1],
                "evidence": evidence,
                "checks": checks,
                "needs_review": True,
                "review_reasons": [
                    "The seller's tax number GB123456728 has wrong check digits or form.",
                    "The issue date is not certain.",
                ],
            }
        ],
        "pages": [{"number": 1, "width": 595.0, "height": 842.0, "status": "read"}],
        "attempts": [{"engine": "layout", "seconds": 0.41}],
        "usage": {"pages": 1, "seconds": 0.43},
    }


def hostile_invoice(boxes: dict[str, Box]) -> dict[str, Any]:
    """An extraction with markup, template syntax and endless words wherever text may stand."""
    extraction = an_invoice(boxes)
    invoice = extraction["invoices"][0]
    result = invoice["result"]
    endless = "W" * 400
    result["invoice_number"] = HOSTILE
    result["seller"]["name"] = HOSTILE + endless
    result["notes"] = [HOSTILE, "\u202egpj.exe", endless]
    result["custom"] = {HOSTILE: HOSTILE, "a/b": [{"c": HOSTILE}]}
    result["lines"][0]["description"] = HOSTILE + endless
    invoice["evidence"]["/invoice_number"]["text"] = HOSTILE + "!"
    invoice["checks"][2] |= {
        "message": HOSTILE,
        "expected": HOSTILE,
        "found": endless,
        "id": HOSTILE,
    }
    invoice["review_reasons"] = [HOSTILE]
    invoice["unmapped"] = [{"path": HOSTILE, "value": HOSTILE}]
    extraction["warnings"] = [HOSTILE]
    return extraction


def an_xml_invoice() -> dict[str, Any]:
    """An extraction of a bare XML: values, and no page to show."""
    extraction = json.loads(
        json.dumps(an_invoice({"/totals/tax": (0, 0, 0, 0), "/lines/1/unit_price": (0, 0, 0, 0)}))
    )
    invoice = extraction["invoices"][0]
    invoice["pages"] = []
    invoice["evidence"] = {
        pointer: {"origin": "xml", "text": None, "confidence": 1.0, "level": "high"}
        for pointer in ("/invoice_number", "/issue_date", "/totals/gross", "/seller/name")
    }
    invoice |= {"checks": [], "needs_review": False, "review_reasons": []}
    invoice["unmapped"] = [{"path": "/Invoice/cbc:UUID", "value": "7f3c"}]
    return extraction | {
        "media_type": "application/xml",
        "engine": "einvoice",
        "syntax": "ubl",
        "pages": [],
    }


def two_invoices(boxes: dict[str, Box]) -> dict[str, Any]:
    """An extraction of a file with two invoices."""
    extraction = an_invoice(boxes)
    second = json.loads(json.dumps(extraction["invoices"][0]))
    second["result"]["invoice_number"] = "HP-2026-119"
    extraction["invoices"].append(second)
    return extraction


def a_long_list(boxes: dict[str, Box]) -> dict[str, Any]:
    """An extraction with 200 lines."""
    extraction = an_invoice(boxes)
    invoice = extraction["invoices"][0]
    line = invoice["result"]["lines"][0]
    invoice["result"]["lines"] = [line | {"id": str(number)} for number in range(1, 201)]
    for number in range(200):
        for name in ("description", "quantity", "unit_price", "net_amount"):
            proof = invoice["evidence"][f"/lines/0/{name}"]
            invoice["evidence"][f"/lines/{number}/{name}"] = proof
    return extraction
