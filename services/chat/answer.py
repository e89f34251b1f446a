"""The answer as it grows: what the log will have said, block by block, and what the model told about it."""

from services.chat.domain import ContentBlock, ReasoningBlock, TextBlock
from services.chat.model_events import ModelEvent, ReasoningSaid, ReasoningSigned, Stopped, TextSaid, UsageReported
from services.chat.saying import Voice
from shared.catalogue import Usage


class Answer:
    def __init__(self) -> None:
        self._blocks: list[tuple[str, list[str]]] = []
        self._signatures: dict[int, str] = {}
        self.stop_reason: str | None = None
        self.usage: Usage | None = None
        self.began = False

    def take(self, event: ModelEvent, voice: Voice) -> None:
        """Keep it and say it."""
        self.began = True
        match event:
            case TextSaid(text):
                self._add("text", text)
                voice.say("message.delta", text)
            case ReasoningSaid(text):
                self._add("reasoning", text)
                voice.say("reasoning.delta", text)
            case ReasoningSigned(signature):
                self._signatures[len(self._blocks) - 1] = signature
            case Stopped(reason):
                self.stop_reason = reason
            case UsageReported(usage):
                self.usage = usage

    def content(self) -> list[ContentBlock]:
        return [self._block(position) for position in range(len(self._blocks))]

    def words(self) -> str:
        """Everything that was said or thought, for an estimate of its tokens."""
        return "".join(part for _, parts in self._blocks for part in parts)

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
