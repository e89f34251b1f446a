"""Checks a conversation by Bedrock's rules, in Bedrock's order and mostly with its messages."""

from collections.abc import Iterator
from itertools import pairwise

from infra.local.bedrock import tokens
from infra.local.bedrock.errors import invalid
from infra.local.bedrock.request_models import ConverseRequest, RequestMessage


def check(request: ConverseRequest) -> None:
    """Raises a ValidationException for the first broken rule."""
    for number, message in enumerate(request.messages):
        _check_blocks(number, message)
    _check_roles(request.messages)
    _check_tools(request)


def _check_blocks(number: int, message: RequestMessage) -> None:
    if not message.content:
        raise invalid(
            f"The content field in the Message object at messages.{number} is empty. "
            "Add a ContentBlock object to the content field and try again."
        )
    for place, block in enumerate(message.content):
        if block.text is not None and not block.text.strip():
            raise invalid(
                f"The text field in the ContentBlock object at messages.{number}.content.{place} is blank. "
                "Add text to the text field, and try again."
            )


def _check_roles(messages: tuple[RequestMessage, ...]) -> None:
    if messages[0].role != "user":
        raise invalid(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    if any(first.role == second.role for first, second in pairwise(messages)):
        raise invalid(
            "A conversation must alternate between user and assistant roles. "
            "Make sure the conversation alternates between user and assistant roles and try again."
        )
    last = messages[-1]
    if last.role == "assistant" and last.text() != last.text().rstrip():
        raise invalid("messages: final assistant content cannot end with trailing whitespace")


def _check_tools(request: ConverseRequest) -> None:
    asked: list[str] = []
    for number, message in enumerate(request.messages):
        answered = [result.tool_use_id for result in message.tool_results()]
        uses = [use.tool_use_id for use in message.tool_uses()]
        if (answered or uses) and request.tool_config is None:
            raise invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
        missing = [tool_use_id for tool_use_id in asked if tool_use_id not in answered]
        if missing:
            raise invalid(
                f"Expected toolResult blocks at messages.{number}.content for the following Ids: {', '.join(missing)}"
            )
        if len(answered) > len(asked):
            raise invalid(
                f"The number of toolResult blocks at messages.{number}.content exceeds "
                "the number of toolUse blocks of previous turn."
            )
        asked = uses


def _texts(request: ConverseRequest) -> Iterator[str]:
    yield from (block.text for block in request.system if block.text)
    for message in request.messages:
        yield message.text()
        yield from (result.model_dump_json(exclude_none=True) for result in message.tool_results())
        yield from (use.model_dump_json() for use in message.tool_uses())
    if request.tool_config:
        yield request.tool_config.model_dump_json()


def input_tokens(request: ConverseRequest) -> int:
    """Tokens of all texts of the request. Images and files count as 0."""
    return sum(map(tokens.count, _texts(request)))
