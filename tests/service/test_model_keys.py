"""Each provider is sent its own key, and none another one's."""

from pathlib import Path

import pytest

from config.config import Settings
from invoice_extraction.errors import OptionError
from service.wiring import build_services


def keys(tmp_path: Path, model: str, *fallbacks: str) -> dict[str, str]:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        gemini_api_key="google-key",
        llm_api_key="other-key",
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
