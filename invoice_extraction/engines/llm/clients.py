"""Clients for models, shared by all threads.

The clients are asynchronous and belong to the event loop that first used them, so all calls run on one
loop in a thread of its own; the callers' threads wait. A client is built once for each model, key and
base URL, under a lock: two threads that raced for it would leave one with a client that is closed.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from invoice_extraction.engines.llm.providers import find_provider, reached
from invoice_extraction.errors import EngineUnavailable
from invoice_extraction.model.options import ModelOptions

if TYPE_CHECKING:
    from pydantic_ai.models import Model

Answer = TypeVar("Answer")


class Clients:
    """The loop and the clients that live on it; both begin with the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._models: dict[tuple[str, str, str | None], Model] = {}

    def run(
        self, options: ModelOptions, ask: Callable[["Model"], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Return what `ask(client)` returns; it runs on the shared loop while this thread waits.

        Raises:
            EngineUnavailable: The provider is not known, not set up or not installed.
        """
        with self._lock:
            loop = self._running_loop()
            model = self._model(options)
        future = asyncio.run_coroutine_threadsafe(ask(model), loop)
        try:
            return future.result()
        finally:
            # A caller that was interrupted leaves no call behind that would go on and be billed.
            future.cancel()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        # Threads do not survive a fork: a child begins anew, with clients of its own.
        if self._loop is None or self._thread is None or not self._thread.is_alive():
            self._models.clear()
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="model-calls", daemon=True
            )
            self._thread.start()
        return self._loop

    def _model(self, options: ModelOptions) -> "Model":
        provider, name = find_provider(options)
        options = reached(options)
        key = (options.model, options.api_key, options.base_url)
        if key not in self._models:
            try:
                self._models[key] = provider.build(name, options)
            except ImportError as exc:
                raise EngineUnavailable(
                    f"The client for {options.model!r} is not installed.",
                    hint="Install it: pip install 'invoice-extraction[llm]'.",
                ) from exc
        return self._models[key]


CLIENTS = Clients()
