import json
from typing import Any

import pytest

from infra.local.bedrock import request_models
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.request_models import ConverseRequest
from tests.fakes.converse import CALCULATOR, request, text, tool_result, tool_use, user


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", "body"),
        (b"{nonsense", "body"),
        (b"{}", "'messages' failed to satisfy constraint: Member must not be null"),
        (
            b'{"messages": []}',
            "'messages' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (b'{"messages": [{"role": "robot", "content": []}]}', "'messages.1.member.role' failed to satisfy constraint"),
        (b'{"messages": [{"role": "user", "content": [{"txt": "secret"}]}]}', "messages.1.member.content.1.member"),
        (b'{"messages": [{"role": "user", "content": [{}]}]}', "messages.1.member.content.1.member"),
        (b'{"messages": [{"role": "user", "content": [{"text": "a", "image": {}}]}]}', "messages.1.member.content.1"),
        (b'{"messages": [{"role": "user", "content": [{"text": "\\ud83d"}]}]}', "Invalid JSON"),
        (b'{"messages": [{"role": "user", "content": [{"text": "\\ud83d and more"}]}]}', "Invalid JSON"),
    ],
)
def test_an_invalid_body_is_refused_with_its_pointer(body: bytes, pointer: str) -> None:
    with pytest.raises(BedrockError) as refused:
        request_models.parse(body)
    assert refused.value.kind == "ValidationException"
    assert refused.value.message.startswith("1 validation error") or "image" in refused.value.message
    assert pointer in refused.value.message
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ([tool_use("t1", name="x")], ""),
        ([{"toolUse": {"toolUseId": "t1", "name": "two words", "input": {}}}], "pattern: [a-zA-Z0-9_-]+"),
        ([{"toolUse": {"toolUseId": "t1", "name": "a.b", "input": {}}}], "pattern: [a-zA-Z0-9_-]+"),
        ([{"toolUse": {"toolUseId": "t1", "name": "n" * 65, "input": {}}}], "length less than or equal to 64"),
        ([{"toolUse": {"toolUseId": "", "name": "n", "input": {}}}], "length greater than or equal to 1"),
        ([{"toolUse": {"toolUseId": "a b", "name": "n", "input": {}}}], "pattern: [a-zA-Z0-9_.:-]+"),
        ([{"toolUse": {"toolUseId": "t1", "name": "n"}}], "Member must not be null"),
        ([{"toolResult": {"toolUseId": "t1", "content": [], "status": "odd"}}], "enum value set: [success, error]"),
        ([{"reasoningContent": {"reasoningText": {"signature": "s"}}}], "Member must not be null"),
        ([{"cachePoint": {"type": "default", "ttl": "2h"}}], "enum value set: [5m, 1h]"),
        ([{"image": {"format": "heic", "source": {"bytes": "aGk="}}}], "enum value set: [png, jpeg, gif, webp]"),
        ([{"document": {"name": "", "source": {"text": "a"}}}], "length greater than or equal to 1"),
        ([{"document": {"name": "n" * 201, "source": {"text": "a"}}}], "length less than or equal to 200"),
    ],
)
def test_a_block_of_a_wrong_shape_is_refused_in_the_words_of_aws(blocks: list[dict[str, Any]], words: str) -> None:
    if not words:
        assert request(user(*blocks)).messages
        return
    with pytest.raises(BedrockError) as refused:
        request(user(*blocks))
    assert "messages.1.member.content.1.member." in refused.value.message
    assert words in refused.value.message


@pytest.mark.parametrize(
    "inference",
    [{"maxTokens": 0}, {"temperature": 1.1}, {"topP": -0.1}, {"stopSequences": ["x"] * 2501}, {"stopSequences": [""]}],
)
def test_sampling_parameters_out_of_range_are_refused(inference: dict[str, object]) -> None:
    with pytest.raises(BedrockError):
        request(user("hi"), inferenceConfig=inference)


def test_a_message_has_its_text_tool_uses_and_tool_results() -> None:
    message = request(user("one", tool_result("t1", "4"), "two", tool_use("t2", a=1))).messages[0]
    assert message.text() == "one\ntwo"
    assert [result.tool_use_id for result in message.tool_results()] == ["t1"]
    assert [use.input for use in message.tool_uses()] == [{"a": 1}]


def counted(converse: dict[str, object]) -> ConverseRequest:
    return request_models.parse_count(json.dumps({"input": {"converse": converse}}).encode())


def test_the_body_of_a_count_is_parsed_like_a_converse_request() -> None:
    fields = {"system": [{"text": "Be brief."}], "toolConfig": CALCULATOR}
    assert counted({"messages": [user("hi")], **fields}) == request(user("hi"), **fields)


def test_a_count_accepts_additional_model_request_fields() -> None:
    fields = {"thinking": {"type": "adaptive"}}
    more = {"additionalModelRequestFields": fields}
    assert counted({"messages": [user("hi")], **more}) == request(user("hi"), **more)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "input"),
        ({"messages": [user("hi")]}, "'input' failed to satisfy constraint: Member must not be null"),
        ({"input": {}}, "exactly one member"),
        ({"input": {"converse": {"messages": [user("hi")]}, "invokeModel": {"body": "e30="}}}, "exactly one member"),
        ({"input": {"invokeModel": {"body": "e30="}}}, "Converse requests only"),
        ({"input": {"converse": {}}}, "input.converse.messages"),
        ({"input": {"converse": {"messages": []}}}, "input.converse.messages"),
        ({"input": {"converse": {"messages": [user("hi")], "inferenceConfig": {}}}}, "input.converse.inferenceConfig"),
        ({"input": {"converse": {"messages": [user("hi")], "requestMetadata": {}}}}, "input.converse.requestMetadata"),
        ({"input": {"prompt": "hi"}}, "input.prompt"),
    ],
)
def test_a_count_with_an_invalid_body_is_refused_with_its_pointer(body: dict[str, object], pointer: str) -> None:
    with pytest.raises(BedrockError) as refused:
        request_models.parse_count(json.dumps(body).encode())
    assert refused.value.kind == "ValidationException"
    assert pointer in refused.value.message


def test_fields_that_no_local_model_uses_are_accepted() -> None:
    body = {"messages": [user(text("hi"), {"cachePoint": {"type": "default"}})], "performanceConfig": {"latency": "x"}}
    assert request_models.parse(json.dumps(body).encode()).messages[0].text() == "hi"
