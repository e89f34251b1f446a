import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.scripted import directives
from infra.local.bedrock.scripted.directives import Directives, ToolDirective, UsageDirective
from infra.local.bedrock.scripted.faults import Fault


def single_group(text: str) -> Directives:
    (group,), _ = directives.parse(text)
    return group


def test_every_key_is_parsed() -> None:
    group = single_group(
        '[[ttft=50 gap=20.5 tokens=100 chunk=4 reasoning=20 kind=markdown text="so \\"be\\" it" seed=7 stop=max_tokens '
        "usage=120/45/10/0 fault=reset after=30 times=1 profile=us]]"
    )
    assert (group.ttft, group.gap, group.tokens, group.chunk, group.reasoning) == (50, 20.5, 100, 4, 20)
    assert (group.kind, group.text, group.seed, group.stop) == ("markdown", 'so "be" it', 7, "max_tokens")
    assert group.usage == UsageDirective(input=120, output=45, cache_read=10, cache_write=0)
    assert (group.fault, group.after, group.times, group.profile) == (Fault.RESET, 30, 1, "us")


def test_several_tools_with_any_json_input_are_parsed() -> None:
    group = single_group('[[tool=calculator:{"expression":"2+2"} tool=search:{"in": [["]]"]]}]]')
    assert group.tool == (
        ToolDirective(name="calculator", input={"expression": "2+2"}),
        ToolDirective(name="search", input={"in": [["]]"]]}),
    )


def test_usage_may_be_partial_or_none() -> None:
    assert single_group("[[usage=3/4]]").usage == UsageDirective(input=3, output=4)
    assert single_group("[[usage=none]]").usage == "none"


def test_counters_of_usage_may_be_null_or_missing() -> None:
    told = single_group("[[usage=120/null/-/5]]").usage
    assert isinstance(told, UsageDirective)
    assert (told.input, told.output, told.cache_read, told.cache_write) == (120, 0, 0, 5)
    assert (told.null, told.missing) == ({"output"}, {"cache_read"})


def test_the_text_around_the_groups_is_kept() -> None:
    groups, text = directives.parse("Hello [[gap=1]]there[[gap=2\n ttft=3]] ")
    assert [group.gap for group in groups] == [1, 2]
    assert text == "Hello there"


@pytest.mark.parametrize("prose", ["", "see [[Some page]]", "a[[0]]", "[[1, 2], [3]]", "[[x]] = 3", "[[ ]]"])
def test_brackets_of_other_kinds_are_prose(prose: str) -> None:
    assert directives.parse(prose) == ([], prose.strip())


@pytest.mark.parametrize(
    "text",
    [
        "[[speed=9]]",
        "[[gap=fast]]",
        "[[gap=-1]]",
        "[[gap=1 gap=2]]",
        "[[gap=1",
        "[[gap=1 and so on]]",
        "[[gap=1,ttft=2]]",
        '[[text="open]]',
        '[[text="a"gap=1]]',
        "[[tool=calculator]]",
        "[[tool=calculator:{1}]]",
        "[[fault=earthquake]]",
        "[[stop=never]]",
        "[[usage=1]]",
        "[[usage=1/2/3/4/5]]",
        "[[tokens=0]]",
        "[[kind=poem]]",
        "[[profile=mars]]",
        "[[blocks=[]",
        "[[blocks=none]]",
    ],
)
def test_an_invalid_directive_is_refused(text: str) -> None:
    with pytest.raises(BedrockError) as refused:
        directives.parse(text)
    assert refused.value.kind == "ValidationException"
    assert refused.value.message.startswith("scripted: ")


@given(st.text(alphabet='[]= "{}:abc123\n'))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(BedrockError):
        directives.parse(text)


@pytest.mark.parametrize("text", ["Title of [[gap=1]]", "Title of [[tool=a:{", "[[gap=oops]]Title of"])
def test_directives_are_stripped_also_if_incomplete(text: str) -> None:
    assert directives.stripped(text) == "Title of"
