import json
from typing import Any

import pytest

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.model_ids import parse
from infra.local.bedrock.responses import ReasoningContent, TextContent, TokenUsage, ToolUseContent
from infra.local.bedrock.scripted import script
from infra.local.bedrock.scripted.faults import Fault, FaultCounter
from infra.local.bedrock.scripted.script import Script
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user


def write_script(
    *messages: dict[str, Any], model: str = "scripted.lorem", counter: FaultCounter | None = None, **more: Any
) -> Script:
    return script.write(parse(model), request(*messages, **more), 11, counter or FaultCounter())


def text_of(written: Script) -> str:
    return "".join("".join(block.tokens) for block in written.blocks if isinstance(block, TextContent))


def test_the_answer_depends_on_the_prompt_and_the_seed_only() -> None:
    assert text_of(write_script(user("a"))) == text_of(write_script(user("a")))
    assert text_of(write_script(user("a"))) != text_of(write_script(user("b")))
    assert text_of(write_script(user("a [[seed=1]]"))) != text_of(write_script(user("a [[seed=2]]")))


def test_lengths_are_exact() -> None:
    written = write_script(user("[[tokens=37 reasoning=5]]"))
    assert [len(block.tokens) for block in written.blocks] == [5, 37]
    assert isinstance(written.blocks[0], ReasoningContent)
    assert written.usage == TokenUsage(11, 42)


@pytest.mark.parametrize(
    ("kind", "marker"), [("markdown", "## "), ("code", "```"), ("table", "|---"), ("korean", "다."), ("prose", ". ")]
)
def test_each_kind_of_text_has_its_markers(kind: str, marker: str) -> None:
    answer = text_of(write_script(user(f"[[kind={kind}]]")))
    assert marker in answer
    assert answer == answer.strip()


def test_the_model_sets_the_pace_and_directives_override_it() -> None:
    assert write_script(user("a"), model="scripted.slow").pace.due(2) == pytest.approx(1.04)
    assert write_script(user("[[ttft=0 gap=1.5]]"), model="scripted.slow").pace.due(2) == pytest.approx(0.003)


def test_echo_repeats_the_text_without_the_directives() -> None:
    assert text_of(write_script(user("Good [[gap=0]]day"), model="scripted.echo")) == "Good day"


def test_a_title_is_short_and_ignores_directives() -> None:
    written = write_script(
        user("Name this:\nhow do tides work, and why twice? [[fault=denied]]"), model="scripted.title"
    )
    assert text_of(written) == "How do tides work, and why"
    assert written.fault is None


def test_only_tools_of_the_request_are_called() -> None:
    question = user('[[tool=calculator:{"expression":"2+2"} tool=calculator:{"expression":"3"} tool=unknown:{}]]')
    written = write_script(question, toolConfig=CALCULATOR)
    calls = [block for block in written.blocks if isinstance(block, ToolUseContent)]
    assert written.stop_reason == "tool_use"
    assert [json.loads("".join(call.tokens)) for call in calls] == [{"expression": "2+2"}, {"expression": "3"}]
    assert len({call.tool_use_id for call in calls}) == len(written.blocks) == 2
    assert write_script(question).stop_reason == "end_turn"


def test_a_tool_call_may_follow_text() -> None:
    written = write_script(user('[[text="Let me see." tool=calculator:{}]]'), toolConfig=CALCULATOR)
    assert [type(block) for block in written.blocks] == [TextContent, ToolUseContent]


def test_the_answer_repeats_the_tool_results() -> None:
    rounds = (user("[[tool=calculator:{}]]"), assistant(tool_use("a"), tool_use("b")))
    written = write_script(
        *rounds, user(tool_result("a", "4"), tool_result("b", "overflow", "error")), toolConfig=CALCULATOR
    )
    assert text_of(written) == "The calculator says 4. The calculator failed: overflow."
    assert written.stop_reason == "end_turn"


def test_a_prefilled_answer_is_continued() -> None:
    whole = text_of(write_script(user("a")))
    beginning = whole[:100].rstrip()
    assert beginning + text_of(write_script(user("a"), assistant(beginning))) == whole


