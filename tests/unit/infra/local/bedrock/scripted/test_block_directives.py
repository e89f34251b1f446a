import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.responses import Block, ReasoningContent, RedactedContent, TextContent, ToolUseContent
from infra.local.bedrock.scripted import answer_blocks, directives, prompt
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS
from tests.fakes.converse import CALCULATOR, assistant, tool_result, user
from tests.unit.infra.local.bedrock.scripted_answers import accept, answer, asked

HI, MORE = user("hi"), user("Go on.")


def written(items: str, model: str = "scripted.claude", **more: Any) -> tuple[list[Block], str]:
    tried = asked(user(f"[[blocks={items}]] go"), model=model, **more)
    return answer_blocks.write(tried, BEHAVIOURS[model], prompt.read(tried.request, obeys_directives=True))


def texts(blocks: list[Block]) -> list[str]:
    return ["".join(block.tokens) for block in blocks]


def test_an_answer_has_exactly_the_blocks_it_is_told_in_their_order() -> None:
    blocks, reason = written(
        '[{"reasoning": "Hm."}, {"text": "Let me see."}, {"tool": "calculator", "input": {"a": [1]}}, '
        '{"redacted": true}, {"reasoning": "", "hidden": 9}, {"text": "Done."}]'
    )
    assert [type(block) for block in blocks] == [
        ReasoningContent,
        TextContent,
        ToolUseContent,
        RedactedContent,
        ReasoningContent,
        TextContent,
    ]
    assert texts(blocks)[:3] == ["Hm.", "Let me see.", '{"a": [1]}']
    assert isinstance(blocks[4], ReasoningContent)
    assert blocks[4].signature
    assert blocks[4].hidden == 9
    assert reason == "tool_use"


@pytest.mark.parametrize("items", ["[]", '[{"text": ""}]', '[{"text": "\\n\\n"}]', '[{"text": [""]}]'])
def test_an_answer_may_be_blank_or_empty(items: str) -> None:
    blocks, reason = written(items)
    assert ("".join(texts(blocks)).strip(), reason) == ("", "end_turn")


def test_a_text_may_be_told_delta_by_delta() -> None:
    blocks, _ = written('[{"text": ["\\ud83d", "\\ude00", "\\u2028\\u0085\\u0007"]}]')
    assert blocks[0].tokens == ["\ud83d", "\ude00", "\u2028\u0085\u0007"]


def test_a_call_may_have_any_name_and_half_an_input() -> None:
    blocks, _ = written('[{"tool": "no such tool", "input": "{\\"a\\": "}, {"tool": "x", "id": "t1", "start": false}]')
    half, unstarted = blocks
    assert isinstance(half, ToolUseContent)
    assert isinstance(unstarted, ToolUseContent)
    assert ("".join(half.tokens), half.name, half.starts) == ('{"a": ', "no such tool", True)
    assert half.content()["toolUse"]["input"] == '{"a": '
    assert (unstarted.tool_use_id, unstarted.starts, unstarted.content()["toolUse"]["input"]) == ("t1", False, {})


@pytest.mark.parametrize(("times", "given", "different"), [(60, "{}", 1), (1214, '{"n": "$n"}', 1214)])
def test_a_call_may_be_repeated(times: int, given: str, different: int) -> None:
    blocks, _ = written(f'[{{"tool": "calculator", "times": {times}, "input": {given}}}]')
    assert len({block.tool_use_id for block in blocks if isinstance(block, ToolUseContent)}) == times
    assert len(set(texts(blocks))) == different
    assert json.loads(texts(blocks)[-1]).get("n", times) == times


def test_limits_do_not_cut_what_is_told() -> None:
    blocks, _ = written('[{"text": "one two three"}]', inferenceConfig={"maxTokens": 1})
    assert texts(blocks) == ["one two three"]


def test_reasoning_may_be_unsigned() -> None:
    blocks, _ = written('[{"reasoning": "Hm.", "signed": false}]')
    assert blocks == [ReasoningContent(["Hm", "."], "")]


SEVERAL = '[[blocks=[{"reasoning": "One."}, {"redacted": true}, {"reasoning": ""}, {"text": "b"}]]] hi'


@pytest.mark.parametrize("model", ["scripted.claude", "scripted.bound", "scripted.budget"])
def test_several_blocks_of_reasoning_are_taken_back_as_they_were(model: str) -> None:
    accept(user(SEVERAL), answer(user(SEVERAL), model=model), MORE, model=model)


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 3), (1, 2, 3)], ids=["moved", "one missing", "first missing"])
def test_several_blocks_of_reasoning_are_refused_in_another_order(order: tuple[int, ...]) -> None:
    whole = answer(user(SEVERAL), model="scripted.claude")
    changed = {**whole, "content": [whole["content"][index] for index in order]}
    with pytest.raises(BedrockError, match="in the latest assistant message cannot be modified"):
        accept(user(SEVERAL), changed, MORE, model="scripted.claude")


BLOCKS = st.lists(
    st.one_of(
        st.builds(lambda text: {"reasoning": text}, st.sampled_from(["", "Hm.", "Two words."])),
        st.just({"redacted": True}),
        st.builds(lambda text: {"text": text}, st.sampled_from(["a", "b c", "\n"])),
        st.builds(lambda n: {"tool": "calculator", "input": {"n": n}}, st.integers(1, 2)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(st.sampled_from(["claude", "bound", "budget"]), st.lists(BLOCKS, min_size=1, max_size=4))
def test_any_answers_are_taken_back_as_they_were(model: str, turns: list[list[dict[str, Any]]]) -> None:
    conversation: list[dict[str, Any]] = []
    for told in turns:
        blocks = [*told, {"text": "z"}]
        conversation.append(user(f"[[blocks={json.dumps(blocks)}]]"))
        said = answer(*conversation, model=f"scripted.{model}", toolConfig=CALCULATOR)
        spoken = [block for block in said["content"] if block.get("text", "a").strip()]
        calls = [block["toolUse"]["toolUseId"] for block in spoken if "toolUse" in block]
        conversation.append({**said, "content": spoken})
        if calls:
            conversation.append(user(*(tool_result(call, "4") for call in calls)))
            conversation.append(assistant("Four."))
    accept(*conversation, MORE, model=f"scripted.{model}", toolConfig=CALCULATOR)


def test_joined_reasoning_is_altered_reasoning() -> None:
    asking = user('[[blocks=[{"reasoning": "One."}, {"reasoning": "Two."}, {"text": "b"}]]]')
    first, second, text = answer(asking, model="scripted.claude")["content"]
    joined = {"reasoningText": {**second["reasoningContent"]["reasoningText"], "text": "One.Two."}}
    assert first
    with pytest.raises(BedrockError, match="Invalid `signature`"):
        accept(
            asking,
            {"role": "assistant", "content": [{"reasoningContent": joined}, text]},
            MORE,
            model="scripted.claude",
        )


@pytest.mark.parametrize(
    "items",
    ['"text"', "[1]", "[{}]", '[{"text": 1}]', '[{"text": "a", "reasoning": "b"}]', '[{"tool": "a", "times": 0}]',
     '[{"tool": "a", "size": 1}]', '[{"tool": "a", "input": 3}]', '[{"tool": "a", "times": 5001}]'],
)  # fmt: skip
def test_other_values_are_refused(items: str) -> None:
    with pytest.raises(BedrockError, match="scripted: blocks"):
        directives.parse(f"[[blocks={items}]]")
