"""What the name of a scripted model promises; directives change single points of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Times in milliseconds, lengths in tokens."""

    ttft: float = 50
    gap: float = 20
    tokens: int = 120
    chunk: int = 1
    reasoning: int = 0
    context: int = 200_000
    continues: bool = True
    obeys: bool = True


STYLES = {
    "scripted.lorem": Style(),
    "scripted.echo": Style(ttft=20, gap=5),
    "scripted.fast": Style(ttft=0, gap=0, tokens=60),
    "scripted.slow": Style(ttft=800, gap=120, tokens=200),
    "scripted.think": Style(reasoning=40, continues=False),
    "scripted.strict": Style(continues=False),
    "scripted.small": Style(context=2_000),
    "scripted.title": Style(ttft=20, gap=0, obeys=False),
}
ECHO, TITLE = "scripted.echo", "scripted.title"
