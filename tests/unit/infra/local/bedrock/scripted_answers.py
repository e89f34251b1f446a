"""Answers of scripted models as messages, so that a test can send them back as they are or altered."""

from typing import Any

from infra.local.bedrock import families, model_ids, prompt_parts, rules
from infra.local.bedrock.rules.rule import Asked
from infra.local.bedrock.scripted import script
from infra.local.bedrock.scripted.faults import FaultCounter
from tests.fakes.converse import request


def asked(*messages: dict[str, Any], model: str = "scripted.lorem", streamed: bool = False, **more: Any) -> Asked:
    return Asked(request(*messages, **more), model, families.of(model), streamed)


def accept(*messages: dict[str, Any], **more: Any) -> None:
    """Raises BedrockError where Bedrock would refuse the request."""
    rules.check(asked(*messages, **more))


def answer(*messages: dict[str, Any], model: str = "scripted.lorem", **more: Any) -> dict[str, Any]:
    """The message of the assistant that answers an acceptable request."""
    accept(*messages, model=model, **more)
    read = request(*messages, **more)
    written = script.write(model_ids.parse(model), read, prompt_parts.input_tokens(read), FaultCounter())
    return {"role": "assistant", "content": [block.content() for block in written.blocks]}
