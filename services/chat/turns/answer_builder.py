"""Answer builder: collects one model call's output as content blocks, and passes it to the frame writer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from services.chat.domain import ContentBlock, ContextRecord, ReasoningBlock, TextBlock, ToolCallBlock, plain_text
from services.chat.stream.replay import TurnProgress
from services.chat.stream.writer import FrameWriter
from shared.catalogue import Usage
from shared.llm.invocation import Invocation
from shared.llm.port import (
    BrokenToolUse,
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    RedactedReasoning,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)

DECLINED: Final = frozenset({"guardrail_intervened", "content_filtered", "refusal"})
"""Stop reasons of an answer that the model or a guardrail declined; its tool calls are not executed."""
CUT: Final = frozenset({"max_tokens", "model_context_window_exceeded"})
"""Stop reasons of an answer that a limit cut off."""


@dataclass
class _Block:
    """A content block of the answer in the making. `position`: in the provider's answer; None for text continued."""

    kind: Literal["text", "reasoning", "tool"]
    position: int | None
    parts: list[str] = field(default_factory=list)
    signature: str | None = None
    redacted: str | None = None
    tool_use: ToolUse | BrokenToolUse | None = None


class AnswerBuilder:
    """Builds the answer of one model call, after the turn's finished rounds.

    The call continues the partial text of the progress. The model is given that text without its trailing whitespace
    and probably repeats that; the repetition is dropped. Blocks keep their order and their borders, because providers
    accept reasoning back only as it was. `invocation`: the call's, once it is open. `refused`: settled invocations of
    wider requests that the model refused. `record`: of the context, once it is known.
    """

    def __init__(self, progress: TurnProgress, invocation: Invocation | None = None) -> None:
        prefill = progress.partial_text
        self.round_number = len(progress.rounds) + 1
        self.invocation = invocation
        self.record: ContextRecord | None = None
        self.refused: list[Invocation] = []
        self._before = progress.round_content
        self._blocks: list[_Block] = [_Block("text", None, [prefill])] if prefill else []
        self._expected_whitespace = prefill[len(prefill.rstrip()) :]
        self._raw_parts: list[str] = []
        self.stop_reason: str | None = None
        self.usage: Usage | None = None
        self.has_begun = False

    def add(self, event: ModelEvent, writer: FrameWriter) -> None:
        """Add an event of the model, and pass deltas to the writer."""
        self.has_begun = True
        match event:
            case TextDelta(text, position):
                self._raw_parts.append(text)
                if text := self._without_repeated_whitespace(text):
                    self._block("text", position).parts.append(text)
                    writer.delta("message.delta", text)
            case ReasoningDelta(text, position):
                self._raw_parts.append(text)
                self._block("reasoning", position).parts.append(text)
                writer.delta("reasoning.delta", text)
            case ReasoningSignature(signature, position):
                self._block("reasoning", position).signature = signature
            case RedactedReasoning(data, position):
                self._blocks.append(_Block("reasoning", position, redacted=data))
            case ToolInputDelta(index, text, name):
                self._raw_parts.append(name + text)
                writer.delta("tool.delta", text, index=index, **({"name": name} if name else {}))
            case ToolUse(block=position) | BrokenToolUse(block=position):
                self._blocks.append(_Block("tool", position, tool_use=event))
            case Stopped(reason):
                self.stop_reason = reason
            case UsageReported(usage):
                self.usage = usage

    @property
    def offered_tools(self) -> Collection[str]:
        return {tool.name for tool in self.record.offered_tools} if self.record else ()

    @property
    def tool_uses(self) -> Sequence[ToolUse | BrokenToolUse]:
        """The tool calls of the model, in order."""
        return [block.tool_use for block in self._blocks if block.tool_use]

    @property
    def wants_tools(self) -> bool:
        """Whether its tool calls are to be executed.

        The calls decide, not the stop reason: some models stop with `end_turn` after a call, or with `tool_use`
        without one. A model that was offered no tools calls none, whatever it writes.
        """
        uses = self.tool_uses if self.offered_tools else ()
        was_cut = self.stop_reason in CUT and any(isinstance(use, BrokenToolUse) for use in uses)
        return bool(uses) and not was_cut and self.stop_reason not in DECLINED

    @property
    def says_nothing(self) -> bool:
        """Whether the whole answer of the turn has no visible word."""
        return not plain_text(self.content()).strip()

    def content(self) -> list[ContentBlock]:
        """All content of the turn's answer so far."""
        return [*self._before, *self.blocks()]

    def blocks(self, calls: Iterable[ToolCallBlock] = ()) -> list[ContentBlock]:
        """The content of this call, including the text that it continues.

        `calls`: its first tool calls, in order; the others are left out.
        """
        content: list[ContentBlock] = []
        left = iter(calls)
        for block in self._blocks:
            if block.kind == "text":
                content.append(TextBlock(text="".join(block.parts)))
            elif block.kind == "reasoning":
                text = "".join(block.parts)
                content.append(ReasoningBlock(text=text, signature=block.signature, redacted=block.redacted))
            elif call := next(left, None):
                content.append(call)
        return content

    def raw_text(self) -> str:
        """All output of this call alone (text, reasoning, tool input), for an estimate of its tokens."""
        return "".join(self._raw_parts)

    def _without_repeated_whitespace(self, text: str) -> str:
        while self._expected_whitespace and text:
            if text[0] != self._expected_whitespace[0]:
                self._expected_whitespace = ""
                break
            text, self._expected_whitespace = text[1:], self._expected_whitespace[1:]
        return text

    def _block(self, kind: Literal["text", "reasoning"], position: int) -> _Block:
        """The block at this position of the answer; a new one if the last block is another."""
        last = self._blocks[-1] if self._blocks else None
        if last and last.kind == kind and last.redacted is None and last.position in {None, position}:
            last.position = position
            return last
        block = _Block(kind, position)
        self._blocks.append(block)
        return block
