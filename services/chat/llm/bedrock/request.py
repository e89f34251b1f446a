"""Translates a request of the model port into the arguments of ConverseStream."""

import json
from collections.abc import Iterator
from typing import Any, Final

from services.chat.domain import ContentBlock, ReasoningBlock, TextBlock, ToolCallBlock, ToolResultBlock
from services.chat.llm.port import ModelRequest, PromptMessage, ToolSpec
from services.chat.settings import ChatSettings
from shared.catalogue import Model

_EMPTY_OUTPUT: Final = "(empty)"  # Bedrock rejects a blank text


def converse_arguments(request: ModelRequest, model_id: str, settings: ChatSettings) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "modelId": model_id,
        "messages": [_message(message) for message in request.messages],
        "inferenceConfig": {"maxTokens": min(request.max_output_tokens, request.model.limits.output_tokens)},
        "requestMetadata": {"invocation_id": request.invocation_id},
    }
    if request.system:
        arguments["system"] = [{"text": request.system}]
    if request.tools:
        arguments["toolConfig"] = {"tools": [_tool(spec) for spec in request.tools]}
    if settings.stop_sequences:
        arguments["inferenceConfig"]["stopSequences"] = list(settings.stop_sequences)
    if request.reasoning:
        _add_reasoning(request, arguments, settings.reasoning_budget_tokens)
    else:  # models reject sampling parameters together with reasoning
        _add_sampling(request.model, arguments, settings)
    return arguments


def _add_sampling(model: Model, arguments: dict[str, Any], settings: ChatSettings) -> None:
    """Add the sampling parameters that are set and that the model knows; it rejects a request with any other."""
    if settings.temperature is not None and "temperature" in model.parameters:
        arguments["inferenceConfig"]["temperature"] = settings.temperature
    if settings.top_p is not None and "top_p" in model.parameters:
        arguments["inferenceConfig"]["topP"] = settings.top_p
    if settings.top_k is not None and "top_k" in model.parameters:
        arguments["additionalModelRequestFields"] = {"top_k": settings.top_k}


def _add_reasoning(request: ModelRequest, arguments: dict[str, Any], budget: int) -> None:
    match request.model.capabilities.reasoning:
        case "budget":
            arguments["additionalModelRequestFields"] = {"thinking": {"type": "enabled", "budget_tokens": budget}}
            tokens = max(request.max_output_tokens, budget + 1024)
            arguments["inferenceConfig"]["maxTokens"] = min(tokens, request.model.limits.output_tokens)
        case "adaptive":
            arguments["additionalModelRequestFields"] = {"thinking": {"type": "adaptive"}}
        case "always" | "none":
            pass


def _tool(spec: ToolSpec) -> dict[str, Any]:
    description = {"description": spec.description} if spec.description else {}
    return {"toolSpec": {"name": spec.name, **description, "inputSchema": {"json": spec.input_schema}}}


def _message(message: PromptMessage) -> dict[str, Any]:
    return {"role": message.role, "content": [part for block in message.blocks for part in _content(block)]}


def _content(block: ContentBlock) -> Iterator[dict[str, Any]]:
    """Translate one block. Blank text and unsigned reasoning are left out, because Bedrock rejects them."""
    match block:
        case TextBlock(text=text):
            if text.strip():
                yield {"text": text}
        case ReasoningBlock(text=text, signature=signature):
            if signature:
                yield {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}}
        case ToolCallBlock():
            yield {"toolUse": {"toolUseId": block.call_id, "name": block.name, "input": block.input}}
        case ToolResultBlock():
            content = [_output(block.output)]
            yield {"toolResult": {"toolUseId": block.call_id, "content": content, "status": block.status}}


def _output(output: Any) -> dict[str, Any]:
    if isinstance(output, dict):
        return {"json": output}
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return {"text": text if text.strip() else _EMPTY_OUTPUT}
