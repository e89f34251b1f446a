"""Candidates are tried until one starts to answer; nothing is repeated after the first event."""

import asyncio
from contextlib import aclosing
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import eventstream
from shared.catalogue import Catalogue
from shared.llm.bedrock import BedrockModels
from shared.llm.bedrock.candidates import Candidate
from shared.llm.bedrock.errors import RETRYABLE, ProviderFailedError
from shared.llm.bedrock.retry import StartRetry
from shared.llm.port import ModelEvent, ModelFailedError, ModelRequest, PromptMessage, Stopped, TextDelta
from tests.fakes.bedrock_client import START, FakeBedrock, Step, fault, frame, stop, text
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

HAIKU = Catalogue.offered(("bedrock",), clock=FakeClock()).get("claude-haiku-4-5")
REQUEST = ModelRequest("inv_1", HAIKU, [PromptMessage.of_text("user", "Hello?")])
ANSWER = (START, text("Hi"), stop())
HI = [TextDelta("Hi"), Stopped("end_turn")]
THROTTLED = aws_error("ThrottlingException")
DENIED = aws_error("AccessDeniedException")


async def collect(client: FakeBedrock, clock: FakeClock | None = None, **changed: Any) -> list[ModelEvent]:
    models = BedrockModels(client.of_region, settings(**changed), clock or FakeClock())
    async with aclosing(models.converse(REQUEST)) as events:
        return [event async for event in events]


async def failure(client: FakeBedrock, clock: FakeClock | None = None, **changed: Any) -> str:
    with pytest.raises(ModelFailedError) as failed:
        await collect(client, clock, **changed)
    return failed.value.slug


def failing(*errors: Exception) -> FakeBedrock:
    """Raises each error in turn, then answers."""
    client = FakeBedrock(*ANSWER)
    for error in errors:
        client.fail("converse_stream", error)
    return client


def prefixes(client: FakeBedrock) -> list[str]:
    """Prefixes of the requested profiles, in order."""
    return [request["modelId"].partition("anthropic")[0] for request in client.requests]


async def test_after_a_throttled_profile_the_next_is_tried_without_a_pause() -> None:
    client, clock = failing(THROTTLED), FakeClock()
    assert await collect(client, clock) == HI
    assert prefixes(client) == ["global.", "us."]
    assert clock.slept == []


async def test_a_denied_profile_is_skipped_in_later_rounds() -> None:
    client = failing(DENIED, THROTTLED, THROTTLED)
    assert await collect(client) == HI
    assert prefixes(client) == ["global.", "us.", "", "us."]


async def test_between_rounds_there_is_a_pause() -> None:
    client, clock = failing(THROTTLED, THROTTLED, THROTTLED), FakeClock()
    assert await collect(client, clock) == HI
    assert prefixes(client) == ["global.", "us.", "", "global."]
    assert len(clock.slept) == 1


async def test_each_region_has_its_own_client() -> None:
    client = failing(THROTTLED)
    regions = {"bedrock_fallback_regions": ("eu-west-1",), "global_inference": False, "cross_region_inference": False}
    assert await collect(client, **regions) == HI
    assert client.opened == ["us-east-1", "eu-west-1"]


@pytest.mark.parametrize(
    "error",
    [
        THROTTLED,
        aws_error("ModelNotReadyException"),
        aws_error("ServiceUnavailableException"),
        aws_error("InternalServerException"),
        ConnectTimeoutError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x"),
        aiohttp.ServerDisconnectedError(),
    ],
)
async def test_a_transient_error_is_retried(error: Exception) -> None:
    client = failing(*[error] * 4)
    assert await collect(client) == HI
    assert len(client.requests) == 5


@pytest.mark.parametrize(
    ("code", "slug"),
    [("ValidationException", "model-refused-request"), ("ModelTimeoutException", "model-silent")],
)
async def test_an_error_that_no_candidate_can_avoid_is_not_retried(code: str, slug: str) -> None:
    client = failing(aws_error(code))
    assert await failure(client) == slug
    assert len(client.requests) == 1


async def test_if_all_candidates_are_denied_there_is_no_second_round() -> None:
    client, clock = failing(DENIED, DENIED, DENIED), FakeClock()
    assert await failure(client, clock) == "model-access-denied"
    assert (len(client.requests), clock.slept) == (3, [])


async def test_an_invalid_model_without_a_profile_does_not_hide_the_error_of_the_profiles() -> None:
    invalid = aws_error("ValidationException")
    client = failing(THROTTLED, THROTTLED, invalid, THROTTLED, THROTTLED, THROTTLED, THROTTLED)
    assert await failure(client, model_rounds=3) == "model-throttled"
    assert prefixes(client) == ["global.", "us.", "", "global.", "us.", "global.", "us."]


