"""What a model can do and how it is asked for it. A request to a provider is built from these values.

Dotted names such as `reasoningConfig.maxReasoningEffort` are paths of wire fields.
"""

from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

EffortLevel = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
LEVELS: Final[tuple[EffortLevel, ...]] = get_args(EffortLevel)
SamplingName = Literal["temperature", "top_p", "top_k"]
Omission = Literal["temperature", "top_p", "top_k", "max_tokens", "forced_tool_choice"]
Reasoning = Literal["none", "budget", "adaptive", "always"]


class Entry(BaseModel):
    """A part of an entry. A field with a wrong name is an error, so that a typo cannot switch a capability off."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Effort(Entry):
    """The levels of effort of a model, the lowest first."""

    levels: tuple[EffortLevel, ...]
    default: EffortLevel = Field(description="what the model does when no level is sent")
    field: str = Field(description="where the level goes, below additionalModelRequestFields")
    fields: dict[str, Any] = Field(default={}, description="what must be sent with a level, such as a beta header")
    leave_out: dict[EffortLevel, frozenset[Omission]] = Field(
        default={}, description="what the model rejects at a level"
    )

    def nearest(self, wanted: str) -> EffortLevel:
        """The highest level of this model that is not above `wanted`; else the lowest. An unknown word: the default."""
        if wanted not in LEVELS:
            return self.default
        rank = LEVELS.index(wanted)
        return max(
            (level for level in self.levels if LEVELS.index(level) <= rank), key=LEVELS.index, default=self.levels[0]
        )


class Thinking(Entry):
    """Whether a model thinks before it answers, and the fields that ask for it.

    `mode`: none; budget: with a number of tokens; adaptive: as much as the model sees fit; effort: by levels alone;
    always: it cannot be switched off. `on` and `off` go into additionalModelRequestFields.
    """

    mode: Literal["none", "budget", "adaptive", "effort", "always"] = "none"
    on: dict[str, Any] = Field(default={}, description="asks for thinking, and for its text where that is not given")
    off: dict[str, Any] = Field(default={}, description="asks for none, or for as little as the model allows")
    budget_field: str | None = Field(default=None, description="where the budget goes; tokens, at least 1024")
    effort: Effort | None = None
    leave_out: frozenset[Omission] = Field(default=frozenset(), description="what the model rejects while it thinks")
    room_tokens: int = Field(default=0, ge=0, description="added to maxTokens, because thinking counts against it")
    replayed: bool = Field(default=False, description="takes its signed thinking back in later requests")
    bound: bool = Field(
        default=False, description="its thinking is bound to all that came before it: replay exactly, or leave all out"
    )
    silent: bool = Field(default=False, description="sends no events while it thinks")

    @property
    def thinks(self) -> Literal["never", "optional", "always"]:
        """Whether a person can choose."""
        match self.mode:
            case "none":
                return "never"
            case "always":
                return "always"
            case _:
                return "optional"

    @property
    def efforts(self) -> tuple[EffortLevel, ...]:
        return self.effort.levels if self.effort else ()

    @property
    def default_effort(self) -> EffortLevel | None:
        return self.effort.default if self.effort else None


class SamplingField(Entry):
    """Where a sampling parameter goes, as a path from the arguments of Converse, and its range."""

    field: str
    least: float | None = None
    most: float | None = None


class Caching(Entry):
    """Where a request may have cache points, and from how many tokens on a prefix is cached."""

    sections: frozenset[Literal["tools", "system", "messages"]] = frozenset()
    most_points: int = 4
    least_tokens: int = 1024
    ttls: tuple[Literal["5m", "1h"], ...] = ("5m",)
    implicit: bool = Field(default=False, description="the provider caches prefixes by itself")


class Media(Entry):
    """One kind of media. `most`: how many a message may have; `most_bytes`: of each."""

    most: int
    most_bytes: int
    formats: tuple[str, ...]
    in_tool_results: bool = True


class Modalities(Entry):
    """What a message may contain beside text; None: not this."""

    images: Media | None = None
    documents: Media | None = None
    video: Media | None = None


class Capabilities(Entry):
    """The defaults are those of a model that reads and writes text, and nothing else."""

    thinking: Thinking = Thinking()
    tool_calls: Literal["in_stream", "not_in_stream", "none"] = "none"
    tool_choices: frozenset[Literal["auto", "any", "tool"]] = Field(default=frozenset({"auto"}))
    sampling: dict[SamplingName, SamplingField] = {}
    most_stop_sequences: int = Field(default=4, ge=0)
    system_prompt: bool = True
    caching: Caching | None = None
    modalities: Modalities = Modalities()
    structured_output: Literal["in_stream", "not_in_stream", "none"] = "none"
    strict_tools: bool = False
    token_counting: bool = Field(default=False, description="its provider counts a request's tokens before the call")
    prefill: bool = Field(default=False, description="continues an answer whose beginning it is given")

    @property
    def tools(self) -> bool:
        """Whether it can call tools here: all answers are streamed."""
        return self.tool_calls == "in_stream"

    @property
    def reasoning(self) -> Reasoning:
        """The mode of thinking in the words of the API's first version: `effort` is told as `adaptive`."""
        return "adaptive" if self.thinking.mode == "effort" else self.thinking.mode

    @property
    def prompt_caching(self) -> bool:
        """Whether it takes cache points anywhere."""
        return self.caching is not None and bool(self.caching.sections)

    @property
    def images(self) -> bool:
        return self.modalities.images is not None

    @property
    def documents(self) -> bool:
        return self.modalities.documents is not None

    @property
    def video(self) -> bool:
        return self.modalities.video is not None
