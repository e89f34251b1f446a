"""An oracle for tests: builds the prompt the simple way. It reads all messages, walks to the root, joins and cuts."""

from collections.abc import Mapping, Sequence

from services.chat.context.prompt_window import _has_tool_results, _join, _prompt_messages, _without_tool_results
from services.chat.domain import Message
from shared.catalogue import Model
from shared.llm.port import PromptMessage
from shared.llm.token_estimate import estimate_prompt


def prompt_of_whole_tree(
    messages: Mapping[str, Message],
    question: Message,
    model: Model,
    max_output_tokens: int,
    *,
    tools: bool = False,
    continuation: Sequence[PromptMessage] = (),
) -> list[PromptMessage]:
    path = branch(messages, question)
    limit = model.limits.context_tokens
    room = limit - min(max_output_tokens, limit // 2) - estimate_prompt(continuation)
    kept: list[PromptMessage] = []
    for each in reversed(_joined(path, tools=tools)):
        room -= estimate_prompt([each])
        if kept and room < 0:
            break
        kept.append(each)
    kept.reverse()
    while len(kept) > 1 and (kept[0].role != "user" or _has_tool_results(kept[0])):
        kept.pop(0)
    return [_without_tool_results(kept[0]), *kept[1:], *continuation]


def branch(messages: Mapping[str, Message], leaf: Message) -> list[Message]:
    """From the first message to `leaf`. A parent that is missing, or comes round again, ends the walk."""
    path: list[Message] = []
    seen: set[str] = set()
    at: Message | None = leaf
    while at is not None and at.id not in seen:
        seen.add(at.id)
        path.append(at)
        at = messages.get(at.parent_id) if at.parent_id else None
    return path[::-1]


def _joined(path: Sequence[Message], *, tools: bool) -> list[PromptMessage]:
    said: list[PromptMessage] = []
    for message in path:
        for each in _prompt_messages(message, tools=tools):
            said.append(_join(said.pop(), each.parts) if said and said[-1].role == each.role else each)
    return said
