"""Providers: `PROVIDERS` maps the part before the colon of "google:gemini-3.8-flash" to its set-up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invoice_extraction.engines.base import Readiness
from invoice_extraction.errors import EngineUnavailable, OptionError
from invoice_extraction.model.options import ModelOptions

if TYPE_CHECKING:
    from pydantic_ai.models import Model

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
PDF_AND_PICTURES = PICTURES | {"application/pdf"}
PLACEHOLDER = "YOUR_"
"""How a key begins that was copied from an example."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: `build(name, options)` returns its client, which opens no connection yet.

    `url` is where its API is reached, None where that has to be set; what is set instead has to end with
    `url_ends`. `media_types` are the files that can be sent as they are, of `max_pages` and `max_bytes` at
    most, a picture of `max_picture` bytes; `max_pictures` how many pictures of pages go in one request.
    `page_tokens` is what a page counts.
    """

    build: Callable[[str, ModelOptions], "Model"]
    url: str | None
    media_types: frozenset[str] = PDF_AND_PICTURES
    needs_key: bool = True
    page_tokens: int = 2_500
    max_pages: int = 100
    max_bytes: int = 20_000_000
    max_picture: int = 20_000_000
    max_pictures: int = 20
    url_ends: str = ""


def model_options(
    model: str, *, google_key: str = "", other_key: str = "", base_url: str | None, timeout: float
) -> ModelOptions | None:
    """Return how to reach a model; None where its provider's key is not set.

    `google_key` goes to Google alone and `other_key` to any other provider, so that no provider is
    sent another one's key. A server that needs no key is asked without one.
    """
    kind = model.partition(":")[0]
    key = google_key if kind == "google" else other_key
    if not key and (kind not in PROVIDERS or PROVIDERS[kind].needs_key):
        return None
    return ModelOptions(model=model, api_key=key, base_url=base_url, timeout=timeout)


def key_owner(model: str, fallbacks: Sequence[str]) -> str:
    """Return the provider that LLM_API_KEY is for, "" for none.

    That is the one that needs it, of those of `model` and of the models that stand in for it; Google has a
    key of its own. Where none needs it: that of `model`, which may want it all the same, or else the only
    other one. A server that needs no key is sent another one's never.

    Raises:
        OptionError: Two of them need a key.
    """
    kinds = [name.partition(":")[0] for name in (model, *fallbacks)]
    others = list(dict.fromkeys(kind for kind in kinds if kind != "google"))
    needy = [kind for kind in others if kind not in PROVIDERS or PROVIDERS[kind].needs_key]
    if len(needy) > 1:
        raise OptionError(
            f"LLM_API_KEY is the key of one provider, but {' and '.join(needy)} would be sent it.",
            hint="Keep in LLM_FALLBACKS only models of one of them, of Google, or of servers without key.",
        )
    owners = needy or [kind for kind in others if kind == kinds[0]] or others
    return owners[0] if len(owners) == 1 else ""


def find_provider(options: ModelOptions) -> tuple[Provider, str]:
    """Return the provider and the model's name there.

    Raises:
        EngineUnavailable: The model, the key or the base URL is not set as the provider needs it.
    """
    kind, _, name = options.model.partition(":")
    if kind not in PROVIDERS or not name:
        raise EngineUnavailable(
            f"The model {options.model!r} is not known here.",
            hint="Set LLM_MODEL to provider:name, such as google:gemini-3.8-flash; the providers "
            f"are {', '.join(PROVIDERS)}.",
        )
    provider = PROVIDERS[kind]
    if provider.needs_key and not options.api_key:
        # Without one a client would take whatever key the environment holds for something else.
        raise EngineUnavailable(
            f"No key is set for the model {options.model!r}.", hint="Set the provider's key."
        )
    if options.api_key.upper().startswith(PLACEHOLDER):
        raise EngineUnavailable(
            f"The key for the model {options.model!r} is the example's.",
            hint="Set one of your own.",
        )
    if options.base_url and not options.base_url.startswith(("http://", "https://")):
        raise EngineUnavailable(
            "The model's base URL is no http or https address.", hint="Correct LLM_BASE_URL."
        )
    url = (options.base_url or provider.url or "").rstrip("/")
    if not (url and url.endswith(provider.url_ends)):
        ends = f" that ends in {provider.url_ends}" if provider.url_ends else ""
        raise EngineUnavailable(
            f"The model {options.model!r} needs a base URL{ends}.", hint="Set LLM_BASE_URL."
        )
    return provider, name


def reached(options: ModelOptions) -> ModelOptions:
    """Return the options with the address of the provider's API, the vendor's own where none is set.

    Each client is told it, and would else obey what the environment holds for another program. Raises
    what `find_provider` raises.
    """
    provider, _ = find_provider(options)
    return replace(options, base_url=(options.base_url or provider.url or "").rstrip("/"))


def ready(options: ModelOptions | None) -> Readiness:
    """Return whether a model is set up as its provider needs it, or why not; nobody is asked.

    Imports no client, so that a process without the client library can tell it too.
    """
    if options is None:
        return Readiness(
            ready=False, reason="No model is set: set GEMINI_API_KEY, or LLM_MODEL and LLM_API_KEY."
        )
    try:
        find_provider(options)
    except EngineUnavailable as error:
        return Readiness(ready=False, reason=f"{error.message} {error.hint}")
    return Readiness(ready=True)


def _google(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=options.api_key, base_url=options.base_url)
    return GoogleModel(name, provider=provider)


def _google_cloud(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google_cloud import GoogleCloudProvider

    url = options.base_url
    return GoogleModel(name, provider=GoogleCloudProvider(api_key=options.api_key, base_url=url))


def _openai(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(api_key=options.api_key, base_url=options.base_url)
    return OpenAIResponsesModel(name, provider=provider)


def _openai_chat(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # A local server needs no key, but its client insists on one.
    provider = OpenAIProvider(api_key=options.api_key or "none", base_url=options.base_url)
    return OpenAIChatModel(name, provider=provider)


def _ollama(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.providers.ollama import OllamaProvider

    provider = OllamaProvider(api_key=options.api_key or "none", base_url=options.base_url)
    return OllamaModel(name, provider=provider)


def _anthropic(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    url = options.base_url
    return AnthropicModel(name, provider=AnthropicProvider(api_key=options.api_key, base_url=url))


def _mistral(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    # Its own client cannot ask for an answer by a schema; its API takes the same request as OpenAI's.
    # https://docs.mistral.ai/capabilities/structured_output/custom
    provider = OpenAIProvider(api_key=options.api_key, base_url=options.base_url)
    profile = OpenAIModelProfile(
        supports_json_schema_output=True, openai_chat_supports_max_completion_tokens=False
    )
    return OpenAIChatModel(name, provider=provider, profile=profile)


def _azure(name: str, options: ModelOptions) -> "Model":
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.azure import AzureProvider

    return OpenAIResponsesModel(
        name, provider=AzureProvider(azure_endpoint=options.base_url, api_key=options.api_key)
    )


def _openrouter(name: str, options: ModelOptions) -> "Model":
    from openai import AsyncOpenAI
    from pydantic_ai import ModelProfile
    from pydantic_ai.models.openrouter import OpenRouterModel
    from pydantic_ai.providers.openrouter import OpenRouterProvider

    # The provider itself takes no base URL, which a proxy of one's own needs.
    client = AsyncOpenAI(api_key=options.api_key, base_url=options.base_url)
    # Which models there follow a schema is not known here; one that does not is told by its answer.
    profile = ModelProfile(supports_json_schema_output=True)
    return OpenRouterModel(name, provider=OpenRouterProvider(openai_client=client), profile=profile)


PROVIDERS: dict[str, Provider] = {
    "google": Provider(
        _google,
        "https://generativelanguage.googleapis.com",
        page_tokens=1_120,
        max_pages=1_000,
        max_pictures=100,
    ),
    # Vertex AI by an API key ("express mode").
    "google-cloud": Provider(
        _google_cloud,
        "https://aiplatform.googleapis.com",
        page_tokens=1_120,
        max_pages=1_000,
        max_pictures=100,
    ),
    "openai": Provider(_openai, "https://api.openai.com/v1", max_pictures=50),
    "azure": Provider(_azure, None, max_pictures=50, url_ends="/v1"),
    # A picture has 5 MB at the most there, in base64.
    # https://platform.claude.com/docs/en/build-with-claude/vision
    "anthropic": Provider(_anthropic, "https://api.anthropic.com", max_picture=3_750_000),
    # Its chat API takes eight pictures in a request, and PDFs in a form of its own only.
    "mistral": Provider(
        _mistral, "https://api.mistral.ai/v1", media_types=PICTURES, max_pictures=8
    ),
    # What lies behind it may take PDFs or not; all models that see take pictures.
    "openrouter": Provider(
        _openrouter, "https://openrouter.ai/api/v1", media_types=PICTURES, max_pictures=8
    ),
    # Servers that speak the chat completions protocol (vLLM, LM Studio): most take no PDF.
    "openai-chat": Provider(
        _openai_chat, None, media_types=PICTURES, needs_key=False, max_pictures=8
    ),
    # Those that do, in the form of OpenAI's own API (a gateway to one of the vendors above).
    "openai-chat-pdf": Provider(_openai_chat, None, needs_key=False, max_pictures=8),
    # Its context is small unless set otherwise, and what does not fit is cut off in silence.
    "ollama": Provider(
        _ollama,
        "http://127.0.0.1:11434/v1",
        media_types=PICTURES,
        needs_key=False,
        max_pictures=4,
    ),
}
