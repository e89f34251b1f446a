"""The default behaviour of each scripted model, by its name. Directives override single values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Times in milliseconds, lengths in tokens."""

    ttft: float = 50
    gap: float = 20
    tokens: int = 120
    chunk: int = 1
    reasoning: int = 0
    context: int = 200_000
    accepts_prefill: bool = True
    obeys_directives: bool = True
    counts_tokens: bool = True


BEHAVIOURS = {
    "scripted.lorem": Behaviour(),
    "scripted.echo": Behaviour(ttft=20, gap=5),
    "scripted.fast": Behaviour(ttft=0, gap=0, tokens=60),
    "scripted.slow": Behaviour(ttft=800, gap=120, tokens=200),
    "scripted.think": Behaviour(reasoning=40, accepts_prefill=False),
    "scripted.strict": Behaviour(accepts_prefill=False, counts_tokens=False),
    "scripted.small": Behaviour(context=2_000),
    "scripted.title": Behaviour(ttft=20, gap=0, obeys_directives=False),
}
ECHO, TITLE = "scripted.echo", "scripted.title"
