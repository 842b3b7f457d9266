"""Each provider is sent its own key, and none another one's."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.config import LONGEST_CALL, Settings
from invoice_extraction.engines.llm.calls import GRACE
from invoice_extraction.errors import OptionError
from service.gate import PATIENCE
from service.running import LONGEST_JOB
from service.store.ledger import HELD
from service.wiring import build_services


def keys(
    tmp_path: Path, model: str, *fallbacks: str, key: str | None = "other-key"
) -> dict[str, str]:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        gemini_api_key="google-key",
        llm_api_key=key,
        llm_model=model,
        llm_fallbacks=fallbacks,
    )
    services = build_services(settings)
    try:
        found = services.options.model
    finally:
        services.stop()
    assert found is not None
    return {one.model: one.api_key for one in (found, *found.fallbacks)}


def test_a_stand_in_of_another_kind_is_not_sent_the_model_s_key(tmp_path: Path) -> None:
    assert keys(tmp_path, "openai:a", "openai:b", "google:c", "ollama:d") == {
        "openai:a": "other-key",
        "openai:b": "other-key",
        "google:c": "google-key",
        "ollama:d": "",
    }
    assert keys(tmp_path, "google:a", "mistral:b") == {
        "google:a": "google-key",
        "mistral:b": "other-key",
    }


def test_a_key_that_two_providers_would_be_sent_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="LLM_API_KEY is the key of one provider"):
        keys(tmp_path, "openai:a", "anthropic:b")


def test_a_model_that_stands_in_for_a_local_one_is_sent_the_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert keys(tmp_path, "ollama:a", "openai:b") == {"ollama:a": "", "openai:b": "other-key"}
    assert keys(tmp_path, "openai-chat:a") == {"openai-chat:a": "other-key"}
    assert not caplog.records


def test_a_model_without_a_key_and_a_key_without_a_model_are_told_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert keys(tmp_path, "ollama:a", "openai:b", key=None) == {"ollama:a": ""}
    assert [(one.message, getattr(one, "model", None)) for one in caplog.records] == [
        ("a model that stands in is left out: it has no key", "openai:b")
    ]
    caplog.clear()
    assert keys(tmp_path, "google:a") == {"google:a": "google-key"}
    assert "LLM_API_KEY is sent to nobody" in caplog.text
    assert "other-key" not in caplog.text


@pytest.mark.parametrize("seconds", [0, -1, 501])
def test_a_call_has_a_limit_of_time_that_ends_before_its_job_counts_as_hanging(
    seconds: float,
) -> None:
    with pytest.raises(ValueError, match="llm_timeout"):
        Settings(_env_file=None, llm_timeout=seconds)
    assert LONGEST_CALL + 2 * PATIENCE + GRACE < LONGEST_JOB
    assert timedelta(seconds=LONGEST_CALL) < HELD
