"""Reads the state of a system past every service: tables, ledger, and the provider's bill."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.aws.items import from_item
from tests.chaos.observation import Frame
from tests.chaos.process_specs import MODELS
from tests.chaos.system import ChaosSystem

SHARDS: Final = 8
_POLL_S: Final = 0.25


class SystemInspector:
    def __init__(self, system: ChaosSystem) -> None:
        self.system = system
        self._dynamodb = system.client("dynamodb")
        self._table = system.outputs("chat")["Table"]
        self._log_table = system.outputs("chat")["TurnLogTable"]

    def log(self, turn_id: str) -> list[Frame]:
        items = self._query(self._log_table, f"TURN#{turn_id}")
        return [Frame(int(item["sk"]), item["event"], item["data"], item["attempt"]) for item in items]

    def turn(self, turn_id: str) -> dict[str, Any]:
        """Its META item; empty when there is none."""
        key = {"pk": {"S": f"TURN#{turn_id}"}, "sk": {"S": "META"}}
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else {}

    def invocations(self, turn_id: str) -> list[dict[str, Any]]:
        return [item for item in self._query(self._table, f"TURN#{turn_id}") if item["sk"].startswith("INV#")]

    def ledger(self) -> list[dict[str, Any]]:
        """Every row of the ledger."""
        rows = self.scan(self.system.outputs("analytics")["Table"])
        return [row for row in rows if row["sk"].startswith("INV#")]

    def bill(self) -> list[dict[str, Any]]:
        """What the model server says that it served."""
        with urllib.request.urlopen(f"{self.system.url(MODELS)}/_log", timeout=30) as answer:  # noqa: S310
            entries: list[dict[str, Any]] = json.load(answer)["entries"]
            return entries

    def waiting_events(self, service: str = "chat") -> int:
        """Rows of the outbox."""
        table = self.system.outputs(service)["Table"]
        return sum(len(self._query(table, f"OUTBOX#{shard}")) for shard in range(SHARDS))

    def messages_in(self, queue_url: str) -> int:
        """Visible, hidden and delayed ones."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        names.append("ApproximateNumberOfMessagesDelayed")
        answer = self.system.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return sum(int(answer["Attributes"].get(name, 0)) for name in names)

    def scan(self, table: str) -> list[dict[str, Any]]:
        return [from_item(item) for page in self._pages("scan", TableName=table) for item in page["Items"]]

    def _query(self, table: str, pk: str) -> list[dict[str, Any]]:
        pages = self._pages(
            "query",
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def _pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:
        return iter(self._dynamodb.get_paginator(operation).paginate(**request))


async def wait_until(probe: Callable[[], object], deadline_s: float) -> float | None:
    """Seconds until `probe` (in a thread) is truthy; None when it is not by the deadline."""
    began = time.monotonic()
    while time.monotonic() - began < deadline_s:
        try:
            if await asyncio.to_thread(probe):
                return time.monotonic() - began
        except (ClientError, OSError):
            pass  # what is probed may be down itself
        await asyncio.sleep(_POLL_S)
    return None
