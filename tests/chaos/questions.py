"""Questions to ask during faults: answers of known length and pace, by different kinds of models."""

from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Question:
    """`expected_s`: from the first byte to the end, undisturbed. `more`: further members of the request."""

    name: str
    model: str
    text: str
    expected_s: float
    more: dict[str, Any] = field(default_factory=dict)


def _prose(name: str, model: str, tokens: int, gap_ms: int) -> Question:
    return Question(
        name, model, f"Tell me, {name}. [[ttft=50 gap={gap_ms} tokens={tokens}]]", 0.05 + (tokens - 1) * gap_ms / 1000
    )


def prefilled(tokens: int = 200, gap_ms: int = 20) -> Question:
    """A model that continues a begun answer: `turn.resumed`."""
    return _prose("prefilled", "scripted.lorem", tokens, gap_ms)


def strict(tokens: int = 200, gap_ms: int = 20) -> Question:
    """A model that does not: `turn.restarted`."""
    return _prose("strict", "scripted.strict", tokens, gap_ms)


def thinking(tokens: int = 160, gap_ms: int = 20) -> Question:
    """It thinks first, and begins anew when broken off."""
    question = _prose("thinking", "scripted.think", tokens, gap_ms)
    text = question.text.replace("tokens=", "reasoning=40 tokens=")
    return Question(question.name, question.model, text, question.expected_s + 40 * gap_ms / 1000)


def with_tools(before: int = 60, after: int = 100, gap_ms: int = 20) -> Question:
    """Two calls in parallel between two stretches of text."""
    calls = " ".join(f'tool=calculator:{{"expression":"{expression}"}}' for expression in ("2+2", "3*7"))
    text = f"Count. [[ttft=50 gap={gap_ms} tokens={before} {calls}]] [[ttft=50 gap={gap_ms} tokens={after}]]"
    expected_s = 0.05 + before * gap_ms / 1000 + 0.3 + after * gap_ms / 1000
    return Question("tools", "scripted.lorem", text, expected_s, {"tools": ["calculator"]})


MIXED: Final = (prefilled(), strict(), with_tools(), prefilled(), thinking())
