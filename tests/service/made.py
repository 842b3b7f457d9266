"""Jobs and deliveries as tests need them."""

from datetime import UTC, datetime

from service.store.base import Job
from service.webhooks import Claim, Delivery, Webhook, new_secret


def a_job(job_id: str = "a" * 32, **values) -> Job:
    now = datetime.now(UTC)
    plain = {"filename": "a.pdf", "size": 3, "status": "PENDING"}
    return Job(id=job_id, **plain | {"created_at": now, "updated_at": now} | values)


def a_claim(url: str, *, body: str = "{}", event: str = "msg_1", **webhook) -> Claim:
    now = datetime.now(UTC)
    plain = {"id": "w", "tenant": "t", "url": url, "events": (), "secret": new_secret()}
    delivery = Delivery(
        **{"webhook": "w", "event": event, "kind": "webhook.test", "state": "pending"},
        **{"body": body, "url": None, "attempts": 0, "created_at": now},
    )
    return Claim(Webhook(**plain | {"created_at": now} | webhook), delivery, "token")
