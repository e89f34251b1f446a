import pytest

from infra.local.bedrock import validation
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.request_models import ConverseRequest
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user

CALLED = (user("2+2?"), assistant(tool_use("t1", expression="2+2")))


@pytest.mark.parametrize(
    ("converse_request", "message"),
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
def test_an_invalid_conversation_is_refused_with_bedrocks_message(
    converse_request: ConverseRequest, message: str
) -> None:
    with pytest.raises(BedrockError) as refused:
        validation.check(converse_request)
    assert refused.value.kind == "ValidationException"
    assert message in refused.value.message


@pytest.mark.parametrize(
    "converse_request",
    [
        request(user("a")),
        request(user("a"), assistant("b"), user("c")),
        request(user("a"), assistant("so far")),
        request(*CALLED, user(tool_result("t1", "4")), toolConfig=CALCULATOR),
    ],
)
def test_a_valid_conversation_passes(converse_request: ConverseRequest) -> None:
    validation.check(converse_request)


def test_input_tokens_include_system_prompt_and_tools() -> None:
    short = validation.input_tokens(request(user("one two")))
    assert short == 2
    assert validation.input_tokens(request(user("one two"), system=[{"text": "be kind"}])) == short + 2
    assert validation.input_tokens(request(user("one two"), toolConfig=CALCULATOR)) > short + 5
    with_tools = request(*CALLED, user(tool_result("t1", "4")), toolConfig=CALCULATOR)
    assert validation.input_tokens(with_tools) > validation.input_tokens(request(user("2+2?"), toolConfig=CALCULATOR))
