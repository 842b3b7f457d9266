"""The fit finds what tells right from wrong, and is measured on what it has not seen."""

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from invoice_extraction.model.document import Page, Word
from training import __main__ as command
from training import documents, plot
from training.__main__ import about, of_document
from training.regression import (
    Judged,
    accepted,
    calibration_error,
    fit,
    intervals,
    limit,
    sigmoid,
    table,
    unseen,
)


def drawn(count: int = 3000) -> list[Judged]:
    """Values of which the odds are 1 + 2 x their sign."""
    lot = Random(3)
    values = []
    for n in range(count):
        much = lot.uniform(-2, 2)
        right = lot.random() < 1 / (1 + np.exp(-(1 + 2 * much)))
        values.append(Judged("drawn", f"family {n % 40}", "/totals/net", {"much": much}, right))
    return values


def test_the_fit_finds_the_odds_that_values_were_drawn_with():
    found = table(drawn())
    weights = fit(found.signs, found.right, found.counts, penalty=0.01)
    assert found.names == ["", "much"]
    assert weights == pytest.approx([1, 2], abs=0.2)


def test_confidence_by_other_families_is_calibrated():
    found = table(drawn())
    confidence = unseen(found, penalty=1.0, seed=1)
    assert calibration_error(confidence, found.right) < 0.03


def test_a_family_is_never_judged_by_itself():
    values = [Judged("drawn", "own", "x", {"only here": 1.0}, False)] * 30
    values += [Judged("drawn", f"other {n % 20}", "x", {}, True) for n in range(300)]
    found = table(values)
    confidence = unseen(found, penalty=1.0, seed=1)
    assert confidence[:30].min() > 0.9  # nothing else tells that they are wrong


def test_many_documents_of_one_vendor_do_not_outweigh_many_vendors():
    values = [Judged("drawn", "large", "x", {}, True)] * 2000
    values += [Judged("drawn", f"small {n}", "x", {}, True) for n in range(20)]
    counts = table(values).counts
    assert counts[:2000].sum() == pytest.approx((20 / 2000) ** 0.5 * 2000)
    assert counts[-1] == 1


def test_a_value_whose_sign_was_turned_takes_no_part_in_the_fit():
    values = [Judged("drawn", f"family {n}", "x", {}, False, turned=n < 3) for n in range(5)]
    assert list(table(values).counts) == [0, 0, 0, 1, 1]


def test_the_error_is_the_gap_between_confidence_and_share_right():
    right = np.array([1.0] * 8 + [0.0] * 2)
    assert calibration_error(np.full(10, 0.8), right, bins=1) == pytest.approx(0)
    assert calibration_error(np.full(10, 0.9), right, bins=1) == pytest.approx(0.1)


def test_so_many_are_accepted_as_are_right_at_the_precision_asked_for():
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([1.0, 1.0, 0.0, 1.0])
    assert accepted(confidence, right, np.ones(4), 0.99) == (0.8, 0.5)
    assert accepted(confidence, right, np.ones(4), 0.7) == (0.6, 1.0)
    assert accepted(confidence, np.zeros(4), np.ones(4), 0.99) == (1.0, 0.0)


def test_the_limit_is_where_values_are_told_as_much_on_average():
    confidence = np.array([0.7, 1.0, 0.98, 0.99])
    assert limit(confidence, 0.985) == 0.98
    assert limit(confidence, 0.9) == 0.7
    assert limit(np.array([0.5]), 0.9) == 1.0


def test_an_interval_holds_the_measure_and_comes_of_the_families():
    right = np.array([1.0] * 50 + [0.0] * 50)
    names = [f"family {n // 10}" for n in range(100)]
    ((low, high),) = intervals(names, lambda places: [right[places].mean()], seed=1)
    assert low < 0.5 < high
    one = intervals(["one"] * 100, lambda places: [right[places].mean()], seed=1)
    assert one == [(0.5, 0.5)]


def test_a_plot_has_a_point_for_each_share_of_a_series():
    confidence = sigmoid(np.linspace(-1, 4, 200))
    drawing = plot.reliability([("ours", confidence, (confidence > 0.5).astype(float))])
    assert drawing.count('r="3"') == 10
    assert ">ours<" in drawing


