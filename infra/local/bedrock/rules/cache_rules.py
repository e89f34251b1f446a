"""Rules about cache points: which models take them, where, how many, and for how long."""

from collections.abc import Iterator
from itertools import pairwise

from infra.local.bedrock.content_models import CachePoint, ContentBlock
from infra.local.bedrock.rules.rule import ANALOGY, Asked, by_model, rule

MOST = 4


def _places(asked: Asked) -> Iterator[tuple[str, CachePoint]]:
    """The cache points in the order in which they are read: tools, system, messages."""
    for index, tool in enumerate(asked.request.tool_config.tools if asked.request.tool_config else ()):
        if tool.cache_point:
            yield f"tools.{index}", tool.cache_point
    for index, block in enumerate(asked.request.system):
        if block.cache_point:
            yield f"system.{index}", block.cache_point
    for placed in asked.blocks["cache_point"]:
        if placed.block.cache_point:
            yield placed.place, placed.block.cache_point


def _before_cache_points(asked: Asked) -> Iterator[tuple[str, ContentBlock | None]]:
    """The block before each cache point of the messages; None at the beginning of a message."""
    for placed in asked.blocks["cache_point"]:
        content = asked.request.messages[placed.number].content
        yield placed.place, content[placed.position - 1] if placed.position else None


@rule("https://github.com/strands-agents/harness-sdk/pull/1807, https://github.com/BerriAI/litellm/pull/39210: 403",
      kind="AccessDeniedException")  # fmt: skip
def cache_points_are_sent_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    if any(_places(asked)) and (asked.family.caching is None or asked.family.caching.implicit):
        yield "You invoked an unsupported model or your request did not allow prompt caching. See the documentation."


@rule("https://github.com/Bike4Mind/bike4mind/issues/2208")
def there_are_at_most_four_cache_points(asked: Asked) -> Iterator[str]:
    if (count := len(list(_places(asked)))) > MOST:
        yield by_model(asked.family, f"A maximum of {MOST} blocks with cache_control may be provided. Found {count}.")


@rule("https://github.com/anomalyco/opencode/issues/36517")
def no_cache_point_follows_reasoning(asked: Asked) -> Iterator[str]:
    if any(before and before.reasoning_content for _, before in _before_cache_points(asked)):
        yield (
            "Cache point cannot be inserted after reasoning block. Please remove the invalid cache point and try again."
        )


@rule("https://github.com/NousResearch/hermes-agent/issues/97281")
def no_cache_point_is_among_tools_where_the_model_takes_none(asked: Asked) -> Iterator[str]:
    for place, _ in _places(asked):
        if place.startswith("tools") and asked.family.caching and not asked.family.caching.in_tools:
            pointer = f"#/toolConfig/{place.replace('.', '/')}"
            yield by_model(asked.family, f"{pointer}: extraneous key [cachePoint] is not permitted")


@rule("https://github.com/aws-samples/amazon-bedrock-client-for-mac/pull/119, of documents; first in a list by analogy")
def a_cache_point_follows_something_that_can_be_cached(asked: Asked) -> Iterator[str]:
    for place, before in _before_cache_points(asked):
        if before is None or before.document or before.cache_point:
            yield by_model(asked.family, f"{place}.type: Field required")


@rule("https://github.com/Portkey-AI/gateway/issues/1762")
def life_times_only_fall(asked: Asked) -> Iterator[str]:
    for (_, before), (place, point) in pairwise(_places(asked)):
        if point.ttl == "1h" and before.ttl != "1h":
            yield by_model(
                asked.family,
                f"{place}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
                "cache_control block. Note that blocks are processed in the following order: `tools`, `system`, "
                "`messages`.",
            )


@rule(ANALOGY.format("https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, of Nova"))
def a_life_time_is_one_of_the_model(asked: Asked) -> Iterator[str]:
    for place, point in _places(asked):
        if asked.family.caching and (point.ttl or "5m") not in asked.family.caching.ttls:
            pointer = f"#/{place.replace('.', '/')}/cachePoint"
            yield by_model(asked.family, f"{pointer}: extraneous key [ttl] is not permitted")
