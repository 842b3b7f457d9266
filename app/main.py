"""The entry point of the API: `uvicorn app.main:app`."""

from fastapi import FastAPI

from app.application import build_app
from config.config import Settings, get_settings
from service.logs import configure
from service.wiring import build_services


def create_app(settings: Settings) -> FastAPI:
    """Return the application with these settings; nothing is connected before it starts."""
    return build_app(build_services(settings))


configure(get_settings().log_level)
app = create_app(get_settings())
