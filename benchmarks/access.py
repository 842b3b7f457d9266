"""What recognising a key and counting its request add to each call: `python -m benchmarks.access`."""

import asyncio
import tempfile
import time
from pathlib import Path

from app.access import Access
from app.open_mode import OpenMode
from app.rates import RateLimits
from config.config import Settings
from service.wiring import build_services

CALLS = 20_000


async def nothing(scope, receive, send):
    """Stands where the routes are."""


async def measure(folder: str) -> list[float]:
    """Return the microseconds of each call, sorted."""
    services = build_services(Settings(_env_file=None, data_dir=Path(folder)))
    services.prepare()
    _, key = services.keys.make("acme", "k", frozenset({"read"}), rate=1_000_000)
    app = Access(
        RateLimits(nothing, rates=services.rates, a_minute=600),
        keys=services.keys,
        open_mode=OpenMode(everyone=False, hosts=(), origins=()),
        origins=(),
        rates=services.rates,
        a_minute=60,
    )
    headers = [(b"host", b"x"), (b"authorization", f"Bearer {key}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/v1/schema", "headers": headers}
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await app({**scope, "client": ("10.0.0.1", 5)}, None, None)
        took.append((time.perf_counter() - began) * 1e6)
    services.stop()
    return sorted(took)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measure(folder))
    for share in (50, 95, 99):
        print(f"p{share}: {took[CALLS * share // 100]:.0f} µs")


if __name__ == "__main__":
    main()
