"""Messages of webhooks: whether they come from the service (Standard Webhooks 1.0)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from invoice_extraction.client.errors import InvalidSignature

_PREFIX = "whsec_"


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, *, tolerance: float = 300.0
) -> dict[str, Any]:
    """Return a webhook's event, when it was signed with the secret at most `tolerance` seconds ago.

    `body` is as it was received, byte for byte; `headers` may be in any case. While a secret is being
    replaced a message bears two signatures, and one that fits is enough. The same event may come twice: its
    header webhook-id is the same then.

    Raises:
        InvalidSignature: It does not come from the service, or is too old to be believed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message, sent_at = given["webhook-id"], given["webhook-timestamp"]
        signatures, age = given["webhook-signature"], abs(time.time() - int(sent_at))
    except (KeyError, ValueError, OverflowError):  # a time of very many digits is the latter
        raise InvalidSignature("The message has no signature.") from None
    if age > tolerance:
        raise InvalidSignature("The message is too old, or this machine's clock is wrong.")
    signed = b".".join([message.encode(), sent_at.encode(), body])
    expected = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    if not any(hmac.compare_digest(expected, one) for one in _told(signatures)):
        raise InvalidSignature("The signature is not that of this secret and message.")
    event: dict[str, Any] = json.loads(body)
    return event


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise InvalidSignature("The secret is none: it looks like whsec_….") from None


def _told(signatures: str) -> list[bytes]:
    """Return the signatures of the version that this is."""
    found = []
    for one in signatures.split():
        version, _, text = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(text, validate=True))
            except ValueError:  # letters that are none of Base64's, or none of ASCII's
                continue
    return found
