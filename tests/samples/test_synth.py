"""The wide samples: many countries, languages, trades and looks, each with its exact truth."""

import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pypdfium2
import pytest
from stdnum import get_cc_module, iban

from invoice_extraction.model.invoice import INVOICE_TYPES, Invoice, Tax
from samples import truth
from samples.formats import Sample
from samples.sheet import Box
from samples.synth import countries, library
from samples.synth.__main__ import main, recipes, row, write
from samples.synth.countries import COUNTRIES
from samples.synth.library import KINDS, Recipe
from samples.synth.others import OTHERS
from samples.synth.tongues import TONGUES, tongue
from samples.synth.trades import TRADES

MADE = [(recipe, library.make(recipe)) for recipe in recipes(60, 4)]
NONE = [(recipe, library.make(recipe)) for recipe in recipes(40, 4, others=True)]
ZERO = Decimal(0)
SLACK = 1.5
"""Points by which a box may miss the reader's own."""


def joined(text: str) -> str:
    return "".join(text.split())


def words(sample: Sample) -> str:
    document = pypdfium2.PdfDocument(sample.data)
    try:
        return " ".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def test_they_are_of_many_languages_currencies_trades_and_looks() -> None:
    scenes = [library.scene(recipe) for recipe in recipes(400, 2)]
    assert len({scene.manner.tongue.code for scene in scenes}) == len(TONGUES) >= 8
    assert len({scene.of.country.currency for scene in scenes}) >= 12
    assert {scene.of.trade for scene in scenes} == TRADES.keys()
    looks = {
        (s.look.head, s.look.parties, s.look.meta, s.look.columns, s.look.sums) for s in scenes
    }
    assert len(looks) > 300


def test_every_country_has_its_languages_and_right_check_digits() -> None:
    for country in COUNTRIES.values():
        rng = Random(7)
        assert country.languages
        if country.check:
            module = get_cc_module(*country.check.split("."))
            assert module is not None
            assert module.is_valid(countries.tax_id(rng, country) or "")
        if country.iban:
            assert iban.is_valid(countries.iban(rng, country) or "")


@pytest.mark.parametrize("code", TONGUES)
def test_a_language_has_all_the_words_that_english_has(code: str) -> None:
    english, words_of = tongue("en"), tongue(code)
    for section in ("labels", "sentences", "wares", "units", "names"):
        assert getattr(words_of, section).keys() == getattr(english, section).keys(), section
    for name, kinds in words_of.other.items():
        assert name in english.other
        assert all(kinds), name
    for words_there in (words_of.labels, words_of.wares, words_of.units, words_of.names):
        assert all(text.strip() for variants in words_there.values() for text in variants)


def test_each_value_stands_in_its_box() -> None:
    for recipe, sample in MADE:
        document = pypdfium2.PdfDocument(sample.data)
        try:
            assert len(document) == sample.pages
            pages = [(page.get_size(), page.get_textpage()) for page in document]
            for pointer, places in sample.places.items():
                for place in places:
                    (width, height), text = pages[place.page - 1]
                    read = ""
                    for x0, top, x1, bottom in place.boxes:
                        assert 0 <= x0 < x1 <= 1, (recipe, pointer)
                        assert 0 <= top < bottom <= 1, (recipe, pointer)
                        read += text.get_text_bounded(
                            x0 * width - SLACK,
                            height - bottom * height - SLACK,
                            x1 * width + SLACK,
                            height - top * height + SLACK,
                        )
                    assert joined(place.text) in joined(read), (recipe, pointer)
        finally:
            document.close()


def test_no_value_stands_on_another() -> None:
    for recipe, sample in MADE:
        boxes: dict[int, set[Box]] = defaultdict(set)
        for places in sample.places.values():
            for place in places:
                boxes[place.page].update(place.boxes)
        for found in boxes.values():
            distinct = sorted(found)
            for n, one in enumerate(distinct):
                for other in distinct[n + 1 :]:
                    wide = min(one[2], other[2]) - max(one[0], other[0])
                    high = min(one[3], other[3]) - max(one[1], other[1])
                    assert wide < 0.004 or high < 0.004, (recipe, one, other)


