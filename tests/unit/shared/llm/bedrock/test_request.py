"""The arguments of ConverseStream and of CountTokens, one by one."""

from typing import Any, Literal

import pytest

from shared.catalogue import Catalogue
from shared.llm.bedrock.request import converse_arguments, count_arguments
from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage, Sampling, ToolSpec

CATALOGUE = Catalogue.offered(("bedrock", "scripted"))
CALCULATOR = ToolSpec("calculator", "Works out an expression.", {"type": "object", "required": ["expression"]})
CALL = ToolUsePart("call_1", "calculator", {"expression": "2+2"})


def request(*said: PromptMessage, model: str = "claude-haiku-4-5", **more: Any) -> ModelRequest:
    told = said or (PromptMessage.of_text("user", "Hello?"),)
    sampling = Sampling(**{name: more.pop(name) for name in tuple(more) if name in Sampling.__slots__})
    return ModelRequest("inv_1", CATALOGUE.get(model), told, sampling=sampling, **more)


def asked(*said: PromptMessage, **more: Any) -> dict[str, Any]:
    return converse_arguments(request(*said, **more), "the-profile")


def result(output: Any, status: Literal["success", "error"] = "success") -> ToolResultPart:
    return ToolResultPart("call_1", output, status)


def content(*blocks: PromptPart) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = asked(PromptMessage("user", blocks))["messages"][0]["content"]
    return told


def test_what_is_asked_names_model_messages_limit_and_invocation() -> None:
    said = [
        PromptMessage.of_text("user", "a"),
        PromptMessage.of_text("assistant", "b"),
        PromptMessage.of_text("user", "c"),
    ]
    assert asked(*said, system="Be brief.", max_output_tokens=100) == {
        "modelId": "the-profile",
        "messages": [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"text": "b"}]},
            {"role": "user", "content": [{"text": "c"}]},
        ],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 100},
        "requestMetadata": {"invocation_id": "inv_1"},
    }


@pytest.mark.parametrize("name", ["system", "toolConfig", "additionalModelRequestFields"])
def test_what_is_not_wanted_is_not_sent(name: str) -> None:
    assert name not in asked()


def test_an_answer_that_shall_go_on_ends_with_its_beginning() -> None:
    begun = asked(PromptMessage.of_text("user", "Count."), PromptMessage.of_text("assistant", "One, two"))
    assert begun["messages"][-1] == {"role": "assistant", "content": [{"text": "One, two"}]}


def test_nobody_is_asked_for_more_than_the_model_can_say() -> None:
    assert asked(model="claude-3-haiku", max_output_tokens=99_999)["inferenceConfig"] == {"maxTokens": 4096}


def test_a_tool_is_described_with_its_schema() -> None:
    assert asked(tools=[CALCULATOR])["toolConfig"] == {
        "tools": [
            {
                "toolSpec": {
                    "name": "calculator",
                    "description": "Works out an expression.",
                    "inputSchema": {"json": {"type": "object", "required": ["expression"]}},
                }
            }
        ]
    }


def test_a_tool_without_words_has_no_description() -> None:
    (tool,) = asked(tools=[ToolSpec("now", "", {"type": "object"})])["toolConfig"]["tools"]
    assert tool == {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}}


def test_a_round_of_tools_is_told_under_our_own_ids() -> None:
    messages = asked(
        PromptMessage.of_text("user", "2+2?"),
        PromptMessage("assistant", (TextPart("Let me see."), CALL)),
        PromptMessage("user", (result({"value": 4}),)),
        tools=[CALCULATOR],
    )["messages"]
    assert messages[1]["content"] == [
        {"text": "Let me see."},
        {"toolUse": {"toolUseId": "call_1", "name": "calculator", "input": {"expression": "2+2"}}},
    ]
    assert messages[2]["content"] == [
        {"toolResult": {"toolUseId": "call_1", "content": [{"json": {"value": 4}}], "status": "success"}}
    ]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ({"value": 4}, {"json": {"value": 4}}),
        ({}, {"json": {}}),
        ("four", {"text": "four"}),
        (4, {"text": "4"}),
        ([1, "zwölf"], {"text": '[1, "zwölf"]'}),
        (None, {"text": "null"}),
        ("", {"text": "(empty)"}),
        (" \n", {"text": "(empty)"}),
    ],
)
def test_an_object_is_told_as_json_and_everything_else_in_words(output: Any, told: dict[str, Any]) -> None:
    assert content(result(output))[0]["toolResult"]["content"] == [told]


