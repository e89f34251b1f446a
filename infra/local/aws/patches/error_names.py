"""Fault: the type of every Lambda error is `Runtime.HandlerError`, so a Retry or Catch by name never matches."""

import re
from typing import Any

from ministack.services import lambda_svc

STOCK_NAME = "Runtime.HandlerError"
_LAST_LINE = re.compile(r"^(?P<name>[A-Za-z_][\w.<>]*)(?::\s|$)")


def apply() -> None:
    execute = lambda_svc._execute_function_warm

    def execute_and_name(*given: Any, **named: Any) -> Any:
        answer = execute(*given, **named)
        body = answer.get("body")
        if answer.get("error") and isinstance(body, dict) and body.get("errorType") == STOCK_NAME:
            body["errorType"] = error_name(answer.get("log") or "", body.get("errorMessage") or "") or STOCK_NAME
        return answer

    lambda_svc._execute_function_warm = execute_and_name


def error_name(log: str, message: str) -> str | None:
    """The exception's class name without its module, as on AWS. It is read from the traceback line with the message."""
    last_of_message = message.splitlines()[-1] if message else ""
    for line in reversed(log.strip().splitlines()):
        match = _LAST_LINE.match(line)
        if match and line.endswith(last_of_message):
            return match["name"].replace(".<locals>", "").rpartition(".")[2]
    return None
