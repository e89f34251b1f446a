"""One table of timeouts and attempts, and clients that keep to it."""

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


def test_a_long_poll_may_be_as_silent_as_it_lasts() -> None:
    assert CALL_LIMITS["sqs"].read_s > 20


def test_a_model_is_asked_once_by_the_client() -> None:
    """The turn decides whether to ask again: a repeated request is paid for twice."""
    assert CALL_LIMITS["bedrock-runtime"].attempts == 1


async def test_streams_of_models_are_not_limited_by_the_sockets_of_short_calls() -> None:
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


async def test_a_client_of_another_region_is_another_client() -> None:
    async with Aws.open() as aws:
        here, there = await aws.sqs(), await aws.client("sqs", "eu-central-1")
        assert here is not there
        assert there.meta.region_name == "eu-central-1"


async def test_a_dependency_that_answers_is_ready_and_one_that_does_not_is_not() -> None:
    dynamodb = FakeDynamoDb()
    check = table_answers(dynamodb, "chat")  # type: ignore[arg-type]
    await check()
    dynamodb.fail("get_item", aws_error("ResourceNotFoundException"))
    with pytest.raises(Exception, match="ResourceNotFound"):
        await check()


async def test_a_queue_is_asked_for_no_more_than_its_name() -> None:
    asked = {}

    class Sqs(FakeSqs):
        async def get_queue_attributes(self, **request: object) -> dict[str, object]:
            asked.update(request)
            return {}

    await queue_answers(Sqs(FakeClock()), "queue-url")()  # type: ignore[arg-type]
    assert asked == {"QueueUrl": "queue-url", "AttributeNames": ["QueueArn"]}
