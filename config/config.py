"""Settings: every environment variable the service reads, once, at start; the environment wins over .env."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PLACEHOLDER_KEYS = frozenset({"YOUR_GEMINI_API_KEY", "YOUR_API_KEY", "CHANGEME", "XXX"})
"""Values copied from a README, which count as no key."""

LONGEST_CALL = 500
"""Seconds that a call to a model may be given. A job that goes no step further for 600 counts as hanging, and its
lease is taken from it; a call is a step, with the wait for its turn before it."""


class Settings(BaseSettings):
    """What each variable means stands in .env.example; what follows from them, in service/wiring.py."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    broker_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    storage_url: str | None = None

    gemini_api_key: SecretStr | None = None
    llm_model: str = "google:gemini-3.8-flash"
    llm_api_key: SecretStr | None = None
    llm_base_url: str | None = None
    llm_timeout: Annotated[float, Field(gt=0, le=LONGEST_CALL)] = 120.0
    llm_fallbacks: Annotated[tuple[str, ...], NoDecode] = ()
    llm_concurrency: Annotated[int, Field(gt=0)] = 64
    llm_rpm: Annotated[int, Field(gt=0)] | None = None
    llm_tpm: Annotated[int, Field(gt=0)] | None = None
    llm_budget_day: Annotated[Decimal, Field(ge=0, lt=1_000_000_000)] | None = None
    llm_budget_total: Annotated[Decimal, Field(ge=0, lt=1_000_000_000)] | None = None
    llm_unknown_cost: Annotated[Decimal, Field(ge=0, lt=1_000)] = Decimal("0.02")
    llm_cache_days: Annotated[int, Field(ge=0, le=3650)] = 30

    max_file_size: Annotated[int, Field(gt=0)] = 20_000_000
    max_request_size: Annotated[int, Field(gt=0)] = 100_000_000
    max_files: Annotated[int, Field(gt=0)] = 20
    max_pages: Annotated[int, Field(gt=0, le=200)] = 50

    retention_days: Annotated[int, Field(gt=0, le=36_500)] | None = None

    rate_limit: Annotated[int, Field(gt=0)] = 600
    rate_limit_address: Annotated[int, Field(gt=0)] = 60
    max_uploads: Annotated[int, Field(gt=0)] = 8
    max_queued: Annotated[int, Field(gt=0)] | None = 5000
    storage_quota: Annotated[int, Field(gt=0)] | None = None

    jobs_in_flight: Annotated[int, Field(gt=0)] | None = None
    lease_seconds: Annotated[int, Field(ge=3)] = 60

    webhook_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()

    allow_anonymous: bool = False
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: dict[str, object]) -> dict[str, object]:
        """Take what is set but empty as the default: so an empty variable wins over .env too."""
        return {name: value for name, value in values.items() if value != ""}

    @model_validator(mode="after")
    def _one_broker(self) -> Self:
        """Let REDIS_URL be another name of BROKER_URL."""
        self.broker_url = self.broker_url or self.redis_url
        return self

    @field_validator(
        *("allowed_hosts", "cors_origins", "llm_fallbacks", "webhook_allowed_hosts"), mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        """Read a comma-separated list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("gemini_api_key", "llm_api_key", mode="after")
    @classmethod
    def _no_placeholder(cls, value: SecretStr | None) -> SecretStr | None:
        """Count a key copied from a README as none."""
        if value and value.get_secret_value().strip().upper() in PLACEHOLDER_KEYS:
            return None
        return value


@lru_cache
def get_settings() -> Settings:
    """Return the process's settings."""
    return Settings()
