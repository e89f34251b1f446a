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

HAIKU = Catalogue.offered(("bedrock",)).get("claude-haiku-4-5")
REQUEST = ModelRequest("inv_1", HAIKU, [PromptMessage.of_text("user", "Hello?")])
WELL = (START, text("Hi"), stop())
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


def refusing(*errors: Exception) -> FakeBedrock:
    """Refuses with each error in turn, then answers."""
    client = FakeBedrock(*WELL)
    for error in errors:
        client.fail("converse_stream", error)
    return client


def who(client: FakeBedrock) -> list[str]:
    """Prefixes of the profiles that were asked, in order."""
    return [asked["modelId"].partition("anthropic")[0] for asked in client.asked]


async def test_a_profile_that_is_throttled_gives_way_to_the_next_without_a_pause() -> None:
    client, clock = refusing(THROTTLED), FakeClock()
    assert await collect(client, clock) == HI
    assert who(client) == ["global.", "us."]
    assert clock.slept == []


async def test_a_profile_that_is_denied_gives_way_and_is_not_asked_again() -> None:
    client = refusing(DENIED, THROTTLED, THROTTLED)
    assert await collect(client) == HI
    assert who(client) == ["global.", "us.", "", "us."]


async def test_after_all_of_them_comes_a_pause() -> None:
    client, clock = refusing(THROTTLED, THROTTLED, THROTTLED), FakeClock()
    assert await collect(client, clock) == HI
    assert who(client) == ["global.", "us.", "", "global."]
    assert len(clock.slept) == 1


async def test_another_region_is_asked_by_its_own_client() -> None:
    client = refusing(THROTTLED)
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
async def test_what_passes_is_asked_again(error: Exception) -> None:
    client = refusing(*[error] * 4)
    assert await collect(client) == HI
    assert len(client.asked) == 5


@pytest.mark.parametrize(
    ("code", "slug"),
    [("ValidationException", "model-refused-request"), ("ModelTimeoutException", "model-silent")],
)
async def test_what_nobody_would_do_better_is_asked_once(code: str, slug: str) -> None:
    client = refusing(aws_error(code))
    assert await failure(client) == slug
    assert len(client.asked) == 1


async def test_denied_everywhere_is_denied_at_once() -> None:
    client, clock = refusing(DENIED, DENIED, DENIED), FakeClock()
    assert await failure(client, clock) == "model-access-denied"
    assert (len(client.asked), clock.slept) == (3, [])


async def test_a_bare_model_that_is_served_through_profiles_only_does_not_hide_why_they_failed() -> None:
    invalid = aws_error("ValidationException")
    client = refusing(THROTTLED, THROTTLED, invalid, THROTTLED, THROTTLED, THROTTLED, THROTTLED)
    assert await failure(client, model_rounds=3) == "model-throttled"
    assert who(client) == ["global.", "us.", "", "global.", "us.", "global.", "us."]


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
async def test_a_stream_that_breaks_before_its_first_word_is_asked_again(broken: Step) -> None:
    client = FakeBedrock(START, broken, then=[WELL])
    assert await collect(client) == HI
    assert [stream.closed for stream in client.streams] == [True, True]


@pytest.mark.parametrize("broken", [fault("throttlingException"), aiohttp.ClientPayloadError("reset"), b""])
async def test_after_the_first_word_nobody_is_asked_again(broken: Step) -> None:
    client = FakeBedrock(START, text("Once"), broken, then=[WELL])
    async with aclosing(BedrockModels(client.of_region, settings(), FakeClock()).converse(REQUEST)) as events:
        assert await anext(events) == TextDelta("Once")
        with pytest.raises(ModelFailedError):
            await anext(events)
    assert len(client.asked) == 1


async def test_it_ends_after_so_many_rounds() -> None:
    client, clock = refusing(*[THROTTLED] * 99), FakeClock()
    assert await failure(client, clock, model_rounds=3) == "model-throttled"
    assert (len(client.asked), len(clock.slept)) == (9, 2)


