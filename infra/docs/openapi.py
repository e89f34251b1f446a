"""`python -m infra.docs.openapi` writes the OpenAPI document of each service to docs/openapi/."""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any, Final

import aiohttp
from pydantic import SecretStr

from infra.deploy.stack_names import SERVICES
from shared.http import build_app, serving
from shared.identity import InvalidToken, Principal

FOLDER: Final = Path(__file__).parents[2] / "docs" / "openapi"


class _RejectAllTokens:
    async def verify(self, token: str) -> Principal:  # noqa: ARG002 - every token is rejected
        raise InvalidToken("malformed")


async def document(service: str) -> dict[str, Any]:
    """Start the service's HTTP application and fetch its OpenAPI document."""
    routes = importlib.import_module(f"services.{service}.api").ROUTES
    app = build_app(
        service, routes, None, _RejectAllTokens(), {}, cursor_secret=SecretStr("nothing is signed here" * 2)
    )
    async with (
        serving(app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
        client.get(f"/api/{service}/openapi.json") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


def to_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for service in sys.argv[1:] or SERVICES:
        (FOLDER / f"{service}.json").write_text(to_json(asyncio.run(document(service))))
        print(f"docs/openapi/{service}.json")  # noqa: T201


if __name__ == "__main__":
    main()
