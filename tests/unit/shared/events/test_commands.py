"""A command's type is an attribute of its message: how it is sent and read, and what happens to unknown types."""

import json

import pytest

from shared.events.commands import Command, CommandQueue
from shared.events.consumer.dispatch import CommandHandlers
from shared.events.consumer.messages import PoisonMessageError, QueueMessage
from tests.fakes.clock import FakeClock
from tests.fakes.sqs import FakeSqs

QUEUE = "kitchen"


class Cook(Command):
    command_type = "kitchen.meal.cook"

    dish: str


class Taste(Command):
    """Has the same fields as Cook."""

    command_type = "kitchen.meal.taste"

    dish: str


class Kitchen:
    def __init__(self) -> None:
        self.done: list[Command] = []
        self.handlers = CommandHandlers({Cook: self._do, Taste: self._do}, untyped=lambda message: message.parse(Cook))

    async def _do(self, command: Command) -> None:
        self.done.append(command)

    async def receive(self, body: str, command_type: str | None = None) -> None:
        attributes = {} if command_type is None else {"type": command_type}
        await self.handlers(QueueMessage("m", body, "r", attributes=attributes))


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


async def test_a_command_is_sent_with_its_type_beside_its_body() -> None:
    sqs = FakeSqs(FakeClock())
    queue = CommandQueue(sqs, QUEUE)  # type: ignore[arg-type]
    await queue.send(Cook(dish="soup"))
    await queue.send(Taste(dish="soup"), 10)
    assert [json.loads(body) for body in sqs.bodies(QUEUE)] == [{"dish": "soup"}, {"dish": "soup"}]
    assert sqs.attributes(QUEUE) == [{"type": "kitchen.meal.cook"}, {"type": "kitchen.meal.taste"}]
    assert sqs.visible_in(QUEUE) == [0, 10]


async def test_a_command_is_recognised_by_its_type_and_not_by_its_fields(kitchen: Kitchen) -> None:
    await kitchen.receive('{"dish": "soup"}', "kitchen.meal.taste")
    await kitchen.receive('{"dish": "soup"}', "kitchen.meal.cook")
    assert kitchen.done == [Taste(dish="soup"), Cook(dish="soup")]


async def test_unknown_fields_are_ignored(kitchen: Kitchen) -> None:
    await kitchen.receive('{"dish": "soup", "salt": 1}', "kitchen.meal.cook")
    assert kitchen.done == [Cook(dish="soup")]


@pytest.mark.parametrize("command_type", ["kitchen.meal.burn", "", "Cook"])
async def test_an_unknown_type_is_poison(kitchen: Kitchen, command_type: str) -> None:
    with pytest.raises(PoisonMessageError, match=f"unknown command: {command_type}"):
        await kitchen.receive('{"dish": "soup"}', command_type)
    assert kitchen.done == []


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"dish": 1}', '{"canary": "canary"}'])
async def test_a_body_that_cannot_be_read_is_poison_whose_reason_quotes_nothing(kitchen: Kitchen, body: str) -> None:
    with pytest.raises(PoisonMessageError, match="Cook") as poison:
        await kitchen.receive(body, "kitchen.meal.cook")
    assert "canary" not in poison.value.reason


async def test_a_message_without_type_is_read_as_releases_before_types_sent_it(kitchen: Kitchen) -> None:
    await kitchen.receive('{"dish": "soup"}')
    assert kitchen.done == [Cook(dish="soup")]


def test_handlers_have_the_set_of_their_types(kitchen: Kitchen) -> None:
    assert kitchen.handlers.types == {"kitchen.meal.cook", "kitchen.meal.taste"}
