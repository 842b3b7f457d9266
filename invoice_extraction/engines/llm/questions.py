"""What is sent to a model: one question for a document, or one for each group of its pages."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from invoice_extraction.engines.llm.prompt import GROUP, PROMPT_VERSION, REQUEST
from invoice_extraction.engines.llm.providers import PICTURES, find_provider
from invoice_extraction.model.document import Document, Page, Pictures
from invoice_extraction.model.options import ModelOptions

PAGE_TOKENS = 250
"""Tokens of the answer to a page on which next to nothing is billed."""
FIGURE_TOKENS = 25
"""Tokens of the answer for each word with a digit: a line of items has four of them or more."""
PICTURE_TOKENS = 1_500
"""Tokens of the answer to a page whose words are not known."""
SAFE_SHARE = 0.75
"""Share of the limit of tokens that the answer to a group of pages is expected to need at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or the picture of the page with this number."""

    data: bytes = field(repr=False)
    media_type: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One request: the parts to read, the words that ask for it, own fields to read too.

    `pages` counts the pages in its parts, and `tokens` is what the answer to them is expected to have;
    `document` is the SHA-256 of the whole file.
    """

    document: str
    parts: tuple[Part, ...]
    pages: int
    tokens: int
    text: str = REQUEST
    fields: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """Return the bytes of the parts."""
        return sum(len(part.data) for part in self.parts)

    def key(self, model: str) -> str:
        """Return what an answer of `model` is kept under: the file's SHA-256, a colon, all else's."""
        numbers = [part.page for part in self.parts]
        rest = json.dumps([model, PROMPT_VERSION, numbers, self.text, self.fields], sort_keys=True)
        return f"{self.document}:{hashlib.sha256(rest.encode()).hexdigest()}"


def fits_whole(document: Document, options: ModelOptions) -> bool:
    """Return whether the file itself can be sent, and its answer be given, at once."""
    provider, _ = find_provider(options)
    most = provider.max_picture if document.media_type in PICTURES else provider.max_bytes
    return (
        document.media_type in provider.media_types
        and len(document.pages) <= provider.max_pages
        and len(document.data) <= most
        and (len(document.pages) < 2 or _tokens(document.pages) <= _most_tokens(options))
    )


def questions(
    document: Document, options: ModelOptions, fields: Mapping[str, Any] | None
) -> Iterator[Question]:
    """Yield what to ask: the file itself, or the pictures of its pages in groups, in their order.

    Each page stands in one group, so that no line of items is read twice. The pictures of a group are
    drawn when its question is asked for, and not kept: whoever lets go of a question before the next one
    has those of one group in memory, and one picture more.

    Raises:
        DocumentError: A page cannot be drawn.
    """
    name = hashlib.sha256(document.data).hexdigest()
    if document.pictures is None:
        part = Part(document.data, document.media_type)
        tokens = _tokens(document.pages) or PICTURE_TOKENS
        yield Question(name, (part,), len(document.pages) or 1, tokens, fields=fields)
        return
    pages = {page.number: page for page in document.pages}
    for parts in _groups(document.pictures, pages, options):
        numbers = [part.page for part in parts if part.page is not None]
        tokens = sum(_expected(pages, number) for number in numbers)
        text = GROUP.format(first=numbers[0], last=numbers[-1], all=len(document.pages))
        if len(numbers) == len(document.pictures.numbers):
            text = REQUEST
        yield Question(name, parts, len(parts), tokens, text, fields)
        del parts


def _groups(
    pictures: Pictures, pages: Mapping[int, Page], options: ModelOptions
) -> Iterator[tuple[Part, ...]]:
    provider, _ = find_provider(options)
    most = _most_tokens(options)
    group: list[Part] = []
    size = tokens = 0
    for number in pictures.numbers:
        needed = _expected(pages, number)
        if group and (len(group) == provider.max_pictures or tokens + needed > most):
            yield tuple(group)
            group, size, tokens = [], 0, 0
        picture = pictures.draw(number)
        if group and size + len(picture) > provider.max_bytes:
            yield tuple(group)
            group, size, tokens = [], 0, 0
        group.append(Part(picture, _picture_type(picture), number))
        size += len(picture)
        tokens += needed
        del picture  # the group has it
    yield tuple(group)


def _picture_type(picture: bytes) -> str:
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def _expected(pages: Mapping[int, Page], number: int) -> int:
    return _tokens([pages[number]]) if number in pages else PICTURE_TOKENS


def _most_tokens(options: ModelOptions) -> float:
    return options.max_output_tokens * SAFE_SHARE


def _tokens(pages: list[Page] | tuple[Page, ...]) -> int:
    """Return how many tokens the answer to some pages is expected to have."""
    return sum(
        PAGE_TOKENS + FIGURE_TOKENS * sum(any(c.isdigit() for c in w.text) for w in page.words)
        if page.words
        else PICTURE_TOKENS
        for page in pages
        if page.status == "read"
    )
