from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.normalise import dates

MARCH = date(2026, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-12",
        "2026/03/12",
        "20260312",
        "2026-03-12T09:30:00",
        "12 March 2026",
        "March 12, 2026",
        "March 12th, 2026",
        "Thu, 12 Mar 2026 14:30",
        "12. März 2026",
        "12-Mar-2026",
        "12MAR2026",
        "Mar-12-2026",
        "12 de marzo de 2026",
        "le 12 mars 2026",
        "12 marca 2026",
        "2026年3月12日",
        "12 Mar '26",
        "2026-03-12 Thursday",
        "10:30 - 12 March 2026",
    ],
)
def test_a_clear_date_is_read(text: str) -> None:
    assert dates.parse(text) == MARCH


def test_a_day_above_twelve_needs_no_order() -> None:
    assert dates.parse("31/01/2026") == dates.parse("01/31/2026") == date(2026, 1, 31)
    assert dates.parse("31.1.26") == date(2026, 1, 31)


def test_a_date_that_could_be_two_days_is_told_as_both() -> None:
    assert dates.readings("03/04/2026") == (date(2026, 4, 3), date(2026, 3, 4))
    assert dates.parse("03/04/2026") is None
    assert dates.parse("03/04/2026", "dmy") == date(2026, 4, 3)
    assert dates.parse("03/04/2026", "mdy") == date(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        *("", "March 2026", "29/02/2025", "12/3", "1.234.56", "99.99.2026", "2026-05.02"),
        *("01.01.2026 - 31.01.2026", "01.02.2026-05.02.2026", "01.02. - 05.02.2026"),
        *("2026-01-02/05", "12-15 March 2026", "28 March - 2 April 2026"),
    ],
)
def test_what_is_no_single_date_is_none(text: str) -> None:
    assert dates.parse(text, "dmy") is None


def test_two_digits_that_may_be_a_year_or_a_day_are_told_as_both() -> None:
    assert dates.readings("26-03-04") == (date(2004, 3, 26), date(2026, 3, 4))
    assert dates.parse("26-03-04") is None
    assert dates.parse("26-03-04", "mdy") is None
    assert dates.parse("26-03-04", "dmy") == date(2004, 3, 26)
    assert dates.order_of(["26-03-04"]) is None


@pytest.mark.parametrize(
    ("texts", "language", "country", "order"),
    [
        (["13/05/2026"], None, "US", "dmy"),
        (["05/13/2026", "01/02/2026"], None, None, "mdy"),
        (["13/05/2026", "05/13/2026"], None, None, None),
        (["01.02.2026"], "en", None, "dmy"),
        (["01/02/2026"], "en", "US", "mdy"),
        (["01/02/2026"], "en", "GB", "dmy"),
        (["01/02/2026"], "en", None, None),
        (["01/02/2026"], "en-US", None, "mdy"),
        (["01/02/2026"], "fr", None, "dmy"),
        (["01/02/2026"], None, "CA", None),
    ],
)
def test_the_order_follows_the_documents_own_dates_then_country_then_language(
    texts: list[str], language: str | None, country: str | None, order: str | None
) -> None:
    assert dates.order_of(texts, language, country) == order


def test_a_month_that_languages_disagree_on_needs_the_language() -> None:
    assert dates.month("listopad") is None
    assert dates.month("listopad", "cs") == 11
    assert dates.month("listopad", "hr") == 10


def test_dates_are_found_in_a_longer_text() -> None:
    text = "Invoice of 12 March 2026, due 2026-04-11, order 4711"
    assert [(text[a:b], found) for a, b, found in dates.find(text)] == [
        ("2026-04-11", (date(2026, 4, 11),)),
        ("12 March 2026", (MARCH,)),
    ]


def test_a_date_is_found_behind_a_number_and_words_that_are_none() -> None:
    text = "9.00 bis 17.00 Uhr Rechnung 24. Januar 2026 Seite 1"
    assert [(text[a:b], found) for a, b, found in dates.find(text, "de")] == [
        ("24. Januar 2026", (date(2026, 1, 24),))
    ]


@given(
    day=st.dates(date(1980, 1, 1), date(2079, 12, 31)),
    locale=st.sampled_from(["en_GB", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "da", "sv"]),
    width=st.sampled_from(["medium", "long"]),
)
def test_a_date_written_in_words_parses_to_the_same(day: date, locale: str, width: str) -> None:
    text = format_date(day, width, locale=locale)
    assert dates.parse(text, "dmy", locale[:2]) == day


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    dates.readings(text)
    list(dates.find(text))


def test_a_time_set_close_to_its_date_is_no_part_of_it() -> None:
    assert next(dates.find("09/11/202408:26:37"))[:2] == (0, 10)
    assert list(dates.find("09/11/20240")) == []
