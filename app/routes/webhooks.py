"""Webhooks of the caller's own tenant: made, changed and tried; what was delivered to them."""

import re
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from app.deps import CanAdmin, NamesDep, WebhooksDep
from app.description import problems
from app.errors import FieldError, InvalidOption
from app.schemas import (
    DeliveryList,
    DeliveryRecord,
    NewWebhook,
    ShownWebhook,
    WebhookChange,
    WebhookList,
    WebhookRecord,
)
from service.errors import UnknownWebhook
from service.webhooks import Delivery, State, Webhook

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
PRIVATE = "private, no-cache"

_ID = re.compile(r"[0-9a-f]{32}")
_EVENT = re.compile(r"msg_[0-9a-f]{32}")
_UNKNOWN = "There is no webhook, or no delivery of it, with this id."
"""As of an id that could be one of ours: who asks is told nothing more."""


async def get_webhook_id(
    webhook_id: Annotated[
        str, Path(max_length=32, description="The webhook's `id`, as it is listed.")
    ],
) -> str:
    """Return the id of a webhook; raises UnknownWebhook for what cannot be one of ours, as `get_task_id`."""
    if not _ID.fullmatch(webhook_id):
        raise UnknownWebhook(_UNKNOWN)
    return webhook_id


async def get_delivery_id(
    delivery_id: Annotated[
        str, Path(max_length=36, description="The delivery's `id`, as it is listed.")
    ],
) -> str:
    """Return the id of a delivery; raises UnknownWebhook for what cannot be one of ours."""
    if not _EVENT.fullmatch(delivery_id):
        raise UnknownWebhook(_UNKNOWN)
    return delivery_id


WebhookId = Annotated[str, Depends(get_webhook_id)]
DeliveryId = Annotated[str, Depends(get_delivery_id)]


@router.post(
    "", status_code=201, summary="Make a webhook", responses=problems(401, 403, 409, 422, 429, 503)
)
async def make(
    asked: NewWebhook,
    caller: CanAdmin,
    webhooks: WebhooksDep,
    names: NamesDep,
    response: Response,
) -> ShownWebhook:
    """Return a new webhook of the caller's tenant with its `secret`, which is shown this once."""
    events = tuple(dict.fromkeys(asked.events))
    made = await names.run(partial(webhooks.make, caller.tenant, asked.url, events))
    return _shown(made, response)


@router.get("", summary="List webhooks", responses=problems(401, 403, 503))
def listed(caller: CanAdmin, webhooks: WebhooksDep, response: Response) -> WebhookList:
    """Return the webhooks of the caller's tenant, newest first, those that came by `webhook_url` too."""
    response.headers["Cache-Control"] = PRIVATE
    found = webhooks.store.listed(caller.tenant)
    return WebhookList(webhooks=[WebhookRecord(**_told(webhook)) for webhook in found])


@router.get("/{webhook_id}", summary="Read a webhook", responses=problems(401, 403, 404, 503))
def webhook(
    webhook_id: WebhookId, caller: CanAdmin, webhooks: WebhooksDep, response: Response
) -> WebhookRecord:
    """Return a webhook: how it fares, and whether it was switched off."""
    response.headers["Cache-Control"] = PRIVATE
    return WebhookRecord(**_told(webhooks.store.get(caller.tenant, webhook_id)))


@router.patch(
    "/{webhook_id}",
    summary="Change a webhook",
    responses=problems(401, 403, 404, 409, 422, 503),
)
async def change(
    webhook_id: WebhookId,
    asked: WebhookChange,
    caller: CanAdmin,
    webhooks: WebhooksDep,
    names: NamesDep,
) -> WebhookRecord:
    """Change its URL or events, or switch it off or on. What waits for one that is switched off fails."""
    events = None if asked.events is None else tuple(dict.fromkeys(asked.events))
    wanted = partial(webhooks.change, url=asked.url, events=events, enabled=asked.enabled)
    changed = await names.run(partial(wanted, caller.tenant, webhook_id))
    return WebhookRecord(**_told(changed))