def test_a_tool_that_failed_is_told_as_an_error() -> None:
    told = content(result({"error": "division by zero"}, "error"))[0]["toolResult"]
    assert (told["status"], told["content"]) == ("error", [{"json": {"error": "division by zero"}}])


def test_signed_reasoning_goes_back_to_whom_signed_it() -> None:
    assert content(ReasoningPart(text="Hm.", signature="sig")) == [
        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "sig"}}}
    ]


def test_reasoning_that_nobody_signed_and_blank_text_are_left_out() -> None:
    blocks = (ReasoningPart(text="Hm."), TextPart(" \n"), TextPart("Yes."))
    assert content(*blocks) == [{"text": "Yes."}]


def test_a_model_with_a_budget_thinks_within_it_and_still_has_room_to_answer() -> None:
    given = asked(reasoning=True, max_output_tokens=500, reasoning_budget_tokens=2048)
    assert given["additionalModelRequestFields"] == {"thinking": {"type": "enabled", "budget_tokens": 2048}}
    assert given["inferenceConfig"] == {"maxTokens": 3072}


def test_a_model_that_adapts_is_only_told_to_think() -> None:
    given = asked(model="claude-sonnet-4-6", reasoning=True)
    assert given["additionalModelRequestFields"] == {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize("model", ["nova-pro", "deepseek-r1"])
def test_a_model_that_never_or_always_thinks_is_not_told_to(model: str) -> None:
    assert "additionalModelRequestFields" not in asked(model=model, reasoning=True)


DEFAULTS: dict[str, Any] = {"temperature": 0.6, "top_p": 0.999, "top_k": 250, "stop_sequences": ("END", "***")}


def sampling(model: str, **more: Any) -> dict[str, Any]:
    """What a model is told of sampling, wherever that stands in a request."""
    given = asked(model=model, **DEFAULTS, **more)
    told = {name: value for name, value in given["inferenceConfig"].items() if name != "maxTokens"}
    return told | given.get("additionalModelRequestFields", {})


@pytest.mark.parametrize("model", [model.id for model in CATALOGUE])
def test_a_model_is_told_of_sampling_what_it_takes_and_nothing_else(model: str) -> None:
    names = {"temperature": "temperature", "top_p": "topP", "top_k": "top_k"}
    taken = {names[each]: DEFAULTS[each] for each in CATALOGUE.get(model).parameters}
    assert sampling(model) == {"stopSequences": ["END", "***"], **taken}


def test_who_reasons_is_not_told_how_to_sample() -> None:
    assert sampling("claude-haiku-4-5", reasoning=True) == {
        "stopSequences": ["END", "***"],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    }


def test_without_wishes_a_model_samples_as_it_likes() -> None:
    assert asked()["inferenceConfig"].keys() == {"maxTokens"}


def test_the_conversation_is_counted_as_it_would_be_sent() -> None:
    said = (
        PromptMessage.of_text("user", "2+2?"),
        PromptMessage("assistant", (CALL,)),
        PromptMessage("user", (result(4),)),
    )
    given: dict[str, Any] = {"system": "Be brief.", "tools": [CALCULATOR]}
    sent, counted = asked(*said, **given), count_arguments(request(*said, **given))
    assert counted["input"] == {"converse": {name: sent[name] for name in ("messages", "system", "toolConfig")}}


def test_tokens_are_counted_under_the_models_own_id_and_never_under_a_profile() -> None:
    assert count_arguments(request())["modelId"] == "anthropic.claude-haiku-4-5-20251001-v1:0"


def test_limits_and_sampling_are_not_counted() -> None:
    counted = count_arguments(request(max_output_tokens=100, **DEFAULTS))
    assert counted["input"]["converse"].keys() == {"messages"}


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 2048}),
        ("claude-sonnet-4-6", {"type": "adaptive"}),
        ("nova-pro", None),
    ],
)
def test_a_count_knows_whether_the_model_will_think(model: str, thinking: dict[str, Any] | None) -> None:
    counted = count_arguments(request(model=model, reasoning=True, reasoning_budget_tokens=2048))
    told = counted["input"]["converse"].get("additionalModelRequestFields")
    assert told == (None if thinking is None else {"thinking": thinking})
