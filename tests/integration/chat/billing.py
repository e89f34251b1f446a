"""Chat's invocations, and the requests in the log of the model server that belong to them."""

from typing import Any

from tests.system import System


def invocations_of(system: System, turn_id: str, purpose: str) -> list[dict[str, Any]]:
    """The invocations that chat stores for a turn, as plain values."""
    dynamodb = system.stack.client("dynamodb")
    answer = dynamodb.query(
        TableName=system.stack.outputs("chat")["Table"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": {"S": f"TURN#{turn_id}"}, ":prefix": {"S": "INV#"}},
        ConsistentRead=True,
    )
    found = [{name: next(iter(value.values())) for name, value in item.items()} for item in answer["Items"]]
    return [invocation for invocation in found if invocation["purpose"] == purpose]


def answers_of(system: System, invocation: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests of the model server's log that belong to this invocation."""
    return [entry for entry in system.served() if entry["metadata"].get("invocation_id") == invocation["id"]]
