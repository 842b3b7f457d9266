"""How one document writes: its words, numbers, money and dates, the same from its head to its foot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from babel.dates import format_date

from samples.sheet import Value, value
from samples.synth.countries import Country
from samples.synth.tongues import Tongue, tongue

BILINGUAL = 0.06
"""The share of documents not in English whose labels say it in English too."""


@dataclass(frozen=True, slots=True)
class Manner:
    """The manner of one document.

    `minus` is "-{n}", "{n}-" or another form of what is less than nothing. `shows` says where the currency
    stands: at "all" amounts, at "totals", in a "note" and nowhere else, or "never".
    """

    tongue: Tongue
    country: Country
    labels: Mapping[str, str]
    tax: str
    group: str
    decimal: str
    minus: str
    date_pattern: str
    money_form: str
    shows: str
    end: str
    caps: bool
    sparse: bool
    percent_form: str
    locale: str = field(default="en")

    def label(self, key: str) -> str:
        """Return a label, without what ends labels here. Raises KeyError."""
        found = self.labels[key]
        return found.upper() if self.caps else found

    def named(self, key: str) -> str:
        """Return a label that a value follows, "Invoice date:"."""
        found = self.label(key)
        return found if found.endswith((":", "#")) else found + self.end

    def amount(self, amount: Decimal) -> str:
        """Return an amount without its currency, "1.234,50"."""
        places = max(0, self.country.decimals)
        whole = self.sparse and amount == amount.to_integral_value()
        return self._signed(amount, 0 if whole else places)

    def price(self, amount: Decimal) -> str:
        """Return a price for one, which may have more decimals than money has."""
        places = max(self.country.decimals, -int(amount.normalize().as_tuple().exponent))
        return self._signed(amount, places)

    def money(self, amount: Decimal, *pointers: str, total: bool = False) -> Value:
        """Return an amount, with its currency where this document prints it; that is shown then too."""
        text = self.amount(amount)
        if self.shows != "all" and not (total and self.shows == "totals"):
            return value(text, *pointers)
        form = self.money_form
        shown = form.format(n=text, s=self.country.sign, c=self.country.currency)
        return value(shown, *pointers, *(("/currency",) if shown != text else ()))

    def number(self, amount: Decimal) -> str:
        """Return a quantity or a percent with no more decimals than it has, "7,5"."""
        places = max(0, -int(amount.normalize().as_tuple().exponent))
        return self._signed(amount, places)

    def percent(self, amount: Decimal) -> str:
        """Return a rate, "19 %"."""
        return self.percent_form.format(n=self.number(amount))

    def day(self, moment: date) -> str:
        """Return a date as the document writes it."""
        return format_date(moment, self.date_pattern, locale=self.locale)

    def _signed(self, amount: Decimal, places: int) -> str:
        digits = f"{abs(amount):.{places}f}"
        whole, _, rest = digits.partition(".")
        text = _grouped(whole, self.group) + (self.decimal + rest if rest else "")
        return self.minus.format(n=text) if amount < 0 else text


def choose(rng: Random, country: Country, language: str) -> Manner:
    """Return one manner of writing that is met with in the country."""
    words = tongue(language)
    labels = {key: rng.choice(variants) for key, variants in words.labels.items()}
    if language != "en" and rng.random() < BILINGUAL:
        english = tongue("en").labels
        twofold = ("invoice", "invoice_number", "issue_date", "due_date", "description", "gross")
        labels |= {key: f"{labels[key]} / {english[key][0]}" for key in twofold}
    tax = rng.choice(country.tax_names or words.labels["tax"])
    group, decimal = rng.choice(country.numbers)
    form = rng.choice(country.prints)
    shows = rng.choice(("all",) * 9 + ("totals",) * 9 + ("note",) * 4 + ("never",))
    if form == "{n}" and shows != "never":
        shows = "note"
    return Manner(
        tongue=words,
        country=country,
        labels=labels,
        tax=tax,
        group=group,
        decimal=decimal,
        minus=rng.choice(("-{n}", "-{n}", "-{n}", "- {n}", "{n}-", "({n})", "\u2212{n}")),
        date_pattern=rng.choice(country.dates),
        money_form=form,
        shows=shows,
        end=rng.choice((":", ":", ":", "", "", " :", ".:")),
        caps=rng.random() < 0.12,
        sparse=rng.random() < 0.03,
        percent_form=rng.choice(("{n}%", "{n} %", "{n}%", "{n} %", "{n}")),
        locale=language,
    )


def _grouped(whole: str, mark: str) -> str:
    if mark != "in":
        return f"{int(whole):,}".replace(",", mark)
    head, tail = whole[:-3], whole[-3:]
    pairs: list[str] = []
    while head:
        head, pair = head[:-2], head[-2:]
        pairs.insert(0, pair)
    return ",".join([*pairs, tail])
