"""What a row of the inbox tells of a document that waits: how many are before it."""

import re

from tests.app.conftest import upload

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def places(client, path: str) -> dict[str, str]:
    """Return what is said of the place of each document that waits, by its id."""
    page = client.get(path, headers=HTML).text
    return dict(re.findall(r'data-count="ahead-([0-9a-f]{32})">([^<]*)<', page))


def test_a_document_that_waits_says_how_many_are_before_it(client, begin):
    first, second, third = (upload(client).json()[0]["task_id"] for _ in range(3))
    said = {first: "", second: "1 document before it", third: "2 documents before it"}
    assert places(client, "/") == said
    begin(first)
    # the row of the first is asked for anew, and the others' places come along
    said = {second: "", third: "1 document before it"}
    assert places(client, f"/documents/rows?ids={first}") == said
    assert places(client, "/") == said


def test_one_that_is_read_or_being_read_has_no_place(client, begin, finish):
    done, begun = (upload(client).json()[0]["task_id"] for _ in range(2))
    finish(done)
    begin(begun)
    assert places(client, "/") == {}
