import re

import pytest
import yaml
from pydantic import ValidationError

from config.config import Settings
from tests.servers import ROOT

EXAMPLE = (ROOT / ".env.example").read_text()

NOT_IN_COMPOSE = {
    "HOST",  # the image sets both
    "PORT",
    "REDIS_URL",  # BROKER_URL stands there
    "STORAGE_URL",  # a bucket's credentials go with it: docs/deploy.md
}
APP_ALONE = {
    *("MAX_REQUEST_SIZE", "MAX_FILES", "ALLOWED_HOSTS", "CORS_ORIGINS", "ALLOW_ANONYMOUS"),
    *("RATE_LIMIT", "RATE_LIMIT_ADDRESS", "MAX_UPLOADS", "MAX_QUEUED", "STORAGE_QUOTA"),
}
WORKER_ALONE = {"JOBS_IN_FLIGHT"}


def settings(monkeypatch, tmp_path, **environment) -> Settings:
    monkeypatch.chdir(tmp_path)  # no .env here
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_the_example_names_every_setting_and_no_other():
    named = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.M))
    assert named == {name.upper() for name in Settings.model_fields}


def test_compose_hands_every_setting_to_the_processes_that_follow_it():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    given = {name: set(services[name]["environment"]) for name in ("app", "worker")}
    settings = {name.upper() for name in Settings.model_fields} - NOT_IN_COMPOSE
    assert given["app"] == settings - WORKER_ALONE
    assert given["worker"] == settings - APP_ALONE


def test_the_example_shows_the_defaults(monkeypatch, tmp_path):
    bare = settings(monkeypatch, tmp_path)
    (tmp_path / ".env").write_text(EXAMPLE)
    assert Settings() == bare


def test_an_empty_variable_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("GEMINI_API_KEY=a-key\n")
    assert settings(monkeypatch, tmp_path, GEMINI_API_KEY="").gemini_api_key is None
    assert settings(monkeypatch, tmp_path).gemini_api_key is not None


@pytest.mark.parametrize("empty", ["BROKER_URL", "REDIS_URL"])
def test_the_broker_may_stand_under_either_name(monkeypatch, tmp_path, empty):
    other = {"BROKER_URL": "REDIS_URL", "REDIS_URL": "BROKER_URL"}[empty]
    found = settings(monkeypatch, tmp_path, **{empty: "", other: "redis://r:6379/1"})
    assert found.broker_url.get_secret_value() == "redis://r:6379/1"


def test_redis_url_is_another_name_of_broker_url(monkeypatch, tmp_path):
    found = settings(monkeypatch, tmp_path, REDIS_URL="redis://r:6379/1")
    assert found.broker_url.get_secret_value() == "redis://r:6379/1"


def test_the_environment_wins_over_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("PORT=1\nMAX_FILES=3\n")
    found = settings(monkeypatch, tmp_path, PORT="2")
    assert (found.port, found.max_files) == (2, 3)


@pytest.mark.parametrize("key", ["", "YOUR_GEMINI_API_KEY", "your_gemini_api_key"])
def test_a_key_copied_from_a_readme_is_no_key(monkeypatch, tmp_path, key):
    assert settings(monkeypatch, tmp_path, GEMINI_API_KEY=key).gemini_api_key is None


def test_secrets_are_not_shown(monkeypatch, tmp_path):
    found = settings(
        monkeypatch, tmp_path, GEMINI_API_KEY="k-secret", DATABASE_URL="postgresql://u:p-secret@h/d"
    )
    assert "secret" not in repr(found)


def test_a_setting_out_of_range_is_refused(monkeypatch, tmp_path):
    with pytest.raises(ValidationError, match="max_pages"):
        settings(monkeypatch, tmp_path, MAX_PAGES="9999")
