"""Which pages the option `pages` names."""

import pytest

from invoice_extraction.errors import OptionError, TooManyPages
from invoice_extraction.intake.selection import selected
from invoice_extraction.model.options import Limits, Options


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        (None, (1, 2, 3, 4, 5)),
        ("2", (2,)),
        ("1-3,5", (1, 2, 3, 5)),
        ("5,1", (1, 5)),
        ("2-4,3-4,4", (2, 3, 4)),
        ("4-", (4, 5)),
        (" 1 - 2 , 5 ", (1, 2, 5)),
        ("4-900000", (4, 5)),
        ("1,77", (1,)),
    ],
)
def test_pages_are_named_one_by_one_and_by_ranges(
    pages: str | None, numbers: tuple[int, ...]
) -> None:
    assert selected(Options(pages=pages), 5) == numbers


@pytest.mark.parametrize(
    "pages", ["", ",", "0", "0-2", "-3", "3-2", "a", "1;2", "1--2", "1,,2", "1.5", "²", "1" * 7]
)
def test_what_names_no_pages_is_refused_with_an_example(pages: str) -> None:
    with pytest.raises(OptionError, match="`pages`") as caught:
        selected(Options(pages=pages), 5)
    assert '"1-3,5"' in caught.value.hint


def test_pages_that_do_not_exist_are_refused_only_when_nothing_is_left() -> None:
    with pytest.raises(OptionError, match="has 1 page, none of which"):
        selected(Options(pages="2-3"), 1)


def test_only_the_pages_asked_for_count_against_the_limit() -> None:
    limits = Limits(max_pages=3)
    assert selected(Options(pages="7-9", limits=limits), 2**31 - 1) == (7, 8, 9)
    for pages in (None, "1-4", "1-", "1-2,5-6"):
        with pytest.raises(TooManyPages):
            selected(Options(pages=pages, limits=limits), 2**31 - 1)
