"""The answer as it grows: what the log will have said, block by block, and what the model told about it."""

from collections.abc import Sequence

from services.chat.domain import ContentBlock, ReasoningBlock, TextBlock
from services.chat.llm.port import (
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)
from services.chat.stream.writer import FrameWriter
from shared.catalogue import Usage


class AnswerBuilder:
    """One call of the model. `before`: content that stands already. `begun`: text that this call goes on with.

    The model is given `begun` without the blanks at its end, and likely says them again: they are not said twice.
    """

    def __init__(self, before: Sequence[ContentBlock] = (), begun: str = "") -> None:
        self._before = list(before)
        self._blocks: list[tuple[str, list[str]]] = [("text", [begun])] if begun else []
        self._blanks = begun[len(begun.rstrip()) :]
        self._signatures: dict[int, str] = {}
        self._words: list[str] = []
        self.asked: list[ToolUse] = []
        self.stop_reason: str | None = None
        self.usage: Usage | None = None
        self.began = False

    def take(self, event: ModelEvent, voice: FrameWriter) -> None:
        """Keep it and say it."""
        self.began = True
        match event:
            case TextDelta(text):
                self._words.append(text)
                if text := self._without_blanks(text):
                    self._add("text", text)
                    voice.say("message.delta", text)
            case ReasoningDelta(text):
                self._words.append(text)
                self._add("reasoning", text)
                voice.say("reasoning.delta", text)
            case ReasoningSignature(signature):
                self._signatures[len(self._blocks) - 1] = signature
            case ToolInputDelta(index, text, name):
                self._words.append(name + text)
                voice.say("tool.delta", text, index=index, **({"name": name} if name else {}))
            case ToolUse():
                self.asked.append(event)
            case Stopped(reason):
                self.stop_reason = reason
            case UsageReported(usage):
                self.usage = usage

    @property
    def wants_tools(self) -> bool:
        return bool(self.asked) and self.stop_reason == "tool_use"

    def content(self) -> list[ContentBlock]:
        """All of the turn's answer so far."""
        return [*self._before, *self.said()]

    def said(self) -> list[ContentBlock]:
        """The content of this call, with what it went on from."""
        return [self._block(position) for position in range(len(self._blocks))]

    def words(self) -> str:
        """Everything that was said, thought or asked of tools in this call alone, for an estimate of its tokens."""
        return "".join(self._words)

    def _without_blanks(self, text: str) -> str:
        while self._blanks and text:
            if text[0] != self._blanks[0]:
                self._blanks = ""
                break
            text, self._blanks = text[1:], self._blanks[1:]
        return text

    def _add(self, kind: str, text: str) -> None:
        if not self._blocks or self._blocks[-1][0] != kind:
            self._blocks.append((kind, []))
        self._blocks[-1][1].append(text)

    def _block(self, position: int) -> ContentBlock:
        kind, parts = self._blocks[position]
        text = "".join(parts)
        if kind == "text":
            return TextBlock(text=text)
        return ReasoningBlock(text=text, signature=self._signatures.get(position))
