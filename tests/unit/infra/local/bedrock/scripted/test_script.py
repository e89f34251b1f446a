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


def write(
    *messages: dict[str, Any], model: str = "scripted.lorem", counter: FaultCounter | None = None, **more: Any
) -> Script:
    return script.write(parse(model), request(*messages, **more), 11, counter or FaultCounter())


def said(play: Script) -> str:
    return "".join("".join(block.tokens) for block in play.blocks if isinstance(block, TextContent))


def test_the_same_prompt_gets_the_same_answer_and_another_another() -> None:
    assert said(write(user("a"))) == said(write(user("a")))
    assert said(write(user("a"))) != said(write(user("b")))
    assert said(write(user("a [[seed=1]]"))) != said(write(user("a [[seed=2]]")))


def test_lengths_are_exact() -> None:
    play = write(user("[[tokens=37 reasoning=5]]"))
    assert [len(block.tokens) for block in play.blocks] == [5, 37]
    assert isinstance(play.blocks[0], ReasoningContent)
    assert play.usage == TokenUsage(11, 42)


@pytest.mark.parametrize(
    ("kind", "sign"), [("markdown", "## "), ("code", "```"), ("table", "|---"), ("korean", "다."), ("prose", ". ")]
)
def test_each_kind_of_text_looks_like_it(kind: str, sign: str) -> None:
    answer = said(write(user(f"[[kind={kind}]]")))
    assert sign in answer
    assert answer == answer.strip()


def test_names_set_the_pace_and_directives_change_it() -> None:
    assert write(user("a"), model="scripted.slow").pace.due(2) == pytest.approx(1.04)
    assert write(user("[[ttft=0 gap=1.5]]"), model="scripted.slow").pace.due(2) == pytest.approx(0.003)


def test_echo_says_the_words_without_the_directives() -> None:
    assert said(write(user("Good [[gap=0]]day"), model="scripted.echo")) == "Good day"


def test_a_title_is_short_and_obeys_nothing() -> None:
    play = write(user("Name this:\nhow do tides work, and why twice? [[fault=denied]]"), model="scripted.title")
    assert said(play) == "How do tides work, and why"
    assert play.fault is None


def test_tools_are_asked_only_when_the_request_has_them() -> None:
    asked = user('[[tool=calculator:{"expression":"2+2"} tool=calculator:{"expression":"3"} tool=unknown:{}]]')
    play = write(asked, toolConfig=CALCULATOR)
    calls = [block for block in play.blocks if isinstance(block, ToolUseContent)]
    assert play.stop_reason == "tool_use"
    assert [json.loads("".join(call.tokens)) for call in calls] == [{"expression": "2+2"}, {"expression": "3"}]
    assert len({call.tool_use_id for call in calls}) == len(play.blocks) == 2
    assert write(asked).stop_reason == "end_turn"


def test_a_tool_may_be_asked_after_some_words() -> None:
    play = write(user('[[text="Let me see." tool=calculator:{}]]'), toolConfig=CALCULATOR)
    assert [type(block) for block in play.blocks] == [TextContent, ToolUseContent]


def test_the_results_of_tools_are_told() -> None:
    rounds = (user("[[tool=calculator:{}]]"), assistant(tool_use("a"), tool_use("b")))
    play = write(*rounds, user(tool_result("a", "4"), tool_result("b", "overflow", "error")), toolConfig=CALCULATOR)
    assert said(play) == "The calculator says 4. The calculator failed: overflow."
    assert play.stop_reason == "end_turn"


def test_a_prefilled_answer_is_continued_where_it_stopped() -> None:
    whole = said(write(user("a")))
    begun = whole[:100].rstrip()
    assert begun + said(write(user("a"), assistant(begun))) == whole


@pytest.mark.parametrize("model", ["scripted.strict", "scripted.think"])
def test_some_models_refuse_to_continue(model: str) -> None:
    with pytest.raises(BedrockError, match="does not support assistant message prefill"):
        write(user("a"), assistant("So"), model=model)


