"""From chat's request to the arguments of ConverseStream."""

import json
from collections.abc import Iterator
from typing import Any, Final

from services.chat.domain import ContentBlock, ReasoningBlock, TextBlock, ToolCallBlock, ToolResultBlock
from services.chat.llm.port import ModelRequest, PromptMessage, ToolSpec
from services.chat.settings import ChatSettings
from shared.catalogue import Model

_NOTHING: Final = "(empty)"  # a blank text is refused


def converse_arguments(request: ModelRequest, model_id: str, settings: ChatSettings) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "modelId": model_id,
        "messages": [_message(said) for said in request.messages],
        "inferenceConfig": {"maxTokens": min(request.max_output_tokens, request.model.limits.output_tokens)},
        "requestMetadata": {"invocation_id": request.invocation_id},
    }
    if request.system:
        asked["system"] = [{"text": request.system}]
    if request.tools:
        asked["toolConfig"] = {"tools": [_tool(spec) for spec in request.tools]}
    if settings.stop_sequences:
        asked["inferenceConfig"]["stopSequences"] = list(settings.stop_sequences)
    if request.reasoning:
        _ask_to_reason(request, asked, settings.reasoning_budget_tokens)
    else:  # who reasons takes none of these
        _ask_to_sample(request.model, asked, settings)
    return asked


def _ask_to_sample(model: Model, asked: dict[str, Any], settings: ChatSettings) -> None:
    """As the settings say, in so far as the model takes it. One refuses a request with what it does not know."""
    if settings.temperature is not None and "temperature" in model.parameters:
        asked["inferenceConfig"]["temperature"] = settings.temperature
    if settings.top_p is not None and "top_p" in model.parameters:
        asked["inferenceConfig"]["topP"] = settings.top_p
    if settings.top_k is not None and "top_k" in model.parameters:
        asked["additionalModelRequestFields"] = {"top_k": settings.top_k}


def _ask_to_reason(request: ModelRequest, asked: dict[str, Any], budget: int) -> None:
    match request.model.capabilities.reasoning:
        case "budget":
            asked["additionalModelRequestFields"] = {"thinking": {"type": "enabled", "budget_tokens": budget}}
            wanted = max(request.max_output_tokens, budget + 1024)
            asked["inferenceConfig"]["maxTokens"] = min(wanted, request.model.limits.output_tokens)
        case "adaptive":
            asked["additionalModelRequestFields"] = {"thinking": {"type": "adaptive"}}
        case "always" | "none":
            pass


def _tool(spec: ToolSpec) -> dict[str, Any]:
    described = {"description": spec.description} if spec.description else {}
    return {"toolSpec": {"name": spec.name, **described, "inputSchema": {"json": spec.input_schema}}}


def _message(said: PromptMessage) -> dict[str, Any]:
    return {"role": said.role, "content": [each for block in said.blocks for each in _content(block)]}


def _content(block: ContentBlock) -> Iterator[dict[str, Any]]:
    """What the provider takes of a block: no blank text, and no reasoning that it did not sign."""
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
            told = [_output(block.output)]
            yield {"toolResult": {"toolUseId": block.call_id, "content": told, "status": block.status}}


def _output(output: Any) -> dict[str, Any]:
    if isinstance(output, dict):
        return {"json": output}
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return {"text": text if text.strip() else _NOTHING}
