"""Whose turn it is at the page reader, where a list asks for all its thumbnails at once."""

import asyncio

from app.reader import Reader
from invoice_extraction.sandbox.client import Readers


def test_whoever_opens_a_page_waits_for_one_thumbnail_and_not_for_all_of_a_list():
    order = []

    async def ask(name, turn):
        async with turn():
            order.append(name)
            await asyncio.sleep(0.01)

    async def all_at_once():
        reader = Reader(Readers())
        listed = [ask(f"thumbnail {number}", reader.thumbnail_turn) for number in range(4)]
        await asyncio.gather(*listed, ask("page", reader.turn))

    asyncio.run(all_at_once())
    assert order == ["thumbnail 0", "page", "thumbnail 1", "thumbnail 2", "thumbnail 3"]
