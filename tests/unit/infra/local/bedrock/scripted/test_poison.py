import base64
from typing import Any

import pytest

from infra.local.bedrock.errors import TOO_LONG, BedrockError
from infra.local.bedrock.scripted import poison
from infra.local.bedrock.scripted.faults import REFUSALS, Fault
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user
from tests.unit.infra.local.bedrock.scripted_answers import answer

BAD = "a [[poison=invalid]] b"
REST = (assistant("b"), user("c"))
DOCUMENT = {"name": "report", "format": "txt", "source": {"bytes": base64.b64encode(BAD.encode()).decode()}}
PLACES: dict[str, tuple[tuple[dict[str, Any], ...], dict[str, Any]]] = {
    "the question": ((user(BAD),), {}),
    "an old message": ((user(BAD), *REST), {}),
    "an old answer": ((user("a"), assistant(BAD), user("c")), {}),
    "the system prompt": ((user("a"),), {"system": [{"text": BAD}]}),
    "reasoning": (
        (user("a"), assistant({"reasoningContent": {"reasoningText": {"text": BAD}}}, "b"), user("c")),
        {},
    ),
    "a call": (
        (user("a"), assistant(tool_use("t1", word=BAD)), user(tool_result("t1", "4"))),
        {"toolConfig": CALCULATOR},
    ),
    "a result": ((user("a"), assistant(tool_use("t1")), user(tool_result("t1", BAD))), {"toolConfig": CALCULATOR}),
    "a document": ((user("a", {"document": DOCUMENT}), *REST), {}),
    "a document in a result": (
        (
            user("a"),
            assistant(tool_use("t1")),
            user({"toolResult": {"toolUseId": "t1", "content": [{"document": DOCUMENT}]}}),
        ),
        {"toolConfig": CALCULATOR},
    ),
    "a tool": (
        (user("a"),),
        {"toolConfig": {"tools": [{"toolSpec": {**CALCULATOR["tools"][0]["toolSpec"], "description": BAD}}]}},
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_poison_acts_wherever_it_is(place: str) -> None:
    messages, more = PLACES[place]
    assert poison.fault_of(request(*messages, **more)) is Fault.INVALID


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_poison_has_the_words_of_its_fault(fault: Fault) -> None:
    with pytest.raises(BedrockError) as refused:
        answer(user(f"[[poison={fault}]]"), *REST)
    assert (refused.value.kind, refused.value.message) == REFUSALS[fault]


def test_a_poison_may_look_as_if_the_prompt_was_too_long() -> None:
    with pytest.raises(BedrockError, match=TOO_LONG):
        answer(user("[[poison=too-long]]"), model="scripted.title")


def test_without_it_the_next_request_succeeds() -> None:
    assert poison.fault_of(request(user("a"), *REST)) is None
    assert answer(user("a"), *REST)


def test_a_model_can_say_a_poison_and_is_refused_only_after_that() -> None:
    asking = user('[[text="\\u005b[poison=invalid]]"]]')
    said = answer(asking)
    assert said["content"] == [{"text": "[[poison=invalid]]"}]
    with pytest.raises(BedrockError, match="scripted"):
        answer(asking, said, user("hi"))


def test_an_unknown_poison_is_told() -> None:
    with pytest.raises(BedrockError, match="scripted: poison: is one of denied, ended, internal"):
        answer(user("[[poison=arsenic]]"))
