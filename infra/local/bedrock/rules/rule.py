"""A rule: one thing that Bedrock refuses, its words, and the source of both."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from infra.local.bedrock.content_models import ContentBlock, Reasoning, ToolResult, ToolUse
from infra.local.bedrock.families import Family
from infra.local.bedrock.request_models import ConverseRequest, ToolSpecification

SERVICE_MODEL = "botocore 1.43.117, service model bedrock-runtime"
ANALOGY = "that it is refused: {}; the words are ours, by analogy"


class PlacedBlock(NamedTuple):
    """A block. `number`: the index of its message; `position`: its index in it."""

    number: int
    position: int
    role: str
    block: ContentBlock

    @property
    def place(self) -> str:
        """As Bedrock names it, such as `messages.0.content.1`."""
        return f"messages.{self.number}.content.{self.position}"


@dataclass(frozen=True)
class Asked:
    """A request with what its rules depend on. `model`: its name without a profile's prefix.

    The blocks are sorted once, by their kind: there are many rules, and histories are long.
    """

    request: ConverseRequest
    model: str
    family: Family
    streamed: bool = False

    @cached_property
    def blocks(self) -> dict[str, list[PlacedBlock]]:
        """By the name of the member that is set, such as `tool_use`; each kind in the order of the conversation."""
        found: dict[str, list[PlacedBlock]] = defaultdict(list)
        for number, message in enumerate(self.request.messages):
            for index, block in enumerate(message.content):
                found[next(iter(block.model_fields_set))].append(PlacedBlock(number, index, message.role, block))
        return found

    @cached_property
    def tools(self) -> list[ToolSpecification]:
        return self.request.tool_config.specifications() if self.request.tool_config else []

    def uses(self) -> Iterator[tuple[PlacedBlock, ToolUse]]:
        for placed in self.blocks["tool_use"]:
            if placed.block.tool_use:
                yield placed, placed.block.tool_use

    def results(self) -> Iterator[tuple[PlacedBlock, ToolResult]]:
        for placed in self.blocks["tool_result"]:
            if placed.block.tool_result:
                yield placed, placed.block.tool_result

    def reasoning(self) -> Iterator[tuple[PlacedBlock, Reasoning]]:
        for placed in self.blocks["reasoning_content"]:
            if placed.block.reasoning_content:
                yield placed, placed.block.reasoning_content


Check = Callable[[Asked], Iterator[str]]


class RefusalRule(NamedTuple):
    """`check` yields the words of each refusal, so that a request that keeps the rule yields none."""

    name: str
    source: str
    check: Check
    kind: str = "ValidationException"


def rule(source: str, kind: str = "ValidationException") -> Callable[[Check], RefusalRule]:
    """Make a rule of a function. `kind`: the exception, a key of `infra.local.bedrock.errors.STATUS`."""

    def made(check: Check) -> RefusalRule:
        return RefusalRule(getattr(check, "__name__", ""), source, check, kind)

    return made


def by_model(family: Family, words: str) -> str:
    """What the model itself refuses; Bedrock passes its words on."""
    malformed = f"Malformed input request: {words}, please reformat your input and try again."
    return f"The model returned the following errors: {words if family.anthropic else malformed}"
