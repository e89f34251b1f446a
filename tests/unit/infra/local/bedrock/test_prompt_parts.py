from infra.local.bedrock import prompt_parts
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user

CALLED = (user("2+2?"), assistant(tool_use("t1", expression="2+2")))
POINT = {"cachePoint": {"type": "default"}}
REASONING = {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "signed"}}}


def test_input_tokens_include_system_prompt_and_tools() -> None:
    short = prompt_parts.input_tokens(request(user("one two")))
    assert short == 2
    assert prompt_parts.input_tokens(request(user("one two"), system=[{"text": "be kind"}])) == short + 2
    assert prompt_parts.input_tokens(request(user("one two"), toolConfig=CALCULATOR)) > short + 5
    with_tools = request(*CALLED, user(tool_result("t1", "4")), toolConfig=CALCULATOR)
    assert prompt_parts.input_tokens(with_tools) > prompt_parts.input_tokens(
        request(user("2+2?"), toolConfig=CALCULATOR)
    )


def test_cache_points_and_images_cost_no_tokens() -> None:
    image = {"image": {"format": "png", "source": {"bytes": "aGVsbG8="}}}
    assert prompt_parts.input_tokens(request(user("one two", image, POINT))) == 2


def test_tools_come_before_the_system_prompt_and_messages_last() -> None:
    parts = prompt_parts.parts(request(user("hi", POINT), system=[{"text": "be kind"}], toolConfig=CALCULATOR))
    assert [part.content.split(b":")[0] for part in parts] == [b"tool", b"system", b"user", b""]


def digest(*messages: dict[str, object], **more: object) -> str:
    return prompt_parts.digest(prompt_parts.parts(request(*messages, **more)))


def test_a_digest_covers_everything_but_cache_points_and_reasoning() -> None:
    plain = digest(user("a"), assistant("b"), user("c"))
    assert digest(user("a", POINT), assistant(REASONING, "b"), user("c")) == plain
    assert digest(user("a"), assistant("b"), user("d")) != plain
    assert digest(user("a"), assistant("b"), user("c"), system=[{"text": "be kind"}]) != plain
    assert digest(user("a"), assistant("b"), user("c"), toolConfig=CALCULATOR) != plain


def test_a_digest_knows_the_order_of_keys() -> None:
    first = digest(*CALLED[:1], assistant(tool_use("t1", a=1, b=2)))
    assert digest(*CALLED[:1], assistant(tool_use("t1", b=2, a=1))) != first
