"""What a caller writes as a number costs no more than its length."""

from tests.app.conftest import upload


def test_a_number_of_a_million_digits_in_a_few_letters_is_refused(client, finish):
    (entry,) = upload(client).json()
    finish(entry["task_id"])
    answer = client.patch(
        f"/v1/documents/{entry['task_id']}/invoices/1",
        json={"totals": {"gross": "1E+999000"}, "lines": [{"quantity": "1E-999000"}]},
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 422
    wrong = {one["pointer"] for one in answer.json()["errors"]}
    assert wrong == {"/totals/gross", "/lines/0/quantity"}
