"""What a family of models takes and refuses, as data. Scripted models behave like one of these families.

The facts are of November 2026 and from AWS's model cards, its user guide, and public reports of refused requests; a
comment names the source of a value where it is not the model card.
"""

from dataclasses import dataclass, replace
from typing import Literal

Thinking = Literal["none", "budget", "adaptive", "always", "nova", "effort"]
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class CacheBehaviour:
    """`minimum`: tokens that a prefix needs before it is cached; a cache point below it is ignored without an error.

    `lookback`: how many blocks before a cache point are searched for the end of a cached prefix. `implicit`: prefixes
    are cached without cache points, which are refused.
    """

    minimum: int = 1_024
    ttls: tuple[str, ...] = ("5m", "1h")
    in_tools: bool = True
    lookback: int = 20
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """Tokens, counts and names of wire fields. The defaults are the mildest: a field that is set refuses something.

    `thinking`: how the model is asked to reason. budget: `thinking.type` enabled; adaptive: on unless disabled; always:
    cannot be turned off; nova: `reasoningConfig`; effort: `reasoning.effort`. `anthropic`: refusals have the words of
    Anthropic's API. `signs`: reasoning comes signed and is checked when it comes back. `bound`: its signature covers
    everything before it. `takes_reasoning`: reasoning of the conversation may be sent back.
    """

    anthropic: bool = False
    context: int = 200_000
    output: int | None = None
    counts_tokens: bool = True
    prefill: bool = True
    system: bool = True
    tools: bool = True
    tools_in_stream: bool = True
    forced_tools: bool = True
    text_beside_results: bool = True
    empty_results: bool = False
    blank_results: bool = False
    images_in_results: bool = True
    images: bool = True
    documents: bool = True
    thinking: Thinking = "none"
    shows_thinking: bool = True
    signs: bool = False
    bound: bool = False
    takes_reasoning: bool = True
    takes_signatures: bool = True
    sampling: frozenset[str] = frozenset({"temperature", "topP", "top_k"})
    one_sampling_parameter: bool = False
    stop_sequences: int | None = 2_500
    model_fields: frozenset[str] | None = None
    tiers: frozenset[str] = frozenset({"default", "priority", "flex", "reserved"})
    caching: CacheBehaviour | None = CacheBehaviour()


NOBODY = Family()
"""A model that is not scripted: only the rules of Converse itself apply."""
OPEN = Family(output=16_384)
"""The scripted models without a family of their own: the rules of Converse itself."""
_ANTHROPIC_FIELDS = frozenset({"thinking", "output_config", "anthropic_beta"})
BUDGET = Family(  # like Claude Haiku 4.5
    anthropic=True,
    output=64_000,
    empty_results=True,  # measured: https://github.com/NousResearch/hermes-agent/issues/55092
    blank_results=True,
    thinking="budget",
    signs=True,
    one_sampling_parameter=True,
    model_fields=_ANTHROPIC_FIELDS | {"top_k"},
    tiers=frozenset({"default"}),
    caching=CacheBehaviour(minimum=4_096),
)
CLAUDE = replace(  # like Claude Sonnet 5
    BUDGET,
    context=1_000_000,
    output=128_000,
    counts_tokens=False,
    prefill=False,
    thinking="adaptive",
    shows_thinking=False,
    sampling=frozenset(),
    model_fields=_ANTHROPIC_FIELDS,
    caching=CacheBehaviour(minimum=1_024),
)
BOUND = replace(  # like Claude Opus 5.5
    CLAUDE, thinking="always", bound=True, forced_tools=False, caching=CacheBehaviour(minimum=512)
)
NOVA = Family(  # like Nova 2 Lite
    context=1_000_000,
    output=64_000,
    counts_tokens=False,
    blank_results=True,  # but an empty list is refused: https://github.com/stdapi-ai/stdapi.ai/issues/226
    thinking="nova",
    takes_reasoning=False,  # https://github.com/can1357/oh-my-pi/pull/9086
    stop_sequences=4,
    model_fields=frozenset({"reasoningConfig", "inferenceConfig"}),
    tiers=frozenset({"default", "priority", "flex"}),
    caching=CacheBehaviour(ttls=("5m",), in_tools=False, lookback=0),
)
GPT = Family(  # like GPT-6 Luna
    context=1_050_000,
    output=128_000,
    counts_tokens=False,
    prefill=False,
    images_in_results=False,
    thinking="effort",
    takes_signatures=False,  # https://github.com/strands-agents/harness-sdk/pull/682, of gpt-oss
    sampling=frozenset(),
    stop_sequences=None,
    model_fields=frozenset({"reasoning", "text"}),
    tiers=frozenset({"default"}),
    caching=CacheBehaviour(implicit=True),
)
LLAMA = Family(  # like Llama 4 Maverick
    context=1_000_000,
    output=8_192,
    counts_tokens=False,
    prefill=False,
    tools_in_stream=False,
    text_beside_results=False,  # https://github.com/strands-agents/harness-sdk/issues/1223
    takes_reasoning=False,
    sampling=frozenset({"temperature", "topP"}),
    model_fields=frozenset(),
    tiers=frozenset({"default"}),
    caching=None,
)
MISTRAL = replace(  # like Mistral 7B: https://github.com/567-labs/instructor/issues/1753
    LLAMA, context=32_000, output=8_192, system=False, tools=False, images=False, documents=False
)
BY_MODEL = {
    "scripted.think": replace(OPEN, prefill=False),
    "scripted.strict": replace(OPEN, prefill=False, counts_tokens=False),
    "scripted.small": replace(OPEN, context=2_000),
    "scripted.claude": CLAUDE,
    "scripted.budget": BUDGET,
    "scripted.bound": BOUND,
    "scripted.nova": NOVA,
    "scripted.gpt": GPT,
    "scripted.llama": LLAMA,
    "scripted.mistral": MISTRAL,
}


def of(model: str) -> Family:
    """The family of the model with this name, without the prefix of an inference profile."""
    return BY_MODEL.get(model, OPEN if model.startswith("scripted.") else NOBODY)
