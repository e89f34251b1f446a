"""Answers Converse and ConverseStream from chat completions."""

from collections.abc import AsyncIterator

from aiohttp import web

from infra.local.bedrock import answers, eventstream
from infra.local.bedrock.answers import Reasoning, Text, Usage
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.exchange import EventStream, Exchange
from infra.local.bedrock.openai import translation
from infra.local.bedrock.openai.completions import Chunk, Completions

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "content_filtered"}


class Hearing:
    """Gathers an answer chunk by chunk: its blocks, why it stopped, what it cost."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.blocks: list[Text | Reasoning] = []
        self.stop_reason = "end_turn"
        self.usage: Usage | None = None

    def hear(self, chunk: Chunk) -> bytes:
        """The events that this chunk becomes; may be none."""
        events = b""
        for choice in chunk.choices:
            if choice.delta.reasoning_content:
                events += self._say(Reasoning, choice.delta.reasoning_content)
            if choice.delta.content:
                events += self._say(Text, choice.delta.content)
            if choice.finish_reason:
                self.stop_reason = _STOP_REASONS.get(choice.finish_reason, "end_turn")
        if chunk.usage:
            self.usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        return events

    def _say(self, kind: type[Text | Reasoning], words: str) -> bytes:
        events = b""
        if not self.blocks or not isinstance(self.blocks[-1], kind):
            events = self._close()
            self.blocks.append(Text([]) if kind is Text else Reasoning([], ""))
        self.blocks[-1].tokens.append(words)
        return events + answers.delta(len(self.blocks) - 1, self.blocks[-1], words)

    def _close(self) -> bytes:
        return answers.block_stop(len(self.blocks) - 1, self.blocks[-1]) if self.blocks else b""

    def end(self) -> bytes:
        """The last events; the bill is written down."""
        exchange = self._exchange
        usage = self.usage or Usage(exchange.served.input_tokens, exchange.served.output_tokens)
        exchange.served.input_tokens, exchange.served.output_tokens = usage.input, usage.output
        exchange.billed(usage)
        self.usage = usage
        closing = self._close() + answers.message_stop(self.stop_reason)
        return closing + answers.metadata(usage, exchange.latency_ms())


class CompletionModel:
    """`name` is the model's name on the other side."""

    def __init__(self, completions: Completions, name: str) -> None:
        self._completions = completions
        self._name = name

    async def converse(self, exchange: Exchange) -> web.StreamResponse:
        heard = Hearing(exchange)
        async with self._completions.stream(translation.body(exchange.request, self._name)) as chunks:
            async for chunk in chunks:
                exchange.said(1 if heard.hear(chunk) else 0)
        heard.end()
        usage = heard.usage or Usage(0, 0)
        return exchange.whole(answers.whole([*heard.blocks], heard.stop_reason, usage, exchange.latency_ms()))

    async def converse_stream(self, exchange: Exchange) -> web.StreamResponse:
        async with self._completions.stream(translation.body(exchange.request, self._name)) as chunks:
            return await self._relay(exchange, chunks)

    async def _relay(self, exchange: Exchange, chunks: AsyncIterator[Chunk]) -> web.StreamResponse:
        """The stream opens with the first chunk: what goes wrong before is an HTTP error, later an exception in it."""
        heard, stream = Hearing(exchange), EventStream(exchange)
        first = await anext(chunks, Chunk())
        await stream.open()
        try:
            stream.write(answers.MESSAGE_START + heard.hear(first), 0)
            async for chunk in chunks:
                if events := heard.hear(chunk):
                    stream.write(events, 1)
            stream.write(heard.end(), 0)
        except BedrockError as error:
            exchange.served.outcome = f"failed:{error.kind}"
            stream.write(eventstream.exception("modelStreamErrorException", error.message), 0)
        return await stream.close()
