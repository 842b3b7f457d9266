"""How one sample writes: its labels, numbers, money and dates, the same from its head to its foot."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from babel.dates import format_date

from samples import labels
from samples.regions import Region


@dataclass(frozen=True, slots=True)
class Wording:
    """The manner of one document.

    `money_form` holds "{n}" for the number and "{s}" or "{c}" for the currency's sign or code.
    `group` stands between thousands.
    """

    language: str
    locale: str
    labels: dict[str, str]
    tax_name: str
    group: str
    decimal: str
    date_pattern: str
    money_form: str
    sign: str
    code: str

    def label(self, key: str) -> str:
        """Return the label as this document prints it."""
        return self.labels[key]

    def sentence(self, key: str) -> str:
        """Return a sentence in the document's language."""
        return labels.sentence(self.language, key)

    def money(self, value: Decimal) -> str:
        """Return an amount with its currency, "1.234,50 €"."""
        return self.money_form.format(n=self.amount(value), s=self.sign, c=self.code)

    def amount(self, value: Decimal) -> str:
        """Return an amount with two decimals and no currency, "1.234,50"."""
        return self._marks(f"{value:,.2f}")

    def number(self, value: Decimal) -> str:
        """Return a quantity or a percent with no more decimals than it has, "7,5"."""
        text = f"{value:,f}"
        return self._marks(text.rstrip("0").rstrip(".") if "." in text else text)

    def percent(self, value: Decimal) -> str:
        """Return a rate, "19 %" in German and "19%" in English."""
        return f"{self.number(value)}{' ' if self.language == 'de' else ''}%"

    def day(self, value: date) -> str:
        """Return a date as the document writes it."""
        return format_date(value, self.date_pattern, locale=self.locale)

    def _marks(self, english: str) -> str:
        return english.translate({ord(","): self.group, ord("."): self.decimal})


def choose(rng: Random, region: Region) -> Wording:
    """Return one manner of writing that is usual in the region."""
    chosen = labels.choose(rng, region.language)
    if region.tax_name == "Sales tax":
        chosen["tax"] = region.tax_name
        chosen["invoice"] = chosen["invoice"].replace("Tax ", "")
    if region.tax_name == "MWST":
        chosen["tax"], chosen["tax_id"] = region.tax_name, "UID"
        chosen["tax_rate"] = "MWST %"
    if region.country == "AT":
        chosen["tax_id"] = "UID"
    return Wording(
        language=region.language,
        locale=region.locale,
        labels=chosen,
        tax_name=region.tax_name,
        group=rng.choice(region.groups),
        decimal=region.decimal,
        date_pattern=rng.choice(region.dates),
        money_form=rng.choice(region.prints),
        sign=region.sign,
        code=region.currency,
    )