def test_the_most_tokens_are_kept_to() -> None:
    play = write(user("[[tokens=50]]"), inferenceConfig={"maxTokens": 10})
    assert (len(play.blocks[0].tokens), play.stop_reason) == (10, "max_tokens")
    thinking = write(user("[[tokens=50 reasoning=8]]"), inferenceConfig={"maxTokens": 10})
    assert [len(block.tokens) for block in thinking.blocks] == [8, 2]


def test_half_a_tool_call_is_never_sent() -> None:
    asked = user('[[text="one two" tool=calculator:{"expression":"1+1"}]]')
    play = write(asked, toolConfig=CALCULATOR, inferenceConfig={"maxTokens": 4})
    assert ([type(block) for block in play.blocks], play.stop_reason) == ([TextContent], "max_tokens")


def test_a_stop_sequence_ends_the_text_before_it() -> None:
    play = write(user('[[text="one two three"]]'), inferenceConfig={"stopSequences": ["three", " two"]})
    assert (said(play), play.stop_reason) == ("one", "stop_sequence")


def test_stop_reason_and_usage_can_be_anything() -> None:
    play = write(user("[[stop=content_filtered usage=1/2/3/4]]"))
    assert (play.stop_reason, play.usage) == ("content_filtered", TokenUsage(1, 2, 3, 4))
    assert write(user("[[usage=none]]")).usage is None


def test_a_fault_with_times_lets_the_retry_through_until_forgotten() -> None:
    counter = FaultCounter()
    asked = user("[[fault=throttled times=2]]")
    assert [write(asked, counter=counter).fault for _ in range(4)] == [Fault.THROTTLED, Fault.THROTTLED, None, None]
    assert write(asked, assistant("so far"), counter=counter).fault is None
    assert write(user("[[fault=throttled times=2]] else"), counter=counter).fault is Fault.THROTTLED
    counter.clear()
    assert write(asked, counter=counter).fault is Fault.THROTTLED


def test_a_fault_can_be_that_of_one_profile() -> None:
    asked = user("[[fault=unavailable profile=us]]")
    assert write(asked, model="us.scripted.lorem").fault is Fault.UNAVAILABLE
    assert write(asked, model="eu.scripted.lorem").fault is None
    assert write(asked).fault is None


def test_unknown_names_and_long_prompts_are_refused() -> None:
    with pytest.raises(BedrockError, match="model identifier is invalid"):
        write(user("a"), model="scripted.nobody")
    with pytest.raises(BedrockError, match="Input is too long for requested model"):
        script.write(parse("scripted.small"), request(user("a")), 2_001, FaultCounter())


def count(*messages: dict[str, Any], model: str = "scripted.lorem", counted: int = 11) -> int:
    return script.count(parse(model), request(*messages), counted)


def test_a_count_is_what_the_answers_usage_reports() -> None:
    for asked in (user("a"), user("[[usage=70/2]]"), user("[[usage=none]]")):
        play = write(asked)
        assert count(asked) == (play.usage.input if play.usage else 11)


def test_a_count_includes_what_a_cache_gives_and_takes() -> None:
    assert count(user("[[usage=70/2/20/10]]")) == 100


def test_a_fault_of_the_answer_does_not_strike_its_count() -> None:
    counter = FaultCounter()
    asked = user("[[fault=throttled times=1]]")
    assert count(asked) == 11
    assert write(asked, counter=counter).fault is Fault.THROTTLED


def test_one_model_cannot_count() -> None:
    with pytest.raises(BedrockError, match="doesn't support counting tokens"):
        count(user("a"), model="scripted.strict")


def test_unknown_names_and_long_prompts_are_not_counted() -> None:
    with pytest.raises(BedrockError, match="model identifier is invalid"):
        count(user("a"), model="scripted.nobody")
    with pytest.raises(BedrockError, match="prompt is too long: 2001 tokens > 2000 maximum"):
        count(user("a"), model="scripted.small", counted=2_001)
