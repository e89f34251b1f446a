"""Signs the reasoning of an answer, so that it can be checked when it comes back."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from infra.local.bedrock import prompt_parts, reasoning_seal
from infra.local.bedrock.content_models import RequestMessage
from infra.local.bedrock.prompt_parts import Part
from infra.local.bedrock.reasoning_seal import Seal
from infra.local.bedrock.responses import Block, ReasoningContent, RedactedContent, TextContent
from infra.local.bedrock.rules.reasoning_rules import own_reasoning
from infra.local.bedrock.rules.rule import Asked
from infra.local.bedrock.scripted.block_directives import TO_BE_SIGNED


def signed(blocks: list[Block], asked: Asked) -> list[Block]:
    """The blocks with signatures where a signature is to be, and with data where reasoning is redacted."""
    if not any(isinstance(block, ReasoningContent | RedactedContent) for block in blocks):
        return blocks
    return list(_signed(blocks, asked))


def _signed(blocks: list[Block], asked: Asked) -> Iterator[Block]:
    before = list(prompt_parts.parts(asked.request))
    previous, first = next((each.block_id for each in reversed(own_reasoning(asked))), ""), True
    for block in blocks:
        seal = Seal(asked.model, prompt_parts.digest(before), previous, first, isinstance(block, RedactedContent))
        match block:
            case ReasoningContent(signature=signature) if signature == TO_BE_SIGNED:
                made = reasoning_seal.sign(seal, "".join(block.tokens))
                yield replace(block, signature=made)
            case RedactedContent():
                made = reasoning_seal.sign(seal, "")
                yield RedactedContent([made])
            case _:
                yield block
                before += _as_replayed(block)
                continue
        previous, first = reasoning_seal.block_id(made), False


def _as_replayed(block: Block) -> list[Part]:
    """What a request that sends the block back has before the next block. Blank text cannot be sent back."""
    if isinstance(block, ReasoningContent) or (isinstance(block, TextContent) and not "".join(block.tokens).strip()):
        return []
    try:
        message = RequestMessage.model_validate({"role": "assistant", "content": [block.content()]})
    except ValidationError:
        return []  # such as an impossible tool name: no request can contain it
    return list(prompt_parts.message_parts(message))
