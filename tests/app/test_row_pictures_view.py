"""The small picture in a row of the inbox, and the icon where there is no page to look at."""

import re

from invoice_extraction.model.extraction import PageInfo
from tests.app.conftest import XML, an_extraction, upload

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def shown(client) -> list[tuple[str, str]]:
    """Return each row's icon, and the picture over it ("" for none), newest first."""
    page = client.get("/", headers=HTML).text
    boxes = re.findall(r'<span class="thumb">(.*?)</span>', page.partition("<template")[0], re.S)
    return [
        (*re.findall(r"#i-(\w+)", box), *(re.findall(r'src="([^"]*)"', box) or [""]))
        for box in boxes
    ]


def of_pages(*statuses: str):
    extraction = an_extraction()
    extraction.pages = [
        PageInfo(number=number, width=595, height=842, status=status)
        for number, status in enumerate(statuses, 2)
    ]
    return extraction


def test_a_document_that_was_read_shows_its_first_page_that_can_be_seen(client, finish):
    first, second = (upload(client).json()[0]["task_id"] for _ in range(2))
    finish(first, of_pages("read", "read"))
    finish(second, of_pages("unreadable", "blank"))
    assert shown(client) == [
        ("file", f"/v1/documents/{second}/pages/3.webp?width=320"),
        ("file", f"/v1/documents/{first}/pages/2.webp?width=320"),
    ]


def test_what_has_no_page_to_look_at_shows_its_kind_of_file(client, finish):
    (xml,) = upload(client, ("a.xml", XML)).json()
    finish(xml["task_id"], of_pages())
    upload(client, ("waits.pdf", b"%PDF-1.7\nwaits"))
    upload(client, ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(20)))
    upload(client, ("letter.txt", b"Dear all"))
    assert [icon for icon, picture in shown(client) if not picture] == [
        "file",
        "camera",
        "file",
        "sheet",
    ]
