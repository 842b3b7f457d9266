"""The model engine: a document goes to a model, which copies what is printed on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_extraction.engines.llm.prompt import AGAIN
from invoice_extraction.engines.llm.providers import find_provider
from invoice_extraction.engines.llm.questions import Question, fits_whole, questions
from invoice_extraction.errors import (
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    ExtractionError,
)
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading, spent_before

if TYPE_CHECKING:
    from invoice_extraction.engines.llm.calls import Answered

SPARE_CALLS = 2
"""Calls for one document beyond the one for each group of its pages, whatever happens: so many in one
reading, and so many that may be billed in all readings of it, by whatever models."""
MAX_PROBLEMS = 10
"""What a model is told of its first answer: so many sentences, of at most `MAX_PROBLEM` characters."""
MAX_PROBLEM = 300


def is_sent(document: Document, options: Options) -> bool:
    """Return whether the model is sent the file itself: else its pages have to be drawn.

    So it is for types that the model does not take, for a PDF that is locked or too long for one
    request, and where only some pages are asked for: the others must not leave this machine. So it is
    too where a page holds text that nobody sees, or that a scanner's program wrote: a model reads it
    in the file, and pictures show what a person sees.
    """
    if options.model is None or options.pages or options.password:
        return options.model is None
    if any(page.hidden or page.scanned for page in document.pages):
        return False
    return fits_whole(document, options.model)


def read(document: Document, options: Options) -> Reading:
    """Return what the model of `options.model` reads from the file; no invoice is an empty reading.

    The file itself is sent, or the pictures of its pages where `document.pictures` has them, in groups
    where they are many; never its text. Values are as printed and not located. May be called from
    many threads at once; each waits for its own answer.

    Raises:
        EngineUnavailable: No model is set, it is not set up, or it does not take this type of file.
        ModelError: The model gave no valid answer, after at most `SPARE_CALLS` calls more than the
            document has page groups. Its `spent` is what all of them cost, answered or not; where no
            more may be made, it `is_last`.
        DocumentError: A page cannot be drawn.
    """
    chosen = _chosen(document, options)
    # The client library costs seconds to import; who never asks a model never loads it.
    from invoice_extraction.engines.llm.merge import merged
    from invoice_extraction.engines.llm.parse import to_reading

    answers: list[Answered] = []
    try:
        for question in questions(document, chosen, options.fields_schema):
            answers.append(_answered(question, chosen, answers, only_own=options.force))
            del question  # before the next one's pictures are drawn
    except ExtractionError as error:
        error.spent = sum((one.usage for one in answers), spent_before(error))
        raise
    answer = answers[0].answer if len(answers) == 1 else merged([one.answer for one in answers])
    usage = sum((one.usage for one in answers[1:]), answers[0].usage)
    reading = to_reading(answer, usage, document, options)
    kept = all(one.kept for one in answers)
    return replace(reading, questions=len(answers), kept=kept)


def _answered(
    question: Question, options: ModelOptions, before: Sequence["Answered"], *, only_own: bool
) -> "Answered":
    """Return the answer to one question, after `before` to those that come first.

    Raises:
        EngineError: There is none, or no call for it is left.
    """
    from invoice_extraction.engines.llm.calls import ask, recall

    answered = recall(question, options, only_own=only_own)
    if answered is not None:
        return answered
    left = SPARE_CALLS - sum(max(one.usage.calls - 1, 0) for one in before)
    own = sum(one.usage.calls > 0 for one in before)  # the others were paid for by somebody else
    unpaid = own + SPARE_CALLS - options.paid - sum(one.usage.paid for one in before)
    if unpaid < 0:
        error: EngineError = EngineTimeout(
            "The document was sent to models as often as it may be, and not read."
        )
        error.is_last = True
        raise error
    try:
        return ask(question, options, most=1 + min(left, unpaid))
    except EngineError as error:
        error.is_last = spent_before(error).paid > unpaid
        raise


def read_again(
    document: Document, options: Options, reading: Reading, problems: Sequence[str]
) -> Reading | None:
    """Return what the model reads when it is told what did not agree in its first reading.

    One call at the most. None where none is left, or where the document took several questions: what
    does not agree there may stand in any of them.

    Raises:
        EngineError: The model gave no valid answer.
        DocumentError: A page cannot be drawn.
    """
    chosen = _chosen(document, options)
    if reading.questions > 1:
        return None
    from invoice_extraction.engines.llm.calls import ask, recall
    from invoice_extraction.engines.llm.parse import to_reading

    rows = "\n".join(f"- {problem[:MAX_PROBLEM]}" for problem in problems[:MAX_PROBLEMS])
    first = next(questions(document, chosen, options.fields_schema))
    question = replace(first, text=AGAIN.format(problems=rows))
    answered = recall(question, chosen, only_own=options.force)
    if answered is None:
        if max(reading.usage.calls, reading.usage.paid + chosen.paid) > SPARE_CALLS:
            return None
        answered = ask(question, chosen, most=1)
    return to_reading(answered.answer, answered.usage, document, options)


def _chosen(document: Document, options: Options) -> ModelOptions:
    """Return how to reach the model.

    Raises:
        EngineUnavailable: There is none, or it does not take this document.
    """
    chosen = options.model
    if chosen is None:
        raise EngineUnavailable("No model is set.", hint="Set GEMINI_API_KEY, or LLM_MODEL.")
    provider, _ = find_provider(chosen)
    if document.pictures is None and document.media_type not in provider.media_types:
        raise EngineUnavailable(
            f"The model {chosen.model!r} is not sent files of type {document.media_type}.",
            hint="Choose a model that takes them (docs/engines.md), or another engine.",
        )
    return chosen
