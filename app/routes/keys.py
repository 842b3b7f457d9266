"""Keys of the caller's own tenant: made, listed, revoked."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.deps import CanAdmin, KeysDep
from app.description import problems
from app.errors import FieldError, InvalidOption
from app.schemas import KeyBudget, KeyList, KeyRecord, NewKey, ShownKey
from service.errors import UnknownKey
from service.keys import Key, Scope
from service.keys import Keys as KeyRing

router = APIRouter(prefix="/v1/keys", tags=["keys"])

_ID = re.compile(r"[0-9a-f]{12}")


async def get_key_id(
    key_id: Annotated[str, Path(max_length=16, description="The key's `id`, as it is listed.")],
) -> str:
    """Return the id of a key; raises UnknownKey for what cannot be one of ours, as `get_task_id`."""
    if not _ID.fullmatch(key_id):
        raise UnknownKey("There is no key with this id.")
    return key_id


KeyId = Annotated[str, Depends(get_key_id)]


@router.post("", status_code=201, summary="Make a key", responses=problems(401, 403, 422, 429, 503))
def make(asked: NewKey, caller: CanAdmin, keys: KeysDep, response: Response) -> ShownKey:
    """Return a new key of the caller's tenant. `key` is shown this once, and kept nowhere.

    The first key that is ever made closes open mode: from then on every call needs one.
    """
    expires_at = asked.expires_at
    if asked.expires_in_days is not None:
        expires_at = datetime.now(UTC) + timedelta(days=asked.expires_in_days)
    key, text = _made(keys, caller.tenant, asked, expires_at)
    response.headers["Cache-Control"] = "no-store"
    return ShownKey(**_told(key), key=text)


def _made(
    keys: KeyRing, tenant: str, asked: NewKey, expires_at: datetime | None
) -> tuple[Key, str]:
    scopes: frozenset[Scope] = frozenset(asked.scopes)
    try:
        return keys.make(
            tenant,
            asked.name,
            scopes,
            expires_at=expires_at,
            rate=asked.rate,
            budget_day=asked.budget.day,
            budget_total=asked.budget.total,
        )
    except ValueError as error:
        entry = FieldError("/expires_at", "invalid", f"{error}.")
        raise InvalidOption([entry]) from None


@router.get("", summary="List keys", responses=problems(401, 403, 503))
def listed(caller: CanAdmin, keys: KeysDep, response: Response) -> KeyList:
    """Return the keys of the caller's tenant, newest first, revoked and expired ones too."""
    response.headers["Cache-Control"] = "private, no-cache"
    return KeyList(keys=[KeyRecord(**_told(key)) for key in keys.listed(caller.tenant)])


@router.delete(
    "/{key_id}",
    status_code=204,
    summary="Revoke a key",
    responses=problems(401, 403, 404, 503),
)
def revoke(
    key_id: KeyId,
    caller: CanAdmin,
    keys: KeysDep,
) -> Response:
    """Make a key invalid for ever; within seconds every process refuses it."""
    keys.revoke(caller.tenant, key_id)
    return Response(status_code=204)


def _told(key: Key) -> dict[str, object]:
    """Return what is told of a key: all but its hash."""
    return {
        "id": key.id,
        "prefix": key.prefix,
        "name": key.name,
        "tenant": key.tenant,
        "scopes": sorted(key.scopes),
        "rate": key.rate,
        "budget": KeyBudget(day=key.budget_day, total=key.budget_total),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
