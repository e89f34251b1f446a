"""Generates the frames of a script with their due times."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from infra.local.bedrock import eventstream, responses
from infra.local.bedrock.responses import Block, ReasoningContent, TextContent
from infra.local.bedrock.scripted.faults import STREAM_EXCEPTIONS, Fault
from infra.local.bedrock.scripted.script import Script


class TimedFrame(NamedTuple):
    """`due`: seconds after the request. `tokens`: number of output tokens in `data`."""

    due: float
    data: bytes
    tokens: int


def of(script: Script, latency_ms: Callable[[], int]) -> Iterator[TimedFrame]:
    """All frames of a stream, up to its end or to the fault."""
    sent = 0
    lead = responses.MESSAGE_START
    for index, block in enumerate(script.blocks):
        lead += responses.block_start(index, block)
        if isinstance(block, ReasoningContent):
            sent += block.hidden
        for piece in _chunks(script, block, sent):
            if _strikes(script, sent):
                break
            yield TimedFrame(script.pace.due(sent), lead + responses.delta(index, block, "".join(piece)), len(piece))
            lead = b""
            sent += len(piece)
        if _strikes(script, sent):
            break
        lead += responses.block_stop(index, block)
    if script.fault is not None:
        yield TimedFrame(script.pace.due(sent), lead + _fault_frame(script.fault, script.blocks), 0)
        return
    last = script.pace.due(max(sent - 1, 0))
    yield TimedFrame(last, lead + responses.message_stop(script.stop_reason) + _metadata(script, latency_ms), 0)


def _strikes(script: Script, sent: int) -> bool:
    return script.fault is not None and sent >= script.after


def _chunks(script: Script, block: Block, sent: int) -> Iterator[list[str]]:
    """Groups of `chunk` tokens. One is shortened so that a fault happens exactly after `after` tokens."""
    position, pieces = 0, block.tokens
    while position < len(pieces):
        size = script.pace.chunk
        left = script.after - sent - position
        if script.fault is not None and left > 0:
            size = min(size, left)
        yield pieces[position : position + size]
        position += size


def _fault_frame(fault: Fault, blocks: list[Block]) -> bytes:
    if fault is Fault.MALFORMED:
        return eventstream.corrupted(responses.delta(len(blocks) - 1, TextContent([]), "never to be read"))
    if fault in STREAM_EXCEPTIONS:
        kind, message = STREAM_EXCEPTIONS[fault]
        return eventstream.exception(kind[0].lower() + kind[1:], message)
    return b""


def _metadata(script: Script, latency_ms: Callable[[], int]) -> bytes:
    return responses.metadata(script.usage, latency_ms(), script.tier) if script.usage else b""
