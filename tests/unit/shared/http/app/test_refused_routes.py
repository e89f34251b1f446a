"""A service with an invalid route does not start."""

from dataclasses import replace
from typing import Any, cast

import pytest

from shared.http import Reply, Request, RouteRefusedError, internal_service, route, signed_in
from shared.http.app.rules import Rule
from tests.fakes.http_service import Context, list_notes, notes_app, whoami, write_note


@pytest.mark.parametrize(
    ("routes", "reason"),
    [
        ([replace(list_notes, rule=cast("Rule", None))], "names no rule"),
        ([replace(list_notes, template="/api/chat/notes")], "outside"),
        ([replace(list_notes, template="/notes")], "outside"),
        ([replace(whoami, template="/internal/chat/whoami")], "outside"),
        ([replace(list_notes, template="/internal/notes/notes")], "services call /internal"),
        ([replace(list_notes, rule=internal_service)], "services call /internal"),
        ([replace(whoami, rule=signed_in)], "services call /internal"),
        ([list_notes, replace(list_notes, template="/api/notes/others")], "same name: list_notes"),
        ([write_note, replace(write_note, name="again")], "same address: POST /api/notes/notes"),
        ([replace(list_notes, name="health")], "same name: health"),
        ([replace(list_notes, problems=["no-such-slug"])], "no-such-slug"),
    ],
)
def test_an_invalid_route_is_refused_with_its_reason(routes: list[Any], reason: str) -> None:
    with pytest.raises(RouteRefusedError, match=reason):
        notes_app(Context(), routes=routes)


def test_a_route_without_a_rule_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="rule"):

        @route("GET", "/api/notes/x", summary="x", returns={204: None})  # type: ignore[call-overload]
        async def without_rule(_request: Request) -> Reply:
            return Reply(204)


def test_a_pattern_for_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="has no parameter idd"):

        @route("GET", "/api/notes/{id}", summary="x", rule=signed_in, returns={204: None}, patterns={"idd": "^x$"})
        async def mistyped(_request: Request) -> Reply:
            return Reply(204)


async def test_a_request_to_a_public_route_has_no_principal() -> None:
    with pytest.raises(RuntimeError, match="public"):
        _ = Request(
            http=cast("Any", None), operation="o", body=None, query=None, context=None, path={}, request_id="",
            traceparent="", caller=None, cursors=cast("Any", None),
        ).principal  # fmt: skip
