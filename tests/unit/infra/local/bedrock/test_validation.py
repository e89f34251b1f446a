import pytest

from infra.local.bedrock import validation
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.request_models import ConverseRequest
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user

CALLED = (user("2+2?"), assistant(tool_use("t1", expression="2+2")))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(assistant("hello")), "must start with a user message"),
        (request(user("a"), user("b")), "must alternate between user and assistant roles"),
        (request(user("   ")), "messages.0.content.0 is blank"),
        (request(user("a"), assistant("b"), user("c", "\n")), "messages.2.content.1 is blank"),
        (request(user()), "messages.0 is empty"),
        (request(user("a"), assistant("so far ")), "cannot end with trailing whitespace"),
        (request(*CALLED, user("and?"), toolConfig=CALCULATOR), "for the following Ids: t1"),
        (request(*CALLED, user(tool_result("t1", "4"))), "toolConfig field must be defined"),
        (request(user("a", tool_result("t1", "4")), toolConfig=CALCULATOR), "exceeds the number of toolUse blocks"),
    ],
)
def test_broken_conversations_are_refused_in_bedrocks_words(asked: ConverseRequest, told: str) -> None:
    with pytest.raises(BedrockError) as refused:
        validation.check(asked)
    assert refused.value.kind == "ValidationException"
    assert told in refused.value.message


@pytest.mark.parametrize(
    "asked",
    [
        request(user("a")),
        request(user("a"), assistant("b"), user("c")),
        request(user("a"), assistant("so far")),
        request(*CALLED, user(tool_result("t1", "4")), toolConfig=CALCULATOR),
    ],
)
def test_sound_conversations_pass(asked: ConverseRequest) -> None:
    validation.check(asked)


def test_every_word_of_a_request_counts() -> None:
    little = validation.input_tokens(request(user("one two")))
    assert little == 2
    assert validation.input_tokens(request(user("one two"), system=[{"text": "be kind"}])) == little + 2
    assert validation.input_tokens(request(user("one two"), toolConfig=CALCULATOR)) > little + 5
    with_tools = request(*CALLED, user(tool_result("t1", "4")), toolConfig=CALCULATOR)
    assert validation.input_tokens(with_tools) > validation.input_tokens(request(user("2+2?"), toolConfig=CALCULATOR))
