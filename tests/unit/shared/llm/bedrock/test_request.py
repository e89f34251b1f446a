"""The arguments of ConverseStream and of CountTokens, one by one."""

from typing import Any, Literal

import pytest

from shared.catalogue import Catalogue
from shared.llm.bedrock.request import converse_arguments, count_arguments
from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage, Sampling, ToolSpec
from tests.fakes.clock import FakeClock

CATALOGUE = Catalogue.offered(("bedrock", "scripted"), clock=FakeClock())
CALCULATOR = ToolSpec("calculator", "Works out an expression.", {"type": "object", "required": ["expression"]})
CALL = ToolUsePart("call_1", "calculator", {"expression": "2+2"})


def request(*messages: PromptMessage, model: str = "claude-haiku-4-5", **more: Any) -> ModelRequest:
    prompt = messages or (PromptMessage.of_text("user", "Hello?"),)
    sampling = Sampling(**{name: more.pop(name) for name in tuple(more) if name in Sampling.__slots__})
    return ModelRequest("inv_1", CATALOGUE.get(model), prompt, sampling=sampling, **more)


def arguments(*messages: PromptMessage, **more: Any) -> dict[str, Any]:
    return converse_arguments(request(*messages, **more), "the-profile")


def result(output: Any, status: Literal["success", "error"] = "success") -> ToolResultPart:
    return ToolResultPart("call_1", output, status)


def content(*blocks: PromptPart) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = arguments(PromptMessage("user", blocks))["messages"][0]["content"]
    return sent


def test_a_request_has_model_messages_limit_and_invocation() -> None:
    prompt = [
        PromptMessage.of_text("user", "a"),
        PromptMessage.of_text("assistant", "b"),
        PromptMessage.of_text("user", "c"),
    ]
    assert arguments(*prompt, system="Be brief.", max_output_tokens=100) == {
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
def test_unused_arguments_are_left_out(name: str) -> None:
    assert name not in arguments()


def test_a_continuation_ends_with_the_partial_answer() -> None:
    request = arguments(PromptMessage.of_text("user", "Count."), PromptMessage.of_text("assistant", "One, two"))
    assert request["messages"][-1] == {"role": "assistant", "content": [{"text": "One, two"}]}


def test_a_tool_is_described_with_its_schema() -> None:
    assert arguments(tools=[CALCULATOR])["toolConfig"] == {
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


def test_a_tool_without_a_description_sends_none() -> None:
    (tool,) = arguments(tools=[ToolSpec("now", "", {"type": "object"})])["toolConfig"]["tools"]
    assert tool == {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}}


def test_a_tool_round_is_sent_with_our_own_ids() -> None:
    messages = arguments(
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
    ("output", "expected"),
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
def test_an_object_is_sent_as_json_and_any_other_output_as_text(output: Any, expected: dict[str, Any]) -> None:
    assert content(result(output))[0]["toolResult"]["content"] == [expected]


def test_a_failed_tool_result_has_the_status_error() -> None:
    sent = content(result({"error": "division by zero"}, "error"))[0]["toolResult"]
    assert (sent["status"], sent["content"]) == ("error", [{"json": {"error": "division by zero"}}])


def test_signed_reasoning_is_sent_back_with_its_signature() -> None:
    assert content(ReasoningPart(text="Hm.", signature="sig")) == [
        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "sig"}}}
    ]


def test_unsigned_reasoning_and_blank_text_are_left_out() -> None:
    blocks = (ReasoningPart(text="Hm."), TextPart(" \n"), TextPart("Yes."))
    assert content(*blocks) == [{"text": "Yes."}]


@pytest.mark.parametrize("model", ["nova-2-lite", "gpt-6-luna", "deepseek-v3.2", "llama3-3-70b-instruct"])
def test_a_model_that_rejects_its_own_reasoning_does_not_get_it_back(model: str) -> None:
    answer = PromptMessage("assistant", (ReasoningPart(text="Hm.", signature="sig"), TextPart("Yes.")))
    messages = arguments(PromptMessage.of_text("user", "?"), answer, model=model)["messages"]
    assert messages[1]["content"] == [{"text": "Yes."}]


def test_a_model_without_a_system_prompt_gets_it_with_the_first_message() -> None:
    sent = arguments(system="Be brief.", model="mistral-7b-instruct")
    assert "system" not in sent
    assert sent["messages"] == [{"role": "user", "content": [{"text": "Be brief."}, {"text": "Hello?"}]}]


def test_count_arguments_have_the_messages_system_and_tools_of_converse() -> None:
    messages = (
        PromptMessage.of_text("user", "2+2?"),
        PromptMessage("assistant", (CALL,)),
        PromptMessage("user", (result(4),)),
    )
    given: dict[str, Any] = {"system": "Be brief.", "tools": [CALCULATOR]}
    sent, counted = arguments(*messages, **given), count_arguments(request(*messages, **given))
    assert counted["input"] == {"converse": {name: sent[name] for name in ("messages", "system", "toolConfig")}}


def test_count_arguments_have_the_model_id_instead_of_a_profile() -> None:
    assert count_arguments(request())["modelId"] == "anthropic.claude-haiku-4-5-20251001-v1:0"


def test_count_arguments_have_neither_limits_nor_sampling() -> None:
    counted = count_arguments(request(max_output_tokens=100, temperature=0.6, stop_sequences=("END",)))
    assert counted["input"]["converse"].keys() == {"messages"}


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 2048}),
        ("claude-sonnet-4-6", {"type": "adaptive"}),
        ("nova-pro", None),
    ],
)
def test_count_arguments_have_the_reasoning_of_the_model(model: str, thinking: dict[str, Any] | None) -> None:
    counted = count_arguments(request(model=model, reasoning=True, reasoning_budget_tokens=2048))
    found = counted["input"]["converse"].get("additionalModelRequestFields")
    assert found == (None if thinking is None else {"thinking": thinking})
