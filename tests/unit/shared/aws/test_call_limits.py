"""One table of timeouts and attempts, and clients that use it."""

from typing import get_args

import pytest

from shared.aws import Aws
from shared.aws.call_limits import CALL_LIMITS, ClientName
from shared.aws.readiness import queue_answers, table_answers
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.faults import aws_error
from tests.fakes.sqs import FakeSqs

NAMES = get_args(ClientName)


@pytest.mark.parametrize("name", NAMES)
def test_every_client_has_its_limits(name: ClientName) -> None:
    call = CALL_LIMITS[name]
    assert 0 < call.connect_s <= call.read_s
    assert 1 <= call.attempts <= 5


def test_the_read_timeout_of_sqs_is_longer_than_a_long_poll() -> None:
    assert CALL_LIMITS["sqs"].read_s > 20


def test_the_bedrock_client_makes_one_attempt() -> None:
    """The turn decides whether to retry, because each request costs money."""
    assert CALL_LIMITS["bedrock-runtime"].attempts == 1


async def test_the_bedrock_client_has_a_connection_pool_of_its_own() -> None:
    async with Aws.open(pool=7) as aws:
        assert (await aws.bedrock_runtime()).meta.config.max_pool_connections == 1000


async def test_clients_are_opened_once_with_their_limits() -> None:
    async with Aws.open(pool=7) as aws:
        dynamodb = await aws.dynamodb()
        assert await aws.dynamodb() is dynamodb
        config = dynamodb.meta.config
        call = CALL_LIMITS["dynamodb"]
        assert (config.connect_timeout, config.read_timeout) == (call.connect_s, call.read_s)
        assert config.max_pool_connections == 7
        assert config.retries == {"mode": "standard", "total_max_attempts": call.attempts}


async def test_each_region_has_a_client_of_its_own() -> None:
    async with Aws.open() as aws:
        here, there = await aws.sqs(), await aws.client("sqs", "eu-central-1")
        assert here is not there
        assert there.meta.region_name == "eu-central-1"


async def test_the_table_check_passes_if_the_table_answers_and_raises_otherwise() -> None:
    dynamodb = FakeDynamoDb()
    check = table_answers(dynamodb, "chat")  # type: ignore[arg-type]
    await check()
    dynamodb.fail("get_item", aws_error("ResourceNotFoundException"))
    with pytest.raises(Exception, match="ResourceNotFound"):
        await check()


async def test_the_queue_check_requests_only_the_arn() -> None:
    received = {}

    class Sqs(FakeSqs):
        async def get_queue_attributes(self, **request: object) -> dict[str, object]:
            received.update(request)
            return {}

    await queue_answers(Sqs(FakeClock()), "queue-url")()  # type: ignore[arg-type]
    assert received == {"QueueUrl": "queue-url", "AttributeNames": ["QueueArn"]}
