"""The public API of tools: describe, execute, and record calls without their input or output."""

import asyncio
import json
import re

import pytest
from pydantic import BaseModel

from services.agents.tools import TOOLS, Tool
from shared.ids import id_pattern
from tests.unit.services.agents.conftest import Agents


class Empty(BaseModel):
    pass


def tool(name: str, run: object) -> Tool[Empty]:
    return Tool(
        name=name, description="", input=Empty, output=Empty, run=run, limits={}, timeout_s=0.02  # type: ignore[arg-type]
    )  # fmt: skip


async def test_tools_are_listed_with_their_input_schema(agents: Agents) -> None:
    status, page = await agents.get("tools")
    assert status == 200
    (calculator,) = page["items"]
    assert calculator["name"] == "calculator"
    assert calculator["input_schema"]["required"] == ["expression"]
    assert calculator["input_schema"]["additionalProperties"] is False
    assert calculator["limits"]["expression_characters"] == 500
    assert (await agents.get("tools/calculator"))[1] == calculator


async def test_each_tool_is_registered_under_its_own_name() -> None:
    assert all(name == each.name for name, each in TOOLS.items())


async def test_the_calculator_calculates(agents: Agents) -> None:
    status, outcome = await agents.attempt("calculator", {"expression": "0.1 + 0.2"})
    assert status == 200
    assert (outcome["output"], outcome["error"]) == ({"result": "0.3", "exact": True}, None)
    assert outcome["call"]["state"] == "succeeded"
    assert re.fullmatch(id_pattern("call"), outcome["call"]["id"])


async def test_an_expression_that_cannot_be_calculated_is_a_failed_call_with_an_error(agents: Agents) -> None:
    status, outcome = await agents.attempt("calculator", {"expression": "1/0"})
    assert status == 200
    assert (outcome["call"]["state"], outcome["output"], outcome["error"]) == ("failed", None, "division by zero")


@pytest.mark.parametrize(
    ("tool_input", "pointer"),
    [
        ({}, "#/input/expression"),
        ({"expression": ""}, "#/input/expression"),
        ({"expression": 7}, "#/input/expression"),
        ({"expression": "1" * 501}, "#/input/expression"),
        ({"expression": "1", "precision": 3}, "#/input/precision"),
        ("1 + 1", "#/input"),
        (None, "#/input"),
    ],
)
async def test_input_that_does_not_fit_the_schema_is_refused_and_not_executed(
    agents: Agents, tool_input: object, pointer: str
) -> None:
    status, problem = await agents.attempt("calculator", tool_input)
    assert (status, problem["type"]) == (422, "/problems/invalid-request")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert agents.dump() == []


@pytest.mark.parametrize("name", ["compiler", "__class__", "x" * 100])
async def test_an_unknown_tool_is_not_found(agents: Agents, name: str) -> None:
    assert (await agents.get(f"tools/{name}"))[0] == 404
    assert (await agents.attempt(name, {}))[0] == 404


async def test_the_record_of_a_call_is_readable_by_its_caller_only(agents: Agents) -> None:
    _, outcome = await agents.attempt("calculator", {"expression": "1"})
    path = f"calls/{outcome['call']['id']}"
    assert await agents.get(path) == (200, outcome["call"])
    assert (await agents.get(path, "bob"))[0] == 404
    assert (await agents.get("calls/call_01J00000000000000000000000"))[0] == 404


async def test_input_and_output_are_neither_stored_nor_logged(
    agents: Agents, capsys: pytest.CaptureFixture[str]
) -> None:
    await agents.attempt("calculator", {"expression": "771177 * 1000003"})
    await agents.attempt("calculator", {"expression": "771177 canary"})
    seen = json.dumps(agents.dump()) + capsys.readouterr().out
    assert not any(word in seen for word in ("771177", "canary", str(771177 * 1000003)))
    assert all("ttl" in row for row in agents.dump())


async def test_a_tool_that_exceeds_its_timeout_is_stopped(agents: Agents) -> None:
    stopped = asyncio.Event()

    async def wait_forever(_input: Empty) -> Empty:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return Empty()

    agents.tools["waiting"] = tool("waiting", wait_forever)
    _, outcome = await agents.attempt("waiting", {})
    assert stopped.is_set()
    assert (outcome["call"]["state"], outcome["error"]) == ("failed", "the tool took longer than 0.02 s")


async def test_a_tool_that_raises_is_an_internal_error_and_recorded_as_failed(agents: Agents) -> None:
    async def raise_error(_input: Empty) -> Empty:
        raise RuntimeError("a bug of the tool")

    agents.tools["failing"] = tool("failing", raise_error)
    status, problem = await agents.attempt("failing", {})
    assert (status, problem["type"]) == (500, "/problems/internal-error")
    assert [row["state"]["S"] for row in agents.dump()] == ["failed"]


async def test_the_record_has_the_duration_of_the_call(agents: Agents) -> None:
    async def work(_input: Empty) -> Empty:
        agents.clock.advance(1.25)
        return Empty()

    agents.tools["worker"] = tool("worker", work)
    _, outcome = await agents.attempt("worker", {})
    assert outcome["call"]["took_ms"] == 1250
