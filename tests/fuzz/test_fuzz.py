"""Whatever a file holds, it ends in an invoice or in one of our errors, in bounded time and memory.

`make test` looks at some hundred files, `make soak` at tens of thousands.
"""

import contextlib
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_extraction.errors import (
    DocumentError,
    EngineUnavailable,
    ExtractionError,
    ReaderError,
)
from invoice_extraction.export import FORMATS, Entry
from invoice_extraction.extract import extract
from invoice_extraction.intake.combined import combine
from invoice_extraction.model.extraction import Extraction
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.normalise import amounts, currency, dates
from invoice_extraction.sandbox.client import Readers
from tests.fuzz.mutation import as_base64, changed_bytes, changed_xml, within_pdf
from tests.intake.test_p7m import signed
from tests.servers import ROOT

SYNTAXES = sorted((ROOT / "tests" / "data" / "einvoice").glob("*.xml"))
FILES = ROOT / "samples" / "files"
OPTIONS = Options(engine="einvoice", compare=False)
FEW, MANY = 25, 3_000
SECONDS = 2.0
"""Of computing for one file, on a slow machine: a sound one takes a hundredth of it."""

MEMORY = 150_000_000
"""Bytes of Python's own for one file."""

Damage = Callable[[bytes, random.Random], bytes]
seeds = st.integers(0, 2**32 - 1)


def judged(data: bytes, options: Options = OPTIONS) -> Extraction | None:
    """Return what was read, None for a file that was refused; any other end, and too long a way, fails."""
    started = time.process_time()
    found = None
    with contextlib.suppress(DocumentError, EngineUnavailable):
        found = extract(data, options)
    assert time.process_time() - started < SECONDS
    if found is not None:
        assert found.invoices
        assert Extraction.model_validate_json(found.model_dump_json()) == found
    return found


def damaged(path: Path, damage: Damage, seed: int) -> bytes:
    return damage(path.read_bytes(), random.Random(seed))


# ---------------------------------------------------------------- syntaxes


@pytest.mark.parametrize("path", SYNTAXES, ids=lambda path: path.stem)
@given(seed=seeds)
@settings(max_examples=FEW)
def test_a_changed_e_invoice_is_read_or_refused(path: Path, seed: int) -> None:
    judged(damaged(path, changed_xml, seed))


@pytest.mark.parametrize("path", SYNTAXES, ids=lambda path: path.stem)
@given(seed=seeds)
@settings(max_examples=FEW)
def test_an_e_invoice_of_damaged_bytes_is_read_or_refused(path: Path, seed: int) -> None:
    judged(damaged(path, changed_bytes, seed))


@pytest.mark.parametrize("path", SYNTAXES, ids=lambda path: path.stem)
@given(seed=seeds)
@settings(max_examples=5)
def test_what_was_read_can_be_written_in_every_format(path: Path, seed: int) -> None:
    found = judged(damaged(path, changed_xml, seed))
    if found is not None:
        for form in FORMATS.values():
            assert form.write(Entry.of(found))


def test_a_damaged_e_invoice_takes_bounded_memory() -> None:
    tracemalloc.start()
    try:
        for number, path in enumerate(SYNTAXES):
            judged(damaged(path, changed_xml, number))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------- containers


@given(seed=seeds, path=st.sampled_from(SYNTAXES))
@settings(max_examples=2 * FEW)
def test_a_damaged_e_invoice_within_a_pdf_is_read_or_refused(seed: int, path: Path) -> None:
    dice = random.Random(seed)
    damage = dice.choice((changed_xml, changed_bytes))
    judged(within_pdf(damage(path.read_bytes(), dice), "factur-x.xml", dice))


@given(seed=seeds, path=st.sampled_from(SYNTAXES))
@settings(max_examples=4 * FEW)
def test_a_damaged_signed_file_is_read_or_refused(seed: int, path: Path) -> None:
    dice = random.Random(seed)
    data = changed_bytes(signed(path.read_bytes()), dice)
    judged(data if dice.random() < 0.5 else as_base64(data, dice))


