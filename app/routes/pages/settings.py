"""What the page of the settings shows of the service and of the caller's tenant."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from app.languages import Language
from app.routes import about
from app.routes.pages.wording import provider_of
from service.keys import Caller
from service.webhooks import EVENTS
from service.wiring import Services


def shown(caller: Caller, services: Services, language: Language) -> dict[str, Any]:
    """Return the values of the page; keys and webhooks only for those who may manage them.

    `told` are the hosts that webhooks tell what happens.
    """
    is_admin = "admin" in caller.scopes
    webhooks = services.webhooks.store.listed(caller.tenant)
    enabled = (webhook for webhook in webhooks if webhook.disabled_at is None)
    return {
        "mine": caller.key_id,
        "provider": provider_of(services.options.model, language),
        "told": sorted({urlsplit(webhook.url).hostname or "" for webhook in enabled}),
        "is_admin": is_admin,
        "is_open": services.keys.opened(),
        "engines": about.engines(caller, services).engines,
        "usage": about.usage(caller, services),
        "limits": services.options.limits,
        "settings": services.settings,
        "keys": services.keys.listed(caller.tenant) if is_admin else [],
        "webhooks": webhooks if is_admin else [],
        "events": EVENTS,
        "now": datetime.now(UTC),
    }
