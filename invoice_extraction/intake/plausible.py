"""Tell a text layer that says what the page shows from one that does not.

Fonts without a map to Unicode give private characters, control characters, or the letters of another
alphabet position ("LQYRLFH" for "invoice"). A scanner's program that guessed the language wrongly
gives a mixture of scripts. Such text is worse than none.
"""

import numpy as np
from numpy.typing import NDArray

_BAD_SHARE = 0.3
_MIN_LETTERS = 120  # fewer say nothing about how often vowels come
_MIN_VOWELS = 0.15  # of all Latin letters; measured on invoices in 20 languages: .27 and more

_BAD = np.zeros(0x10000, bool)
_BAD[:9] = True
_BAD[14:0x20] = True
_BAD[0x7F:0xA0] = True
_BAD[0xE000:0xF900] = True
_BAD[[0xFFFD, 0xFFFF]] = True

_LETTER = np.zeros(0x10000, bool)
_LETTER[0x41:0x5B] = True
_LETTER[0x61:0x7B] = True
_LETTER[0xC0:0x250] = True
_VOWEL = np.zeros(0x10000, bool)
_VOWEL[[ord(letter) for letter in "aeiouyAEIOUY"]] = True
_VOWEL[0xC0:0x250] = True  # most letters with marks are vowels; garbage hardly has any


_SCRIPTS = (
    ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0x250), (0x1E00, 0x1F00)),  # Latin
    ((0x370, 0x400), (0x1F00, 0x2000)),  # Greek
    ((0x400, 0x530),),  # Cyrillic
    ((0x590, 0x600),),  # Hebrew
    ((0x600, 0x700), (0x750, 0x780), (0xFB50, 0xFE00), (0xFE70, 0xFEFF)),  # Arabic
    ((0xE00, 0xE80),),  # Thai
    ((0x3040, 0x3100), (0x3400, 0xA000), (0xAC00, 0xD7A4)),  # Chinese, Japanese, Korean
    # What only stands beside those: punctuation, full width letters, squares, circled numbers
    ((0x3001, 0x3040), (0xFF01, 0xFFA0), (0x25A0, 0x2600), (0x2160, 0x2180), (0x2460, 0x2500)),
)
_LATIN, _IDEOGRAPHIC, _BESIDE = 1, 7, 8
_SCRIPT = np.zeros(0x10000, np.uint8)
for _number, _ranges in enumerate(_SCRIPTS, 1):
    for _first, _end in _ranges:
        _SCRIPT[_first:_end] = _number
_OWN_SHARE = 0.15  # of all letters: from here on a script is the document's own
_FOREIGN_SHARE = 0.1
_BESIDE_SHARE = 0.3  # on invoices in Chinese and Japanese it is a tenth


def is_plausible(units: NDArray[np.uint32]) -> bool:
    """Return whether code units (UTF-16) look like text that a person wrote."""
    small = np.minimum(units, 0xFFFC)
    small[(units == 0xFFFD) | (units == 0xFFFF)] = 0xFFFD
    visible = int(np.count_nonzero(small > 0x20))
    controls = int(np.count_nonzero(_BAD[small]))
    if controls > _BAD_SHARE * max(visible, 1):
        return False
    letters = int(np.count_nonzero(_LETTER[small]))
    vowels = int(np.count_nonzero(_VOWEL[small]))
    return letters < _MIN_LETTERS or vowels >= _MIN_VOWELS * letters


def is_mixture(units: NDArray[np.uint32]) -> bool:
    """Return whether recognised text mixes scripts as no document does.

    Latin letters stand beside every script; a second script beside them is the document's own, further
    ones are a recogniser's guesses.
    """
    counts = np.bincount(_SCRIPT[np.minimum(units, 0xFFFF)], minlength=9).tolist()
    beside = counts[_BESIDE]
    counts[_IDEOGRAPHIC] += beside
    letters = sum(counts[_LATIN:_BESIDE])
    others = counts[_LATIN + 1 : _BESIDE]
    main = max(others)
    if main < _OWN_SHARE * letters:
        main = 0
    if sum(others) - main > _FOREIGN_SHARE * letters:
        return True
    ideographic = counts[_IDEOGRAPHIC]
    return bool(main == ideographic > 0 and beside > _BESIDE_SHARE * ideographic)