@pytest.fixture(scope="module")
def readers():
    with Readers(1) as pool:
        yield pool


@pytest.mark.parametrize("name", ["factur-x-de.pdf", "credit-note-en.pdf", "receipt-photo-de.jpg"])
def test_a_damaged_file_is_opened_or_refused_by_its_reader(name: str, readers: Readers) -> None:
    for seed in range(FEW):
        opened(damaged(FILES / name, changed_bytes, seed), readers)


def test_damaged_pictures_that_were_combined_are_opened_or_refused(readers: Readers) -> None:
    photo = FILES / "receipt-photo-de.jpg"
    data = combine([photo, photo])
    for seed in range(FEW):
        opened(changed_bytes(data, random.Random(seed)), readers)


def opened(data: bytes, readers: Readers) -> None:
    """Open a file and draw its first page; a reader that dies of it, or takes too long, fails."""
    try:
        document = readers.open(data, Options())
        assert document.pages or document.xml
        readers.picture(data, document.media_type, 1, 320, Limits())
    except ReaderError:
        raise
    except ExtractionError:
        return


# ---------------------------------------------------------------- values


@given(text=st.text(max_size=200), style=st.sampled_from([None, ".", ","]))
@settings(max_examples=10 * FEW)
def test_any_text_is_an_amount_or_none(text: str, style: amounts.NumberStyle) -> None:
    for found in (amounts.parse(text, style), amounts.percent(text, style)):
        assert found is None or (found.is_finite() and abs(found) < 10**15)


NUMBERS = st.text(alphabet="0123456789.,' -+()%€$eE٣１\u00a0\u202f", max_size=40)


@given(text=NUMBERS, style=st.sampled_from([None, ".", ","]))
@settings(max_examples=10 * FEW)
def test_anything_like_a_number_is_an_amount_or_none(text: str, style: amounts.NumberStyle) -> None:
    found = amounts.parse(text, style)
    assert found is None or (found.is_finite() and abs(found) < 10**15)


DATES = st.text(alphabet="0123456789./-, JanuaryMärz年月日T:Z", max_size=40)


@given(text=st.one_of(st.text(max_size=200), DATES), language=st.sampled_from([None, "de", "xx"]))
@settings(max_examples=10 * FEW)
def test_any_text_is_a_date_or_none(text: str, language: str | None) -> None:
    for order in (None, "dmy", "mdy"):
        dates.parse(text, order, language)  # type: ignore[arg-type]
    assert all(0 <= start < end <= len(text) for start, end, _ in dates.find(text, language))


@given(text=st.text(max_size=100))
@settings(max_examples=4 * FEW)
def test_any_text_is_a_currency_or_none(text: str) -> None:
    found = currency.parse(text)
    assert found is None or (len(found) == 3 and found.isupper())


# ---------------------------------------------------------------- for long


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("damage", [changed_xml, changed_bytes], ids=["elements", "bytes"])
@pytest.mark.parametrize("path", SYNTAXES, ids=lambda path: path.stem)
def test_thousands_of_damaged_e_invoices_are_read_or_refused(path: Path, damage: Damage) -> None:
    for seed in range(MANY):
        try:
            judged(damaged(path, damage, seed))
        except Exception as error:
            raise AssertionError(f"{path.name}, {damage.__name__}, seed {seed}") from error


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_thousands_of_damaged_containers_are_opened_or_refused(readers: Readers) -> None:
    photo = FILES / "receipt-photo-de.jpg"
    wholes = [(FILES / name).read_bytes() for name in ("factur-x-de.pdf", "credit-note-en.pdf")]
    wholes += [combine([photo, photo]), signed(SYNTAXES[0].read_bytes())]
    for seed in range(MANY):
        opened(changed_bytes(wholes[seed % len(wholes)], random.Random(seed)), readers)
