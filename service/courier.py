"""Sends what webhooks wait for: one thread claims deliveries, and each is attempted in a thread of its own."""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks import Webhook as Signer

from service.addresses import Addresses
from service.errors import ForbiddenUrl, ServiceError
from service.post import Answer, NoAnswer, post
from service.webhooks import FAILING, Claim, Outcome, WebhookStore

log = logging.getLogger(__name__)

AT_A_TIME = 16
"""Deliveries under way in one worker; at most half of them to webhooks that fail."""

TIMEOUT = 15.0
"""Seconds for one attempt, from the connection to the answer."""

LEASE = timedelta(minutes=2)
"""How long a claimed delivery is left to its worker: longer than an attempt and the name's look-up take."""

POLL_SECONDS = 0.5
"""How often it is looked for what is due."""

PRUNE_SECONDS = 3_600.0

STOP_SECONDS = 3.0
"""How long a stop waits for attempts under way; what is broken off is attempted again, under the same id."""

_SIGNS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Courier:
    """Sends from `start` to `stop`.

    A worker that sends nothing would let its deliveries wait for ever: when the claiming thread dies of a
    fault, it asks the process to end, and a supervisor starts another.
    """

    def __init__(
        self,
        store: WebhookStore,
        addresses: Addresses,
        *,
        timeout: float = TIMEOUT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._addresses = addresses
        self._timeout = timeout
        self._clock = clock
        self._free = threading.BoundedSemaphore(AT_A_TIME)
        self._failing = threading.BoundedSemaphore(AT_A_TIME // 2)
        self._stopping = threading.Event()
        self._claimer = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin to claim and send, in the background."""
        self._claimer.start()

    def stop(self) -> None:
        """Claim no more, and wait a moment for what is under way."""
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        for _ in range(AT_A_TIME):
            if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
                return

    def _run(self) -> None:
        try:
            self._claim()
        finally:
            if not self._stopping.is_set():
                log.critical("the courier ended by a fault; the worker ends")
                os.kill(os.getpid(), signal.SIGTERM)

    def _claim(self) -> None:
        pruned = -math.inf
        while not self._stopping.is_set():
            try:
                if time.monotonic() - pruned > PRUNE_SECONDS:
                    self._store.prune()
                    pruned = time.monotonic()
                begun = self._begin()
            except ServiceError as exc:
                log.warning("no delivery can be claimed", extra={"code": exc.code})
                begun = False
            if not begun:
                self._stopping.wait(POLL_SECONDS)

    def _begin(self) -> bool:
        """Claim a delivery and attempt it in a thread; False where there is none, or no room for it."""
        if not self._free.acquire(timeout=POLL_SECONDS):
            return False
        claim = None
        room = self._failing.acquire(blocking=False)
        try:
            claim = self._store.claim(LEASE, failing=room)
        finally:
            fails = claim is not None and claim.webhook.failures >= FAILING
            if room and not fails:
                self._failing.release()
            if claim is None:
                self._free.release()
        if claim is None:
            return False
        threading.Thread(target=self._carry, args=(claim, fails), daemon=True).start()
        return True

    def _carry(self, claim: Claim, fails: bool) -> None:
        try:
            self._settle(claim, self.attempt(claim))
        finally:
            if fails:
                self._failing.release()
            self._free.release()

    def attempt(self, claim: Claim) -> Outcome:
        """Send a delivery once and return what came of it."""
        body = claim.delivery.body.encode()
        try:
            # at each attempt: the name may stand for another address by now
            target = self._addresses.resolve(claim.url)
            answer = post(target, signed(claim, self._clock()), body, self._timeout)
        except ForbiddenUrl:
            return Outcome(error="forbidden_url")
        except NoAnswer as error:
            return Outcome(error=error.reason)
        return Outcome(answer.status, rest=self._rest(answer))

    def _rest(self, answer: Answer) -> timedelta | None:
        """Return how long the receiver asks to be left alone (RFC 9110, 10.2.3), where it refused for now."""
        if answer.retry_after is None or answer.status < 400:
            return None
        if answer.retry_after.isascii() and answer.retry_after.isdigit():
            return timedelta(seconds=int(answer.retry_after[:9]))
        try:
            then = parsedate_to_datetime(answer.retry_after)
        except (ValueError, OverflowError):  # what no calendar knows is the latter
            return None
        rest = (then if then.tzinfo else then.replace(tzinfo=UTC)) - self._clock()
        return max(rest, timedelta())

    def _settle(self, claim: Claim, outcome: Outcome) -> None:
        """Write what came of it, while the claim holds; else it is attempted again."""
        told = {"webhook": claim.webhook.id, "event": claim.delivery.event}
        deadline = time.monotonic() + LEASE.total_seconds()
        while True:
            try:
                off = self._store.settle(claim, outcome)
                break
            except ServiceError as error:
                if time.monotonic() > deadline:
                    return
                log.warning("a delivery's end waits", extra={"code": error.code})
                time.sleep(1.0)
        if not outcome.delivered:
            log.warning(
                "a delivery failed",
                extra={**told, "status": outcome.status, "error": outcome.error},
            )
        if off is not None:
            log.error(
                "a webhook was switched off",
                extra={"webhook": off.id, "tenant": off.tenant, "reason": off.disabled_reason},
            )


def signed(claim: Claim, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with a signature for each secret that is valid now."""
    webhook, event, body = claim.webhook, claim.delivery.event, claim.delivery.body
    secrets = [webhook.secret]
    if webhook.secret_before and (until := webhook.secret_before_until) and until > now:
        secrets.append(webhook.secret_before)
    signatures = " ".join(Signer(secret).sign(event, now, body) for secret in secrets)
    values = (event, str(int(now.timestamp())), signatures)
    return dict(zip(_SIGNS, values, strict=True))
