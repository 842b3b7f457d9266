import pytest

from invoice_extraction.engines.llm.clients import Clients
from invoice_extraction.engines.llm.providers import PROVIDERS
from invoice_extraction.model.options import ModelOptions


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_provider_builds_its_client_once_and_offline(kind: str) -> None:
    clients = Clients()
    options = ModelOptions(
        model=f"{kind}:some-model", api_key="test-key", base_url="http://127.0.0.1:9"
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
