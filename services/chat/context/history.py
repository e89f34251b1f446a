"""Builds the prompt of a turn: the branch up to the user's message, cut to the model's context window."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

from services.chat.domain import (
    ContentBlock,
    Message,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
    ToolRound,
    plain_text,
)
from services.chat.llm.port import PromptMessage
from services.chat.llm.token_estimate import estimate_prompt
from shared.catalogue import Model


class PromptWindow:
    """Collects the prompt from the newest message back, until it is full.

    In the prompt the roles alternate and the first message is the user's. Neighbouring messages of one role are joined;
    a failed answer without text, for example, leaves two messages of the user. Messages that do not fit beside the
    output and the `continuation`, which comes last, are left out, the oldest first; the newest message never is. Tool
    calls and results are included only with `tools`, because models reject them in a request that offers no tools.
    """

    def __init__(
        self, model: Model, max_output_tokens: int, *, tools: bool = False, continuation: Sequence[PromptMessage] = ()
    ) -> None:
        limit = model.limits.context_tokens
        self._tokens_left = limit - min(max_output_tokens, limit // 2) - estimate_prompt(continuation)
        self._tools = tools
        self._continuation = continuation
        self._messages: list[PromptMessage] = []  # complete ones, newest first
        self._oldest: PromptMessage | None = None  # grows while older messages have the same role
        self.is_full = False

    def add(self, message: Message) -> None:
        """Add the next older message."""
        for role, blocks in reversed(_parts(message, tools=self._tools)):
            if self._oldest and self._oldest.role == role:
                self._oldest = _join(PromptMessage(role, tuple(blocks)), self._oldest.blocks)
            else:
                self._add_oldest()
                self._oldest = PromptMessage(role, tuple(blocks))

    def prompt(self) -> list[PromptMessage]:
        """Return the prompt, oldest message first. Call it once, after the last `add`."""
        self._add_oldest()
        self._oldest = None
        messages = self._messages[::-1]
        while len(messages) > 1 and (messages[0].role != "user" or _has_tool_results(messages[0])):
            messages.pop(0)
        return [_without_tool_results(messages[0]), *messages[1:], *self._continuation]

    def _add_oldest(self) -> None:
        """Add the oldest message, which is complete now, if it fits or is the newest, too.

        The window is full once a message does not fit.
        """
        if self._oldest is None or self.is_full:
            return
        self._tokens_left -= estimate_prompt([self._oldest])
        if not self._messages or self._tokens_left >= 0:
            self._messages.append(self._oldest)
        self.is_full = self._tokens_left < 0


async def read_prompt(
    window: PromptWindow, question: Message, ancestors: AsyncGenerator[Message, None]
) -> list[PromptMessage]:
    """Return the prompt for the question. Its `ancestors`, the parent first, are read until the window is full."""
    window.add(question)
    async with aclosing(ancestors):
        async for message in ancestors:
            window.add(message)
            if window.is_full:
                break
    return window.prompt()


def round_messages(rounds: Iterable[ToolRound]) -> list[PromptMessage]:
    """Return the tool rounds of a turn as messages: each round's calls, then their results."""
    return [
        message
        for each in rounds
        for message in (PromptMessage("assistant", tuple(each.content)), PromptMessage("user", tuple(each.results())))
    ]


def _parts(message: Message, *, tools: bool) -> list[tuple[str, list[ContentBlock]]]:
    """Split a message by role: in an answer with tool calls the results are the user's, all else the assistant's."""
    if not tools:
        text = plain_text(message.content).strip()
        return [(message.role, [TextBlock(text=text)])] if text else []
    with_results = {block.call_id for block in message.content if isinstance(block, ToolResultBlock)}
    parts: list[tuple[str, list[ContentBlock]]] = []
    for block in message.content:
        role: str = message.role
        part: ContentBlock = block
        match block:
            case TextBlock(text=text) if text.strip():
                part = TextBlock(text=text.strip())
            case ToolCallBlock(call_id=call_id) if call_id in with_results:
                pass
            case ToolResultBlock():
                role = "user"
            case _:
                continue
        if parts and parts[-1][0] == role:
            parts[-1][1].append(part)
        else:
            parts.append((role, [part]))
    return parts


def _join(message: PromptMessage, more: Sequence[ContentBlock]) -> PromptMessage:
    last, first = message.blocks[-1], more[0]
    if isinstance(last, TextBlock) and isinstance(first, TextBlock):
        text = TextBlock(text=f"{last.text}\n\n{first.text}")
        return PromptMessage(message.role, (*message.blocks[:-1], text, *more[1:]))
    return PromptMessage(message.role, (*message.blocks, *more))


def _has_tool_results(message: PromptMessage) -> bool:
    return any(isinstance(block, ToolResultBlock) for block in message.blocks)


def _without_tool_results(first: PromptMessage) -> PromptMessage:
    """Remove the results from the first message of a prompt: the message with their calls was left out."""
    return PromptMessage(first.role, tuple(block for block in first.blocks if not isinstance(block, ToolResultBlock)))
