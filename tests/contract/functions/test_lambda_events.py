"""Events as our tests and the local host make them are those that AWS sends: AWS's own library understands them.

Powertools for AWS Lambda (https://docs.aws.amazon.com/powertools/python/latest/) is the yardstick. No function
contains it: docs/adr/0015.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response
from aws_lambda_powertools.utilities.data_classes import SQSRecord
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventModel,
    DynamoDBStreamModel,
    DynamoDBStreamRecordModel,
    SqsModel,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from pydantic import TypeAdapter
from structlog.testing import capture_logs

from infra.local.lambdas.rest_api import proxy_event
from shared.events.consumer.messages import QueueMessage
from shared.events.outbox import rows as outbox
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.lambda_relay import rows_of
from shared.settings import ServiceSettings
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.example_events import conversation_created
from tests.fakes.lambda_service import FakeContext, recorded, sqs_event, stream_event
from tests.fakes.sqs import FakeSqs

QUEUE, DEAD = "https://sqs/1/queue", "dead"


def received(*bodies: str, **attributes: str) -> dict[str, Any]:
    """The event for messages that were sent to a queue."""
    sqs = FakeSqs(FakeClock())

    async def receive() -> Any:
        for body in bodies:
            typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
            await sqs.send_message(QueueUrl=QUEUE, MessageBody=body, MessageAttributes=typed)
        return await sqs.receive_message(
            QueueUrl=QUEUE,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=["All"],
        )

    return sqs_event(asyncio.run(receive())["Messages"])


@pytest.mark.parametrize(
    "event", [recorded("sqs"), received("one", "two", type="chat.turn.run")], ids=["recorded", "made"]
)
def test_messages_of_a_queue(event: dict[str, Any]) -> None:
    for record, understood in zip(event["Records"], SqsModel.model_validate(event).Records, strict=True):
        message = QueueMessage.from_lambda_record(record)
        assert (message.id, message.body, message.receipt) == (
            understood.messageId,
            understood.body,
            understood.receiptHandle,
        )
        assert message.receive_count == int(understood.attributes.ApproximateReceiveCount)
        assert message.sent_at == round(understood.attributes.SentTimestamp.timestamp() * 1000)
        texts = {name: each.stringValue for name, each in understood.messageAttributes.items() if each.stringValue}
        assert message.attributes == texts


def outbox_items() -> dict[str, Any]:
    dynamodb = FakeDynamoDb()
    row = outbox.write("t", conversation_created(FakeClock()))
    asyncio.run(dynamodb.transact_write_items(TransactItems=[row]))
    return stream_event(dynamodb.items("t"))


@pytest.mark.parametrize("event", [recorded("stream"), outbox_items()], ids=["recorded", "made"])
def test_records_of_a_tables_stream_and_those_that_a_pipe_hands_over(event: dict[str, Any]) -> None:
    understood = DynamoDBStreamModel.model_validate(event).Records
    piped = TypeAdapter(list[DynamoDBStreamRecordModel]).validate_python(event["Records"])
    inserted = [
        each.dynamodb.Keys["sk"]
        for each in understood
        if each.eventName == "INSERT" and each.dynamodb.Keys["pk"].startswith("OUTBOX#")
    ]
    assert inserted
    assert piped == understood
    assert [row.event_id for row in rows_of(event)] == [row.event_id for row in rows_of(event["Records"])] == inserted


@pytest.mark.parametrize(
    ("path", "body"), [("/api/chat/models?limit=2&limit=3", b""), ("/api/chat/conversations", b"{}")]
)
def test_requests_that_the_local_api_hands_to_a_function(path: str, body: bytes) -> None:
    headers = CIMultiDict({"Content-Type": "application/json", "User-Agent": "test"})
    request = make_mocked_request("POST" if body else "GET", path, headers=headers)
    understood = APIGatewayProxyEventModel.model_validate(json.loads(proxy_event(request, body)))
    assert (understood.path, understood.httpMethod) == (path.partition("?")[0], request.method)
    assert understood.body == (body.decode() or None)
    assert (understood.multiValueQueryStringParameters or {}).get("limit") == (["2", "3"] if "limit" in path else None)


def answer_of_ours(event: dict[str, Any], handle: Callable[[str], None]) -> Any:
    async def handle_message(message: QueueMessage) -> None:
        handle(message.body)

    @asynccontextmanager
    async def opened(_settings: ServiceSettings) -> AsyncIterator[BatchConsumer]:
        clock = FakeClock()
        yield BatchConsumer(FakeSqs(clock), QUEUE, DEAD, handle_message, clock=clock)  # type: ignore[arg-type]

    function = QueueFunction("chat", settings, opened)
    try:
        with pytest.MonkeyPatch.context() as patch, capture_logs():
            patch.setattr("shared.host.environment.configure_logging", lambda *_: None)
            return function(event, FakeContext())  # type: ignore[arg-type]
    finally:
        function.close()


def answer_of_powertools(event: dict[str, Any], handle: Callable[[str], None]) -> Any:
    async def handle_record(record: SQSRecord) -> None:
        handle(record.body)

    processor = AsyncBatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return async_process_partial_response(event, handle_record, processor, LambdaContext())


@hypothesis_settings(deadline=None, max_examples=30)
@given(st.lists(st.booleans(), min_size=1, max_size=10))
def test_lambda_is_told_of_the_same_failures_as_by_powertools(fails: list[bool]) -> None:
    def handle(body: str) -> None:
        if body.endswith("True"):
            raise LookupError

    event = received(*(f"{number} {failing}" for number, failing in enumerate(fails)))
    assert answer_of_ours(event, handle) == answer_of_powertools(event, handle)
