"""Tell a text layer that says what the page shows from one that does not.

Fonts without a map to Unicode give private characters, control characters, or the letters of another
alphabet position ("LQYRLFH" for "invoice"); such text is worse than none.
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
