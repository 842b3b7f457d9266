"""The memory of models' answers, as one job sees it."""

import logging
from dataclasses import dataclass

from invoice_extraction.model.calls import Kept
from service.errors import ServiceError
from service.store.answers import Answers
from service.store.ledger import Ledger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobMemory:
    """Fulfils `model.calls.Memory`; what is kept belongs to the job's document and goes with it.

    `again` is True where the job was handed over: what it finds was counted before that.
    """

    answers: Answers
    ledger: Ledger
    tenant: str
    job_id: str
    model: str
    again: bool = False

    def recall(self, key: str, *, only_own: bool = False) -> Kept | None:
        """Return what was kept under a key, with `only_own` by this job, None where there is nothing.

        Raises:
            ServiceUnavailable: The database does not answer; the job is better tried again than paid again.
        """
        kept = self.answers.recall(self._own(key), self.job_id, only_own=only_own)
        if kept is not None and not kept.own and not self.again:
            self.ledger.count_kept(self.model, self.tenant)
        return kept

    def keep(self, key: str, answer: bytes) -> bool:
        """Keep an answer; it was paid for, so what prevents that does not fail the job."""
        try:
            return self.answers.keep(self._own(key), self.job_id, answer)
        except ServiceError as error:
            log.warning("an answer was not kept", extra={"code": error.code})
            return False

    def _own(self, key: str) -> str:
        """Return the key among those of the tenant: another one's answers are not known here."""
        return f"{self.tenant}/{key}"
