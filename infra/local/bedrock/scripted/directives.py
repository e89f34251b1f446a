"""`[[key=value …]]` in a prompt tells a scripted model how to answer. The grammar is in `docs/local-models.md`."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from infra.local.bedrock.errors import invalid
from infra.local.bedrock.model_ids import PROFILES
from infra.local.bedrock.responses import STOP_REASONS
from infra.local.bedrock.scripted import block_directives
from infra.local.bedrock.scripted.faults import Fault

_OPEN = re.compile(r"\[\[\s*(?=[a-z]+=)")
_LOOKS_LIKE_A_GROUP = re.compile(r"\[\[\s*[a-z]+=.*?(\]\]|\Z)", re.DOTALL)
_PAIR = re.compile(r"(?P<key>[a-z]+)=(?:(?P<tool>[a-zA-Z0-9_-]+):(?=\{)|(?=[\"\[])|(?P<word>[^\s\"\[\]]+))")
_BLANK = re.compile(r"\s*")
_JSON = json.JSONDecoder()

Kind = Literal["prose", "markdown", "code", "table", "korean"]


class ToolDirective(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    input: dict[str, Any]


class UsageDirective(BaseModel):
    """`null` and `missing`: names of counters that are reported as null, or not at all; they count as 0."""

    model_config = ConfigDict(frozen=True)

    input: int = Field(ge=0)
    output: int = Field(ge=0)
    cache_read: int = Field(default=0, ge=0)
    cache_write: int = Field(default=0, ge=0)
    null: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


_COUNTERS = ("input", "output", "cache_read", "cache_write")


def _usage(text: object) -> object:
    if not isinstance(text, str) or text == "none":
        return text
    counts = dict(zip(_COUNTERS, text.split("/"), strict=False))
    if text.count("/") >= len(_COUNTERS):
        raise ValueError("is input/output[/cache read[/cache write]]")
    null = {name for name, count in counts.items() if count == "null"}
    missing = {name for name, count in counts.items() if count == "-"}
    return {**counts, **dict.fromkeys(null | missing, 0), "null": null, "missing": missing}


def _stop_reason(text: str) -> str:
    if text not in STOP_REASONS:
        raise ValueError(f"is one of {', '.join(STOP_REASONS)}")
    return text


def _profile(text: str) -> str:
    if text not in PROFILES:
        raise ValueError(f"is one of {', '.join(sorted(PROFILES))}")
    return text


class Directives(BaseModel):
    """Times in milliseconds, lengths in tokens. None means the default of the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ttft: float | None = Field(default=None, ge=0, le=600_000)
    gap: float | None = Field(default=None, ge=0, le=600_000)
    tokens: int | None = Field(default=None, ge=1, le=200_000)
    chunk: int | None = Field(default=None, ge=1, le=10_000)
    reasoning: int | None = Field(default=None, ge=0, le=100_000)
    kind: Kind | None = None
    text: str | None = Field(default=None, min_length=1)
    blocks: Annotated[Any, BeforeValidator(block_directives.checked)] = None
    seed: int = 0
    tool: tuple[ToolDirective, ...] = ()
    stop: Annotated[str, BeforeValidator(_stop_reason)] | None = None
    usage: Annotated[UsageDirective | Literal["none"], BeforeValidator(_usage)] | None = None
    fault: Fault | None = None
    after: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=0)
    profile: Annotated[str, BeforeValidator(_profile)] | None = None


def stripped(text: str) -> str:
    """The text without anything that looks like directives, also if the text ends within them."""
    return _LOOKS_LIKE_A_GROUP.sub("", text).strip()


def parse(text: str) -> tuple[list[Directives], str]:
    """The groups in their order, and the text without them. Raises a ValidationException for an invalid group."""
    groups, rest, position = [], [], 0
    while opened := _OPEN.search(text, position):
        rest.append(text[position : opened.start()])
        pairs, position = _group(text, opened.end())
        groups.append(_directives(pairs))
    rest.append(text[position:])
    return groups, "".join(rest).strip()


def _group(text: str, position: int) -> tuple[list[tuple[str, Any]], int]:
    pairs = []
    while not text.startswith("]]", position):
        key, value, position = _pair(text, position)
        pairs.append((key, value))
        blank = _BLANK.match(text, position)
        end = blank.end() if blank else position
        if end == position and not text.startswith("]]", position):
            raise invalid(f"scripted: a blank or ]] is missing after {key}")
        position = end
    return pairs, position + 2


def _pair(text: str, position: int) -> tuple[str, Any, int]:
    matched = _PAIR.match(text, position)
    if not matched:
        raise invalid(f"scripted: expected key=value or ]] at character {position} of the message")
    key, tool, word = matched["key"], matched["tool"], matched["word"]
    if word is not None:
        return key, word, matched.end()
    try:
        value, end = _JSON.raw_decode(text, matched.end())
    except json.JSONDecodeError:
        raise invalid(f"scripted: the JSON of {key} cannot be read") from None
    return key, {"name": tool, "input": value} if tool else value, end


def _directives(pairs: list[tuple[str, Any]]) -> Directives:
    values: dict[str, Any] = {}
    tools: list[Any] = []
    for key, value in pairs:
        if key in values:
            raise invalid(f"scripted: {key} is given twice")
        if key == "tool":
            tools.append(value)
        else:
            values[key] = value
    try:
        return Directives(**values, tool=tuple(tools))
    except ValidationError as error:
        raise invalid("scripted: " + "; ".join(_error_texts(error))) from None


def _error_texts(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
