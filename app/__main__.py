"""`python -m app` serves, `… keys` manages keys; `… openapi` and `… texts` write anew what is made from the code."""

import json
import sys
from pathlib import Path

import uvicorn

from app import keys_command
from app.main import app
from app.routes.about import invoice_schema
from service.wiring import Services

WELCOME = """
Invoice Extraction API: {url} (Ctrl-C stops it and its worker). Drop a file there, or try:

  curl -F files=@samples/files/factur-x-de.pdf {url}/extract-invoice
  curl "{url}/status/TASK_ID?wait=20"

"""

DOCS = Path(__file__).parent.parent / "docs"


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code."""
    if arguments == ["openapi"]:
        (DOCS / "openapi.json").write_text(description(), encoding="utf-8")
        (DOCS / "invoice.schema.json").write_bytes(invoice_schema())
        return 0
    if arguments == ["texts"]:
        from app import texts_command  # what reads templates and scripts is needed for this alone

        return texts_command.run()
    services: Services = app.state.services
    if arguments[:1] == ["keys"]:
        return keys_command.run(arguments[1:], services)
    if arguments:
        sys.stderr.write("usage: python -m app [keys … | openapi | texts]\n")
        return 2
    settings = services.settings
    url = f"http://{settings.host}:{settings.port}"
    sys.stderr.write(WELCOME.format(url=url))
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        timeout_graceful_shutdown=10,  # an upload that stalls does not keep the process
        access_log=False,  # the application logs each request once, with its id
    )
    return 0


def description() -> str:
    """Return the OpenAPI document as it is committed."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
