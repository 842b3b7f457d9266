"""What tokens cost, from the price list of genai-prices; prices are data, never code."""

from decimal import Decimal

from genai_prices import Usage, calc_price

PRICE_LISTS = {
    "google-cloud": "google",
    "openai-chat": None,
    "openai-chat-pdf": None,
    "ollama": None,
}
"""Providers that have another name there than ours, None where their models have no price."""


def price_of(provider: str, name: str, asked: int, answered: int) -> Decimal | None:
    """Return US dollars for so many tokens of request and answer; None where no price is known.

    A model of one's own, or one newer than the price list, is unknown, not free.
    """
    known = PRICE_LISTS.get(provider, provider)
    if known is None:
        return None
    try:
        usage = Usage(input_tokens=asked, output_tokens=answered)
        return calc_price(usage, name, provider_id=known).total_price
    except (LookupError, ValueError):
        return None
