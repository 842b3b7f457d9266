"""What people do with documents: correct, confirm, reject, reopen, read again, cancel."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from invoice_extraction.model.extraction import Evidence, ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.own_fields import misfits
from invoice_extraction.validate import review_threshold
from invoice_extraction.validate.corrected import corrected, placed, pointers
from service import places
from service.comparison import CHECKS, Comparison, accounts_of, checks, identities, with_checks
from service.errors import Cancelled, Conflict, NoInvoice
from service.files import words_key
from service.problems import problem
from service.queue import Queue
from service.storage import Storage
from service.store.base import Decision, Job, Share, Store
from service.store.people import Correction, Deed, People, Versions, check_version


class InvalidResult(ValueError):
    """What a patch makes of a result is no invoice; `wrong` are pointers and what is wrong there."""

    def __init__(self, wrong: list[tuple[str, str]]) -> None:
        super().__init__("no invoice")
        self.wrong = wrong


@dataclass(frozen=True)
class Documents:
    """The use cases; everything they touch is passed in.

    `review_threshold` is the confidence under which a field that matters needs a person, None for the one
    that suits the engine; `share` the most that a tenant may have.
    """

    store: Store
    people: People
    comparison: Comparison
    storage: Storage
    queue: Queue
    review_threshold: float | None
    share: Share

    def correct(
        self,
        tenant: str,
        job_id: str,
        number: int,
        patch: dict[str, Any],
        *,
        key_id: str | None,
        versions: Versions,
    ) -> Job:
        """Change the result of one of a document's invoices, counted from 1, by a JSON Merge Patch (RFC 7396).

        Its member `evidence` tells where values stand (`places`). Return the document. How the machine
        read it is kept beside. `versions` are those that the caller would change, None for whichever there
        is. A patch that changes nothing leaves all as it is.

        Raises:
            UnknownTask, Expired: As `Store.get`.
            NoInvoice: The document has none with that number.
            InvalidResult: The result would not be an invoice.
            Stale, Conflict: As `People`.
        """
        job = self.store.get(tenant, job_id)
        check_version(job.version, versions)
        if job.extraction is None:
            raise Conflict(f"The document has no result: it is {job.status}.")
        extraction = Extraction.model_validate_json(job.extraction)
        if not 1 <= number <= len(extraction.invoices):
            raise NoInvoice(f"The document has {len(extraction.invoices)} invoices.")
        shown = extraction.invoices[number - 1]
        before, schema = shown.result, job.options.get("fields_schema")
        result = _patched(before, patch, schema)
        said_before = placed(shown, before)
        said = _said(shown, result, patch, {page.number for page in extraction.pages})
        if result == before and said == said_before:
            return job
        as_read = job.as_read or job.extraction
        read = Extraction.model_validate_json(as_read).invoices[number - 1]
        rest = [check for check in read.checks if check.id not in CHECKS]
        read = read.model_copy(update={"checks": rest})
        threshold = review_threshold(extraction.engine, self.review_threshold)
        invoice = corrected(read, result, places=said, threshold=threshold)
        extraction.invoices[number - 1] = invoice
        results = [one.result for one in extraction.invoices]
        accounts = self.comparison.accounts(tenant, results)

        def compared(others: list[str | None]) -> tuple[str, bool]:
            found = checks(results, others, accounts)
            extraction.invoices[number - 1] = with_checks(invoice, found[number - 1])
            review = any(invoice.needs_review for invoice in extraction.invoices)
            return extraction.model_dump_json(), review

        made = Correction(
            extraction=extraction.model_dump_json(),
            as_read=as_read,
            invoice=number,
            change=_difference(_told(before, said_before), _told(result, said)),
            keys=list(map(identities, results)),
            compared=compared,
        )
        self.people.correct(tenant, job_id, key_id, {job.version}, made)
        return self.store.get(tenant, job_id)

    def decide(
        self,
        tenant: str,
        job_id: str,
        decision: Decision,
        *,
        key_id: str | None,
        versions: Versions = None,
    ) -> Job:
        """Confirm or reject a document that was read, and return it; raises as `People.decide`."""
        self.people.decide(tenant, job_id, key_id, decision, _accounts, versions)
        return self.store.get(tenant, job_id)

    def reopen(
        self, tenant: str, job_id: str, *, key_id: str | None, versions: Versions = None
    ) -> Job:
        """Take the decision about a document back, and return it; raises as `People.reopen`."""
        job = self.store.get(tenant, job_id)
        check_version(job.version, versions)
        extraction = Extraction.model_validate_json(job.extraction) if job.extraction else None
        review = extraction is not None and any(one.needs_review for one in extraction.invoices)
        self.people.reopen(tenant, job_id, key_id, {job.version}, review=review)
        return self.store.get(tenant, job_id)

    def retry(
        self,
        tenant: str,
        job_id: str,
        options: dict[str, Any],
        *,
        key_id: str | None,
        limited: bool,
    ) -> Job:
        """Have a document read again, with these options beside its own, and return it.

        `limited` is true where the tenant's share bounds what it has waiting.

        Raises:
            QueueFull: It would be more than the tenant's share.
            UnknownTask, Expired, Conflict: As `People.retry`.
        """
        if limited:
            self.store.check_share(tenant, self.share)
        self.people.retry(tenant, job_id, key_id, options)
        self.queue.announce([job_id])
        return self.store.get(tenant, job_id)

    def cancel(self, tenant: str, job_id: str, *, key_id: str | None) -> Job:
        """End a document that is on its way, and return it; raises as `People.cancel`."""
        error = problem(Cancelled("Somebody cancelled it before it was read."))
        self.people.cancel(tenant, job_id, key_id, error)
        return self.store.get(tenant, job_id)

    def history(self, job: Job) -> list[Deed]:
        """Return what people did to a document, the latest first."""
        return self.people.history(job.id)

    def earlier(self, job: Job) -> str | None:
        """Return the extraction of a document before it was read again, as it was read or corrected; None for none."""
        return self.people.earlier(job.id)

    def words(self, tenant: str, job_id: str) -> bytes | None:
        """Return the words of a document's pages as a worker kept them, None where it kept none.

        Raises:
            UnknownTask, Expired: As `Store.get`.
        """
        self.store.get(tenant, job_id)
        try:
            return self.storage.get(words_key(tenant, job_id))
        except FileNotFoundError:
            return None


def _accounts(extraction: str) -> set[tuple[str, str]]:
    """Return the sellers of an extraction's invoices and their accounts."""
    invoices = Extraction.model_validate_json(extraction).invoices
    return accounts_of(invoice.result for invoice in invoices)


