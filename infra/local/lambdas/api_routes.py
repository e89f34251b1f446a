"""Reads a REST API from the embedded AWS: its routes and their functions."""

import re
from collections.abc import Iterator
from typing import Any, Final

from infra.local.lambdas.host import FunctionHost, QualifiedFunction
from infra.local.lambdas.rest_api import ApiRoute

_INTEGRATION: Final = re.compile(r":function:(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?/")


def routes_of(client: Any, environment: str, service: str, host: FunctionHost) -> list[ApiRoute]:
    """The routes of the service's deployed API. Raises LookupError if there is no such API. Blocks."""
    wanted = f"colloquy-{environment}-{service}"
    pages = client.get_paginator("get_rest_apis").paginate()
    found = [api["id"] for page in pages for api in page["items"] if api["name"] == wanted]
    if not found:
        raise LookupError(f"no API named {wanted}")
    return list(_routes(client, found[0], host))


def _routes(client: Any, api: str, host: FunctionHost) -> Iterator[ApiRoute]:
    for page in client.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"]):
        for resource in page["items"]:
            for method, description in resource.get("resourceMethods", {}).items():
                if found := _INTEGRATION.search(description.get("methodIntegration", {}).get("uri", "")):
                    function = QualifiedFunction(host, found["name"], found["qualifier"] or "$LATEST")
                    yield ApiRoute(method, resource["path"], function)
