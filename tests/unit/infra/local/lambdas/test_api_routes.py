"""Routes as the embedded API Gateway describes them."""

from typing import Any

import pytest

from infra.local.lambdas.api_routes import routes_of
from infra.local.lambdas.host import QualifiedFunction

URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:0:function:{}/invocations"


def integrated(function: str) -> dict[str, Any]:
    return {"methodIntegration": {"uri": URI.format(function)}}


class FakeGateway:
    pages = {  # noqa: RUF012 - a fake's fixed answer
        "get_rest_apis": [
            {"items": [{"id": "other", "name": "colloquy-other-chat"}]},
            {"items": [{"id": "mine", "name": "colloquy-local-chat"}]},
        ],
        "get_resources": [
            {
                "items": [
                    {"path": "/"},
                    {"path": "/a/{id}", "resourceMethods": {"GET": integrated("f:live"), "POST": integrated("g")}},
                ]
            },
            {"items": [{"path": "/mock", "resourceMethods": {"GET": {"methodIntegration": {}}}}]},
        ],
    }

    def get_paginator(self, name: str) -> Any:
        gateway = self

        class Paginator:
            def paginate(self, **parameters: Any) -> list[dict[str, Any]]:
                assert parameters in ({}, {"restApiId": "mine", "embed": ["methods"]})
                return gateway.pages[name]

        return Paginator()


def test_each_method_is_routed_to_its_function_and_alias() -> None:
    routes = routes_of(FakeGateway(), "local", "chat", None)  # type: ignore[arg-type]
    found = [(route.method, route.path, route.function) for route in routes]
    assert found == [
        ("GET", "/a/{id}", QualifiedFunction(None, "f", "live")),  # type: ignore[arg-type]
        ("POST", "/a/{id}", QualifiedFunction(None, "g", "$LATEST")),  # type: ignore[arg-type]
    ]


def test_an_api_that_is_not_deployed_raises_lookup_error() -> None:
    with pytest.raises(LookupError, match="colloquy-local-bots"):
        routes_of(FakeGateway(), "local", "bots", None)  # type: ignore[arg-type]
