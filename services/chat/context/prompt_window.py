"""Prompt window: the messages of a branch as a prompt, cut to the model's context window."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from services.chat.domain import Message, PromptScope, ToolResultBlock, ToolRound
from shared.catalogue import Model
from shared.llm.content import PromptPart, TextPart, ToolResultPart
from shared.llm.port import PromptMessage
from shared.llm.token_estimate import estimate_prompt


class PromptWindow:
    """Collects the prompt from the newest message back, until it is full.

    In the prompt the roles alternate and the first message is the user's. Neighbouring messages of one role are joined;
    a failed answer without text, for example, leaves two messages of the user. Messages that do not fit beside the
    output and the `continuation`, which comes last, are left out, the oldest first; the newest message never is. Tool
    calls and results are included only with `tools`, because models reject them in a request that offers no tools.
    `share`: the part of the model's context window that may be filled.
    """

    def __init__(
        self,
        model: Model,
        max_output_tokens: int,
        *,
        tools: bool = False,
        continuation: Sequence[PromptMessage] = (),
        share: float = 1,
    ) -> None:
        self.model = model
        limit = round(model.limits.context_tokens * share)
        self._tokens_left = limit - min(max_output_tokens, limit // 2) - estimate_prompt(continuation)
        self._tools = tools
        self._continuation = continuation
        self._messages: list[PromptMessage] = []  # complete ones, newest first
        self._oldest: PromptMessage | None = None  # grows while older messages have the same role
        self._oldest_id = ""
        self._kept_id: str | None = None
        self.is_full = False

    def add(self, message: Message) -> None:
        """Add the next older message."""
        for older in reversed(_prompt_messages(message, tools=self._tools)):
            if self._oldest and self._oldest.role == older.role:
                self._oldest = _join(older, self._oldest.parts)
            else:
                self._add_oldest()
                self._oldest = older
            self._oldest_id = message.id

    @property
    def cut(self) -> str | None:
        """After `prompt`: the id of the oldest message in it, if older ones did not fit; else None."""
        return self._kept_id if self.is_full else None

    def leave_out_tools(self) -> None:
        """Leave tool calls and results out of the messages that are added from now on."""
        self._tools = False

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
            self._kept_id = self._oldest_id
        self.is_full = self._tokens_left < 0


def round_messages(rounds: Iterable[ToolRound]) -> list[PromptMessage]:
    """Return the tool rounds of a turn as messages: each round's calls, then their results."""
    messages: list[PromptMessage] = []
    for each in rounds:
        results = each.results()
        scope = PromptScope(is_history=False, tools=True, results=frozenset(result.call_id for result in results))
        for role, blocks in (("assistant", each.content), ("user", results)):
            parts = [part for block in blocks if (part := block.prompt_part(scope))]
            messages.append(PromptMessage(role, tuple(parts)))
    return messages


def _prompt_messages(message: Message, *, tools: bool) -> list[PromptMessage]:
    """Split a message by role: in an answer with tool calls the results are the user's, all else the assistant's."""
    results = frozenset(block.call_id for block in message.content if isinstance(block, ToolResultBlock))
    scope = PromptScope(is_history=True, tools=tools, results=results)
    parts = [part for block in message.content if (part := block.prompt_part(scope))]

    def role_of(part: PromptPart) -> str:
        return "user" if isinstance(part, ToolResultPart) else message.role

    split = ((role, tuple(_stripped(group))) for role, group in groupby(parts, role_of))
    return [PromptMessage(role, kept) for role, kept in split if kept]


def _stripped(parts: Iterable[PromptPart]) -> Iterator[PromptPart]:
    """Join neighbouring texts, strip them, and leave out blank ones."""
    for is_text, group in groupby(parts, lambda part: isinstance(part, TextPart)):
        if not is_text:
            yield from group
        elif text := "".join(part.text for part in group if isinstance(part, TextPart)).strip():
            yield TextPart(text)


def _join(message: PromptMessage, more: Sequence[PromptPart]) -> PromptMessage:
    last, first = message.parts[-1], more[0]
    if isinstance(last, TextPart) and isinstance(first, TextPart):
        text = TextPart(f"{last.text}\n\n{first.text}")
        return PromptMessage(message.role, (*message.parts[:-1], text, *more[1:]))
    return PromptMessage(message.role, (*message.parts, *more))


def _has_tool_results(message: PromptMessage) -> bool:
    return any(isinstance(part, ToolResultPart) for part in message.parts)


def _without_tool_results(first: PromptMessage) -> PromptMessage:
    """Remove the results from the first message of a prompt: the message with their calls was left out."""
    return PromptMessage(first.role, tuple(part for part in first.parts if not isinstance(part, ToolResultPart)))