def test_max_tokens_limits_the_answer() -> None:
    written = write_script(user("[[tokens=50]]"), inferenceConfig={"maxTokens": 10})
    assert (len(written.blocks[0].tokens), written.stop_reason) == (10, "max_tokens")
    thinking = write_script(user("[[tokens=50 reasoning=8]]"), inferenceConfig={"maxTokens": 10})
    assert [len(block.tokens) for block in thinking.blocks] == [8, 2]


def test_max_tokens_cut_a_tool_call_in_the_middle_of_its_input() -> None:
    question = user('[[text="one two" tool=calculator:{"expression":"1+1"}]]')
    written = write_script(question, toolConfig=CALCULATOR, inferenceConfig={"maxTokens": 4})
    assert ([type(block) for block in written.blocks], written.stop_reason) == (
        [TextContent, ToolUseContent],
        "max_tokens",
    )
    assert "".join(written.blocks[1].tokens) == '{"'
    alone = write_script(question, toolConfig=CALCULATOR, inferenceConfig={"maxTokens": 2})
    assert ([type(block) for block in alone.blocks], alone.stop_reason) == ([TextContent], "max_tokens")


def test_a_stop_sequence_ends_the_text_before_it() -> None:
    written = write_script(user('[[text="one two three"]]'), inferenceConfig={"stopSequences": ["three", " two"]})
    assert (text_of(written), written.stop_reason) == ("one", "stop_sequence")


def test_directives_set_stop_reason_and_usage() -> None:
    written = write_script(user("[[stop=content_filtered usage=1/2/3/4]]"))
    assert (written.stop_reason, written.usage) == ("content_filtered", TokenUsage(1, 2, 3, 4))
    assert write_script(user("[[usage=none]]")).usage is None


def test_a_fault_with_times_ends_after_its_number_of_requests() -> None:
    counter = FaultCounter()
    question = user("[[fault=throttled times=2]]")
    assert [write_script(question, counter=counter).fault for _ in range(4)] == [
        Fault.THROTTLED,
        Fault.THROTTLED,
        None,
        None,
    ]
    assert write_script(question, assistant("so far"), counter=counter).fault is None
    assert write_script(user("[[fault=throttled times=2]] else"), counter=counter).fault is Fault.THROTTLED
    counter.clear()
    assert write_script(question, counter=counter).fault is Fault.THROTTLED


def test_a_fault_can_be_limited_to_one_profile() -> None:
    question = user("[[fault=unavailable profile=us]]")
    assert write_script(question, model="us.scripted.lorem").fault is Fault.UNAVAILABLE
    assert write_script(question, model="eu.scripted.lorem").fault is None
    assert write_script(question).fault is None


def test_unknown_names_and_long_prompts_are_refused() -> None:
    with pytest.raises(BedrockError, match="model identifier is invalid"):
        write_script(user("a"), model="scripted.unknown")
    with pytest.raises(BedrockError, match="Input is too long for requested model"):
        script.write(parse("scripted.small"), request(user("a")), 2_001, FaultCounter())


def count(*messages: dict[str, Any], model: str = "scripted.lorem", counted: int = 11) -> int:
    return script.count(parse(model), request(*messages), counted)


def test_a_count_equals_the_input_tokens_in_the_usage_of_the_answer() -> None:
    for message in (user("a"), user("[[usage=70/2]]"), user("[[usage=none]]")):
        play = write_script(message)
        assert count(message) == (play.usage.input if play.usage else 11)


def test_a_count_includes_tokens_read_from_and_written_to_the_cache() -> None:
    assert count(user("[[usage=70/2/20/10]]")) == 100


def test_a_count_neither_raises_nor_uses_up_a_fault() -> None:
    counter = FaultCounter()
    message = user("[[fault=throttled times=1]]")
    assert count(message) == 11
    assert write_script(message, counter=counter).fault is Fault.THROTTLED


def test_the_strict_model_refuses_to_count() -> None:
    with pytest.raises(BedrockError, match="doesn't support counting tokens"):
        count(user("a"), model="scripted.strict")


def test_unknown_names_and_long_prompts_are_not_counted() -> None:
    with pytest.raises(BedrockError, match="model identifier is invalid"):
        count(user("a"), model="scripted.unknown")
    with pytest.raises(BedrockError, match="prompt is too long: 2001 tokens > 2000 maximum"):
        count(user("a"), model="scripted.small", counted=2_001)
