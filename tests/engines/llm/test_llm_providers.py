import pytest

from invoice_extraction.engines.llm.clients import Clients
from invoice_extraction.engines.llm.providers import PROVIDERS, model_options
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
