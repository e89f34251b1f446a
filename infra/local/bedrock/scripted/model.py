"""Serves scripts. ConverseStream sends the frames at their due times; Converse sends all of it when the last is due."""

from aiohttp import web

from infra.local.bedrock import responses
from infra.local.bedrock.converse_call import ConverseCall, ResponseStream
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.scripted import frames, script
from infra.local.bedrock.scripted.faults import REFUSALS, STREAM_EXCEPTIONS, Fault, FaultCounter
from infra.local.bedrock.scripted.player import Player
from infra.local.bedrock.scripted.prompt_cache import PromptCache
from infra.local.bedrock.scripted.script import Script
from shared.clock import Clock

_HALF_AN_ANSWER = b'{"output":{"message":{"role":"assistant","content":[{"te'


class ScriptedModel:
    def __init__(self, clock: Clock) -> None:
        self.cache = PromptCache(clock)
        self._counter = FaultCounter()

    def forget(self) -> None:
        """Reset the counters of faults with `times=`."""
        self._counter.clear()

    async def converse_stream(self, call: ConverseCall) -> web.StreamResponse:
        play = await self._write(call)
        stream = ResponseStream(call)
        await call.sleep_until(play.pace.ttft)
        await stream.open()
        await Player(stream, call.started, frames.of(play, call.latency_ms)).play()
        if play.fault is Fault.RESET:
            await call.reset()
        if play.fault is Fault.SILENCE:
            await call.wait_for_disconnect()
        if play.fault is None and play.usage is not None:
            call.record_usage(play.usage)
        return await stream.close()

    async def converse(self, call: ConverseCall) -> web.StreamResponse:
        play = await self._write(call)
        length = sum(map(responses.length, play.blocks))
        await call.sleep_until(play.pace.due(min(play.after, length) if play.fault else length))
        if play.fault is not None:
            return await self._fail(call, play.fault)
        usage = play.usage or responses.TokenUsage(0, 0)
        call.count_output(length)
        call.record_usage(usage)
        return call.json_response(
            responses.converse_body(play.blocks, play.stop_reason, usage, call.latency_ms(), play.tier)
        )

    async def count_tokens(self, call: ConverseCall) -> int:
        return script.count(call.model, call.request, call.served.input_tokens)

    async def _write(self, call: ConverseCall) -> Script:
        play = script.write(call.model, call.request, call.served.input_tokens, self._counter, self.cache)
        if play.fault is None:
            return play
        call.served.outcome = f"fault:{play.fault}"
        if play.fault in REFUSALS:
            raise BedrockError(*REFUSALS[play.fault])
        if play.fault is Fault.HANG:
            await call.wait_for_disconnect()
        return play

    async def _fail(self, call: ConverseCall, fault: Fault) -> web.StreamResponse:
        if fault in STREAM_EXCEPTIONS:
            kind, message = STREAM_EXCEPTIONS[fault]
            raise BedrockError(kind.replace("ModelStreamError", "ModelError"), message)
        if fault is Fault.SILENCE:
            await call.wait_for_disconnect()
        if fault is not Fault.MALFORMED:
            await call.reset()
        return web.Response(body=_HALF_AN_ANSWER, content_type="application/json")
