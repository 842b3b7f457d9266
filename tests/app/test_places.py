"""Where people say that values stand."""

import json

import pytest

from invoice_extraction.model.extraction import PageInfo
from tests.app.conftest import an_extraction, upload

BOX = [0.1, 0.2, 0.3, 0.25]
OTHER = [0.5, 0.2, 0.6, 0.25]


@pytest.fixture
def task(client, finish) -> str:
    """A document of two pages that was read."""
    (entry,) = upload(client).json()
    extraction = an_extraction()
    extraction.pages = [
        PageInfo(number=number, width=595, height=842, status="read") for number in (1, 2)
    ]
    finish(entry["task_id"], extraction)
    return entry["task_id"]


def patch(client, task: str, **change):
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    body = json.dumps(change)
    return client.patch(f"/v1/documents/{task}/invoices/1", content=body, headers=headers)


def at(page: int, *boxes: list[float]) -> dict:
    return {"page": page, "boxes": list(boxes)}


def evidence(answer) -> dict:
    assert answer.status_code == 200, answer.text
    return answer.json()["invoices"][0]["evidence"]


def test_a_correction_tells_where_the_value_stands(client, task):
    place = {"/invoice_number": at(2, BOX, OTHER)}
    answer = patch(client, task, invoice_number="18", evidence=place)
    found = evidence(answer)["/invoice_number"]
    assert (found["origin"], found["page"], found["boxes"]) == ("person", 2, [BOX, OTHER])
    assert (found["confidence"], found["level"]) == (1.0, "high")
    (deed,) = answer.json()["history"]
    assert deed["change"] == {"invoice_number": "18", "evidence": place}


def test_a_value_that_is_right_is_shown_elsewhere_and_back(client, task):
    read = evidence(client.get(f"/v1/documents/{task}"))["/totals/gross"]
    answer = patch(client, task, evidence={"/totals/gross": at(1, BOX)})
    assert evidence(answer)["/totals/gross"]["boxes"] == [BOX]
    assert answer.json()["result"]["totals"]["gross"] == "119.00"
    assert answer.json()["as_read"][0]["evidence"]["/totals/gross"] == read
    answer = patch(client, task, evidence={"/totals/gross": None})
    assert evidence(answer)["/totals/gross"] == read
    assert [deed["change"] for deed in answer.json()["history"]] == [
        {"evidence": None},
        {"evidence": {"/totals/gross": at(1, BOX)}},
    ]


def test_a_place_stays_with_its_value_until_that_is_another(client, task):
    lines = [{"description": "one"}, {"description": "two"}]
    patch(client, task, lines=lines, evidence={"/lines/1/description": at(1, BOX)})
    found = evidence(patch(client, task, due_date="2026-03-01"))
    assert found["/lines/1/description"]["boxes"] == [BOX]
    found = evidence(patch(client, task, lines=lines[::-1]))
    assert found["/lines/0/description"]["boxes"] == [BOX]
    assert found["/lines/1/description"]["boxes"] == []
    found = evidence(patch(client, task, lines=[{"description": "three"}, lines[0]]))
    assert found["/lines/0/description"]["boxes"] == []


def test_a_place_that_is_there_already_changes_nothing(client, task):
    place = {"/totals/gross": at(1, BOX)}
    before = patch(client, task, evidence=place)
    same = patch(client, task, evidence=place, invoice_number="2026-001")
    assert (same.json(), same.headers["ETag"]) == (before.json(), before.headers["ETag"])


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"/totals/gross": at(3, BOX)}, "/evidence/~1totals~1gross/page"),
        ({"/totals/gross": at(True, BOX)}, "/evidence/~1totals~1gross/page"),
        ({"/totals/gross": at("1", BOX)}, "/evidence/~1totals~1gross/page"),
        ({"/totals/gross": at(1)}, "/evidence/~1totals~1gross/boxes"),
        ({"/totals/gross": at(1, *[BOX] * 51)}, "/evidence/~1totals~1gross/boxes"),
        ({"/totals/gross": at(1, [0.3, 0.2, 0.1, 0.25])}, "/evidence/~1totals~1gross/boxes/0"),
        ({"/totals/gross": at(1, [0.1, 0.2, 1.1, 0.25])}, "/evidence/~1totals~1gross/boxes/0"),
        ({"/totals/gross": at(1, [0.1, 0.2, 0.3])}, "/evidence/~1totals~1gross/boxes/0"),
        ({"/totals/gross": {**at(1, BOX), "text": "x"}}, "/evidence/~1totals~1gross/text"),
        ({"/totals/gross": "here"}, "/evidence/~1totals~1gross"),
        ({"/due_date": at(1, BOX)}, "/evidence/~1due_date"),
        ({"/totals": at(1, BOX)}, "/evidence/~1totals"),
        ([1], "/evidence"),
        (None, "/evidence"),
    ],
)
def test_a_place_that_is_none_is_refused_and_named(client, task, told, pointer):
    before = client.get(f"/v1/documents/{task}").json()
    answer = patch(client, task, evidence=told)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert client.get(f"/v1/documents/{task}").json() == before