def _patched(before: Invoice, patch: dict[str, Any], schema: dict[str, Any] | None) -> Invoice:
    """Return the invoice with a merge patch applied, but for the places in it.

    Raises:
        InvalidResult: It would be none, or its own fields would not fit their schema.
    """
    patch = {name: value for name, value in patch.items() if name != places.MEMBER}
    try:
        merged = _merged(before.model_dump(mode="json"), patch)
        result = Invoice.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        raise InvalidResult(
            [("".join(f"/{part}" for part in one["loc"]), one["msg"]) for one in error.errors()]
        ) from None
    except RecursionError:
        raise InvalidResult([("", "It is nested too deep")]) from None
    wrong = [(pointer, "Send null for what is not known") for pointer in _empty(patch, "")]
    if schema is not None and result.custom != before.custom:
        wrong += misfits(schema, result.custom)
    if wrong:
        raise InvalidResult(wrong)
    return result


def _merged(target: Any, patch: Any) -> Any:
    """Return what RFC 7396 makes of `target`; a null takes a member away, lists are replaced whole."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _said(
    shown: ExtractedInvoice, result: Invoice, patch: dict[str, Any], pages: set[int]
) -> dict[str, Evidence]:
    """Return where people say that values of `result` stand, this patch and those before it.

    Raises:
        InvalidResult: The patch names a value or a page that there is none of, or an area that is none.
    """
    said = placed(shown, result)
    if places.MEMBER not in patch:
        return said
    told, wrong = places.read(patch[places.MEMBER], pointers(result), pages)
    if wrong:
        raise InvalidResult(wrong)
    return {at: one for at, one in (said | told).items() if one is not None}


def _told(invoice: Invoice, said: dict[str, Evidence]) -> dict[str, Any]:
    """Return what an invoice says, as JSON without what is not known, with the places that people gave."""
    values = invoice.model_dump(mode="json", exclude_none=True)
    return values | ({places.MEMBER: places.known(said)} if said else {})


def _difference(before: Any, after: Any) -> Any:
    """Return what changed of a JSON value, as it is now; null for what was taken away.

    Of a list of the same length these are the members, by their place from 0: the lines of a long invoice are
    not kept once more with each change of one of them.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        gone = {name: None for name in before if name not in after}
        return gone | {
            name: _difference(before.get(name), value)
            for name, value in after.items()
            if name not in before or before[name] != value
        }
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return {str(n): _difference(old, new) for n, (old, new) in pairs if old != new}
    return after


def _empty(value: Any, at: str) -> list[str]:
    """Return where a JSON value holds texts of nothing but spaces."""
    if isinstance(value, str):
        return [] if value.strip() else [at]
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [pointer for name, inner in parts for pointer in _empty(inner, f"{at}/{name}")]