async def test_who_waits_for_longer_than_the_settings_allow_is_told() -> None:
    client, clock = refusing(*[THROTTLED] * 99), FakeClock()
    assert await failure(client, clock, model_rounds=5) == "model-throttled"
    assert sum(clock.slept) < 4


async def test_candidates_that_take_long_to_fail_are_not_all_waited_for() -> None:
    clock, asked = FakeClock(), []

    async def slow(candidate: Candidate) -> None:
        asked.append(candidate)
        clock.advance(3)
        raise ProviderFailedError("model-unavailable")

    regions = [Candidate(f"region-{number}", "model") for number in range(9)]
    with pytest.raises(ModelFailedError):
        await StartRetry(clock, rounds=1, within_s=4).first_started(slow, regions)
    assert len(asked) == 3


async def test_one_that_takes_long_to_fail_is_asked_again_all_the_same() -> None:
    clock, asked = FakeClock(), []

    async def slow(candidate: Candidate) -> None:
        asked.append(candidate)
        clock.advance(10)
        raise ProviderFailedError("model-unavailable")

    with pytest.raises(ModelFailedError):
        await StartRetry(clock, rounds=5, within_s=4).first_started(slow, [Candidate("region", "model")])
    assert len(asked) == 2


async def test_a_pause_that_the_provider_asks_for_is_kept() -> None:
    polite = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": "2"}})
    client, clock = refusing(polite, polite, polite), FakeClock()
    assert await collect(client, clock) == HI
    assert clock.slept == [2.0]


@pytest.mark.parametrize("header", ["60", "5"])
async def test_a_pause_that_is_too_long_to_wait_for_ends_it(header: str) -> None:
    busy = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": header}})
    client, clock = refusing(busy, busy, busy), FakeClock()
    assert await failure(client, clock) == "model-throttled"
    assert (len(client.asked), clock.slept) == (3, [])


@pytest.mark.parametrize("header", ["Mon, 23 Nov 2026 12:00:00 GMT", "", "-1", "soon"])
async def test_a_pause_that_cannot_be_read_is_ours(header: str) -> None:
    odd = aws_error("ThrottlingException", ResponseMetadata={"HTTPHeaders": {"retry-after": header}})
    client, clock = refusing(odd, odd, odd), FakeClock()
    assert await collect(client, clock) == HI
    assert 0 <= clock.slept[0] <= 0.25


async def test_the_time_to_the_first_word_is_one_for_all_attempts() -> None:
    """Silence is not asked again: whoever comes next would have no time left."""
    client = FakeBedrock(START, asyncio.Event(), then=[WELL])
    assert await failure(client, first_token_s=0.01) == "model-silent"
    assert len(client.asked) == 1


SLUGS = ["model-throttled", "model-unavailable", "model-stream-broken", "model-access-denied", "model-refused-request"]


@given(st.lists(st.lists(st.sampled_from([*SLUGS, None]), min_size=6, max_size=6), min_size=1, max_size=3))
async def test_whatever_they_say_it_ends_and_says_why(fates: list[list[str | None]]) -> None:
    """`fates`: of each candidate, what it says in each round; None answers."""
    told: dict[str, list[str | None]] = {str(number): [] for number in range(len(fates))}

    async def ask(candidate: Candidate) -> None:
        said = told[candidate.region]
        said.append(fates[int(candidate.region)][len(said)])
        if said[-1] is not None:
            raise ProviderFailedError(said[-1])

    asking = StartRetry(FakeClock(), rounds=5, within_s=60).first_started(ask, [Candidate(n, "m") for n in told])
    (outcome,) = await asyncio.gather(asking, return_exceptions=True)
    collect = [slug for said in told.values() for slug in said]
    assert outcome.slug in collect if isinstance(outcome, ModelFailedError) else None in collect
    for said in told.values():
        assert len(said) <= 5
        assert RETRYABLE.issuperset(said[:-1])
