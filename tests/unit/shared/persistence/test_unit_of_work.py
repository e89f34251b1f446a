"""A unit of work commits named writes and events together, and names the write that failed."""

from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws import to_item
from shared.events.envelope import Envelope
from shared.persistence.transactions import Conflict, TransactionTooLargeError, Write
from shared.persistence.unit_of_work import UnitOfWork
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.example_events import conversation_created
from tests.fakes.faults import aws_error

TABLE = "t"
NEW = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def item(name: str, **condition: Any) -> Write:
    return {"Put": {"TableName": TABLE, "Item": to_item({"pk": name, "sk": "X", "n": 1}), **condition}}


class Service:
    """A table, and the events of which its relay was notified."""

    def __init__(self, dynamodb: FakeDynamoDb | None = None) -> None:
        self.dynamodb = dynamodb or FakeDynamoDb()
        self.notified: list[Envelope] = []

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.dynamodb, TABLE, self.notify)  # type: ignore[arg-type]

    def notify(self, events: Sequence[Envelope]) -> None:
        self.notified += events

    def stored(self) -> list[str]:
        return [each["pk"]["S"] for each in self.dynamodb.items(TABLE)]


@pytest.fixture
def service() -> Service:
    return Service()


async def test_writes_and_events_are_committed_together(service: Service) -> None:
    event = conversation_created(FakeClock())
    uow = service.begin()
    uow.put("bot", item("a"))
    uow.emit(event)
    assert service.stored() == []
    await uow.commit()
    assert service.stored()[-1] == "a"
    assert service.stored()[0].startswith("OUTBOX#")
    assert service.notified == [event]


async def test_a_conflict_has_the_name_of_the_write_and_the_existing_item(service: Service) -> None:
    first = service.begin()
    first.put("bot", item("a", **NEW))
    await first.commit()
    second = service.begin()
    second.put("owner", item("b"))
    second.put("bot", item("a", **NEW))
    second.emit(conversation_created(FakeClock()))
    with pytest.raises(Conflict) as caught:
        await second.commit()
    assert caught.value.names == {"bot"}
    assert caught.value.item("bot") == {"pk": "a", "sk": "X", "n": 1}
    assert caught.value.item("owner") is None
    assert service.stored() == ["a"]
    assert service.notified == []


async def test_one_write_can_be_replaced_for_another_attempt(service: Service) -> None:
    first = service.begin()
    first.put("slot", item("slot 1", **NEW))
    await first.commit()
    uow = service.begin()
    uow.put("turn", item("turn"))
    taken = uow.replace("slot", item("slot 1", **NEW))
    with pytest.raises(Conflict):
        await taken.commit()
    await uow.replace("slot", item("slot 2", **NEW)).commit()
    assert service.stored() == ["slot 1", "slot 2", "turn"]


async def test_a_subset_can_be_committed_with_the_same_events(service: Service) -> None:
    uow = service.begin()
    uow.put("turn", item("turn"))
    uow.put("message", item("message"))
    uow.emit(conversation_created(FakeClock()))
    await uow.without({"message"}).commit()
    assert "message" not in service.stored()
    assert "turn" in service.stored()
    assert len(service.notified) == 1


def test_a_name_cannot_be_used_twice(service: Service) -> None:
    uow = service.begin()
    uow.put("bot", item("a"))
    with pytest.raises(ValueError, match="bot"):
        uow.put("bot", item("b"))


async def test_too_many_writes_are_refused_before_anything_is_sent(service: Service) -> None:
    uow = service.begin()
    for number in range(100):
        uow.put(f"item {number}", item(f"i{number}"))
    uow.emit(conversation_created(FakeClock()))  # its outbox row is the 101st write
    with pytest.raises(TransactionTooLargeError, match="101"):
        await uow.commit()
    assert service.dynamodb.calls == []


async def test_too_many_bytes_are_refused_before_anything_is_sent(service: Service) -> None:
    uow = service.begin()
    for number in range(11):
        uow.put(f"item {number}", {"Put": {"TableName": TABLE, "Item": to_item({"pk": "x", "sk": "y" * 390_000})}})
    with pytest.raises(TransactionTooLargeError, match="bytes"):
        await uow.commit()
    assert service.dynamodb.calls == []


class LosesFirstResponse(FakeDynamoDb):
    """Commits the first transaction and loses its response."""

    lost = False

    async def transact_write_items(self, **request: Any) -> dict[str, Any]:
        answer = await super().transact_write_items(**request)
        if not self.lost:
            self.lost = True
            raise aws_error("InternalServerError", "TransactWriteItems")
        return answer


async def test_a_commit_whose_response_was_lost_succeeds() -> None:
    service = Service(LosesFirstResponse())
    uow = service.begin()
    uow.put("bot", item("a", **NEW))
    await uow.commit()
    assert service.stored() == ["a"]


class LosesConnection(FakeDynamoDb):
    """Commits the first transaction and raises an error that is not retried."""

    lost = False

    async def transact_write_items(self, **request: Any) -> dict[str, Any]:
        answer = await super().transact_write_items(**request)
        if not self.lost:
            self.lost = True
            raise aws_error("SomethingElse", "TransactWriteItems")
        return answer


async def test_the_same_writes_can_be_committed_again_after_an_unknown_outcome() -> None:
    service = Service(LosesConnection())
    uow = service.begin()
    uow.put("bot", item("a", **NEW))
    with pytest.raises(ClientError):
        await uow.commit()
    await uow.commit()
    assert service.stored() == ["a"]


async def test_other_writes_are_another_request() -> None:
    service = Service()
    uow = service.begin()
    uow.put("bot", item("a", **NEW))
    await uow.commit()
    uow.put("another", item("b"))
    with pytest.raises(Conflict):
        await uow.commit()


async def test_events_alone_can_be_committed(service: Service) -> None:
    uow = service.begin()
    uow.emit(conversation_created(FakeClock()))
    await uow.commit()
    assert len(service.stored()) == 1
