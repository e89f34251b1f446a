"""Builders of Converse requests, for short tests."""

import json
from typing import Any

from infra.local.bedrock import request_models
from infra.local.bedrock.request_models import ConverseRequest

CALCULATOR = {"tools": [{"toolSpec": {"name": "calculator", "inputSchema": {"json": {"type": "object"}}}}]}


def text(value: str) -> dict[str, Any]:
    return {"text": value}


def user(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    return {"role": "user", "content": [text(block) if isinstance(block, str) else block for block in blocks]}


def assistant(*blocks: dict[str, Any] | str) -> dict[str, Any]:
    return {**user(*blocks), "role": "assistant"}


def tool_use(tool_use_id: str, **given: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": tool_use_id, "name": "calculator", "input": given}}


def tool_result(tool_use_id: str, value: str, status: str = "success") -> dict[str, Any]:
    return {"toolResult": {"toolUseId": tool_use_id, "content": [text(value)], "status": status}}


def request(*messages: dict[str, Any], **more: Any) -> ConverseRequest:
    return request_models.parse(json.dumps({"messages": messages, **more}).encode())
