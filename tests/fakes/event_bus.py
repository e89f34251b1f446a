"""EventBridge in memory: it validates entries as EventBridge does, and delivers matching events to queues."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.faults import Faults, aws_error
from tests.fakes.sqs import FakeSqs

MAX_ENTRIES = 10
MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Rule:
    """Events whose detail-type begins with `prefix` go to the queue; "" matches all."""

    prefix: str
    queue_url: str


def delivery(detail: str, *, number: int = 1) -> str:
    """The body of the message that a rule sends to its queue for an envelope (JSON)."""
    envelope = json.loads(detail)
    return json.dumps(
        {
            "version": "0",
            "id": f"delivery-{number}",
            "detail-type": envelope["type"],
            "source": envelope["source"],
            "account": "000000000000",
            "time": "2026-11-23T12:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": envelope,
        }
    )


class FakeEventBus(Faults):
    """`refuse` may return an ErrorCode for an entry's parsed detail; the call itself still returns 200."""

    def __init__(self, sqs: FakeSqs | None = None, rules: Sequence[Rule] = ()) -> None:
        super().__init__()
        self._sqs = sqs
        self._rules = rules
        self.refuse: Callable[[Mapping[str, Any]], str | None] = lambda _detail: None
        self.published: list[dict[str, Any]] = []
        self.batches: list[int] = []
        self.addressed: list[tuple[str, Any]] = []

    def ids(self) -> list[str]:
        """Event ids in the order of publication, repetitions included."""
        return [detail["id"] for detail in self.published]

    async def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._called("put_events")
        size = sum(14 + len((e["Source"] + e["DetailType"] + e["Detail"]).encode()) for e in Entries)
        if not 1 <= len(Entries) <= MAX_ENTRIES or size > MAX_BYTES:
            raise aws_error("ValidationException", "PutEvents")
        self.batches.append(len(Entries))
        results = [await self._put(entry) for entry in Entries]
        return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}

    async def _put(self, entry: Mapping[str, Any]) -> dict[str, str]:
        self.addressed.append((entry["EventBusName"], entry["Time"]))
        try:
            detail = json.loads(entry["Detail"])
        except json.JSONDecodeError:
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        if code := self.refuse(detail):
            return {"ErrorCode": code, "ErrorMessage": code}
        self.published.append(detail)
        for rule in self._rules:
            if self._sqs and entry["DetailType"].startswith(rule.prefix):
                body = delivery(entry["Detail"], number=len(self.published))
                await self._sqs.send_message(QueueUrl=rule.queue_url, MessageBody=body)
        return {"EventId": f"bus-{len(self.published)}"}
