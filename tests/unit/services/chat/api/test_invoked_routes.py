"""Streams in a Lambda function: they last until their turn has ended or was handed over."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from services.chat.api import ROUTES
from shared.http.wire.invocation_context import HEADER
from shared.llm.port import TextDelta
from tests.fakes.chat_models import END
from tests.fakes.chat_service import FakeChat, World, until, user
from tests.fakes.service_client import service_client
from tests.unit.services.chat.api.conftest import Api, message_body

FAREWELL_S = 2


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    chat = FakeChat(World(), answers_invocations=True, hand_over_s=0.05)
    async with service_client("chat", ROUTES, chat.context(), chat.clock) as client:
        yield Api(chat, client)


def deadline(api: Api, seconds: float) -> dict[str, str]:
    """The header of the Lambda adapter. Only the steps of `Api` advance the fake clock."""
    ends_at = api.chat.clock.now().timestamp() + 0.1 + seconds + FAREWELL_S
    return {HEADER: json.dumps({"request_id": "r", "deadline": int(ends_at * 1000)})}


async def test_a_turn_that_outlasts_its_invocation_is_handed_over(api: Api) -> None:
    api.chat.models.answers = [TextDelta("Hel"), asyncio.Event()]
    path = f"/conversations/{await api.open()}/messages"
    events = [event for _, event in await api.events("POST", path, message_body("Hello?"), **deadline(api, 0.3))]
    assert events == ["turn.started", "message.delta"]  # no end: the client reconnects, as after any broken stream
    (command,) = [body for body in api.chat.world.sqs.bodies("turns-queue") if "since" in body][-1:]
    turn = await api.chat.turn(json.loads(command)["turn_id"])
    assert (turn.state, turn.lease_until) == ("running", 0)
    assert not api.chat.tasks._tasks


async def test_a_turn_whose_client_disconnected_continues(api: Api) -> None:
    proceed = asyncio.Event()
    api.chat.models.answers = [TextDelta("Hel"), proceed, *END]
    path = f"/api/chat/conversations/{await api.open()}/messages"
    headers = {"Authorization": "Bearer token-of-ann", "Accept": "text/event-stream", **deadline(api, 60)}
    api.chat.clock.advance(0.1)
    answer = await api.client.post(path, json=message_body("Hello?"), headers=headers)
    await answer.content.readuntil(b"\n\n")
    (turn_id,) = api.chat.broadcast._turns
    answer.close()
    proceed.set()
    await until(lambda: not api.chat.tasks._tasks)
    assert (await api.chat.turn(turn_id)).state == "completed"


async def test_a_stream_that_only_follows_a_turn_ends_before_the_deadline(api: Api) -> None:
    head = await api.chat.conversations.get(user("ann"), await api.open())
    turn = (await api.chat.start(head, run_here=False)).turn  # no process runs it yet
    events = await api.events("GET", f"/turns/{turn.id}/events", **deadline(api, 0.2))
    assert events == []


@pytest.mark.parametrize("header", [{}, {HEADER: "rubbish"}])
async def test_without_a_deadline_a_stream_lasts_as_long_as_its_turn(api: Api, header: dict[str, str]) -> None:
    api.chat.models.answers = [TextDelta("Hello"), *END]
    path = f"/conversations/{await api.open()}/messages"
    assert (await api.events("POST", path, message_body("Hello?"), **header))[-1][1] == "turn.completed"


async def test_outside_lambda_the_deadline_header_is_ignored() -> None:
    chat = FakeChat(World(), hand_over_s=0.05)
    chat.models.answers = [TextDelta("Hello"), *END]
    async with service_client("chat", ROUTES, chat.context(), chat.clock) as client:
        api = Api(chat, client)
        path = f"/conversations/{await api.open()}/messages"
        events = await api.events("POST", path, message_body("Hello?"), **deadline(api, -FAREWELL_S))
    assert events[-1][1] == "turn.completed"