@router.delete(
    "/{webhook_id}",
    status_code=204,
    summary="Delete a webhook",
    responses=problems(401, 403, 404, 503),
)
def delete(webhook_id: WebhookId, caller: CanAdmin, webhooks: WebhooksDep) -> Response:
    """Delete a webhook, with all that waits for it and was delivered."""
    webhooks.store.delete(caller.tenant, webhook_id)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/rotate", summary="Rotate a secret", responses=problems(401, 403, 404, 503)
)
def rotate(
    webhook_id: WebhookId, caller: CanAdmin, webhooks: WebhooksDep, response: Response
) -> ShownWebhook:
    """Return the webhook with a new `secret`. For a day what is sent is signed with the one before, too."""
    return _shown(webhooks.rotate(caller.tenant, webhook_id), response)


@router.post(
    "/{webhook_id}/test",
    status_code=202,
    summary="Send a test",
    responses=problems(401, 403, 404, 409, 503),
)
def test(webhook_id: WebhookId, caller: CanAdmin, webhooks: WebhooksDep) -> DeliveryRecord:
    """Send the event `webhook.test`, as any other is sent; its delivery tells what came of it."""
    found = webhooks.store.get(caller.tenant, webhook_id)
    return _delivered(found, webhooks.store.test(caller.tenant, webhook_id))


@router.get(
    "/{webhook_id}/deliveries",
    summary="List deliveries",
    responses=problems(401, 403, 404, 422, 503),
)
def deliveries(
    webhook_id: WebhookId,
    caller: CanAdmin,
    webhooks: WebhooksDep,
    response: Response,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    cursor: Annotated[
        str | None, Query(max_length=36, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
) -> DeliveryList:
    """Return what was sent or waits, newest first; what ended is listed for 30 days."""
    if cursor is not None and not _EVENT.fullmatch(cursor):
        error = FieldError("/cursor", "invalid", "`cursor` is none that this list gave.")
        raise InvalidOption([error])
    response.headers["Cache-Control"] = PRIVATE
    found = webhooks.store.get(caller.tenant, webhook_id)
    page = webhooks.store.deliveries(
        caller.tenant, webhook_id, limit=limit, cursor=cursor, state=state
    )
    told = [_delivered(found, delivery) for delivery in page.deliveries]
    return DeliveryList(deliveries=told, next=page.next)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    status_code=202,
    summary="Send it again",
    responses=problems(401, 403, 404, 409, 503),
)
def redeliver(
    webhook_id: WebhookId,
    delivery_id: DeliveryId,
    caller: CanAdmin,
    webhooks: WebhooksDep,
) -> DeliveryRecord:
    """Send a delivery again, whatever came of it, under the same id and with a schedule from its beginning."""
    found = webhooks.store.get(caller.tenant, webhook_id)
    return _delivered(found, webhooks.store.redeliver(caller.tenant, webhook_id, delivery_id))


def _shown(webhook: Webhook, response: Response) -> ShownWebhook:
    response.headers["Cache-Control"] = "no-store"
    return ShownWebhook(**_told(webhook), secret=webhook.secret)


def _told(webhook: Webhook) -> dict[str, object]:
    """Return what is told of a webhook: all but its secrets."""
    same = ("id", "url", "by_upload", "created_at", "failures", "failing_since", "rests_until")
    off = ("disabled_at", "disabled_reason", "secret_before_until")
    told: dict[str, object] = {name: getattr(webhook, name) for name in (*same, *off)}
    return told | {"events": list(webhook.events), "enabled": webhook.disabled_at is None}


def _delivered(webhook: Webhook, delivery: Delivery) -> DeliveryRecord:
    return DeliveryRecord(
        id=delivery.event,
        type=delivery.kind,
        state=delivery.state,
        url=delivery.url or webhook.url,
        task_id=delivery.job,
        body=delivery.body,
        attempts=delivery.attempts,
        status=delivery.status,
        error=delivery.error,
        created_at=delivery.created_at,
        attempted_at=delivery.attempted_at,
        next_attempt_at=delivery.next_at,
    )