def test_the_sums_hold_to_the_smallest_coin() -> None:
    for recipe, _ in MADE:
        invoice = library.scene(recipe).invoice
        sums, gross = invoice.totals, invoice.prices_include_tax
        shown = [
            (line.gross_amount if gross else line.net_amount) or ZERO for line in invoice.lines
        ]
        whole = sum(shown, ZERO) - (sums.allowances or ZERO) + (sums.charges or ZERO)
        assert whole == (sums.gross if gross else sums.net), recipe
        assert sums.gross == (sums.net or ZERO) + (sums.tax or ZERO), recipe
        assert sums.tax == sum((tax.tax_amount or ZERO for tax in invoice.taxes), ZERO), recipe
        for line in invoice.lines:
            full = (line.quantity or ZERO) * (line.unit_price or ZERO)
            left = (line.gross_amount if gross else line.net_amount) or ZERO
            off = full - (line.discount_amount or ZERO) - left
            assert abs(off) <= Decimal("0.5").scaleb(-COUNTRIES[recipe.country].decimals), recipe


def test_what_every_invoice_shows_is_in_the_truth() -> None:
    for recipe, sample in MADE:
        told = sample.truth
        assert told.invoice_number, recipe
        assert told.issue_date, recipe
        assert told.seller is not None, recipe
        assert told.seller.name, recipe
        assert told.totals.gross is not None, recipe
        for line in told.lines:
            assert line.description, recipe
            assert line.net_amount is not None or line.gross_amount is not None, recipe


def test_the_flat_truth_has_net_and_tax_where_only_the_bands_show_them() -> None:
    for recipe, sample in MADE:
        fields = row("name", recipe, sample)["fields"]
        bands = sample.truth.taxes
        if len(bands) == 1 and bands[0].tax_amount is not None:
            assert fields["total_tax"] == float(bands[0].tax_amount), recipe
        if len(bands) == 1 and bands[0].taxable_amount is not None:
            assert fields["subtotal"] == float(bands[0].taxable_amount), recipe


def test_two_taxes_on_one_base_count_it_once() -> None:
    half = Tax(rate=Decimal(9), taxable_amount=Decimal("200.00"), tax_amount=Decimal("18.00"))
    fields = truth.fields(Invoice(taxes=[half, half]))
    assert fields["subtotal"] == 200
    assert fields["total_tax"] == [36, None]
    full = half.model_copy(update={"taxable_amount": Decimal("50.00")})
    assert truth.fields(Invoice(taxes=[half, full]))["subtotal"] == [250, None]


def test_the_same_recipe_gives_the_same_bytes() -> None:
    for recipe, sample in MADE[:6]:
        assert library.make(recipe) == sample


def test_a_series_is_of_one_seller_and_one_look() -> None:
    first, second, third = recipes(3, 8, series=3)
    scenes = [library.scene(recipe) for recipe in (first, second, third)]
    assert scenes[0].of == scenes[1].of == scenes[2].of
    assert scenes[0].look == scenes[1].look
    assert scenes[0].manner == scenes[2].manner
    assert len({scene.invoice.invoice_number for scene in scenes}) == 3


def test_more_documents_begin_with_the_same_ones() -> None:
    assert recipes(30, 1)[:9] == recipes(9, 1)


def test_what_is_no_invoice_is_of_every_kind_and_language_and_says_nothing_to_be_paid() -> None:
    kinds = {recipe.kind for recipe in recipes(300, 1, others=True)}
    assert kinds == OTHERS.keys()
    assert len({recipe.language for recipe, _ in NONE}) >= 6
    for recipe, sample in NONE:
        assert sample.truth.document_type not in INVOICE_TYPES
        case = row("name", recipe, sample)
        assert case["negative"] is True
        assert case["fields"] is None
        assert case["boxes"] == {}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_invoice_says_what_it_is(kind: str) -> None:
    for seed in range(3):
        sample = library.make(Recipe("GB", "en", "goods", kind, seed + 20, seed))
        text = joined(words(sample)).lower()
        assert any(joined(one).lower() in text for one in tongue("en").other[kind])


def test_a_picture_says_what_the_paper_says() -> None:
    recipe = Recipe("PL", "pl", "grocer", "receipt", 5, 6)
    paper = library.make(recipe)
    photo = library.make(replace(recipe, format="scan-jpeg", capture="phone", turn=90))
    assert photo.truth == paper.truth
    assert photo.places.keys() == paper.places.keys()
    assert photo.medium == "photo"


def test_the_command_writes_documents_and_their_cases(tmp_path: Path) -> None:
    count = write([*recipes(4, 3), *recipes(2, 3, others=True)], tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "cases.jsonl").open(encoding="utf-8")]
    assert len(rows) == count == 6
    for case in rows:
        assert (tmp_path / case["path"]).stat().st_size == case["bytes"]
        assert case["negative"] == (case["kind"].replace(" ", "_") not in KINDS)


def test_a_series_of_no_documents_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["samples.synth", "--count", "1", "--series", "0"])
    with pytest.raises(SystemExit):
        main()
    assert "--series must be 1 or more" in capsys.readouterr().err
