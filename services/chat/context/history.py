"""From the message tree to what a model is asked: the branch up to the user's message, cut to what it can read."""

import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

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


class PromptWindow:
    """Collects what a model is asked, the newest message first, until nothing older can change it.

    Roles alternate and the user begins. Failed answers without a word leave two user messages side by side; they are
    joined. What does not fit beside the output and `then`, which follows it, is left out from the oldest end; the
    newest message is never left out. Calls of tools, and their results, are told only to who is offered tools: others
    refuse to read them.
    """

    def __init__(
        self, model: Model, max_output_tokens: int, *, tools: bool = False, continuation: Sequence[PromptMessage] = ()
    ) -> None:
        limit = model.limits.context_tokens
        self._tokens_left = limit - min(max_output_tokens, limit // 2) - estimated_tokens(continuation)
        self._tools = tools
        self._then = continuation
        self._messages: list[PromptMessage] = []  # the newest first
        self._oldest: PromptMessage | None = None  # still grows, while older messages are of the same role
        self.is_full = False

    def add(self, message: Message) -> None:
        """The next older message."""
        for role, blocks in reversed(_parts(message, tools=self._tools)):
            if self._oldest and self._oldest.role == role:
                self._oldest = _join(PromptMessage(role, tuple(blocks)), self._oldest.blocks)
            else:
                self._add_oldest()
                self._oldest = PromptMessage(role, tuple(blocks))

    def prompt(self) -> list[PromptMessage]:
        """Of all that was added, oldest first. Add nothing afterwards."""
        self._add_oldest()
        self._oldest = None
        said = self._messages[::-1]
        while len(said) > 1 and (said[0].role != "user" or _has_tool_results(said[0])):
            said.pop(0)
        return [_without_tool_results(said[0]), *said[1:], *self._then]

    def _add_oldest(self) -> None:
        """If it fits. Full is only what leaves something out that is whole: a message may still grow at its front."""
        if self._oldest is None or self.is_full:
            return
        self._tokens_left -= estimated_tokens([self._oldest])
        if not self._messages or self._tokens_left >= 0:
            self._messages.append(self._oldest)
        self.is_full = self._tokens_left < 0


async def read_prompt(
    window: PromptWindow, question: Message, ancestors: AsyncGenerator[Message, None]
) -> list[PromptMessage]:
    """What the model is asked; `ancestors` of the question, its parent first, are read until the window is full."""
    window.add(question)
    async with aclosing(ancestors):
        async for message in ancestors:
            window.add(message)
            if window.is_full:
                break
    return window.prompt()


def round_messages(rounds: Iterable[ToolRound]) -> list[PromptMessage]:
    """The rounds of a turn as its next call of the model reads them."""
    return [
        said
        for each in rounds
        for said in (PromptMessage("assistant", tuple(each.content)), PromptMessage("user", tuple(each.results())))
    ]


def estimated_tokens(said: Sequence[PromptMessage]) -> int:
    """The estimate of the prompt's tokens, before the provider has counted them."""
    return sum(tokens.estimate(_as_text(block)) for each in said for block in each.blocks)


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


def _has_tool_results(said: PromptMessage) -> bool:
    return any(isinstance(block, ToolResultBlock) for block in said.blocks)


def _without_tool_results(first: PromptMessage) -> PromptMessage:
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
