"""Answer builder: collects one model call's output as content blocks, and passes it to the frame writer."""

from collections.abc import Collection

from services.chat.domain import ContentBlock, ReasoningBlock, TextBlock
from services.chat.stream.replay import TurnProgress
from services.chat.stream.writer import FrameWriter
from shared.catalogue import Usage
from shared.llm.invocation import Invocation
from shared.llm.port import (
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)


class AnswerBuilder:
    """Builds the answer of one model call, after the turn's finished rounds.

    The call continues the partial text of the progress. The model is given that text without its trailing whitespace
    and probably repeats that; the repetition is dropped. `invocation`: the call's, once it is open.
    """

    def __init__(self, progress: TurnProgress, invocation: Invocation | None = None) -> None:
        prefill = progress.partial_text
        self.round_number = len(progress.rounds) + 1
        self.invocation = invocation
        self.offered_tools: Collection[str] = ()
        self._before = progress.round_content
        self._blocks: list[tuple[str, list[str]]] = [("text", [prefill])] if prefill else []
        self._expected_whitespace = prefill[len(prefill.rstrip()) :]
        self._signatures: dict[int, str] = {}
        self._raw_parts: list[str] = []
        self.tool_uses: list[ToolUse] = []
        self.stop_reason: str | None = None
        self.usage: Usage | None = None
        self.has_begun = False

    def add(self, event: ModelEvent, writer: FrameWriter) -> None:
        """Add an event of the model, and pass deltas to the writer."""
        self.has_begun = True
        match event:
            case TextDelta(text):
                self._raw_parts.append(text)
                if text := self._without_repeated_whitespace(text):
                    self._append("text", text)
                    writer.delta("message.delta", text)
            case ReasoningDelta(text):
                self._raw_parts.append(text)
                self._append("reasoning", text)
                writer.delta("reasoning.delta", text)
            case ReasoningSignature(signature):
                self._signatures[len(self._blocks) - 1] = signature
            case ToolInputDelta(index, text, name):
                self._raw_parts.append(name + text)
                writer.delta("tool.delta", text, index=index, **({"name": name} if name else {}))
            case ToolUse():
                self.tool_uses.append(event)
            case Stopped(reason):
                self.stop_reason = reason
            case UsageReported(usage):
                self.usage = usage

    @property
    def wants_tools(self) -> bool:
        return bool(self.tool_uses) and self.stop_reason == "tool_use"

    def content(self) -> list[ContentBlock]:
        """All content of the turn's answer so far."""
        return [*self._before, *self.blocks()]

    def blocks(self) -> list[ContentBlock]:
        """The content of this call, including the text that it continues."""
        return [self._block(index) for index in range(len(self._blocks))]

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

    def _append(self, kind: str, text: str) -> None:
        if not self._blocks or self._blocks[-1][0] != kind:
            self._blocks.append((kind, []))
        self._blocks[-1][1].append(text)

    def _block(self, index: int) -> ContentBlock:
        kind, parts = self._blocks[index]
        text = "".join(parts)
        if kind == "text":
            return TextBlock(text=text)
        return ReasoningBlock(text=text, signature=self._signatures.get(index))
