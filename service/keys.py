"""Who calls, and what a caller may do."""

from dataclasses import dataclass
from typing import Literal

from service.store.base import TENANT

Scope = Literal["read", "write", "admin"]
"""What a key allows: to see documents, to send and change them, to manage the tenant's keys."""

SCOPES: tuple[Scope, ...] = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from; `key_id` is None in open mode."""

    tenant: str
    key_id: str | None
    scopes: frozenset[Scope]


ANYBODY = Caller(TENANT, None, frozenset(SCOPES))
"""Every caller of open mode."""
