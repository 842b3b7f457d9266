"""What the generator can be asked for, and what it tells, stands in docs/samples.md."""

from dataclasses import fields
from pathlib import Path

import pytest

import samples
from samples.formats import FORMATS
from samples.library import COMMITTED, PLACES, TRUTH
from samples.pictures import PICTURES
from samples.wear import CAPTURES, Wear

ROOT = Path(samples.__file__).parents[1]


@pytest.mark.parametrize(
    "name", [*FORMATS, *PICTURES, *CAPTURES, *(field.name for field in fields(Wear))]
)
def test_the_page_names_it(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "samples.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*COMMITTED, TRUTH, PLACES])
def test_the_committed_file_is_in_its_list(name: str) -> None:
    assert f"| {name} |" in (ROOT / "samples" / "files" / "README.md").read_text("utf-8")
