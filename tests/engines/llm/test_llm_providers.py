import pytest
from pydantic_ai.models import Model

from invoice_extraction.engines.llm.clients import Clients
from invoice_extraction.engines.llm.providers import (
    PROVIDERS,
    find_provider,
    key_owner,
    model_options,
)
from invoice_extraction.errors import EngineUnavailable, OptionError
from invoice_extraction.model.options import ModelOptions


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_provider_builds_its_client_once_and_offline(kind: str) -> None:
    clients = Clients()
    options = ModelOptions(
        model=f"{kind}:openai/some-model", api_key="test-key", base_url="http://127.0.0.1:9/v1"
    )

    async def itself(model: object) -> object:
        return model

    first = clients.run(options, itself)
    assert clients.run(options, itself) is first
    assert type(first).__module__.startswith("pydantic_ai.models.")


@pytest.mark.parametrize("kind", [name for name, one in PROVIDERS.items() if not one.needs_key])
def test_a_local_server_needs_no_key(kind: str) -> None:
    async def name(model: object) -> str:
        return type(model).__name__

    options = ModelOptions(model=f"{kind}:m", api_key="", base_url="http://127.0.0.1:9")
    assert Clients().run(options, name)


@pytest.mark.parametrize(
    ("model", "keys", "sent"),
    [
        ("google:gemini-3.8-flash", {"google_key": "g"}, "g"),
        ("google:gemini-3.8-flash", {"other_key": "o"}, None),
        ("openai:gpt-x", {"google_key": "g"}, None),
        ("openai:gpt-x", {"google_key": "g", "other_key": "o"}, "o"),
        ("ollama:qwen3-vl:8b", {"google_key": "g"}, ""),
        ("openai-chat:any", {"other_key": "o"}, "o"),
        ("nobody:any", {"google_key": "g"}, None),
    ],
)
def test_a_provider_is_sent_its_own_key_and_no_other(
    model: str, keys: dict[str, str], sent: str | None
) -> None:
    found = model_options(model, **keys, base_url=None, timeout=1.0)
    assert (found.api_key if found else None) == sent


@pytest.mark.parametrize(
    ("model", "fallbacks", "owner"),
    [
        ("openai:a", (), "openai"),
        ("openai:a", ("openai:b", "google:c", "ollama:d"), "openai"),
        ("google:a", (), ""),
        ("google:a", ("anthropic:b", "anthropic:c", "ollama:d"), "anthropic"),
        ("google:a", ("openai-chat:b",), "openai-chat"),
        ("google:a", ("openai-chat:b", "ollama:c"), ""),
        ("ollama:a", ("openai-chat:b",), "ollama"),
        ("ollama:a", ("openai:b", "google:c", "openai:d"), "openai"),
        ("openai-chat:a", ("mistral:b", "ollama:c"), "mistral"),
        ("openai-chat:a", ("google:b",), "openai-chat"),
    ],
)
def test_the_key_is_one_provider_s(model: str, fallbacks: tuple[str, ...], owner: str) -> None:
    assert key_owner(model, fallbacks) == owner


@pytest.mark.parametrize(
    ("model", "fallbacks"),
    [
        ("openai:a", ("anthropic:b",)),
        ("google:a", ("openai:b", "mistral:c")),
        ("ollama:a", ("openai:b", "mistral:c")),
    ],
)
def test_a_key_for_two_providers_is_refused(model: str, fallbacks: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match="one provider"):
        key_owner(model, fallbacks)


def test_a_server_of_one_s_own_has_no_address_unless_one_is_set() -> None:
    with pytest.raises(EngineUnavailable) as raised:
        find_provider(ModelOptions(model="openai-chat:any", api_key=""))
    assert "LLM_BASE_URL" in raised.value.hint


@pytest.mark.parametrize("kind", [name for name, one in PROVIDERS.items() if one.url])
def test_no_address_in_the_environment_is_obeyed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        "OPENAI",
        "ANTHROPIC",
        "GOOGLE_GEMINI",
        "GOOGLE_VERTEX",
        "OLLAMA",
        "MISTRAL",
        "OPENROUTER",
    )
    for name in names:
        monkeypatch.setenv(f"{name}_BASE_URL", "http://elsewhere.invalid")

    async def address(model: Model) -> str:
        return str(model.base_url)

    told = Clients().run(ModelOptions(model=f"{kind}:a/b", api_key="test-key"), address)
    assert told.startswith("http")
    assert "elsewhere" not in told
