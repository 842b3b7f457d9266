"""What the page of the settings shows of the service and of the caller's tenant."""

from datetime import UTC, datetime
from typing import Any

from app.routes import about
from service.keys import Caller
from service.webhooks import EVENTS
from service.wiring import Services


def shown(caller: Caller, services: Services) -> dict[str, Any]:
    """Return the values of the page; keys and webhooks only for those who may manage them."""
    is_admin = "admin" in caller.scopes
    return {
        "is_admin": is_admin,
        "is_open": services.keys.opened(),
        "engines": about.engines(caller, services).engines,
        "usage": about.usage(caller, services),
        "limits": services.options.limits,
        "settings": services.settings,
        "keys": services.keys.listed(caller.tenant) if is_admin else [],
        "webhooks": services.webhooks.store.listed(caller.tenant) if is_admin else [],
        "events": EVENTS,
        "now": datetime.now(UTC),
    }
