"""Claims: an effect happens once, however often its event is delivered."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared.events.consumer import claims
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb


def begin(dynamodb: FakeDynamoDb) -> UnitOfWork:
    return UnitOfWork(dynamodb, "t", lambda _events: None)  # type: ignore[arg-type]


async def spend(dynamodb: FakeDynamoDb, event_id: str) -> None:
    effect = {
        "Update": {
            "TableName": "t",
            "Key": {"pk": {"S": "SUM"}, "sk": {"S": "SUM"}},
            "UpdateExpression": "ADD spent :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    uow = begin(dynamodb)
    uow.put("claim", claims.row("t", "spender", event_id, claims.expiry(FakeClock())))
    uow.put("sum", effect)
    try:
        await uow.commit()
    except Conflict as conflict:
        if "claim" not in conflict.names:
            raise


@given(
    st.lists(st.integers(min_value=0, max_value=5), max_size=6).flatmap(
        lambda events: st.permutations([e for e in events for _ in range(3)])
    )
)
async def test_deliveries_in_any_order_and_repeated_have_each_effect_once(deliveries: list[int]) -> None:
    dynamodb = FakeDynamoDb()
    for event in deliveries:
        await spend(dynamodb, f"evt_{event}")
    spent = [item["spent"]["N"] for item in dynamodb.items("t") if "spent" in item]
    assert spent == ([str(len(set(deliveries)))] if deliveries else [])


async def test_two_consumers_each_have_their_own_claim_on_an_event() -> None:
    dynamodb = FakeDynamoDb()
    for consumer in ("ledger", "audit"):
        await dynamodb.put_item(**claims.row("t", consumer, "evt_1", 99)["Put"])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        await dynamodb.put_item(**claims.row("t", "audit", "evt_1", 99)["Put"])


def test_a_claim_is_kept_longer_than_an_event_can_wait_in_both_queues() -> None:
    kept = claims.expiry(FakeClock()) - FakeClock().now().timestamp()
    assert kept >= (14 + 14) * 24 * 3600


async def test_a_commit_that_failed_for_another_reason_does_not_name_the_claim() -> None:
    dynamodb = FakeDynamoDb()
    uow = begin(dynamodb)
    uow.put("claim", claims.row("t", "spender", "evt_1", 99))
    missing = {"TableName": "t", "Key": {"pk": {"S": "SUM"}, "sk": {"S": "SUM"}}}
    uow.put("sum", {"ConditionCheck": {**missing, "ConditionExpression": "attribute_exists(pk)"}})
    with pytest.raises(Conflict) as failed:
        await uow.commit()
    assert failed.value.names == {"sum"}
