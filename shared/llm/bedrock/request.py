"""Translates a request of the model port into the arguments of ConverseStream."""

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
        "messages": [_message(message) for message in request.messages],
        "inferenceConfig": {"maxTokens": min(request.max_output_tokens, request.model.limits.output_tokens)},
        "requestMetadata": {"invocation_id": request.invocation_id},
    }
    if request.system:
        arguments["system"] = [{"text": request.system}]
    if request.tools:
        arguments["toolConfig"] = {"tools": [_tool(spec) for spec in request.tools]}
    if request.sampling.stop_sequences:
        arguments["inferenceConfig"]["stopSequences"] = list(request.sampling.stop_sequences)
    if request.reasoning:
        _add_reasoning(request, arguments)
    else:  # models reject sampling parameters together with reasoning
        _add_sampling(request.model, arguments, request.sampling)
    return arguments


def _add_sampling(model: Model, arguments: dict[str, Any], sampling: Sampling) -> None:
    """Add the sampling parameters that are set and that the model knows; it rejects a request with any other."""
    if sampling.temperature is not None and "temperature" in model.parameters:
        arguments["inferenceConfig"]["temperature"] = sampling.temperature
    if sampling.top_p is not None and "top_p" in model.parameters:
        arguments["inferenceConfig"]["topP"] = sampling.top_p
    if sampling.top_k is not None and "top_k" in model.parameters:
        arguments["additionalModelRequestFields"] = {"top_k": sampling.top_k}


def _add_reasoning(request: ModelRequest, arguments: dict[str, Any]) -> None:
    budget = request.sampling.reasoning_budget_tokens
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
