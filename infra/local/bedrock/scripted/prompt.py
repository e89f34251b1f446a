"""Reads a request for a scripted model: the question, the current tool round, and the directives."""

import hashlib
from dataclasses import dataclass

from infra.local.bedrock.content_models import RequestMessage, ToolResult
from infra.local.bedrock.request_models import ConverseRequest
from infra.local.bedrock.scripted import directives
from infra.local.bedrock.scripted.directives import Directives

_ONLY_ONCE = ("blocks", "tool", "fault", "after", "times", "text", "stop", "usage", "profile", "reasoning")


@dataclass(frozen=True, slots=True)
class Prompt:
    """`prefill`: the given beginning of the answer. `digest`: of the conversation without the prefill."""

    words: str
    directives: Directives
    results: tuple[tuple[str, ToolResult], ...]
    prefill: str
    digest: bytes


def read(request: ConverseRequest, obeys_directives: bool) -> Prompt:
    """Raises a ValidationException for invalid directives."""
    messages = request.messages
    prefill = messages[-1].text() if messages[-1].role == "assistant" else ""
    history = messages[:-1] if messages[-1].role == "assistant" else messages
    asked = max(number for number, message in enumerate(history) if message.role == "user" and _asks(number, message))
    round_of_tools = sum(1 for message in history[asked + 1 :] if message.role == "user")
    text = history[asked].text()
    groups, words = directives.parse(text) if obeys_directives else ([], directives.stripped(text))
    return Prompt(
        words=words,
        directives=_of_round(groups, round_of_tools),
        results=_results(history),
        prefill=prefill,
        digest=_digest(request, history),
    )


def _asks(number: int, message: RequestMessage) -> bool:
    return number == 0 or not message.tool_results()


def _of_round(groups: list[Directives], number: int) -> Directives:
    """The group of the tool round. After the last group, its pace and length apply, its tools and faults do not."""
    if not groups:
        return Directives()
    if number < len(groups):
        return groups[number]
    return Directives(**groups[-1].model_dump(exclude_unset=True, exclude=set(_ONLY_ONCE)))


def _results(history: tuple[RequestMessage, ...]) -> tuple[tuple[str, ToolResult], ...]:
    """The results in the last message, each with the name of its tool."""
    names = {use.tool_use_id: use.name for message in history for use in message.tool_uses()}
    return tuple((names.get(result.tool_use_id, "tool"), result) for result in history[-1].tool_results())


def _digest(request: ConverseRequest, history: tuple[RequestMessage, ...]) -> bytes:
    digest = hashlib.sha256()
    for part in (*request.system, *history):
        digest.update(part.model_dump_json(exclude_unset=True).encode())
    return digest.digest()
