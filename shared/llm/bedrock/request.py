"""Translates a request of the model port into the arguments of ConverseStream and of CountTokens."""

import json
from collections.abc import Iterator
from typing import Any, Final

from shared.catalogue import Model
from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage, Sampling, ToolSpec

_EMPTY_OUTPUT: Final = "(empty)"  # Bedrock rejects a blank text


def converse_arguments(request: ModelRequest, model_id: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "modelId": model_id,
        **_conversation(request),
        "inferenceConfig": {"maxTokens": min(request.max_output_tokens, request.model.limits.output_tokens)},
        "requestMetadata": {"invocation_id": request.invocation_id},
    }
    if request.sampling.stop_sequences:
        arguments["inferenceConfig"]["stopSequences"] = list(request.sampling.stop_sequences)
    if request.reasoning:
        _add_reasoning(request, arguments)
    else:  # models reject sampling parameters together with reasoning
        _add_sampling(request.model, arguments, request.sampling)
    return arguments


def count_arguments(request: ModelRequest) -> dict[str, Any]:
    """Build the arguments that count exactly what `converse_arguments` sends.

    CountTokens takes no inference profile, only the model's own id, also of a model that is served by profiles alone.
    """
    conversation = _conversation(request)
    if request.reasoning and (thinking := _thinking(request)):  # decides which earlier reasoning counts
        conversation["additionalModelRequestFields"] = {"thinking": thinking}
    return {"modelId": request.model.bedrock_id, "input": {"converse": conversation}}


def _conversation(request: ModelRequest) -> dict[str, Any]:
    """The part of a request that becomes input tokens."""
    conversation: dict[str, Any] = {"messages": [_message(message) for message in request.messages]}
    if request.system:
        conversation["system"] = [{"text": request.system}]
    if request.tools:
        conversation["toolConfig"] = {"tools": [_tool(spec) for spec in request.tools]}
    return conversation


def _add_sampling(model: Model, arguments: dict[str, Any], sampling: Sampling) -> None:
    """Add the sampling parameters that are set and that the model knows; it rejects a request with any other."""
    if sampling.temperature is not None and "temperature" in model.parameters:
        arguments["inferenceConfig"]["temperature"] = sampling.temperature
    if sampling.top_p is not None and "top_p" in model.parameters:
        arguments["inferenceConfig"]["topP"] = sampling.top_p
    if sampling.top_k is not None and "top_k" in model.parameters:
        arguments["additionalModelRequestFields"] = {"top_k": sampling.top_k}


def _add_reasoning(request: ModelRequest, arguments: dict[str, Any]) -> None:
    if thinking := _thinking(request):
        arguments["additionalModelRequestFields"] = {"thinking": thinking}
    if "budget_tokens" in thinking:
        tokens = max(request.max_output_tokens, thinking["budget_tokens"] + 1024)
        arguments["inferenceConfig"]["maxTokens"] = min(tokens, request.model.limits.output_tokens)


def _thinking(request: ModelRequest) -> dict[str, Any]:
    """How Claude is asked to reason; empty for a model that always or never does."""
    match request.model.capabilities.reasoning:
        case "budget":
            return {"type": "enabled", "budget_tokens": request.sampling.reasoning_budget_tokens}
        case "adaptive":
            return {"type": "adaptive"}
        case "always" | "none":
            return {}


def _tool(spec: ToolSpec) -> dict[str, Any]:
    description = {"description": spec.description} if spec.description else {}
    return {"toolSpec": {"name": spec.name, **description, "inputSchema": {"json": spec.input_schema}}}


def _message(message: PromptMessage) -> dict[str, Any]:
    return {"role": message.role, "content": [content for part in message.parts for content in _content(part)]}


def _content(part: PromptPart) -> Iterator[dict[str, Any]]:
    """Translate one part. Blank text and unsigned reasoning are left out, because Bedrock rejects them."""
    match part:
        case TextPart(text):
            if text.strip():
                yield {"text": text}
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
