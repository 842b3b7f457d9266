"""A real service with its worker, for all tests of a module."""

from collections.abc import Iterator

import httpx
import pytest

from tests.servers import Api


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[str]:
    """The URL of a service in open mode."""
    folder = tmp_path_factory.mktemp("service")
    api = Api({"DATA_DIR": str(folder / "data"), "GEMINI_API_KEY": ""}, folder / "api.log").ready()
    yield api.url
    api.stop()


@pytest.fixture
def counted(service):
    """How many documents the service has."""
    return lambda: len(httpx.get(f"{service}/v1/documents?limit=200").json()["documents"])
