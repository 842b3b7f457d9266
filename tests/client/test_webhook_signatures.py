"""Messages signed by the reference implementation of Standard Webhooks."""

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from invoice_extraction.client import InvalidSignature, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = b'{"type": "document.completed", "data": {"task_id": "1"}}'


def signed(*secrets: str, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signatures = [Webhook(one).sign("msg_1", at, body.decode()) for one in secrets]
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": " ".join(signatures),
    }


def test_a_signed_message_is_its_event():
    assert verify_webhook(BODY, signed(SECRET), SECRET)["data"] == {"task_id": "1"}


def test_while_a_secret_is_replaced_both_will_do():
    headers = signed(OTHER, SECRET)
    headers["Webhook-Signature"] += " v1a,unknown v1,no-base64! v2,"
    for secret in (SECRET, OTHER):
        assert verify_webhook(BODY, headers, secret)["type"] == "document.completed"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers.pop("Webhook-Id"),
        lambda headers: headers.pop("Webhook-Signature"),
        lambda headers: headers.update({"Webhook-Timestamp": "soon"}),
        lambda headers: headers.update({"Webhook-Timestamp": str(int(time.time()) + 1)}),
        lambda headers: headers.update({"Webhook-Timestamp": "9" * 400}),
        lambda headers: headers.update({"Webhook-Id": "msg_2"}),
        lambda headers: headers.update({"Webhook-Signature": ""}),
        lambda headers: headers.update({"Webhook-Signature": "v1,ünlesbar"}),
    ],
)
def test_a_message_with_other_headers_is_refused(spoil):
    headers = signed(SECRET)
    spoil(headers)
    with pytest.raises(InvalidSignature):
        verify_webhook(BODY, headers, SECRET)


def test_a_changed_body_or_another_secret_is_refused():
    for body, secret in ((BODY + b" ", SECRET), (BODY, OTHER), (BODY, "whsec_?")):
        with pytest.raises(InvalidSignature):
            verify_webhook(body, signed(SECRET), secret)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_out_of_its_time_is_refused(minutes):
    headers = signed(SECRET, at=datetime.now(UTC) + timedelta(minutes=minutes))
    with pytest.raises(InvalidSignature, match="too old"):
        verify_webhook(BODY, headers, SECRET)
    assert verify_webhook(BODY, headers, SECRET, tolerance=600)
