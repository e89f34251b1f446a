import pytest

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.openai import translation
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user


def test_a_conversation_is_translated_with_its_system_prompt_first() -> None:
    body = translation.body(request(user("a", "b"), assistant("c"), user("d"), system=[{"text": "be kind"}]), "m")
    assert body["messages"] == [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "a\nb"},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "d"},
    ]
    assert (body["model"], body["stream"], body["stream_options"]) == ("m", True, {"include_usage": True})


def test_only_given_sampling_parameters_are_translated() -> None:
    inference = {"maxTokens": 5, "temperature": 0, "topP": 0.5, "stopSequences": ["x"]}
    body = translation.body(request(user("a"), inferenceConfig=inference), "m")
    assert (body["max_tokens"], body["temperature"], body["top_p"], body["stop"]) == (5, 0, 0.5, ["x"])
    assert not {"temperature", "top_p", "stop"} & translation.body(request(user("a")), "m").keys()


def test_tool_calls_and_results_are_translated_to_text() -> None:
    converse_request = request(
        user("2+2"), assistant(tool_use("t", e="2+2")), user(tool_result("t", "4"), "so?"), toolConfig=CALCULATOR
    )
    assert [message["content"] for message in translation.body(converse_request, "m")["messages"]] == [
        "2+2",
        '(calculator was asked: {"e": "2+2"})',
        "(success: 4)\nso?",
    ]


def test_reasoning_is_left_out() -> None:
    reasoning = {"reasoningContent": {"reasoningText": {"text": "hm"}}}
    body = translation.body(request(user("a"), assistant(reasoning, "b"), user("c")), "m")
    assert body["messages"][1]["content"] == "b"


def test_images_are_refused() -> None:
    with pytest.raises(BedrockError, match="only text"):
        translation.body(request(user("a", {"image": {"format": "png", "source": {"bytes": "aGVsbG8="}}})), "m")
