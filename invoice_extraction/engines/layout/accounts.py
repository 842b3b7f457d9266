"""Bank accounts: which of the printed ones is to be paid into."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from invoice_extraction.engines.layout import misread
from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.references import Found, places

_BIC_LABEL = re.compile(
    r"\b(?:BIC|SWIFT)(?:[\s/-]*(?:BIC|SWIFT|Code|No\.?|Nr\.?))*(?![^\W\d_])", re.I
)
_BIC = re.compile(r"[\s:.()-]*([A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?![A-Z0-9])")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}")
_MISREAD = re.compile(r"[A-Za-z0-9]{2}[A-Za-z0-9|]{2}(?:\s?[A-Za-z0-9|]){11,30}")
"""What OCR may make of one."""

_BROKEN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){0,28}\s*$")
"""The beginning of one at the end of a line, which goes on in the next."""

_SHORT = re.compile(r"[A-Z]{2}\d{2}(?:\s?\d){8,28}(?!\s?\d)")
"""What is called an IBAN and has another length than its country's."""

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "AE": 23, "SA": 24, "TR": 26,
}  # fmt: skip

_BETWEEN = re.compile(
    r"(?:[\s:.,#°()/-]|(?i:no|nr|number|nummer|numero|code|bic|swift)\b|[A-Z]{3}\b)*"
)
"""What may stand between the label "IBAN" and the account: "IBAN No. (EUR):"."""

_SENTENCE = 8
"""So many words beside an account make it part of a running sentence."""

_INVALID = 0.7
"""The prior of an IBAN whose check digits are wrong."""

_LABELLED, _BARE, _IN_SENTENCE = range(3)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The IBANs to be paid into, each with its BIC or None; `unclear` are those nothing tells apart.

    An IBAN is as printed, its check digits are wrong where its score is low.
    """

    found: list[tuple[Found, Found | None]]
    unclear: tuple[str, ...] = ()


def accounts(layout: Layout, country: str | None) -> Accounts:
    """Return the accounts behind a label of their own, the seller's country's first.

    Where none is labelled, the only one; of several the only one of the seller's country (`country`,
    ISO 3166-1, None where it is not known). One in a running sentence comes last: a sentence may
    tell anything ("do not pay to ... any more").
    """
    printed = _printed(layout)
    if not printed:
        return Accounts([])
    level = min(printed)
    chosen = printed[level]
    valid = [one for one in chosen if one.score > _INVALID]
    if level == _LABELLED:
        ibans = sorted(valid or chosen[:1], key=lambda one: not _fits(one, country))
    else:
        own = [one for one in valid if _fits(one, country)]
        ibans = valid if len(valid) == 1 else own if len(own) == 1 else []
        if not ibans and valid:
            return Accounts([], tuple("".join(one.text.split()) for one in valid))
    codes = _bics(layout)
    if len(ibans) == 1:
        return Accounts([(ibans[0], codes[0] if codes else None)])
    return Accounts([(one, _beside(one, codes)) for one in ibans])


def _printed(layout: Layout) -> dict[int, list[Found]]:
    """Return the different IBANs by how they are told, each at its best place, as printed."""
    behind = _behind(layout)
    best: dict[str, tuple[int, Found]] = {}
    for row in layout.rows:
        for segment in row:
            if not segment.has_digits:
                continue
            told = behind.get(id(segment), set())
            for start, text in _texts(layout, segment, told):
                bare = "".join(text.split())
                level = _level(layout, segment, start, start + len(text), told)
                valid = _mod97(bare) or (layout.by_ocr and misread.iban(bare) is not None)
                if not valid and not _is_named(segment, start, told):
                    continue
                score = _INVALID if not valid else 0.85 if level == _IN_SENTENCE else 0.96
                if bare not in best or level < best[bare][0]:
                    best[bare] = level, Found(text, segment, start, start + len(text), score)
            broken = _broken(layout, segment)
            if broken is not None:
                best.setdefault("".join(broken.text.split()), (_IN_SENTENCE, broken))
    printed: dict[int, list[Found]] = {}
    for level, found in best.values():
        printed.setdefault(level, []).append(found)
    return printed


def _broken(layout: Layout, segment: Segment) -> Found | None:
    """Return the right IBAN that begins at the end of a segment and goes on in the line below it."""
    begun = _BROKEN.search(segment.text)
    if begun is None:
        return None
    for other, _ in layout.below(segment):
        text = _iban(f"{begun[0].rstrip()} {other.text}")
        rest = len(text) - len(begun[0].rstrip()) - 1 if text is not None else 0
        if text is not None and rest > 0 and _mod97("".join(text.split())):
            more = ((other, 0, rest),)
            return Found(text, segment, begun.start(), begun.end(), 0.85, more=more)
    return None


def _texts(layout: Layout, segment: Segment, told: set[int]) -> Iterator[tuple[int, str]]:
    """Yield where an IBAN begins in a segment, and its text; behind its label one of another form too."""
    begins = set()
    for match in _IBAN.finditer(segment.text):
        text = _iban(match[0])
        if text is not None:
            begins.add(match.start())
            yield match.start(), text
    for start in sorted(told - begins):
        unread = _MISREAD.match(segment.text, start) if layout.by_ocr else None
        text = _iban(unread[0]) if unread else None
        if text is not None and misread.iban(text) is not None:
            yield start, text
            continue
        short = _SHORT.match(segment.text, start)
        if short is not None:
            yield start, short[0]


def _behind(layout: Layout) -> dict[int, set[int]]:
    """Return where the label of an account leads: by the segment's id where in it the account begins."""
    found: dict[int, set[int]] = {}
    for label in layout.labels:
        if "iban" not in label.fields:
            continue
        for segment, start, _, _ in places(layout, label):
            begin = label.end if segment is label.segment else start
            match = _BETWEEN.match(segment.text, begin)
            found.setdefault(id(segment), set()).add(match.end() if match else begin)
    return found


