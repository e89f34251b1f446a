"""Faults: a long poll checks the queue only every 0.1 s, and receives messages for a client that has disconnected.

With the patch a send wakes the waiting polls, and a disconnected client receives nothing. A message that becomes
visible after a delay or a visibility timeout is still found at the old interval.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack import app as ministack
from ministack.services import eventbridge, s3, sns, sqs

_CHECK_INTERVAL_S = 0.1
_TARGET = (b"x-amz-target", b"AmazonSQS.ReceiveMessage")

Receive = Callable[[], Awaitable[dict[str, Any]]]


class _WakeEvent:
    """Replaces the event by which senders wake ministack's event source mappings. It wakes our long polls too."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self._waiting: set[asyncio.Event] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def set(self) -> None:
        self._original.set()
        if self._waiting and (loop := ministack._MAIN_LOOP):
            loop.call_soon_threadsafe(self._wake_all)  # some senders run in other threads

    def _wake_all(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    async def wait_for(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), seconds)
        finally:
            self._waiting.discard(woken)


class _Connection:
    """Reads the request for ministack, then detects when the client disconnects."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._listening: asyncio.Task[dict[str, Any]] | None = None

    async def receive(self) -> dict[str, Any]:
        if self._listening:
            return await asyncio.shield(self._listening)
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._listening = asyncio.ensure_future(self._receive())
        return message

    def is_closed(self) -> bool:
        return self._listening is not None and self._listening.done()

    def stop_listening(self) -> None:
        if self._listening:
            self._listening.cancel()


_CONNECTION: ContextVar[_Connection | None] = ContextVar("caller", default=None)


def apply() -> None:
    wake_event = _WakeEvent(sqs.esm_wake)
    for sender in (sqs, eventbridge, sns, s3):
        sender.esm_wake = wake_event
    _wake_polls(wake_event)
    _detect_disconnects()


def _wake_polls(wake_event: _WakeEvent) -> None:
    look = sqs._act_receive_message

    async def receive_message(data: dict[str, Any], queue_url: str) -> Any:
        deadline = time.time() + _wait_s(data, queue_url)
        connection = _CONNECTION.get()
        while not (connection and connection.is_closed()):
            answer = await look({**data, "WaitTimeSeconds": 0}, queue_url)
            left = deadline - time.time()
            if answer or left <= 0:
                return answer
            await wake_event.wait_for(min(_CHECK_INTERVAL_S, left))
        return {}

    sqs._act_receive_message = sqs._HANDLERS["ReceiveMessage"] = receive_message


def _wait_s(data: dict[str, Any], queue_url: str) -> int:
    wait = data.get("WaitTimeSeconds")
    if wait is None:
        attributes = sqs._get_q(data.get("QueueUrl", queue_url), "sqs:ReceiveMessage")["attributes"]
        wait = attributes.get("ReceiveMessageWaitTimeSeconds", "0")
    return int(wait)


def _detect_disconnects() -> None:
    answer = ministack.app

    async def app(scope: dict[str, Any], receive: Receive, send: Any) -> None:
        if scope["type"] != "http" or _TARGET not in scope["headers"]:
            await answer(scope, receive, send)
            return
        connection = _Connection(receive)
        _CONNECTION.set(connection)  # each request runs in its own task, so no reset is needed
        try:
            await answer(scope, connection.receive, send)
        finally:
            connection.stop_listening()

    ministack.app = app
