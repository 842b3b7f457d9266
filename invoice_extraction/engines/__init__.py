"""Engines: `ENGINES` maps a name to the module whose `read` is the engine.

Modules are named, not imported, so that knowing the engines costs nothing: the API process lists
them and never loads one.
"""

from importlib import import_module
from typing import cast

from invoice_extraction.engines.base import Engine, Readiness
from invoice_extraction.engines.llm.providers import ready
from invoice_extraction.model.options import Options

__all__ = ["ENGINES", "Engine", "Readiness", "get_engine"]

ENGINES: dict[str, str] = {
    "einvoice": "invoice_extraction.engines.einvoice.engine",
    "llm": "invoice_extraction.engines.llm.engine",
    "layout": "invoice_extraction.engines.layout.engine",
}


def get_engine(name: str) -> Engine:
    """Return the engine's function; KeyError for a name that is not in ENGINES."""
    return cast(Engine, import_module(ENGINES[name]).read)


def readiness(options: Options) -> dict[str, Readiness]:
    """Return, for each engine, whether it can be used with these options, and why not."""
    return {
        "einvoice": Readiness(ready=True),
        "llm": ready(options.model),
        "layout": Readiness(ready=True),
    }
