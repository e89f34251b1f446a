"""CountTokens over HTTP: it returns the `inputTokens` of the request's answer, and the same errors as Bedrock."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from aiobotocore.session import get_session
from botocore.config import Config
from structlog.testing import capture_logs

from shared.aws import Aws
from shared.catalogue import Catalogue, Model
from shared.llm.bedrock import BedrockModels
from shared.llm.content import ReasoningPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage, ToolSpec, UsageReported
from tests.contract.bedrock.conftest import ModelServer
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.converse import CALCULATOR, assistant, tool_result, tool_use, user

SCRIPTED = list(Catalogue.offered(("scripted",)))
BY_ID = {model.id: model for model in SCRIPTED}
STRICT = BY_ID["scripted.strict"]
ROUND_OF_TOOLS = [
    user("2+2?"),
    assistant("Let me see.", tool_use("t1", expression="2+2")),
    user(tool_result("t1", "4")),
]
REQUESTS: dict[str, dict[str, Any]] = {
    "a question": {"messages": [user("What is the tide, and why does it come twice a day?")]},
    "a system prompt": {"messages": [user("Hello?")], "system": [{"text": "Answer in one sentence."}]},
    "tools": {"messages": [user("2+2?")], "toolConfig": CALCULATOR},
    "a round of tools": {"messages": ROUND_OF_TOOLS, "toolConfig": CALCULATOR},
    "a partial answer": {"messages": [user("Count."), assistant("One, two")]},
    "another script": {"messages": [user("조수는 왜 하루에 두 번 옵니까?")]},
    "a usage set by the script": {"messages": [user("[[usage=1234/5]] Hello?")]},
}


async def billed(client: Any, model: str, request: dict[str, Any], **more: Any) -> int:
    answer = await client.converse(modelId=model, inferenceConfig={"maxTokens": 1}, **request, **more)
    return int(answer["usage"]["inputTokens"])


async def counted(client: Any, model: str, request: dict[str, Any]) -> int:
    answer = await client.count_tokens(modelId=model, input={"converse": request})
    return int(answer["inputTokens"])


@pytest.mark.parametrize("request_of", REQUESTS)
async def test_the_count_of_a_scripted_model_equals_its_billed_input_tokens(
    async_bedrock: Any, request_of: str
) -> None:
    request = REQUESTS[request_of]
    assert await counted(async_bedrock, "scripted.fast", request) == await billed(
        async_bedrock, "scripted.fast", request
    )


@pytest.mark.parametrize("model", [model.id for model in SCRIPTED if model.capabilities.token_counting])
async def test_each_scripted_model_with_token_counting_returns_the_billed_count(async_bedrock: Any, model: str) -> None:
    request = REQUESTS["a question"]
    assert await counted(async_bedrock, model, request) == await billed(async_bedrock, model, request)


@pytest.mark.parametrize("model", [model.id for model in SCRIPTED if not model.capabilities.token_counting])
async def test_each_scripted_model_without_token_counting_returns_bedrocks_error(
    async_bedrock: Any, model: str
) -> None:
    with pytest.raises(async_bedrock.exceptions.ValidationException, match="doesn't support counting tokens"):
        await counted(async_bedrock, model, REQUESTS["a question"])


@pytest.mark.parametrize("request_of", ["a question", "a system prompt", "a round of tools", "a partial answer"])
async def test_the_count_of_the_small_model_equals_its_billed_input_tokens(
    model_server: ModelServer, request_of: str
) -> None:
    request = REQUESTS[request_of]
    config = Config(retries={"total_max_attempts": 1}, read_timeout=90)  # it may still be loading
    async with get_session().create_client(
        "bedrock-runtime", endpoint_url=model_server.address, config=config
    ) as client:
        assert await counted(client, "local.smollm2", request) == await billed(client, "local.smollm2", request)


@pytest.mark.parametrize(
    "model",
    ["us.scripted.fast", "global.scripted.fast", "arn:aws:bedrock:us-east-1:1:inference-profile/eu.scripted.fast"],
)
async def test_a_count_with_an_inference_profile_is_refused(async_bedrock: Any, model: str) -> None:
    with pytest.raises(async_bedrock.exceptions.ValidationException, match="doesn't support counting tokens"):
        await counted(async_bedrock, model, REQUESTS["a question"])


async def test_the_arn_of_a_model_is_accepted(async_bedrock: Any) -> None:
    arn = "arn:aws:bedrock:us-east-1::foundation-model/scripted.fast"
    assert await counted(async_bedrock, arn, REQUESTS["a question"]) > 0


@pytest.mark.parametrize(
    ("model", "request_", "message"),
    [
        ("scripted.unknown", {"messages": [user("hi")]}, "model identifier is invalid"),
        ("scripted.fast", {"messages": []}, "input.converse.messages"),
        ("scripted.fast", {"messages": [user("  ")]}, "is blank"),
        ("scripted.fast", {"messages": [assistant("hi")]}, "must start with a user message"),
        ("scripted.fast", {"messages": ROUND_OF_TOOLS}, "toolConfig field must be defined"),
        ("scripted.small", {"messages": [user("word " * 2_100)]}, r"prompt is too long: \d+ tokens > 2000 maximum"),
    ],
)
async def test_a_request_that_converse_refuses_is_not_counted(
    async_bedrock: Any, model: str, request_: dict[str, Any], message: str
) -> None:
    with pytest.raises(async_bedrock.exceptions.ValidationException, match=message):
        await counted(async_bedrock, model, request_)


async def test_a_count_is_logged_and_not_billed(async_bedrock: Any, model_server: ModelServer) -> None:
    model_server.clear_log()
    tokens = await counted(async_bedrock, "scripted.fast", {"messages": [user("canary")]})
    (entry,) = model_server.entries()
    assert (entry["model"], entry["operation"], entry["outcome"]) == ("scripted.fast", "count-tokens", "completed")
    assert (entry["input_tokens"], entry["output_tokens"], entry["usage"]) == (tokens, 0, None)
    assert "canary" not in json.dumps(entry)


@pytest.fixture
async def aws(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", model_server.address)
    model_server.clear_log()
    async with Aws.open() as opened:
        yield opened


def port(aws: Aws, **changed: Any) -> BedrockModels:
    return BedrockModels(aws.bedrock_runtime, settings(**changed), FakeClock())


def model_request(text: str = "Hello?", model: Model = BY_ID["scripted.lorem"], **more: Any) -> ModelRequest:
    return ModelRequest("inv_1", model, [PromptMessage.of_text("user", text)], **more)


CALCULATOR_SPEC = ToolSpec("calculator", "Works it out.", {"type": "object"})
PROMPT_WITH_TOOLS = [
    PromptMessage.of_text("user", "[[ttft=0 gap=0]] 2+2?"),
    PromptMessage("assistant", (ReasoningPart("Hm.", "signed"), ToolUsePart("call_1", "calculator", {"a": 1}))),
    PromptMessage("user", (ToolResultPart("call_1", {"value": 4}),)),
]


@pytest.mark.parametrize(
    "request_",
    [
        model_request("[[ttft=0 gap=0]] Hello?"),
        model_request("[[ttft=0 gap=0]] Hello?", system="Be brief.", reasoning=True),
        ModelRequest("inv_1", BY_ID["scripted.fast"], PROMPT_WITH_TOOLS, tools=[CALCULATOR_SPEC]),
    ],
    ids=["a question", "reasoning", "tools"],
)
async def test_the_count_of_bedrock_models_equals_the_reported_input_tokens(aws: Aws, request_: ModelRequest) -> None:
    tokens = await port(aws).count(request_)
    async with aclosing(port(aws).converse(request_)) as events:
        (usage,) = [event.usage async for event in events if isinstance(event, UsageReported)]
    assert tokens == usage.input_tokens > 0


async def test_a_model_with_inference_profiles_is_counted_with_its_model_id(
    aws: Aws, model_server: ModelServer
) -> None:
    by_profiles = BY_ID["scripted.lorem"].model_copy(update={"inference_profiles": ("global", "us")})
    assert await port(aws).count(model_request(model=by_profiles))
    assert [entry["model"] for entry in model_server.entries()] == ["scripted.lorem"]


async def test_no_request_is_sent_for_a_model_without_token_counting(aws: Aws, model_server: ModelServer) -> None:
    assert await port(aws).count(model_request(model=STRICT)) is None
    assert model_server.entries() == []


async def test_a_refused_count_is_none_and_is_logged(aws: Aws, model_server: ModelServer) -> None:
    """The catalogue may be wrong about a model, or a region may differ."""
    capable = STRICT.capabilities.model_copy(update={"token_counting": True})
    wrong_entry = STRICT.model_copy(update={"capabilities": capable})
    with capture_logs() as logs:
        assert await port(aws).count(model_request(model=wrong_entry)) is None
    assert [(line["event"], line["problem"]) for line in logs] == [("model.count_failed", "model-refused-request")]
    assert [entry["outcome"] for entry in model_server.entries()] == ["refused:ValidationException"]


async def test_the_count_of_a_prompt_that_is_too_long_is_none(aws: Aws) -> None:
    with capture_logs() as logs:
        assert await port(aws).count(model_request("word " * 2_100, BY_ID["scripted.small"])) is None
    assert [line["problem"] for line in logs] == ["context-too-long"]


async def test_a_count_without_a_response_ends_after_count_tokens_s(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    released = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with capture_logs() as logs:
            assert await port(aws, count_tokens_s=0.2).count(model_request()) is None
        released.set()
    assert [line["problem"] for line in logs] == ["model-silent"]


async def test_the_count_of_an_unreachable_provider_is_none(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1")
    with capture_logs() as logs:
        assert await port(aws).count(model_request()) is None
    assert [line["problem"] for line in logs] == ["model-unavailable"]
