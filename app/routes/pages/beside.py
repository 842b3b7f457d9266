"""Two documents beside one another: what a person compares of them where one may be the other once more."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.routes.pages.review import Field, InvoiceView

COMPARED = (
    "/document_type",
    "/invoice_number",
    "/issue_date",
    "/due_date",
    "/seller/name",
    "/seller/tax_id",
    "/buyer/name",
    "/purchase_order_reference",
    "/currency",
    "/totals/net",
    "/totals/tax",
    "/totals/gross",
    "/payment/accounts/0/iban",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A value of both invoices, None where one does not say it; `same` is true where they say the same."""

    label: str
    left: Field | None
    right: Field | None

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return _stored(self.left) == _stored(self.right)


def likest(views: Sequence[InvoiceView], other: Sequence[InvoiceView]) -> InvoiceView:
    """Return the invoice whose number is one of the other file's, else the first; there is one at least."""
    numbers = {view.source.result.invoice_number for view in other}
    return next((view for view in views if view.source.result.invoice_number in numbers), views[0])


def pairs(left: InvoiceView, right: InvoiceView) -> list[Pair]:
    """Return what is compared, as far as one of both says it."""
    ours, theirs = ({one.pointer: one for one in view.fields} for view in (left, right))
    return [
        Pair(_label(found, (left, right)), ours.get(pointer), theirs.get(pointer))
        for pointer in COMPARED
        if (found := _said(ours, pointer) or _said(theirs, pointer))
    ]


def _label(field: Field, views: Sequence[InvoiceView]) -> str:
    """Return what a value is called, with whose it is: seller and buyer both have a name."""
    if not field.pointer.startswith(("/seller/", "/buyer/")):
        return field.label
    groups = [group for view in views for group in view.groups]
    return next(
        f"{group.title} · {field.label}"
        for group in groups
        if any(one.pointer == field.pointer for one in group.fields)
    )


def _said(fields: dict[str, Field], pointer: str) -> Field | None:
    field = fields.get(pointer)
    return field if field is not None and field.value is not None else None


def _stored(field: Field | None) -> str | None:
    return field.stored if field is not None else None
