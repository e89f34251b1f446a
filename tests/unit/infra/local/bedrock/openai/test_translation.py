import pytest

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.openai import translation
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user


def test_the_conversation_goes_over_with_its_system_prompt_first() -> None:
    body = translation.body(request(user("a", "b"), assistant("c"), user("d"), system=[{"text": "be kind"}]), "m")
    assert body["messages"] == [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "a\nb"},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "d"},
    ]
    assert (body["model"], body["stream"], body["stream_options"]) == ("m", True, {"include_usage": True})


def test_sampling_goes_over_and_what_was_not_said_does_not() -> None:
    inference = {"maxTokens": 5, "temperature": 0, "topP": 0.5, "stopSequences": ["x"]}
    body = translation.body(request(user("a"), inferenceConfig=inference), "m")
    assert (body["max_tokens"], body["temperature"], body["top_p"], body["stop"]) == (5, 0, 0.5, ["x"])
    assert not {"temperature", "top_p", "stop"} & translation.body(request(user("a")), "m").keys()


def test_tools_of_an_earlier_model_are_told_in_words() -> None:
    asked = request(
        user("2+2"), assistant(tool_use("t", e="2+2")), user(tool_result("t", "4"), "so?"), toolConfig=CALCULATOR
    )
    assert [message["content"] for message in translation.body(asked, "m")["messages"]] == [
        "2+2",
        '(calculator was asked: {"e": "2+2"})',
        "(success: 4)\nso?",
    ]


def test_thoughts_are_left_out() -> None:
    thought = {"reasoningContent": {"reasoningText": {"text": "hm"}}}
    body = translation.body(request(user("a"), assistant(thought, "b"), user("c")), "m")
    assert body["messages"][1]["content"] == "b"


def test_pictures_are_refused() -> None:
    with pytest.raises(BedrockError, match="only text"):
        translation.body(request(user("a", {"image": {"format": "png", "source": {"bytes": ""}}})), "m")
