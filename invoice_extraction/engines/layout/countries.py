"""Which countries a document names: by addresses, tax numbers, telephones, sites and its own words."""

import re
from collections.abc import Iterable

from invoice_extraction.engines.layout.labels import Token, squash

_VAT_COUNTRY = re.compile(
    r"(?<![A-Z0-9])(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK)"
    r"[A-Z]?[ -]?\d{2,3}[\d. ]{4,10}[\dA-Z]"
)
"""A VAT number or an IBAN begins with its country."""

_NATIONAL = (
    ("IN", "", re.compile(r"\b\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]\b")),  # GSTIN
    ("CA", "RT", re.compile(r"\b\d{9}\s?RT\s?\d{4}\b")),  # GST/HST account
    ("BR", "/", re.compile(r"\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b")),  # CNPJ
    ("CL", "-", re.compile(r"\bR\.?U\.?T\.?\s?:?\s?\d{1,2}\.\d{3}\.\d{3}-[\dK]\b")),
    ("MY", "GST", re.compile(r"\bGST\b[^\0]*(?<!\d)00\d{10}(?!\d)")),  # GST, 2015 to 2018
    ("MY", "RM", re.compile(r"(?<![^\W\d_])RM(?=\s?:?\s?[\d,]+\.\d{2}|\s?:|\)|\0|$)")),  # ringgit
    ("GB", "£", re.compile("£")),
    ("GB", "GBP", re.compile(r"\bGBP\b")),
    ("ZA", "(", re.compile(r"\(pty\)\.? ?(?:ltd|limited)\b", re.IGNORECASE)),
    ("CA", "", re.compile(r"\b(?:AB|BC|MB|NB|NL|NS|ON|PE|QC|SK)\b[ ,.]*[A-Z]\d[A-Z] ?\d[A-Z]\d\b")),
)
"""Forms of numbers and sums that one country has, and what stands in each, which is found sooner."""

_US_ZIP = re.compile(r"\b([A-Z]{2})\.?,?\s+\d{5}(?:-\d{4})?\b")
_US_STATES = frozenset(
    """AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM
    NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY""".split()
)

_MARK = "\0"

_PHONE = re.compile(r"(?<!\w)(?:\+|00)\s?(\d{2,3})(?=[\s()./-]*\d)")
_PHONES = {
    "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "351": "PT", "352": "LU",
    "353": "IE", "354": "IS", "356": "MT", "357": "CY", "358": "FI", "359": "BG", "36": "HU", "370": "LT",
    "371": "LV", "372": "EE", "380": "UA", "381": "RS", "385": "HR", "386": "SI", "39": "IT",
    "40": "RO", "41": "CH", "420": "CZ", "421": "SK", "43": "AT", "44": "GB", "45": "DK", "46": "SE",
    "47": "NO", "48": "PL", "49": "DE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO",
    "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP",
    "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "852": "HK", "886": "TW",
    "966": "SA", "971": "AE", "972": "IL",
}  # fmt: skip
"""Telephone codes of countries (ITU-T E.164); +1 and +7 are several's."""

_SITE = re.compile(r"(?:www\.|@)[\w.-]+\.([a-z]{2})\b", re.IGNORECASE)
_SITES = frozenset(
    """at au be bg br ca ch cn cy cz de dk ee es fi fr gr hk hr hu id ie il in is it jp kr lt lu lv mt mx my
    nl no nz pe ph pl pt ro rs se sg si sk th tr ua vn za""".split()
)
"""Domains that stand for their country; those of islands (.io, .co, .tv) are taken for their sound."""

