"""Serves Converse and ConverseStream from chat completions."""

from collections.abc import AsyncIterator

from aiohttp import web

from infra.local.bedrock import eventstream, responses
from infra.local.bedrock.converse_call import ConverseCall, ResponseStream
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.openai import translation
from infra.local.bedrock.openai.completions import Chunk, Completions
from infra.local.bedrock.responses import ReasoningContent, TextContent, TokenUsage

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "content_filtered"}


class AnswerAssembler:
    """Builds an answer from chunks: blocks, stop reason and usage."""

    def __init__(self, call: ConverseCall) -> None:
        self._call = call
        self.blocks: list[TextContent | ReasoningContent] = []
        self.stop_reason = "end_turn"
        self.usage: TokenUsage | None = None

    def add(self, chunk: Chunk) -> bytes:
        """Add a chunk. Returns the encoded events that it produces, possibly none."""
        events = b""
        for choice in chunk.choices:
            if choice.delta.reasoning_content:
                events += self._add_text(ReasoningContent, choice.delta.reasoning_content)
            if choice.delta.content:
                events += self._add_text(TextContent, choice.delta.content)
            if choice.finish_reason:
                self.stop_reason = _STOP_REASONS.get(choice.finish_reason, "end_turn")
        if chunk.usage:
            self.usage = TokenUsage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        return events

    def _add_text(self, kind: type[TextContent | ReasoningContent], text: str) -> bytes:
        events = b""
        if not self.blocks or not isinstance(self.blocks[-1], kind):
            events = self._close()
            self.blocks.append(TextContent([]) if kind is TextContent else ReasoningContent([], ""))
        self.blocks[-1].tokens.append(text)
        return events + responses.delta(len(self.blocks) - 1, self.blocks[-1], text)

    def _close(self) -> bytes:
        return responses.block_stop(len(self.blocks) - 1, self.blocks[-1]) if self.blocks else b""

    def end(self) -> bytes:
        """Record the usage. Returns the last encoded events."""
        call = self._call
        usage = self.usage or TokenUsage(call.served.input_tokens, call.served.output_tokens)
        call.served.input_tokens, call.served.output_tokens = usage.input, usage.output
        call.record_usage(usage)
        self.usage = usage
        closing = self._close() + responses.message_stop(self.stop_reason)
        return closing + responses.metadata(usage, call.latency_ms(), call.served.tier)


class CompletionModel:
    """`name` is the model's name on the other server."""

    def __init__(self, completions: Completions, name: str) -> None:
        self._completions = completions
        self._name = name

    async def converse(self, call: ConverseCall) -> web.StreamResponse:
        answer = AnswerAssembler(call)
        async with self._completions.stream(translation.body(call.request, self._name)) as chunks:
            async for chunk in chunks:
                call.count_output(1 if answer.add(chunk) else 0)
        answer.end()
        usage = answer.usage or TokenUsage(0, 0)
        return call.json_response(
            responses.converse_body([*answer.blocks], answer.stop_reason, usage, call.latency_ms(), call.served.tier)
        )

    async def converse_stream(self, call: ConverseCall) -> web.StreamResponse:
        async with self._completions.stream(translation.body(call.request, self._name)) as chunks:
            return await self._relay(call, chunks)

    async def count_tokens(self, call: ConverseCall) -> int:
        call.served.input_tokens = await self._completions.count(translation.body(call.request, self._name))
        return call.served.input_tokens

    async def _relay(self, call: ConverseCall, chunks: AsyncIterator[Chunk]) -> web.StreamResponse:
        """Start the stream with the first chunk. So an earlier failure is an HTTP error, a later one an event."""
        answer, stream = AnswerAssembler(call), ResponseStream(call)
        first = await anext(chunks, Chunk())
        await stream.open()
        try:
            stream.write(responses.MESSAGE_START + answer.add(first), 0)
            async for chunk in chunks:
                if events := answer.add(chunk):
                    stream.write(events, 1)
            stream.write(answer.end(), 0)
        except BedrockError as error:
            call.served.outcome = f"failed:{error.kind}"
            stream.write(eventstream.exception("modelStreamErrorException", error.message), 0)
        return await stream.close()