@pytest.mark.parametrize(
    "broken",
    [
        fault("throttlingException"),
        fault("modelStreamErrorException"),
        eventstream.corrupted(frame(text("x"))),
        aiohttp.ClientPayloadError("reset"),
        ConnectionResetError(),
        b"",
    ],
)
async def test_a_stream_that_breaks_before_its_first_event_is_retried(broken: Step) -> None:
    client = FakeBedrock(START, broken, then=[ANSWER])
    assert await collect(client) == HI
    assert [stream.closed for stream in client.streams] == [True, True]


@pytest.mark.parametrize("broken", [fault("throttlingException"), aiohttp.ClientPayloadError("reset"), b""])
async def test_a_stream_that_breaks_after_its_first_event_is_not_retried(broken: Step) -> None:
    client = FakeBedrock(START, text("Once"), broken, then=[ANSWER])
    async with aclosing(BedrockModels(client.of_region, settings(), FakeClock()).converse(REQUEST)) as events:
        assert await anext(events) == TextDelta("Once")
        with pytest.raises(ModelFailedError):
            await anext(events)
    assert len(client.requests) == 1


async def test_the_number_of_rounds_is_limited() -> None:
    client, clock = failing(*[THROTTLED] * 99), FakeClock()
    assert await failure(client, clock, model_rounds=3) == "model-throttled"
    assert (len(client.requests), len(clock.slept)) == (9, 2)


async def test_the_sum_of_pauses_is_limited() -> None:
    client, clock = failing(*[THROTTLED] * 99), FakeClock()
    assert await failure(client, clock, model_rounds=5) == "model-throttled"
    assert sum(clock.slept) < 4


async def test_after_the_time_limit_no_other_candidate_is_tried() -> None:
    clock, called = FakeClock(), []

    async def slow(candidate: Candidate) -> None:
        called.append(candidate)
        clock.advance(3)
        raise ProviderFailedError("model-unavailable")

    regions = [Candidate(f"region-{number}", "model") for number in range(9)]
    with pytest.raises(ModelFailedError):
        await StartRetry(clock, rounds=1, within_s=4).first_started(slow, regions)
    assert len(called) == 3


async def test_a_single_slow_candidate_is_tried_twice() -> None:
    clock, called = FakeClock(), []

    async def slow(candidate: Candidate) -> None:
        called.append(candidate)
        clock.advance(10)
        raise ProviderFailedError("model-unavailable")

    with pytest.raises(ModelFailedError):
        await StartRetry(clock, rounds=5, within_s=4).first_started(slow, [Candidate("region", "model")])
    assert len(called) == 2


async def test_the_retry_after_of_the_provider_is_used_as_pause() -> None:
    throttled = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": "2"}})
    client, clock = failing(throttled, throttled, throttled), FakeClock()
    assert await collect(client, clock) == HI
    assert clock.slept == [2.0]


@pytest.mark.parametrize("header", ["60", "5"])
async def test_a_retry_after_beyond_the_time_limit_ends_the_retries(header: str) -> None:
    throttled = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": header}})
    client, clock = failing(throttled, throttled, throttled), FakeClock()
    assert await failure(client, clock) == "model-throttled"
    assert (len(client.requests), clock.slept) == (3, [])


@pytest.mark.parametrize("header", ["Mon, 23 Nov 2026 12:00:00 GMT", "", "-1", "soon"])
async def test_an_unreadable_retry_after_is_ignored(header: str) -> None:
    throttled = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": header}})
    client, clock = failing(throttled, throttled, throttled), FakeClock()
    assert await collect(client, clock) == HI
    assert 0 <= clock.slept[0] <= 0.25


async def test_a_timeout_of_the_first_token_is_not_retried() -> None:
    """The timeout applies to all attempts together, so the next attempt would have no time left."""
    client = FakeBedrock(START, asyncio.Event(), then=[ANSWER])
    assert await failure(client, first_token_s=0.01) == "model-silent"
    assert len(client.requests) == 1


SLUGS = ["model-throttled", "model-unavailable", "model-stream-broken", "model-access-denied", "model-refused-request"]


@given(st.lists(st.lists(st.sampled_from([*SLUGS, None]), min_size=6, max_size=6), min_size=1, max_size=3))
async def test_for_any_outcomes_the_retries_end_with_an_answer_or_one_of_the_errors(
    outcomes: list[list[str | None]],
) -> None:
    """`outcomes`: for each candidate its error in each round; None is an answer."""
    results: dict[str, list[str | None]] = {str(number): [] for number in range(len(outcomes))}

    async def attempt(candidate: Candidate) -> None:
        attempts = results[candidate.region]
        attempts.append(outcomes[int(candidate.region)][len(attempts)])
        if attempts[-1] is not None:
            raise ProviderFailedError(attempts[-1])

    retry = StartRetry(FakeClock(), rounds=5, within_s=60).first_started(attempt, [Candidate(n, "m") for n in results])
    (outcome,) = await asyncio.gather(retry, return_exceptions=True)
    slugs = [slug for attempts in results.values() for slug in attempts]
    assert outcome.slug in slugs if isinstance(outcome, ModelFailedError) else None in slugs
    for attempts in results.values():
        assert len(attempts) <= 5
        assert RETRYABLE.issuperset(attempts[:-1])
