"""The model engine: a document goes to a model, which copies what is printed on it."""

from invoice_extraction.engines.llm.providers import find_provider
from invoice_extraction.errors import EngineUnavailable
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Reading


def is_sent(document: Document, options: Options) -> bool:
    """Return whether the model is sent the file itself: else its pages have to be drawn.

    So it is for types that the model does not take, for a PDF that is locked, and where only some
    pages are asked for: the others must not leave this machine.
    """
    if options.model is None or options.pages or options.password:
        return options.model is None
    provider, _ = find_provider(options.model)
    return document.media_type in provider.media_types


def read(document: Document, options: Options) -> Reading:
    """Return what the model of `options.model` reads from the file; no invoice is an empty reading.

    The file itself is sent, or the pictures of its pages where `document.drawn` has them; never its
    text. Values are as printed and not located. May be called from
    many threads at once; each waits for its own answer.

    Raises:
        EngineUnavailable: No model is set, it is not set up, or it does not take this type of file.
        ModelError: The model gave no valid answer, after at most three calls.
    """
    chosen = options.model
    if chosen is None:
        raise EngineUnavailable("No model is set.", hint="Set GEMINI_API_KEY, or LLM_MODEL.")
    provider, _ = find_provider(chosen)
    if not document.drawn and document.media_type not in provider.media_types:
        raise EngineUnavailable(
            f"The model {chosen.model!r} is not sent files of type {document.media_type}.",
            hint="Choose a model that takes them (docs/engines.md), or another engine.",
        )
    # The client library costs seconds to import; who never asks a model never loads it.
    from invoice_extraction.engines.llm.calls import ask
    from invoice_extraction.engines.llm.parse import to_reading

    return to_reading(ask(document, chosen), document, chosen.model)
