"""What is sent to a model: one question for a document, or one for each group of its pages."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from invoice_extraction.engines.llm.prompt import GROUP, PROMPT_VERSION, REQUEST
from invoice_extraction.engines.llm.providers import Provider, find_provider
from invoice_extraction.model.document import Document, Page
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

    `pages` counts the pages in its parts; `document` is the SHA-256 of the whole file.
    """

    document: str
    parts: tuple[Part, ...]
    pages: int
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
    return (
        document.media_type in provider.media_types
        and len(document.pages) <= provider.max_pages
        and len(document.data) <= provider.max_bytes
        and (len(document.pages) < 2 or _tokens(document.pages) <= _most_tokens(options))
    )


def questions(
    document: Document, options: ModelOptions, fields: Mapping[str, Any] | None
) -> list[Question]:
    """Return what to ask: the file itself, or the pictures of its pages in groups, in their order.

    Each page stands in one group, so that no line of items is read twice.
    """
    name = hashlib.sha256(document.data).hexdigest()
    if not document.drawn:
        part = Part(document.data, document.media_type)
        return [Question(name, (part,), len(document.pages) or 1, fields=fields)]
    provider, _ = find_provider(options)
    groups = list(_groups(document, provider, options))
    if len(groups) == 1:
        return [Question(name, groups[0], len(groups[0]), fields=fields)]
    return [
        Question(
            name,
            group,
            len(group),
            GROUP.format(first=group[0].page, last=group[-1].page, all=len(document.pages)),
            fields,
        )
        for group in groups
    ]


def _groups(
    document: Document, provider: Provider, options: ModelOptions
) -> Iterator[tuple[Part, ...]]:
    pages = {page.number: page for page in document.pages}
    most = _most_tokens(options)
    group: list[Part] = []
    size = tokens = 0
    for drawn in document.drawn:
        needed = _tokens([pages[drawn.number]]) if drawn.number in pages else PICTURE_TOKENS
        full = len(group) == provider.max_pictures
        if group and (
            full or size + len(drawn.data) > provider.max_bytes or tokens + needed > most
        ):
            yield tuple(group)
            group, size, tokens = [], 0, 0
        group.append(Part(drawn.data, drawn.media_type, drawn.number))
        size += len(drawn.data)
        tokens += needed
    yield tuple(group)


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
