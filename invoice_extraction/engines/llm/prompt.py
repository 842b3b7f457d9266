"""What the model is told."""

from functools import cache
from importlib.resources import files

PROMPT_VERSION = "1"
"""Names the prompt and the wire schema together; changes with either, and stands in each answer."""

REQUEST = "Transcribe this document."


@cache
def instructions() -> str:
    """Return the system prompt; the document never becomes part of it."""
    return files(__package__).joinpath("prompt.txt").read_text("utf-8")