def test_our_own_documents_give_values_of_which_most_are_right(tmp_path):
    own = list(documents.generated(5, 2, tmp_path))
    values = [value for one in own for value in of_document(one)]
    assert len(values) > 80
    assert sum(value.right for value in values) / len(values) > 0.8
    assert about(own, 2)["data"] == [
        {"source": "samples", "licence": "Apache-2.0", "documents": 5},
        {"source": "samples.synth", "licence": "Apache-2.0", "documents": 5},
    ]


def corpus(folder: Path) -> dict[str, Any]:
    """Write a folder with one labelled document; return its case."""
    (made,) = documents.recipes(1, 4, ["pdf"])
    sample = documents.library.make(made)
    folder.mkdir(parents=True)
    (folder / "one.pdf").write_bytes(sample.data)
    case = {
        "path": "one.pdf",
        "sha256": "0" * 64,
        "source": "ours",
        "licence": "Apache-2.0",
        "medium": "born-digital pdf",
        "fields": documents.truth.fields(sample.truth),
    }
    cases = [case, {**case, "negative": True}, {**case, "fields": None}]
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    return case


def test_a_folder_of_cases_is_read_with_its_truth_and_its_words_are_kept(tmp_path):
    case = corpus(tmp_path / "corpus" / "own")
    words = tmp_path / "words"
    (found,) = documents.of_corpus(tmp_path / "corpus", words)
    assert (found.group, found.family, found.fields) == ("born-digital pdf", "ours", case["fields"])
    assert len(list(words.iterdir())) == 1
    (again,) = documents.of_corpus(tmp_path / "corpus", words)
    assert again == found


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ([], []),
        (["--corpus", "labelled"], ["plot.svg", "weights.json"]),
        (["--corpus", "labelled", "--dry"], []),
        (["--corpus", "empty"], []),
    ],
)
def test_weights_are_written_only_if_labelled_documents_were_among_those_fitted_on(
    arguments, written, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    corpus(tmp_path / "labelled" / "own")
    made = tmp_path / "made"
    made.mkdir()
    monkeypatch.setattr(command, "WEIGHTS", made / "weights.json")
    monkeypatch.setattr(command, "PLOT", made / "plot.svg")
    monkeypatch.setattr(sys, "argv", ["training", "--generated", "3", "--words", "w", *arguments])
    command.main()
    assert sorted(path.name for path in made.iterdir()) == written
    assert ("Nothing was written." in capsys.readouterr().out) == (not written)


def test_values_whose_sign_was_turned_are_told_in_a_row_without_them(capsys):
    values = [Judged("drawn", f"f {n}", "/totals/net", {}, n > 0, turned=n == 0) for n in range(20)]
    every, sure = np.ones(20, dtype=bool), np.full(20, 0.99)
    command.report(values, table(values), sure, every, 0.9, 1)
    rows = capsys.readouterr().out
    assert "| all documents, all values | 20 | 0.950 |" in rows
    assert "| all documents, no sign turned | 19 | 1.000 |" in rows
    command.report(values[1:], table(values[1:]), sure[1:], every[1:], 0.9, 1)
    assert "no sign turned" not in capsys.readouterr().out


def test_a_credit_note_printed_with_minus_signs_has_values_whose_sign_was_turned():
    rows = (
        "Quellfeder OHG",
        "Gutschrift Nr. G-4411",
        "Datum: 17.05.2031",
        "Gesamtbetrag -84,00 EUR",
    )
    words = []
    for n, row in enumerate(rows):
        left = 50.0
        for text in row.split():
            words.append(Word(text, left, 60 + 30 * n, left + 7 * len(text), 70 + 30 * n))
            left += 7 * len(text) + 4
    page = Page(1, 600, 800, tuple(words), "text")
    known = documents.Labelled("drawn", "x", "x", "x", "", {"total": 84}, (page,))
    (gross,) = of_document(known)
    assert (gross.field, gross.right, gross.turned) == ("/totals/gross", True, True)


def test_what_fails_a_check_is_measured_as_it_is_told():
    values = [Judged("drawn", "x", "x", {}, True, most) for most in (1.0, 0.5, 0.85, 0.5)]
    told = command.as_told(values, np.array([0.9, 0.9, 0.9, 0.3]))
    assert list(told) == [0.9, 0.5, 0.85, 0.3]
