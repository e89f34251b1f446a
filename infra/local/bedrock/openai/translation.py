"""Translates a Converse request to chat completions. It supports text only, as the small models do."""

import json
from typing import Any

from infra.local.bedrock.content_models import ContentBlock, ToolResult
from infra.local.bedrock.errors import invalid
from infra.local.bedrock.request_models import ConverseRequest

_DEFAULT_LENGTH = 1024


def body(request: ConverseRequest, model: str) -> dict[str, Any]:
    inference = request.inference_config
    asked = {
        "model": model,
        "messages": _messages(request),
        "max_tokens": inference.max_tokens or _DEFAULT_LENGTH,
        "temperature": inference.temperature,
        "top_p": inference.top_p,
        "stop": list(inference.stop_sequences) or None,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return {key: value for key, value in asked.items() if value is not None}


def _messages(request: ConverseRequest) -> list[dict[str, str]]:
    messages = [
        {"role": message.role, "content": "\n".join(filter(None, map(_text, message.content)))}
        for message in request.messages
    ]
    system = "\n".join(block.text for block in request.system if block.text)
    return [{"role": "system", "content": system}, *messages] if system else messages


def _text(block: ContentBlock) -> str:
    """The block as text. Tool calls and results of another model become text; reasoning is left out."""
    if block.text is not None:
        return block.text
    if block.tool_use is not None:
        return f"({block.tool_use.name} was asked: {json.dumps(block.tool_use.input)})"
    if block.tool_result is not None:
        return f"({block.tool_result.status}: {_result(block.tool_result)})"
    if block.reasoning_content is not None or block.cache_point is not None:
        return ""
    raise invalid("This model reads only text.")


def _result(result: ToolResult) -> str:
    return " ".join(part.text if part.text is not None else json.dumps(part.json_value) for part in result.content)
