"""Languages by code: the words of each, as `languages/*.toml` holds them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "languages"

TONGUES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
"""The languages there are. One file makes a new one."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language: for each key its variants, in the sections of its file.

    `other` is what documents that are no invoices need; it is empty where the language has none of them.
    """

    code: str
    labels: Mapping[str, tuple[str, ...]]
    sentences: Mapping[str, tuple[str, ...]]
    wares: Mapping[str, tuple[str, ...]]
    units: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    other: Mapping[str, tuple[str, ...]]

    def sentence(self, rng: Random, key: str) -> str:
        """Return one of the sentences of that key. Raises KeyError."""
        return rng.choice(self.sentences[key])


@cache
def tongue(code: str) -> Tongue:
    """Return a language. Raises FileNotFoundError for one that has no file."""
    found = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    parts = {
        section: {key: tuple(text.split("|")) for key, text in words.items()}
        for section, words in found.items()
    }
    return Tongue(code, **({"other": {}} | parts))
