"""Logs: one JSON object per line, with service and context, without secrets or texts of conversations."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from shared.telemetry import configure_logging

Lines = Callable[[], list[dict[str, Any]]]
SECRETS = ["authorization", "token", "id_token", "refresh_token", "api_key", "secret", "password", "prompt", "answer"]


def test_a_line_is_one_json_object_with_time_level_and_service(lines: Lines) -> None:
    configure_logging("chat")
    structlog.get_logger().info("turn ended", turn_id="turn_1", took_ms=3)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "turn ended", "level": "info", "service": "chat", "turn_id": "turn_1", "took_ms": 3}


def test_a_line_break_does_not_break_the_line(lines: Lines) -> None:
    configure_logging("chat")
    structlog.get_logger().info("one\ntwo", note="a\r\nb\u2028c")
    assert len(lines()) == 1


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_lines_below_the_level_are_not_logged(level: str, count: int, lines: Lines) -> None:
    configure_logging("chat", level)
    log = structlog.get_logger()
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)("x")
    assert len(lines()) == count


@pytest.mark.parametrize("name", SECRETS)
def test_the_value_of_a_secret_field_is_hidden(name: str, lines: Lines) -> None:
    configure_logging("chat")
    structlog.get_logger().info("x", **{name: "canary"})
    (line,) = lines()
    assert line[name] == "***"


@pytest.mark.parametrize(
    "passed",
    [
        {"headers": {"Authorization": "canary", "Accept": "x"}},
        {"Authorization": "canary"},
        {"request": {"body": {"text": "canary"}}},
        {"headers": [{"api_key": "canary"}]},
    ],
)
def test_a_secret_is_hidden_at_any_depth_and_in_any_spelling(passed: dict[str, Any], lines: Lines) -> None:
    configure_logging("chat")
    structlog.get_logger().info("x", **passed)
    assert "canary" not in json.dumps(lines())


def test_other_fields_are_not_hidden(lines: Lines) -> None:
    configure_logging("chat")
    structlog.get_logger().info("x", usage={"tokens": 3}, keys=["a", ("b",)])
    (line,) = lines()
    assert (line["usage"], line["keys"]) == ({"tokens": 3}, ["a", ["b"]])


def test_a_secret_in_the_log_context_is_hidden(lines: Lines) -> None:
    configure_logging("chat")
    structlog.contextvars.bind_contextvars(token="canary", request_id="req_1")
    structlog.get_logger().info("x")
    (line,) = lines()
    assert (line["token"], line["request_id"]) == ("***", "req_1")


async def test_each_task_has_its_own_log_context(lines: Lines) -> None:
    configure_logging("chat")

    async def work(request_id: str) -> None:
        structlog.contextvars.bind_contextvars(request_id=request_id)
        await asyncio.sleep(0)
        structlog.get_logger().info("done", mine=request_id)

    await asyncio.gather(*(work(f"req_{number}") for number in range(3)))
    assert all(line["request_id"] == line["mine"] for line in lines())


def test_libraries_are_logged_from_warning_on(lines: Lines) -> None:
    configure_logging("chat", "debug")
    library = logging.getLogger("a.library")
    library.info("chatter")
    library.warning("trouble with %s", "a pool")
    (line,) = lines()
    assert (line["event"], line["level"], line["service"]) == ("trouble with a pool", "warning", "chat")


def fail_together(*members: Exception) -> None:
    raise ExceptionGroup("canary group", members)


def fail(*members: Exception) -> None:
    """Every text in this error is a canary."""
    try:
        fail_together(*members)
    except ExceptionGroup as cause:
        error = RuntimeError("canary")
        error.add_note("canary note")
        raise error from cause


def test_an_error_is_logged_without_its_message_notes_causes_and_group_members(lines: Lines) -> None:
    configure_logging("chat")
    try:
        fail(ValueError("canary one"), SyntaxError("canary two", ("file", 1, 1, "canary = line")))
    except RuntimeError:
        structlog.get_logger().exception("it broke")
    (line,) = lines()
    error, cause = line["exception"]
    assert (error["exc_type"], cause["exc_type"]) == ("RuntimeError", "ExceptionGroup")
    assert [chain[0]["exc_type"] for chain in cause["exceptions"]] == ["ValueError", "SyntaxError"]
    assert "canary" not in json.dumps(line)