def _level(layout: Layout, segment: Segment, start: int, end: int, told: set[int]) -> int:
    labels = [(x.start, x.end) for x in layout.labels_in(segment)]
    beside = [
        token
        for token in layout.tokens[id(segment)]
        if token.is_word
        and (token.end <= start or token.start >= end)
        and not any(a <= token.start < b for a, b in labels)
    ]
    if len(beside) >= _SENTENCE:
        return _IN_SENTENCE
    return _LABELLED if start in told else _BARE


def _is_named(segment: Segment, start: int, told: set[int]) -> bool:
    """Return whether a text is called an IBAN, which one with wrong check digits must be."""
    return start in told or "IBAN" in segment.text[:start].upper()


def _fits(account: Found, country: str | None) -> bool:
    return account.text[:2] == country


def _bics(layout: Layout) -> list[Found]:
    """Return the BICs (ISO 9362) beside labels: eight or eleven characters say too little alone."""
    codes: list[Found] = []
    for row in layout.rows:
        for segment in row:
            match = _BIC_LABEL.search(segment.text)
            if match is None:
                continue
            text, at = segment, match.end()
            if not segment.text[at:].strip(" :.-"):
                right = [s for s in row if s.x0 >= segment.x1]
                if not right:
                    continue
                text, at = right[0], 0
            found = _BIC.match(text.text, at)
            if found is not None:
                codes.append(Found(found[1], text, found.start(1), found.end(1), 0.93))
    return codes


def _beside(account: Found, codes: list[Found]) -> Found | None:
    """Return the BIC of one of several accounts: on its row behind it, or right below it."""
    own = account.segment
    for code in codes:
        other = code.segment
        if other.page != own.page:
            continue
        if other is own and code.start >= account.end:
            return code
        if other.row == own.row and other.x0 >= own.x1:
            return code
        if 0 < other.row - own.row <= 2 and abs(other.x0 - own.x0) < 30:
            return code
    return None


def _iban(text: str) -> str | None:
    """Return the part of a match that has its country's length; None for another thing."""
    length = _IBAN_LENGTHS.get(text[:2].upper())
    bare = 0
    for n, c in enumerate(text):
        bare += not c.isspace()
        if bare == length:
            return text[: n + 1]
    return None


def _mod97(iban: str) -> bool:
    """True where the check digits are right (ISO 13616)."""
    if not (iban.isascii() and iban.isalnum()):
        return False
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
