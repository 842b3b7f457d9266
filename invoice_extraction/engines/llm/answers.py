"""The text of a model's answer → WireAnswer."""

from pydantic import ValidationError

from invoice_extraction.engines.llm.wire import WireAnswer
from invoice_extraction.errors import InvalidModelOutput

MAX_ANSWER = 262_144
"""Bytes of an answer; one that is longer has run away."""


def read_answer(text: str) -> WireAnswer:
    """Return the answer; a Markdown fence or prose around its JSON is passed over.

    Raises:
        InvalidModelOutput: It is too long, no JSON, or does not fit the schema.
    """
    if len(text) > MAX_ANSWER or len(text.encode(errors="replace")) > MAX_ANSWER:
        raise InvalidModelOutput("The model's answer is longer than any invoice needs.")
    problem = "there is no JSON in it"
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        try:
            return WireAnswer.model_validate_json(text[start : end + 1])
        except ValidationError as exc:
            first = exc.errors(include_input=False, include_url=False)[0]
            problem = ".".join(map(str, first["loc"])) or "JSON"
            problem = f"{problem[:80]}: {first['type']}"
    # Raised outside of the handler: pydantic's error quotes the answer, and with it the document.
    raise InvalidModelOutput(f"The model's answer does not fit the schema ({problem}).")
