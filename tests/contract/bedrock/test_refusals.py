"""Refusals over the wire: one of each kind, through botocore and aiobotocore, in a stream and without."""

from typing import Any

import pytest

from tests.contract.bedrock.conftest import conversation
from tests.fakes.converse import CALCULATOR, assistant, tool_result, tool_use, user

POINT = {"cachePoint": {"type": "default"}}
CALL = [user("2+2?"), assistant(tool_use("t1", expression="2+2"))]
BROKEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "blank text": ("ValidationException", "is blank", conversation("  ")),
    "no result": (
        "ValidationException",
        "for the following Ids: t1",
        {"modelId": "scripted.fast", "messages": [*CALL, user("?")], "toolConfig": CALCULATOR},
    ),
    "unsigned reasoning": (
        "ValidationException",
        "signature: Field required",
        {
            "modelId": "scripted.claude",
            "messages": [
                user("a"),
                assistant({"reasoningContent": {"reasoningText": {"text": "Hm."}}}, "b"),
                user("c"),
            ],
        },
    ),
    "sampling": (
        "ValidationException",
        "`temperature` is deprecated",
        conversation("a", "scripted.bound", inferenceConfig={"temperature": 0.5}),
    ),
    "no caching": (
        "AccessDeniedException",
        "prompt caching",
        {"modelId": "scripted.gpt", "messages": [user("a", POINT)]},
    ),
    "document": (
        "ValidationException",
        "can only contain alphanumeric",
        {
            "modelId": "scripted.fast",
            "messages": [user("a", {"document": {"name": "cv.pdf", "format": "pdf", "source": {"bytes": b"%PDF"}}})],
        },
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_a_refusal_has_bedrocks_exception_and_words(bedrock: Any, operation: str, broken: str) -> None:
    kind, words, request = BROKEN[broken]
    with pytest.raises(getattr(bedrock.exceptions, kind), match=words):
        getattr(bedrock, operation)(**request)


@pytest.mark.parametrize("broken", BROKEN)
async def test_aiobotocore_has_the_same_exception(async_bedrock: Any, broken: str) -> None:
    kind, words, request = BROKEN[broken]
    with pytest.raises(getattr(async_bedrock.exceptions, kind), match=words):
        await async_bedrock.converse_stream(**request)


def test_tools_are_refused_in_a_stream_only(bedrock: Any) -> None:
    request = conversation("[[tool=calculator:{}]]", "scripted.llama", toolConfig=CALCULATOR)
    assert bedrock.converse(**request)["stopReason"] == "tool_use"
    with pytest.raises(bedrock.exceptions.ValidationException, match="in streaming mode"):
        bedrock.converse_stream(**request)


def test_a_request_larger_than_20_mib_is_too_long(bedrock: Any) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException, match="Input is too long"):
        bedrock.converse(**conversation("a" * (20 * 1024 * 1024)))


def test_reasoning_comes_back_as_it_was_sent(bedrock: Any) -> None:
    first = conversation("[[tool=calculator:{}]] 2+2?", "scripted.bound", toolConfig=CALCULATOR)
    call = bedrock.converse(**first)["output"]["message"]
    tool_use_id = call["content"][-1]["toolUse"]["toolUseId"]
    first["messages"] += [call, user(tool_result(tool_use_id, "4"))]
    second = bedrock.converse(**first)["output"]["message"]
    assert [next(iter(block)) for block in second["content"]] == ["reasoningContent", "text"]
    changed = {**first, "messages": [user("3+3?"), *first["messages"][1:]]}
    with pytest.raises(bedrock.exceptions.ValidationException, match="bound to a different conversation"):
        bedrock.converse(**changed)


@pytest.mark.parametrize(("poison", "words"), [("invalid", "The model returned"), ("too-long", "Input is too long")])
def test_a_poisoned_conversation_is_refused_until_the_poison_is_out(bedrock: Any, poison: str, words: str) -> None:
    bad, rest = user(f"[[poison={poison}]]"), [assistant("b"), user("hi")]
    for operation in (bedrock.converse, bedrock.converse_stream):
        with pytest.raises(bedrock.exceptions.ValidationException, match=words):
            operation(modelId="scripted.fast", messages=[bad, *rest])
    assert bedrock.converse(modelId="scripted.fast", messages=rest[1:])["stopReason"] == "end_turn"
