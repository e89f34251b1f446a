"""Puts a recorded release into the fakes: its rows, its queued messages and its objects."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.s3 import FakeS3
from tests.fakes.sqs import FakeSqs

FOLDER = Path(__file__).parent
ACTIVITY_INDEX = {"by_activity": "activity"}


@dataclass(frozen=True)
class Loaded:
    """Fakes with the recorded state, and a clock set to the time of the recording."""

    clock: FakeClock
    dynamodb: FakeDynamoDb
    sqs: FakeSqs
    s3: FakeS3


def empty() -> Loaded:
    """Empty fakes, for tests of the rows and messages that this checkout writes."""
    clock = FakeClock()
    return Loaded(clock, FakeDynamoDb(ACTIVITY_INDEX), FakeSqs(clock), FakeS3())


@dataclass(frozen=True)
class Recorded:
    """The files of a recorded release, read at the first use."""

    name: str

    @cached_property
    def notes(self) -> Mapping[str, Any]:
        """Ids by plain names, and the time of the recording (epoch ms)."""
        return self._json("release")

    @cached_property
    def answers(self) -> list[dict[str, Any]]:
        """The recorded `GET` requests: user, service, path, status and body of each."""
        return self._json("answers")

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Envelopes as they were published, one or two of each type."""
        return self._json("events")

    def conversation(self, name: str) -> str:
        return self._named("conversations", name)

    def turn(self, name: str) -> str:
        return self._named("turns", name)

    def bot(self, name: str) -> str:
        return self._named("bots", name)

    def user(self, name: str) -> str:
        return self._named("users", name)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Items as DynamoDB writes them in JSON, ordered by key."""
        return self._json(f"tables/{table}")

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """`body`, `attributes` and `sent_at` (epoch ms) of each message, the oldest first."""
        return self._json(f"queues/{queue}")

    def objects(self) -> dict[str, bytes]:
        """The bodies in the bucket by key."""
        folder = FOLDER / self.name / "objects"
        return {
            path.relative_to(folder).as_posix().removesuffix(".gz"): gzip.decompress(path.read_bytes())
            for path in sorted(folder.rglob("*.gz"))
        }

    async def load(
        self, tables: Mapping[str, str], queues: Mapping[str, str], bucket: str, arrange: "Arrange | None" = None
    ) -> Loaded:
        """Load these tables and queues, and all objects; the mappings give the names in the fakes.

        `arrange`: order and repetition of the messages, since a queue guarantees neither order nor single delivery.
        """
        clock = FakeClock(datetime.fromtimestamp(self.notes["recorded_at"] / 1000, UTC))
        dynamodb, sqs, s3 = FakeDynamoDb(ACTIVITY_INDEX), FakeSqs(clock), FakeS3()
        for name, table in tables.items():
            for item in self.rows(name):
                await dynamodb.put_item(TableName=table, Item=item)
        for name, url in queues.items():
            for each in (arrange or list)(self.messages(name)):
                await sqs.send_message(
                    QueueUrl=url, MessageBody=each["body"], MessageAttributes=_without_nulls(each["attributes"])
                )
        for key, body in self.objects().items():
            await s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
        return Loaded(clock, dynamodb, sqs, s3)

    def _named(self, kind: str, name: str) -> str:
        found: str = self.notes[kind][name]
        return found

    def _json(self, name: str) -> Any:
        return json.loads((FOLDER / self.name / f"{name}.json").read_text())


def _without_nulls(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    return {name: {key: value for key, value in each.items() if value} for name, each in attributes.items()}


Arrange = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
ARRANGEMENTS: Final[Mapping[str, Arrange]] = {
    "in order": list,
    "in reverse": lambda messages: messages[::-1],
    "each twice": lambda messages: [message for message in messages for _ in range(2)],
}
RELEASE_2026_11: Final = Recorded("release_2026_11")
