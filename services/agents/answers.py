"""The way back: answers to calls go to chat's queue *turns*."""

from typing import TYPE_CHECKING

from shared.events.commands import ToolAnswered

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


class Answers:
    def __init__(self, sqs: "SQSClient", turns_queue_url: str) -> None:
        self._sqs = sqs
        self._turns_queue_url = turns_queue_url

    async def send(self, answer: ToolAnswered) -> None:
        await self._sqs.send_message(QueueUrl=self._turns_queue_url, MessageBody=answer.model_dump_json())
