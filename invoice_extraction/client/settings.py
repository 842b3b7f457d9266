"""What a client was made with, as httpx is told it."""

from dataclasses import dataclass, field
from typing import Any

from invoice_extraction.client.calls import Call

HELD = 20.0
"""Seconds for which the service holds a question for a task: it answers within a tenth of the task's end."""

PAGE = 100
"""Documents of a list that are asked for at a time."""

_AGENT = "invoice-extraction-client"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the service is, the key, seconds for one answer, and how often a request is sent again."""

    url: str
    key: str | None = field(repr=False)
    timeout: float
    retries: int

    @property
    def http(self) -> dict[str, Any]:
        """Return the arguments of httpx's client."""
        headers = {"User-Agent": _AGENT}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return {"base_url": self.url, "headers": headers, "timeout": self.timeout}

    def request(self, call: Call[Any]) -> dict[str, Any]:
        """Return the arguments of httpx's `request` for a call."""
        return {
            "method": call.method,
            "url": call.path,
            "params": call.params,
            "headers": call.headers,
            "files": call.files,
            "data": call.form,
            "json": call.json,
            "timeout": self.timeout + call.wait,
        }
