import pytest

from invoice_extraction.engines.llm import calls
from invoice_extraction.engines.llm.failures import Failure
from invoice_extraction.errors import EngineAuth, EngineRateLimited


def limited(wait: float | None) -> Failure:
    return Failure(EngineRateLimited("", retry_after=wait), passing=True)


@pytest.mark.parametrize(
    ("failure", "call", "low", "high"),
    [(limited(None), 1, 0.5, 1), (limited(None), 2, 1, 1.5), (limited(10), 1, 10, 10.5)],
)
def test_a_pause_is_the_providers_or_grows_and_is_spread(
    monkeypatch: pytest.MonkeyPatch, failure: Failure, call: int, low: float, high: float
) -> None:
    monkeypatch.undo()
    pauses = {calls._pause(failure, call) for _ in range(50)}
    assert len(pauses) > 1
    assert all(pause is not None and low <= pause <= high for pause in pauses)


def test_there_is_no_pause_where_there_is_no_further_try() -> None:
    assert calls._pause(limited(10.1), 1) is None
    assert calls._pause(Failure(EngineAuth("")), 1) is None
