"""How long each scripted model takes and how much it says, by its name. Directives override single values.

What it refuses is in `infra.local.bedrock.families`.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Times in milliseconds, lengths in tokens. `reasoning`: the length of what it thinks, if it is asked to think."""

    ttft: float = 50
    gap: float = 20
    tokens: int = 120
    chunk: int = 1
    reasoning: int = 0
    obeys_directives: bool = True


_FAMILY = Behaviour(ttft=20, gap=5, tokens=60, reasoning=20)
BEHAVIOURS = {
    "scripted.lorem": Behaviour(),
    "scripted.echo": Behaviour(ttft=20, gap=5),
    "scripted.fast": Behaviour(ttft=0, gap=0, tokens=60),
    "scripted.slow": Behaviour(ttft=800, gap=120, tokens=200),
    "scripted.think": Behaviour(reasoning=40),
    "scripted.strict": Behaviour(),
    "scripted.small": Behaviour(),
    "scripted.title": Behaviour(ttft=20, gap=0, obeys_directives=False),
    "scripted.claude": _FAMILY,
    "scripted.budget": _FAMILY,
    "scripted.bound": _FAMILY,
    "scripted.nova": _FAMILY,
    "scripted.gpt": _FAMILY,
    "scripted.llama": replace(_FAMILY, reasoning=0),
    "scripted.mistral": replace(_FAMILY, reasoning=0),
}
ECHO, TITLE = "scripted.echo", "scripted.title"
