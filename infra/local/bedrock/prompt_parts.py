"""A request's prompt as the model reads it: tools, system prompt, messages; block by block, with tokens and digests.

The order is the one in which prefixes are cached: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra.local.bedrock import tokens
from infra.local.bedrock.content_models import CachePoint, ContentBlock, RequestMessage, ToolResult
from infra.local.bedrock.request_models import ConverseRequest


class Part(NamedTuple):
    """One block. `content`: what a digest covers, with JSON keys as sent; empty for a cache point."""

    content: bytes
    text: str
    is_reasoning: bool = False
    cache_point: CachePoint | None = None

    def tokens(self) -> int:
        return tokens.count(self.text)


def parts(request: ConverseRequest) -> Iterator[Part]:
    for tool in request.tool_config.tools if request.tool_config else ():
        dumped = tool.model_dump_json(exclude_unset=True, by_alias=True)
        yield Part(b"", "", cache_point=tool.cache_point) if tool.cache_point else _part("tool", dumped)
    for block in request.system:
        yield Part(b"", "", cache_point=block.cache_point) if block.cache_point else _part("system", block.text or "")
    for message in request.messages:
        yield from message_parts(message)


def message_parts(message: RequestMessage) -> Iterator[Part]:
    for block in message.content:
        if block.cache_point:
            yield Part(b"", "", cache_point=block.cache_point)
        else:
            dumped = block.model_dump_json(exclude_unset=True, by_alias=True)
            part = _part(message.role, dumped, _text(block))
            yield part._replace(is_reasoning=block.reasoning_content is not None)


def _part(section: str, dumped: str, text: str | None = None) -> Part:
    return Part(f"{section}:{dumped}\n".encode(errors="surrogatepass"), dumped if text is None else text)


def _text(block: ContentBlock) -> str:
    """What is counted. Reasoning of earlier turns, images and files count as nothing."""
    if block.tool_use is not None:
        return block.tool_use.model_dump_json()
    if block.tool_result is not None:
        return _result_text(block.tool_result)
    return block.text or ""


def _result_text(result: ToolResult) -> str:
    said = (part.model_dump_json(include={"text", "json_value"}, exclude_none=True) for part in result.content)
    return f"{result.tool_use_id} {result.status} {' '.join(said)}"


def input_tokens(request: ConverseRequest) -> int:
    return sum(part.tokens() for part in parts(request))


def digest(content: Iterable[Part]) -> str:
    """Of everything that is neither a cache point nor reasoning: what binds a signature to its conversation."""
    covered = hashlib.sha256()
    for part in content:
        if not part.is_reasoning:
            covered.update(part.content)
    return covered.hexdigest()[:24]