_WORDS = {
    "unitedstates": "US", "usa": "US", "australia": "AU", "canada": "CA", "singapore": "SG",
    "newzealand": "NZ", "hongkong": "HK", "india": "IN", "malaysia": "MY", "southafrica": "ZA",
    "unitedkingdom": "GB", "deutschland": "DE", "germany": "DE", "osterreich": "AT", "austria": "AT",
    "schweiz": "CH", "switzerland": "CH", "suisse": "CH", "sverige": "SE", "sweden": "SE",
    "norge": "NO", "norway": "NO", "danmark": "DK", "denmark": "DK", "suomi": "FI", "finland": "FI",
    "polska": "PL", "poland": "PL", "espana": "ES", "spain": "ES", "italia": "IT", "italy": "IT",
    "france": "FR", "nederland": "NL", "netherlands": "NL", "portugal": "PT", "hrvatska": "HR",
    "croatia": "HR", "slovenija": "SI", "slovensko": "SK", "magyarorszag": "HU", "hungary": "HU",
    "romania": "RO", "eesti": "EE", "estonia": "EE", "latvija": "LV", "lietuva": "LT",
    "lithuania": "LT", "turkiye": "TR", "indonesia": "ID", "ελλαδα": "GR", "greece": "GR",
    "brasil": "BR", "brazil": "BR", "japan": "JP", "ireland": "IE", "thailand": "TH",
    "california": "US", "texas": "US", "florida": "US", "illinois": "US", "massachusetts": "US",
    "newyork": "US", "newjersey": "US", "nevada": "US", "ohio": "US", "oregon": "US", "virginia": "US",
    "pennsylvania": "US", "michigan": "US", "arizona": "US", "colorado": "US", "ontario": "CA",
    "quebec": "CA", "alberta": "CA", "britishcolumbia": "CA",
    # Towns and states that stand in the addresses of one country
    "kualalumpur": "MY", "selangor": "MY", "johor": "MY", "negerisembilan": "MY",
    # Legal forms, registers and taxes of one country
    "sdnbhd": "MY", "ptyltd": "AU", "abn": "AU", "gstin": "IN", "cnpj": "BR", "npwp": "ID",
    "nip": "PL", "regon": "PL", "ptu": "PL", "oib": "HR", "cvr": "DK", "mva": "NO",
    "siret": "FR", "siren": "FR", "kvk": "NL", "partitaiva": "IT", "kmkr": "EE",
    "ytunnus": "FI", "bankgiro": "SE", "plusgiro": "SE", "adoszam": "HU", "αφμ": "GR",
    "φπα": "GR", "pvn": "LV", "kdv": "TR", "ddv": "SI", "kc": "CZ",
    "rfc": "MX", "cfdi": "MX", "cgst": "IN", "sgst": "IN", "danfe": "BR", "nfce": "BR", "atcud": "PT",
    # Ways to pay of one country
    "twint": "CH", "bankaxept": "NO", "interac": "CA", "bancontact": "BE",
}  # fmt: skip
"""Folded words, or two in a row written as one."""


def is_country(text: str) -> bool:
    """Return whether a text is a country's name and nothing else."""
    return len(_WORDS.get(squash(text), "")) == 2 and len(text) > 3


def named_countries(texts: list[str], found: Iterable[list[Token]]) -> frozenset[str]:
    """Return the countries (ISO 3166-1 alpha-2) that a document's texts and their words tell."""
    # One search for all of them; no form goes over the mark between two.
    text = _MARK.join(texts)
    countries = {"US" for state in _US_ZIP.findall(text) if state in _US_STATES}
    countries |= {"GR" if code == "EL" else code for code in _VAT_COUNTRY.findall(text)}
    countries |= {
        country for country, sign, form in _NATIONAL if sign in text and form.search(text)
    }
    for digits in _PHONE.findall(text):
        country = _PHONES.get(digits) or _PHONES.get(digits[:2])
        countries |= {country} if country else set()
    countries |= {c.upper() for c in _SITE.findall(text) if c.lower() in _SITES}
    for segment_tokens in found:
        before = ""
        for token in segment_tokens:
            code = _WORDS.get(token.text) or _WORDS.get(before + token.text)
            if code:
                countries.add(code)
            before = token.text
    return frozenset(countries)
