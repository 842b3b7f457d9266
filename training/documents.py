"""Documents whose truth is known: a folder of measuring cases, and what our own generators make."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.model.document import Page
from samples import library, truth
from samples.__main__ import recipes
from samples.formats import Sample
from samples.synth import __main__ as synth
from samples.synth import library as wide_library

_FIELDS_OF_PAGE = {
    "seller_vat_id": "seller_tax_id",
    "total_without_tax": "subtotal",
    "total_with_tax": "total",
}
"""Names of an e-invoice's values that a page's have otherwise."""

_NOT_PRINTED = frozenset({"line_total", "prepaid", "lines_net_visible", "lines_desc_visible"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document's words and truth. `fields` as in docs/samples.md; `family`: who made it."""

    group: str
    family: str
    source: str
    licence: str
    sha256: str
    fields: dict[str, Any]
    pages: tuple[Page, ...]


def of_corpus(folder: Path, words: Path) -> Iterator[Labelled]:
    """Yield the documents of every `cases.jsonl` below a folder that have words and a truth of their page.

    `words` is a folder in which their words are kept, so that OCR reads each scan once.
    """
    for cases in sorted(folder.glob("*/cases.jsonl")):
        for line in cases.read_text("utf-8").splitlines():
            case = json.loads(line)
            fields = _printed(case) if case.get("visible") else case.get("fields")
            if not fields or case.get("negative"):
                continue
            pages = _pages((cases.parent / case["path"]).read_bytes(), words)
            if not any(page.words for page in pages):
                continue
            medium = case.get("medium", "printed e-invoice")
            family = case.get("family") or case["source"]
            yield Labelled(
                medium, family, case["source"], case["licence"], case["sha256"], fields, pages
            )


def generated(count: int, seed: int, words: Path) -> Iterator[Labelled]:
    """Yield so many documents of each of our generators, five in six with text, the others pictures.

    Of the wide one those of a language are a family, of the other one those of a layout.
    """
    scans = count // 6
    for formats, number in ((["pdf"], count - scans), (["scan-pdf", "scan-jpeg"], scans)):
        for recipe in recipes(number, seed, formats):
            sample = library.make(recipe)
            yield from _own("samples", recipe.layout, sample, truth.fields(sample.truth), words)
        for wide in synth.recipes(number, seed, formats=formats):
            sample = wide_library.make(wide)
            known = synth.fields(wide, sample)
            yield from _own("samples.synth", wide.language, sample, known, words)


def _own(
    source: str, family: str, sample: Sample, fields: dict[str, Any], words: Path
) -> Iterator[Labelled]:
    """Yield a document of ours, nothing where no word of it is read."""
    pages = _pages(sample.data, words)
    if any(page.words for page in pages):
        digest = hashlib.sha256(sample.data).hexdigest()
        yield Labelled(
            "generated", f"{source} {family}", source, "Apache-2.0", digest, fields, pages
        )


def _pages(data: bytes, words: Path) -> tuple[Page, ...]:
    """Return a file's pages with their words, none where it cannot be read."""
    kept = words / f"{hashlib.sha256(data).hexdigest()}.msgpack"
    if kept.exists():
        return msgspec.msgpack.decode(kept.read_bytes(), type=tuple[Page, ...])
    found: list[Page] = []
    try:
        extract(data, Options(engine="layout"), pages=found.extend)
    except ExtractionError:
        found = []
    words.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.msgpack.encode(found))
    return tuple(found)


def _printed(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an e-invoice that its page shows too."""
    seen, stated = case["visible"], case["truth"]
    fields = {
        _FIELDS_OF_PAGE.get(name, name): stated[name]
        for name, is_seen in seen.items()
        if is_seen is True and stated.get(name) is not None and name not in _NOT_PRINTED
    }
    if stated.get("currency") is not None:  # else the page may print one all the same
        fields["currency"] = stated["currency"]
    lines = stated.get("lines") or []
    whole = all(line.get("line_kind") in (None, "DETAIL") for line in lines)
    shown = seen.get("lines_net_visible") == seen.get("lines_desc_visible") == len(lines)
    if lines and whole and shown:
        fields["lines"] = [
            {
                "description": line.get("description"),
                "amount": line.get("net_amount"),
                "alt_amount": [line["gross_amount"]] if line.get("gross_amount") else [],
            }
            for line in lines
        ]
    return fields
