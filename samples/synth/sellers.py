"""Who sells and who buys: made-up companies and people, each at home in a country."""

from dataclasses import dataclass
from random import Random
from unicodedata import combining, normalize

from invoice_extraction.model.invoice import Account, Address, Identifier, Party
from samples import identifiers
from samples.synth import countries
from samples.synth.countries import Country
from samples.synth.tongues import Tongue

PLAIN = {"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "ı": "i", "đ": "d"}


@dataclass(frozen=True, slots=True)
class Seller:
    """One seller: what does not change from one of its documents to the next."""

    country: Country
    tongue: Tongue
    trade: str
    party: Party
    account: Account


def seller(rng: Random, country: Country, tongue: Tongue, trade: str, called: str) -> Seller:
    """Return a seller. `called` is the part of the names that its trade has."""
    party = company(rng, country, tongue, called)
    others = [stem for stem in tongue.names["stems"] if stem not in (party.name or "")]
    brand = rng.choice(others).split(" ")[0] if rng.random() < 0.3 else None
    party = party.model_copy(update={"trading_name": brand})
    return Seller(country, tongue, trade, party, _account(rng, country, party.name))


def company(rng: Random, country: Country, tongue: Tongue, called: str) -> Party:
    """Return a company."""
    stem, trade = rng.choice(tongue.names["stems"]), rng.choice(tongue.names[called])
    core = rng.choice((f"{stem} {trade}", f"{stem} {trade}", f"{stem}", f"{trade} {stem}"))
    legal = rng.choice(country.legal)
    if country.legal_first:
        quotes = ("„{}“", "{}", '"{}"') if country.code in ("LV", "LT") else ("{}",)
        name = f"{legal} {rng.choice(quotes).format(core)}"
    else:
        name = f"{core} {legal}".strip()
    if rng.random() < 0.08:
        name = name.upper()
    host = _host(core) + ".example"
    registered = rng.choice(("", f"{identifiers.digits(rng, 6)}"))
    return Party(
        name=name,
        tax_id=countries.tax_id(rng, country),
        registration_id=registered or None,
        address=address(rng, country, tongue),
        email=f"{rng.choice(('info', 'office', 'billing', 'mail'))}@{host}",
        phone=countries.filled(rng, rng.choice(country.phone)),
        website=f"www.{host}",
        contact_name=rng.choice(tongue.names["people"]) if rng.random() < 0.4 else None,
    )


def person(rng: Random, country: Country, tongue: Tongue) -> Party:
    """Return somebody who buys for himself."""
    return Party(
        name=rng.choice(tongue.names["people"]),
        address=address(rng, country, tongue),
        identifiers=_customer_number(rng, 0.6),
    )


def buyer(rng: Random, of: Seller, people: float) -> Party:
    """Return who buys: a person in a share `people` of cases, else another company."""
    if rng.random() < people:
        return person(rng, of.country, of.tongue)
    while True:
        found = company(rng, of.country, of.tongue, "trades")
        if (found.name or "")[:5].lower() != (of.party.name or "")[:5].lower():
            break
    return found.model_copy(
        update={
            "tax_id": found.tax_id if rng.random() < 0.45 else None,
            "registration_id": None,
            "phone": None,
            "email": None,
            "website": None,
            "identifiers": _customer_number(rng, 0.5),
        }
    )


def address(rng: Random, country: Country, tongue: Tongue) -> Address:
    """Return an address in the country."""
    street, house = rng.choice(tongue.names["streets"]), rng.randrange(1, 190)
    code, city, *state = rng.choice(country.towns)
    first = country.house_first and not street[-1].isdigit()
    return Address(
        street=f"{house} {street}" if first else f"{street} {house}",
        postal_code=countries.filled(rng, code),
        city=city,
        region=state[0] if state else None,
        country=country.code,
    )


def _customer_number(rng: Random, share: float) -> list[Identifier]:
    form = rng.choice(("#####", "K-####", "C######", "##-####"))
    return [Identifier(value=countries.filled(rng, form))] if rng.random() < share else []


def _account(rng: Random, country: Country, holder: str | None) -> Account:
    number = countries.iban(rng, country)
    bank = f"{rng.choice(('Banca', 'Bank', 'Credit'))} {rng.choice(('Meridiana', 'Nordlys', 'Aurora', 'Tres Puentes', 'Silva'))}"
    if number:
        bic = f"ZZZZ{country.code}{rng.choice(('22', 'XX', '2L'))}"
        return Account(iban=number, bic=bic, bank_name=bank, holder=holder)
    return Account(account_number=identifiers.digits(rng, 10), bank_name=bank, holder=holder)


def _host(name: str) -> str:
    """Return a name as a host's, in ASCII letters; "firma" for one that has none of them."""
    text = name.lower()
    for letter, letters in PLAIN.items():
        text = text.replace(letter, letters)
    bare = "".join(c for c in normalize("NFD", text) if not combining(c))
    parts = ["".join(c for c in part if c.isascii() and c.isalnum()) for part in bare.split()]
    return "-".join(filter(None, parts)) or "firma"
