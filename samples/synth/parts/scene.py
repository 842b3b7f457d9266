"""What every part of a page is given, and the values that several of them print."""

from collections.abc import Iterator
from dataclasses import dataclass

from babel import Locale

from invoice_extraction.model.invoice import Address, Invoice, Party
from samples.sheet import Part, Sheet, Value, value
from samples.synth.deals import Deal
from samples.synth.looks import Look
from samples.synth.manner import Manner
from samples.synth.sellers import Seller

Run = tuple[Part, ...]
"""What is printed in one line."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One document on its way onto paper."""

    sheet: Sheet
    deal: Deal
    look: Look
    manner: Manner
    of: Seller

    @property
    def invoice(self) -> Invoice:
        """The invoice that is drawn."""
        return self.deal.invoice

    @property
    def left(self) -> float:
        """The left edge of what is printed."""
        return self.look.margin

    @property
    def right(self) -> float:
        """The right edge of what is printed."""
        return self.sheet.width - self.look.margin

    @property
    def step(self) -> float:
        """From one baseline to the next."""
        return self.look.size * 1.38

    def put(self, x: float, y: float, run: Run, room: float, **manner: object) -> float:
        """Draw a run, set smaller where it is wider than `room`; return the next baseline."""
        if "".join(_text(part) for part in run).strip():
            size = float(manner.pop("size", self.look.size))  # type: ignore[arg-type]
            self.sheet.text(x, y, *run, size=size, room=room, **manner)  # type: ignore[arg-type]
            return y + size * 1.38
        return y


def _text(part: Part) -> str:
    return part.text if isinstance(part, Value) else part


def title(scene: Scene) -> str:
    """Return what the document calls itself."""
    return scene.manner.label(scene.invoice.document_type or "invoice")


def number_label(scene: Scene) -> str:
    """Return the key of the label before the document's number."""
    return f"{scene.invoice.document_type}_number"


def address(scene: Scene, of: Address | None, pointer: str) -> list[Run]:
    """Return the printed lines of an address, below the name."""
    if of is None:
        return []
    runs: list[Run] = [(value(of.street or "", f"{pointer}/street"),)]
    names = {"code": "postal_code", "city": "city", "state": "region"}
    for line in scene.of.country.town[0].split("\n"):
        runs.append(tuple(_town(line, of, pointer, names)))
    if scene.look.country and of.country:
        name = Locale(scene.manner.locale).territories.get(of.country, of.country)
        runs.append((value(name, f"{pointer}/country"),))
    return runs


def _town(line: str, of: Address, pointer: str, names: dict[str, str]) -> Iterator[Part]:
    for chunk in line.replace("{", "\0{").replace("}", "}\0").split("\0"):
        if chunk.startswith("{"):
            field = names[chunk.strip("{}")]
            text = getattr(of, field)
            if text:
                yield value(text, f"{pointer}/{field}")
        elif chunk:
            yield chunk


def party(scene: Scene, of: Party, pointer: str, tax_id: bool = False) -> list[Run]:
    """Return the printed lines of a party: name, who it is for, address, and its tax id where asked for."""
    runs: list[Run] = [(value(of.name or "", f"{pointer}/name"),)]
    if of.contact_name and pointer != "/seller":
        name = value(of.contact_name, f"{pointer}/contact_name")
        runs.append((scene.manner.labels["attention"], " ", name))
    runs += address(scene, of.address, f"{pointer}/address")
    if tax_id and of.tax_id:
        runs.append(tax_id_run(scene, of, pointer))
    return runs


def tax_id_run(scene: Scene, of: Party, pointer: str) -> Run:
    """Return the tax id with its label."""
    label = (scene.of.country.tax_label or ("Tax ID",))[0]
    return (
        f"{label}{'' if label.endswith(':') else scene.manner.end} ",
        value(of.tax_id or "", f"{pointer}/tax_id"),
    )


def contacts(scene: Scene, tax_id: bool) -> list[Run]:
    """Return how to reach the seller, and where it is registered."""
    seller, manner = scene.of.party, scene.manner
    runs: list[Run] = []
    for key, text, name in (
        ("phone", seller.phone, "phone"),
        ("email", seller.email, "email"),
        ("web", seller.website, "website"),
        ("registered", seller.registration_id, "registration_id"),
    ):
        if text:
            runs.append((f"{manner.named(key)} ", value(text, f"/seller/{name}")))
    if tax_id and seller.tax_id:
        runs.append(tax_id_run(scene, seller, "/seller"))
    return runs


def accounts(scene: Scene) -> list[Run]:
    """Return where to pay, one run for each value; nothing where it is paid already."""
    pay = scene.invoice.payment
    runs: list[Run] = []
    for n, account in enumerate(pay.accounts if pay else []):
        spaced = account.iban and " ".join(
            account.iban[at : at + 4] for at in range(0, len(account.iban), 4)
        )
        for key, text, name in (
            ("bank", account.bank_name, "bank_name"),
            ("iban", spaced, "iban"),
            ("bic", account.bic, "bic"),
            ("account", account.account_number, "account_number"),
        ):
            if text:
                shown = value(text, f"/payment/accounts/{n}/{name}")
                runs.append((f"{scene.manner.named(key)} ", shown))
    return runs


def heads(scene: Scene) -> list[tuple[str, Run]]:
    """Return label and value of what stands at the head: number, dates, references."""
    invoice, manner = scene.invoice, scene.manner
    found: list[tuple[str, Run]] = []
    if scene.look.title != "inline":
        number = value(invoice.invoice_number or "", "/invoice_number")
        found.append((number_label(scene), (number,)))
    for key in ("issue_date", "delivery_date", "due_date"):
        moment = getattr(invoice, key)
        if moment:
            found.append((key, (value(manner.day(moment), f"/{key}"),)))
    if invoice.period_start and invoice.period_end:
        start = value(manner.day(invoice.period_start), "/period_start")
        end = value(manner.day(invoice.period_end), "/period_end")
        found.append(("period", (start, " - ", end)))
    if invoice.purchase_order_reference:
        order = value(invoice.purchase_order_reference, "/purchase_order_reference")
        found.append(("order", (order,)))
    if invoice.buyer_reference:
        found.append(("your_ref", (value(invoice.buyer_reference, "/buyer_reference"),)))
    for n, one in enumerate(invoice.buyer.identifiers if invoice.buyer else []):
        found.append(("customer", (value(one.value, f"/buyer/identifiers/{n}/value"),)))
    for n, earlier in enumerate(invoice.preceding_invoices):
        shown = value(earlier.invoice_number or "", f"/preceding_invoices/{n}/invoice_number")
        found.append(("preceding", (shown,)))
    found += [(key, (text,)) for key, text in scene.deal.extras]
    return found
