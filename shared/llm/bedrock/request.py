"""Translates a request of the model port into the arguments of ConverseStream and of CountTokens."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

from shared.llm.bedrock.parameters import parameters, thinking_fields
from shared.llm.cache_points import cache_points
from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage, ToolSpec

_CACHE_POINT: Final = {"cachePoint": {"type": "default"}}
_EMPTY_OUTPUT: Final = "(empty)"  # Bedrock rejects a blank text


def converse_arguments(request: ModelRequest, model_id: str) -> dict[str, Any]:
    return {
        "modelId": model_id,
        **_conversation(request),
        **parameters(request),
        "requestMetadata": {"invocation_id": request.invocation_id},
    }


def count_arguments(request: ModelRequest) -> dict[str, Any]:
    """Build the arguments that count exactly what `converse_arguments` sends.

    CountTokens takes no inference profile, only the model's own id, also of a model that is served by profiles alone.
    """
    conversation = _conversation(request)
    if fields := thinking_fields(request):  # decides which earlier reasoning counts
        conversation["additionalModelRequestFields"] = fields
    return {"modelId": request.model.bedrock_id, "input": {"converse": conversation}}


def _conversation(request: ModelRequest) -> dict[str, Any]:
    """The part of a request that becomes input tokens."""
    replayed, points = request.model.capabilities.thinking.replayed, cache_points(request)
    messages = [_message(message, reasoning=replayed) for message in request.messages]
    for position in points.messages:
        messages[position]["content"].append(_CACHE_POINT)
    conversation: dict[str, Any] = {"messages": messages}
    if request.system and request.model.capabilities.system_prompt:
        conversation["system"] = [{"text": request.system}, *([_CACHE_POINT] if points.system else [])]
    elif request.system:  # the model takes no system prompt; the first message is the user's
        messages[0]["content"].insert(0, {"text": request.system})
    if request.tools:
        tools = [_tool(spec) for spec in request.tools]
        conversation["toolConfig"] = {"tools": [*tools, *([_CACHE_POINT] if points.tools else [])]}
    return conversation


def _tool(spec: ToolSpec) -> dict[str, Any]:
    description = {"description": spec.description} if spec.description else {}
    return {"toolSpec": {"name": spec.name, **description, "inputSchema": {"json": spec.input_schema}}}


def _message(message: PromptMessage, *, reasoning: bool) -> dict[str, Any]:
    """Translate a message. Without `reasoning` what the model thought is left out: it rejects its own thoughts."""
    parts = [part for part in message.parts if reasoning or not isinstance(part, ReasoningPart)]
    return {"role": message.role, "content": [content for part in parts for content in _content(part)]}


def _content(part: PromptPart) -> Iterator[dict[str, Any]]:
    """Translate one part. Blank text and unsigned reasoning are left out, because Bedrock rejects them."""
    match part:
        case TextPart(text):
            if text.strip():
                yield {"text": text}
        case ReasoningPart(redacted=str(data)):
            yield {"reasoningContent": {"redactedContent": b64decode(data)}}
        case ReasoningPart(text, signature):
            if signature:
                yield {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}
        case ToolUsePart(id=call_id, name=name, input=arguments):
            yield {"toolUse": {"toolUseId": call_id, "name": name, "input": arguments}}
        case ToolResultPart(id=call_id, output=output, status=status):
            yield {"toolResult": {"toolUseId": call_id, "content": [_output(output)], "status": status}}


def _output(output: Any) -> dict[str, Any]:
    if isinstance(output, dict):
        return {"json": output}
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return {"text": text if text.strip() else _EMPTY_OUTPUT}
