"""A worker's look at its models: can they be used, and if not, why not."""

import logging
import threading
from collections.abc import Callable, Sequence

from invoice_extraction.engines import Readiness
from invoice_extraction.model.options import ModelOptions
from service.errors import ServiceError
from service.store.probes import Probes

log = logging.getLogger(__name__)

SOON, LATER = 60.0, 3600.0
"""Seconds until the models are asked again: where one cannot be used, and where all can."""


class Prober:
    """Asks each model's provider in a thread of its own, from `start` to `stop`, and records the answers.

    It decides nothing: a job asks its model whatever was answered here.
    """

    def __init__(
        self,
        models: Sequence[ModelOptions],
        probes: Probes,
        probe: Callable[[ModelOptions], Readiness],
    ) -> None:
        self._models = models
        self._probes = probes
        self._probe = probe
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prober", daemon=True)

    def start(self) -> None:
        """Ask in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; a request that is under way is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            ready = [self._ask(model) for model in self._models]
            self._stopping.wait(LATER if all(ready) else SOON)

    def _ask(self, model: ModelOptions) -> bool:
        """Return whether the model can be used; what cannot be recorded is asked again soon."""
        found = self._probe(model)
        if self._stopping.is_set():
            return found.ready
        if not found.ready:
            log.warning("a model cannot be used", extra={"model": model.model})
        try:
            self._probes.note(model.model, ready=found.ready, reason=found.reason)
        except ServiceError as error:
            log.warning("a probe was not recorded", extra={"code": error.code})
            return False
        return found.ready
