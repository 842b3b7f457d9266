"""Webhooks and their deliveries in SQLite or PostgreSQL."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import UnknownWebhook, WebhookConflict
from service.store.base import FINAL
from service.store.outbox import new_event, written
from service.store.tables import deliveries, jobs, webhooks
from service.store.transactions import Transactions, count
from service.webhooks import (
    FAILING,
    GIVEN_UP,
    LONGEST_REST,
    MAX_WEBHOOKS,
    SCHEDULE,
    SWITCHED_OFF,
    TEST,
    Claim,
    Delivery,
    DeliveryPage,
    Outcome,
    State,
    Webhook,
    wait_before,
)

AT_A_TIME = 4
"""Deliveries under way to one webhook, over all workers."""

KEPT = timedelta(days=30)
"""How long a delivery that has ended is listed."""

NEW = timedelta(hours=1)
"""How long a webhook that came by an upload is kept though nothing was sent to it: the upload may not be over."""

_FAILS_TOO_LONG = "failing"
_GONE = "gone"


class SqlWebhookStore(Transactions):
    """See `WebhookStore`."""

    def add(self, webhook: Webhook) -> None:
        """See `WebhookStore.add`."""
        values = {name: getattr(webhook, name) for name in Webhook.__dataclass_fields__}
        values["events"] = list(webhook.events)
        dialect = sqlite.insert if self._is_sqlite else postgresql.insert
        own = webhooks.c.tenant == webhook.tenant
        with self._write() as connection:
            new = dialect(webhooks).values(values).on_conflict_do_nothing()
            if not count(connection.execute(new)):
                return
            found = select(func.count()).select_from(webhooks).where(own)
            if connection.execute(found).scalar_one() <= MAX_WEBHOOKS:
                return
            idle = connection.execute(self._idle(webhook.tenant)).scalar_one_or_none()
            if idle is None:
                raise WebhookConflict(f"There are {MAX_WEBHOOKS} webhooks, which is the limit.")
            connection.execute(delete(webhooks).where(webhooks.c.id == idle))

    def _idle(self, tenant: str) -> Any:
        """Return the query for the webhook by upload that was served the longest ago, of those without use."""
        waiting = and_(jobs.c.tenant == tenant, jobs.c.status.not_in(FINAL))
        asked = func.coalesce(webhooks.c.disabled_reason, "") == "asked"
        unused = (
            webhooks.c.tenant == tenant,
            webhooks.c.by_upload,
            webhooks.c.created_at < self._now() - NEW,
            ~asked,  # or the next upload would switch it on
            ~exists().where(deliveries.c.webhook == webhooks.c.id),
            ~exists().where(waiting, jobs.c.options["webhook"].as_string() == webhooks.c.id),
        )
        query = select(webhooks.c.id).where(*unused)
        return query.order_by(webhooks.c.served_at.asc().nulls_first()).limit(1)

    def listed(self, tenant: str) -> list[Webhook]:
        """See `WebhookStore.listed`."""
        query = select(webhooks).where(webhooks.c.tenant == tenant)
        query = query.order_by(webhooks.c.created_at.desc(), webhooks.c.id)
        with self._read() as connection:
            return [_webhook(row) for row in connection.execute(query)]

    def get(self, tenant: str, webhook_id: str) -> Webhook:
        """See `WebhookStore.get`."""
        with self._read() as connection:
            return _found(connection, tenant, webhook_id)

    def change(self, tenant: str, webhook_id: str, changes: dict[str, Any]) -> Webhook:
        """See `WebhookStore.change`."""
        with self._write() as connection:
            if changes:
                change = update(webhooks).where(_is(tenant, webhook_id)).values(changes)
                connection.execute(change)
            found = _found(connection, tenant, webhook_id)
            if found.disabled_at is not None:
                self._end_waiting(connection, webhook_id)
        return found

    def delete(self, tenant: str, webhook_id: str) -> None:
        """See `WebhookStore.delete`."""
        with self._write() as connection:
            if not count(connection.execute(delete(webhooks).where(_is(tenant, webhook_id)))):
                raise _unknown()
            connection.execute(delete(deliveries).where(deliveries.c.webhook == webhook_id))

    # ---------------------------------------------------------------- deliveries

    def deliveries(
        self, tenant: str, webhook_id: str, *, limit: int, cursor: str | None, state: State | None
    ) -> DeliveryPage:
        """See `WebhookStore.deliveries`."""
        query = select(deliveries).where(deliveries.c.webhook == webhook_id)
        if cursor is not None:
            query = query.where(deliveries.c.event < cursor)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        query = query.order_by(deliveries.c.event.desc()).limit(limit + 1)
        with self._read() as connection:
            _found(connection, tenant, webhook_id)
            found = [_delivery(row) for row in connection.execute(query)]
        page = tuple(found[:limit])
        return DeliveryPage(page, page[-1].event if len(found) > limit else None)

    def test(self, tenant: str, webhook_id: str) -> Delivery:
        """See `WebhookStore.test`."""
        now = self._now()
        body = written(TEST, datetime.now(UTC), {"webhook": webhook_id})
        new = insert(deliveries).values(
            webhook=webhook_id,
            event=new_event(),
            kind=TEST,
            body=body,
            state="pending",
            attempts=0,
            not_before=now,
            created_at=now,
        )
        with self._write() as connection:
            _check_on(_found(connection, tenant, webhook_id))
            return _delivery(connection.execute(new.returning(*deliveries.c)).one())

    def redeliver(self, tenant: str, webhook_id: str, event: str) -> Delivery:
        """See `WebhookStore.redeliver`."""
        mine = and_(deliveries.c.webhook == webhook_id, deliveries.c.event == event)
        anew = update(deliveries).where(mine)
        # one that is just being attempted is attempted again too: its claim ends here
        anew = anew.values(state="pending", attempts=0, not_before=self._now(), token=None)
        with self._write() as connection:
            _check_on(_found(connection, tenant, webhook_id))
            row = connection.execute(anew.returning(*deliveries.c)).one_or_none()
        if row is None:
            raise _unknown()
        return _delivery(row)

    def claim(self, lease: timedelta, *, failing: bool) -> Claim | None:
        """See `WebhookStore.claim`."""
        now = self._now()
        due = and_(deliveries.c.state == "pending", deliveries.c.not_before <= now)
        with self._read() as connection:
            if connection.execute(select(deliveries.c.event).where(due).limit(1)).first() is None:
                return None  # the usual case: nothing is written
        with self._write() as connection:
            turn = connection.execute(self._turn(due, failing)).one_or_none()
            if turn is None:
                return None
            head = select(deliveries.c.event).where(deliveries.c.webhook == turn.id, due)
            head = head.order_by(deliveries.c.not_before).limit(1).with_for_update(skip_locked=True)
            event = connection.execute(head).scalar_one_or_none()
            if event is None:
                return None
            token = secrets.token_hex(16)
            mine = and_(deliveries.c.webhook == turn.id, deliveries.c.event == event)
            taken = update(deliveries).where(mine).values(token=token, not_before=now + lease)
            row = connection.execute(taken.returning(*deliveries.c)).one()
            served = update(webhooks).where(webhooks.c.id == turn.id).values(served_at=now)
            connection.execute(served)
        return Claim(_webhook(turn), _delivery(row), token)

    def _turn(self, due: ColumnElement[bool], failing: bool) -> Any:
        """Return the query for the webhook whose turn it is: that with the fewest deliveries under way."""
        now, own = self._now(), deliveries.c.webhook == webhooks.c.id
        under_way = and_(own, deliveries.c.token.is_not(None))  # what has ended has none
        held = (
            select(func.count())
            .select_from(deliveries)
            .where(under_way, deliveries.c.not_before > now)
            .scalar_subquery()
        )
        query = select(webhooks).where(
            webhooks.c.disabled_at.is_(None),
            or_(webhooks.c.rests_until.is_(None), webhooks.c.rests_until <= now),
            exists().where(own, due),
            held < case((webhooks.c.failures >= FAILING, 1), else_=AT_A_TIME),
        )
        if not failing:
            query = query.where(webhooks.c.failures < FAILING)
        order = (held, webhooks.c.served_at.asc().nulls_first(), webhooks.c.id)
        return query.order_by(*order).limit(1).with_for_update(skip_locked=True, of=webhooks)

    def settle(self, claim: Claim, outcome: Outcome) -> Webhook | None:
        """See `WebhookStore.settle`."""
        now, event = self._now(), claim.delivery.event
        attempts = claim.delivery.attempts + 1
        gone = outcome.status == 410
        over = attempts >= len(SCHEDULE) or (gone and claim.webhook.by_upload)
        state: State = "delivered" if outcome.delivered else "failed" if over else "pending"
        rest = min(outcome.rest or timedelta(), LONGEST_REST)
        wait = max(wait_before(attempts), rest) if state == "pending" else timedelta()
        mine = and_(deliveries.c.webhook == claim.webhook.id, deliveries.c.event == event)
        written = (
            update(deliveries)
            .where(mine, deliveries.c.token == claim.token)
            .values(
                state=state,
                attempts=attempts,
                status=outcome.status,
                error=outcome.error,
                attempted_at=now,
                not_before=now + wait,
                token=None,
            )
        )
        with self._write() as connection:
            if not count(connection.execute(written)):
                return None
            if outcome.delivered:
                self._note_success(connection, claim.webhook.id)
                return None
            self._note_failure(connection, claim.webhook.id, rest)
            return self._switched_off(connection, claim.webhook, gone=gone)

    def _note_success(self, connection: Connection, webhook_id: str) -> None:
        well = update(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.failures > 0)
        connection.execute(well.values(failures=0, failing_since=None))

    def _note_failure(self, connection: Connection, webhook_id: str, rest: timedelta) -> None:
        now = self._now()
        values: dict[str, Any] = {
            "failures": webhooks.c.failures + 1,
            "failing_since": func.coalesce(webhooks.c.failing_since, now),
        }
        if rest:
            values["rests_until"] = now + rest
        connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))

    def _switched_off(
        self, connection: Connection, webhook: Webhook, *, gone: bool
    ) -> Webhook | None:
        """Switch a webhook off where that is due, and return it then."""
        now = self._now()
        on = and_(webhooks.c.id == webhook.id, webhooks.c.disabled_at.is_(None))
        if gone and not webhook.by_upload:
            reason = _GONE
        else:
            reason = _FAILS_TOO_LONG
            on = and_(on, webhooks.c.failing_since <= now - GIVEN_UP)
        off = update(webhooks).where(on).values(disabled_at=now, disabled_reason=reason)
        row = connection.execute(off.returning(*webhooks.c)).one_or_none()
        if row is None:
            return None
        self._end_waiting(connection, webhook.id)
        return _webhook(row)

    def _end_waiting(self, connection: Connection, webhook_id: str) -> None:
        waiting = and_(deliveries.c.webhook == webhook_id, deliveries.c.state == "pending")
        ended = {"state": "failed", "error": SWITCHED_OFF, "token": None}
        connection.execute(
            update(deliveries).where(waiting).values(**ended, not_before=self._now())
        )

    def prune(self) -> int:
        """See `WebhookStore.prune`."""
        # one that still waits, after so long, lost its webhook while it was recorded
        every = deliveries.c.state.in_(("delivered", "failed", "pending"))
        old = and_(every, deliveries.c.not_before < self._now() - KEPT)
        with self._write() as connection:
            return count(connection.execute(delete(deliveries).where(old)))


def _is(tenant: str, webhook_id: str) -> ColumnElement[bool]:
    return and_(webhooks.c.id == webhook_id, webhooks.c.tenant == tenant)


def _found(connection: Connection, tenant: str, webhook_id: str) -> Webhook:
    row = connection.execute(select(webhooks).where(_is(tenant, webhook_id))).one_or_none()
    if row is None:
        raise _unknown()
    return _webhook(row)


def _check_on(webhook: Webhook) -> None:
    if webhook.disabled_at is not None:
        raise WebhookConflict("The webhook is switched off.")


def _unknown() -> UnknownWebhook:
    return UnknownWebhook("There is no webhook, or no delivery of it, with this id.")


def _webhook(row: Row[Any]) -> Webhook:
    values = {name: getattr(row, name) for name in Webhook.__dataclass_fields__}
    return Webhook(**values | {"events": tuple(row.events)})


def _delivery(row: Row[Any]) -> Delivery:
    values = {
        name: getattr(row, name) for name in Delivery.__dataclass_fields__ if name != "next_at"
    }
    waits = row.state == "pending" and row.token is None
    return Delivery(**values, next_at=row.not_before if waits else None)
