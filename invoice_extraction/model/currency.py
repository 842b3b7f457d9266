"""How finely a currency is divided."""

_DECIMALS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"], 0),
    **dict.fromkeys(["RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""ISO 4217, List One (SIX, maintenance agency): the minor units that are not 2.

CLDR's digits are what people print in cash, none for RSD or ALL, and no e-invoice keeps to them.
"""


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount has in a currency; 2 for one that is not known."""
    return _DECIMALS.get(currency, 2)
