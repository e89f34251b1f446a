"""Plays scripts: paced for ConverseStream, after its whole time for Converse."""

from aiohttp import web

from infra.local.bedrock import answers
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.exchange import EventStream, Exchange
from infra.local.bedrock.scripted import frames, script
from infra.local.bedrock.scripted.faults import REFUSALS, STREAM_EXCEPTIONS, Fault, FaultCounter
from infra.local.bedrock.scripted.player import Player
from infra.local.bedrock.scripted.script import Script

_HALF_AN_ANSWER = b'{"output":{"message":{"role":"assistant","content":[{"te'


class ScriptedModel:
    def __init__(self) -> None:
        self._counter = FaultCounter()

    def forget(self) -> None:
        """Faults with `times=` strike anew."""
        self._counter.clear()

    async def converse_stream(self, exchange: Exchange) -> web.StreamResponse:
        play = await self._write(exchange)
        stream = EventStream(exchange)
        await exchange.until(play.pace.ttft)
        await stream.open()
        await Player(stream, exchange.started, frames.of(play, exchange.latency_ms)).play()
        if play.fault is Fault.RESET:
            await exchange.reset()
        if play.fault is Fault.SILENCE:
            await exchange.silence()
        if play.fault is None and play.usage is not None:
            exchange.billed(play.usage)
        return await stream.close()

    async def converse(self, exchange: Exchange) -> web.StreamResponse:
        play = await self._write(exchange)
        length = sum(len(block.tokens) for block in play.blocks)
        await exchange.until(play.pace.due(min(play.after, length) if play.fault else length))
        if play.fault is not None:
            return await self._fail(exchange, play.fault)
        usage = play.usage or answers.Usage(0, 0)
        exchange.said(length)
        exchange.billed(usage)
        return exchange.whole(answers.whole(play.blocks, play.stop_reason, usage, exchange.latency_ms()))

    async def _write(self, exchange: Exchange) -> Script:
        play = script.write(exchange.model, exchange.request, exchange.served.input_tokens, self._counter)
        if play.fault is None:
            return play
        exchange.served.outcome = f"fault:{play.fault}"
        if play.fault in REFUSALS:
            raise BedrockError(*REFUSALS[play.fault])
        if play.fault is Fault.HANG:
            await exchange.silence()
        return play

    async def _fail(self, exchange: Exchange, fault: Fault) -> web.StreamResponse:
        if fault in STREAM_EXCEPTIONS:
            kind, message = STREAM_EXCEPTIONS[fault]
            raise BedrockError(kind.replace("ModelStreamError", "ModelError"), message)
        if fault is Fault.SILENCE:
            await exchange.silence()
        if fault is not Fault.MALFORMED:
            await exchange.reset()
        return web.Response(body=_HALF_AN_ANSWER, content_type="application/json")
