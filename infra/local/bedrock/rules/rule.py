"""A rule: one thing that Bedrock refuses, its words, and the source of both."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from infra.local.bedrock.content_models import ContentBlock
from infra.local.bedrock.families import Family
from infra.local.bedrock.request_models import ConverseRequest

SERVICE_MODEL = "botocore 1.43.117, service model bedrock-runtime"
ANALOGY = "that it is refused: {}; the words are ours, by analogy"


class Asked(NamedTuple):
    """A request with what its rules depend on. `model`: its name without a profile's prefix."""

    request: ConverseRequest
    model: str
    family: Family
    streamed: bool = False


class PlacedBlock(NamedTuple):
    """`place`: as Bedrock names it, such as `messages.0.content.1`."""

    place: str
    role: str
    block: ContentBlock


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


def blocks(request: ConverseRequest) -> Iterator[PlacedBlock]:
    for number, message in enumerate(request.messages):
        for index, block in enumerate(message.content):
            yield PlacedBlock(f"messages.{number}.content.{index}", message.role, block)


def by_model(family: Family, words: str) -> str:
    """What the model itself refuses; Bedrock passes its words on."""
    malformed = f"Malformed input request: {words}, please reformat your input and try again."
    return f"The model returned the following errors: {words if family.anthropic else malformed}"
