"""From the message tree to what a model is asked: the branch up to the user's message, cut to what it can read."""

import json
from collections.abc import Iterable, Mapping, Sequence

from services.chat.domain import (
    ContentBlock,
    Message,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
    ToolRound,
    plain_text,
)
from services.chat.llm import token_estimate as tokens
from services.chat.llm.port import PromptMessage
from shared.catalogue import Model


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


def prompt(
    path: Sequence[Message],
    model: Model,
    max_output_tokens: int,
    *,
    tools: bool = False,
    then: Sequence[PromptMessage] = (),
) -> list[PromptMessage]:
    """What was said along the branch, oldest first: roles alternate, the user begins, the newest part that fits.

    Failed answers without a word leave two user messages side by side; they are joined. What does not fit beside the
    output and `then`, which follows it, is left out from the oldest end; the last message is never left out. Calls of
    tools, and what came of them, are told only to who is offered tools: others refuse to read them.
    """
    room = model.limits.context_tokens - min(max_output_tokens, model.limits.context_tokens // 2) - counted(then)
    kept: list[PromptMessage] = []
    for each in reversed(_joined(path, tools=tools)):
        room -= counted([each])
        if kept and room < 0:
            break
        kept.append(each)
    kept.reverse()
    while len(kept) > 1 and (kept[0].role != "user" or _answers_tools(kept[0])):
        kept.pop(0)
    return [_without_results(kept[0]), *kept[1:], *then]


def round_messages(rounds: Iterable[ToolRound]) -> list[PromptMessage]:
    """The rounds of a turn as its next call of the model reads them."""
    return [
        said
        for each in rounds
        for said in (PromptMessage("assistant", tuple(each.content)), PromptMessage("user", tuple(each.results())))
    ]


def counted(said: Sequence[PromptMessage]) -> int:
    """The estimate of the prompt's tokens, before the provider has counted them."""
    return sum(tokens.estimate(_as_text(block)) for each in said for block in each.blocks)


def _joined(path: Sequence[Message], *, tools: bool) -> list[PromptMessage]:
    said: list[PromptMessage] = []
    for message in path:
        for role, blocks in _parts(message, tools=tools):
            if said and said[-1].role == role:
                said.append(_join(said.pop(), blocks))
            else:
                said.append(PromptMessage(role, tuple(blocks)))
    return said


def _parts(message: Message, *, tools: bool) -> list[tuple[str, list[ContentBlock]]]:
    """A message by roles: an answer that called tools is the assistant's, the user's and the assistant's again."""
    if not tools:
        text = plain_text(message.content).strip()
        return [(message.role, [TextBlock(text=text)])] if text else []
    answered = {block.call_id for block in message.content if isinstance(block, ToolResultBlock)}
    parts: list[tuple[str, list[ContentBlock]]] = []
    for block in message.content:
        role: str = message.role
        kept: ContentBlock = block
        match block:
            case TextBlock(text=text) if text.strip():
                kept = TextBlock(text=text.strip())
            case ToolCallBlock(call_id=call_id) if call_id in answered:
                pass
            case ToolResultBlock():
                role = "user"
            case _:
                continue
        if parts and parts[-1][0] == role:
            parts[-1][1].append(kept)
        else:
            parts.append((role, [kept]))
    return parts


def _join(said: PromptMessage, more: Sequence[ContentBlock]) -> PromptMessage:
    last, first = said.blocks[-1], more[0]
    if isinstance(last, TextBlock) and isinstance(first, TextBlock):
        return PromptMessage(said.role, (*said.blocks[:-1], TextBlock(text=f"{last.text}\n\n{first.text}"), *more[1:]))
    return PromptMessage(said.role, (*said.blocks, *more))


def _answers_tools(said: PromptMessage) -> bool:
    return any(isinstance(block, ToolResultBlock) for block in said.blocks)


def _without_results(first: PromptMessage) -> PromptMessage:
    """The calls that they answer have been left out."""
    return PromptMessage(first.role, tuple(block for block in first.blocks if not isinstance(block, ToolResultBlock)))


def _as_text(block: ContentBlock) -> str:
    match block:
        case TextBlock(text=text) | ReasoningBlock(text=text):
            return text
        case ToolCallBlock(name=name, input=given):
            return f"{name} {json.dumps(given, ensure_ascii=False)}"
        case ToolResultBlock(output=output):
            return json.dumps(output, ensure_ascii=False)
