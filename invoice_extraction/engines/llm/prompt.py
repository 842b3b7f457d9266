"""What the model is told."""

from functools import cache
from importlib.resources import files

PROMPT_VERSION = "2"
"""Names the prompt and the wire schema together; changes with either, and stands in each answer."""

REQUEST = "Transcribe this document."
GROUP = "These are the pages {first} to {last} of a document with {all} pages. Transcribe what stands on them."
AGAIN = """Transcribe this document. In an earlier transcription these values did not agree:
{problems}
Look at their places again. Copy what is printed there, even if the document itself does not add up."""
"""Asks a second time; `problems` are sentences of our checks, one a row."""


@cache
def instructions() -> str:
    """Return the system prompt; the document never becomes part of it."""
    return files(__package__).joinpath("prompt.txt").read_text("utf-8")
