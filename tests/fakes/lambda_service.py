"""A stand-in for Lambda: the events that it sends, the context with the remaining time, and event source mappings."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_EVENTS = Path(__file__).parent / "lambda_events"


def recorded(name: str) -> Any:
    """An event with the fields that AWS sends; names and numbers are invented."""
    return json.loads((_EVENTS / f"{name}.json").read_text())


class FakeContext:
    """The context of an invocation that may last `seconds` from now, on the machine's clock."""

    aws_request_id = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"

    def __init__(self, seconds: float = 30) -> None:
        self._ends_at = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self._ends_at - time.monotonic()) * 1000))


def sqs_event(received: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The event for messages as ReceiveMessage returns them with all attributes."""
    (template,) = recorded("sqs")["Records"]
    return {
        "Records": [
            template
            | {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
                "attributes": template["attributes"] | each.get("Attributes", {}),
                "messageAttributes": {
                    name: {
                        "stringValue": value["StringValue"],
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": value["DataType"],
                    }
                    for name, value in each.get("MessageAttributes", {}).items()
                },
            }
            for each in received
        ]
    }


def stream_event(images: Iterable[Mapping[str, Any]], event_name: str = "INSERT") -> dict[str, Any]:
    """The event for new items, in DynamoDB's types, from a table's stream."""
    template = recorded("stream")["Records"][0]
    return {
        "Records": [
            template
            | {
                "eventID": f"{number:032x}",
                "eventName": event_name,
                "dynamodb": template["dynamodb"]
                | {
                    "Keys": {name: image[name] for name in ("pk", "sk")},
                    "NewImage": image,
                    "SequenceNumber": f"{number:028}",
                },
            }
            for number, image in enumerate(images, start=1)
        ]
    }


class QueueMapping:
    """An event source mapping over a boto3 client: receives messages, invokes the function, deletes handled messages.

    When the function raises, no message is deleted.
    """

    def __init__(self, sqs: Any, queue_url: str, function: Callable[..., Any], *, batch_size: int = 10) -> None:
        self._sqs = sqs
        self._url = queue_url
        self._function = function
        self._batch_size = batch_size

    def received(self, wait_s: int = 1) -> Sequence[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._batch_size,
            WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def invoke(self, messages: Sequence[Mapping[str, Any]], seconds: float = 30) -> list[str]:
        """Invoke the function; returns the bodies of the messages that it reports as failed."""
        answer = self._function(sqs_event(messages), FakeContext(seconds))
        failed_ids = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        assert failed_ids <= {message["MessageId"] for message in messages}
        for message in messages:
            if message["MessageId"] not in failed_ids:
                self._delete(message["ReceiptHandle"])
        return [message["Body"] for message in messages if message["MessageId"] in failed_ids]

    def _delete(self, receipt: str) -> None:
        # The function may have deleted the message itself.
        with suppress(self._sqs.exceptions.ReceiptHandleIsInvalid):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def run(self, *, wait_s: int = 1, seconds: float = 30, rounds: int = 50) -> list[str]:
        """Invoke until the queue has no visible message, at most `rounds` times; returns the failed bodies."""
        failed = []
        for _ in range(rounds):
            if not (messages := self.received(wait_s)):
                break
            failed += self.invoke(messages, seconds)
        return failed
