"""Bills prompts as a provider with a prompt cache does: tokens that are read from it, and written to it for how long.

How prefixes, minimum, look-back and life times work: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.local.bedrock import prompt_parts
from infra.local.bedrock.families import CacheBehaviour
from infra.local.bedrock.request_models import ConverseRequest
from shared.clock import Clock

LIFE_S = {"5m": 300.0, "1h": 3_600.0, "30m": 1_800.0}
"""Seconds since the last use. Half an hour is that of models that cache by themselves."""
_IMPLICIT = "30m"
MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class CacheBill:
    """In tokens. `writes`: by life time; without cache points they have none that is reported."""

    read: int = 0
    writes: dict[str, int] = field(default_factory=dict)

    @property
    def written(self) -> int:
        return sum(self.writes.values())

    def details(self) -> tuple[tuple[str, int], ...]:
        return tuple((ttl, count) for ttl, count in self.writes.items() if ttl != _IMPLICIT)


class Boundary(NamedTuple):
    """The end of a block: digest and tokens of everything up to it."""

    digest: bytes
    tokens: int


@dataclass(slots=True)
class _CachedPrefix:
    ttl: str
    used_at: float


class PromptCache:
    """The prefixes that were written, by model. An answer that fails later has written its prefix all the same."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._aged_s = 0.0
        self._entries: dict[tuple[str, bytes], _CachedPrefix] = {}

    def clear(self) -> None:
        self._entries.clear()

    def age(self, seconds: float) -> None:
        """Let every entry grow older, as if nobody had asked for so long."""
        self._aged_s += seconds

    def bill(self, model: str, request: ConverseRequest, caching: CacheBehaviour) -> CacheBill:
        """Count what is read and written, and remember the prefixes at the cache points."""
        boundaries, points = _read(request, caching)
        if not points:
            return CacheBill()
        hit = max((self._last_hit(model, boundaries, index, caching) for index, _ in points), default=-1)
        read = boundaries[hit].tokens if hit >= 0 else 0
        writes: dict[str, int] = {}
        billed = read
        for index, ttl in points:
            self._use(model, boundaries[index], ttl, is_known=index <= hit)
            if boundaries[index].tokens > billed:
                writes[ttl] = writes.get(ttl, 0) + boundaries[index].tokens - billed
                billed = boundaries[index].tokens
        if hit >= 0:
            self._use(model, boundaries[hit], _IMPLICIT, is_known=True)
        return CacheBill(read, writes)

    def _last_hit(self, model: str, boundaries: list[Boundary], point: int, caching: CacheBehaviour) -> int:
        """The last end of a block, up to the cache point, up to which the prompt is cached; -1 if there is none."""
        furthest = 0 if caching.implicit else max(point - caching.lookback, 0)
        for index in range(point, furthest - 1, -1):
            if boundaries[index].tokens >= caching.minimum and self._is_alive(model, boundaries[index]):
                return index
        return -1

    def _is_alive(self, model: str, boundary: Boundary) -> bool:
        entry = self._entries.get((model, boundary.digest))
        return entry is not None and self._now() - entry.used_at <= LIFE_S[entry.ttl]

    def _use(self, model: str, boundary: Boundary, ttl: str, *, is_known: bool) -> None:
        """Reading renews the life of an entry and does not change how long it is."""
        entry = self._entries.pop((model, boundary.digest), None)
        alive = entry is not None and is_known and self._now() - entry.used_at <= LIFE_S[entry.ttl]
        self._entries[model, boundary.digest] = _CachedPrefix(entry.ttl if entry and alive else ttl, self._now())
        if len(self._entries) > MOST_ENTRIES:
            del self._entries[next(iter(self._entries))]

    def _now(self) -> float:
        return self._clock.monotonic() + self._aged_s


def _read(request: ConverseRequest, caching: CacheBehaviour) -> tuple[list[Boundary], list[tuple[int, str]]]:
    """The ends of blocks, and the cache points that are beyond the minimum: index of the block before, life time."""
    parts = list(prompt_parts.parts(request))
    if not caching.implicit and not any(part.cache_point for part in parts):
        return [], []
    prefix, tokens = hashlib.sha256(), 0
    before_messages = len(request.system) + (len(request.tool_config.tools) if request.tool_config else 0)
    boundaries: list[Boundary] = []
    points: list[tuple[int, str]] = []
    for number, part in enumerate(parts):
        if number == before_messages:
            prefix.update(_settings(request))
        if part.cache_point is None:
            prefix.update(part.content)
            tokens += part.tokens()
            boundaries.append(Boundary(prefix.digest(), tokens))
        elif boundaries and tokens >= caching.minimum:
            points.append((len(boundaries) - 1, part.cache_point.ttl or "5m"))
    if caching.implicit and boundaries and tokens >= caching.minimum:
        points = [(len(boundaries) - 1, _IMPLICIT)]
    return boundaries, points


def _settings(request: ConverseRequest) -> bytes:
    """What changes the meaning of the messages: https://platform.claude.com/docs/en/build-with-claude/prompt-caching."""
    thinking = request.additional_model_request_fields.get("thinking")
    asked = thinking if isinstance(thinking, dict) else {}
    choice = request.tool_config.tool_choice if request.tool_config else None
    return json.dumps([asked.get("type"), asked.get("budget_tokens"), choice and choice.model_dump()]).encode()
