import tomllib
from importlib import resources

import pytest

from invoice_extraction.engines.layout import labels

FILES = sorted(
    file.name for file in resources.files(labels).iterdir() if file.name.endswith(".toml")
)


@pytest.mark.parametrize("name", FILES)
def test_every_language_file_has_the_same_shape(name: str) -> None:
    def shape(file: str) -> dict[str, set[str]]:
        data = tomllib.loads((resources.files(labels) / file).read_text("utf-8"))
        return {"phrases": set(data["phrases"]), "words": set(data["words"]), "all": set(data)}

    own, english = shape(name), shape("en.toml")
    assert own["phrases"] == english["phrases"]
    assert own["words"] == english["words"]
    assert own["all"] == {"language", "phrases", "columns", "types", "words"}


def test_spelling_counts_without_case_accents_and_punctuation() -> None:
    assert labels.squash("USt-Id.-Nr.:") == labels.squash("ust idnr") == "ustidnr"
    assert labels.squash("Fälligkeit") == "falligkeit"


def test_no_phrase_labels_two_kinds_of_amount() -> None:
    sums = {"gross", "net", "tax", "amount_due", "paid", "no_total", "tax_id"}
    both = {
        phrase: fields
        for phrase, (fields, _) in labels.load().phrases.items()
        if len(sums & set(fields)) > 1
    }
    assert both == {}
