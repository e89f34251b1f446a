"""Rules about tools: their declarations, the model's calls, and the results."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from infra.local.bedrock.content_models import RequestMessage
from infra.local.bedrock.rules.rule import ANALOGY, Asked, by_model, rule

_SCHEMA = "toolConfig.tools.{}.toolSpec.inputSchema.json"
_NO_OBJECT = "The format of the value at {} is invalid. Provide a json object for the field and try again."


def _schemas(asked: Asked) -> Iterator[tuple[str, Any]]:
    for index, tool in enumerate(asked.request.tool_config.tools if asked.request.tool_config else ()):
        if tool.tool_spec:
            yield _SCHEMA.format(index), tool.tool_spec.input_schema.json_value


def _with_tools(asked: Asked) -> Iterator[tuple[int, RequestMessage]]:
    """The messages with their indexes, if any of them has a call or a result."""
    if asked.blocks["tool_use"] or asked.blocks["tool_result"]:
        yield from enumerate(asked.request.messages)


@rule("https://github.com/aws/aws-sdk-net/issues/3377")
def a_tools_schema_is_an_object(asked: Asked) -> Iterator[str]:
    yield from (_NO_OBJECT.format(place) for place, schema in _schemas(asked) if not isinstance(schema, dict))


@rule("https://github.com/earendil-works/pi/issues/8279")
def a_tools_schema_describes_an_object(asked: Asked) -> Iterator[str]:
    for place, schema in _schemas(asked):
        if isinstance(schema, dict) and schema.get("type") != "object":
            yield f"The value at {place}.type must be one of the following: object."


@rule("Anthropic: platform.claude.com/docs, tool use")
def tools_have_different_names(asked: Asked) -> Iterator[str]:
    if len({tool.name for tool in asked.tools}) < len(asked.tools):
        yield by_model(asked.family, "tools: Tool names must be unique.")


@rule("https://github.com/patriceckhart/zot/pull/18")
def tool_blocks_need_declared_tools(asked: Asked) -> Iterator[str]:
    used = asked.blocks["tool_use"] or asked.blocks["tool_result"]
    if used and asked.request.tool_config is None:
        yield "The toolConfig field must be defined when using toolUse and toolResult content blocks."


@rule(ANALOGY.format("user messages hold no answers of the model, as for reasoning"))
def only_the_model_calls_tools(asked: Asked) -> Iterator[str]:
    if any(placed.role == "user" for placed in asked.blocks["tool_use"]):
        yield "User messages cannot contain tool uses. Please remove the tool use and try again."


@rule(ANALOGY.format("results are the user's: https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use.html"))
def only_the_user_gives_results(asked: Asked) -> Iterator[str]:
    if any(placed.role == "assistant" for placed in asked.blocks["tool_result"]):
        yield "Assistant messages cannot contain tool results. Please remove the tool result and try again."


@rule("https://github.com/double16/Cyber-AutoAgent-ng/issues/27, https://github.com/BerriAI/litellm/issues/20047")
def ids_of_a_message_are_different(asked: Asked) -> Iterator[str]:
    for number, message in _with_tools(asked):
        for kind, ids in (
            ("toolUse", [use.tool_use_id for use in message.tool_uses()]),
            ("toolResult", [result.tool_use_id for result in message.tool_results()]),
        ):
            if twice := [tool_use_id for tool_use_id, count in Counter(ids).items() if count > 1]:
                yield f"The {kind} blocks at messages.{number}.content contain duplicate Ids: {', '.join(twice)}"


@rule("https://github.com/BerriAI/litellm/pull/19324, of Anthropic; that all turns are covered is our reading")
def ids_of_calls_are_different(asked: Asked) -> Iterator[str]:
    seen: set[str] = set()
    for placed, use in asked.uses() if asked.family.anthropic else ():
        if use.tool_use_id in seen:
            yield by_model(asked.family, f"{placed.place}: `tool_use` ids must be unique")
        seen.add(use.tool_use_id)


@rule("https://github.com/NousResearch/hermes-agent/issues/108584")
def every_call_has_a_result(asked: Asked) -> Iterator[str]:
    open_ids: list[str] = []
    for number, message in _with_tools(asked):
        answered = {result.tool_use_id for result in message.tool_results()}
        if missing := [tool_use_id for tool_use_id in open_ids if tool_use_id not in answered]:
            yield (
                f"Expected toolResult blocks at messages.{number}.content for the following Ids: {', '.join(missing)}"
            )
        open_ids = [use.tool_use_id for use in message.tool_uses()] if message.role == "assistant" else []
    if open_ids:
        yield (
            f"Expected toolResult blocks at messages.{len(asked.request.messages)}.content "
            f"for the following Ids: {', '.join(open_ids)}"
        )


@rule("https://github.com/Just-Curieous/Curie/issues/16")
def every_result_has_a_call(asked: Asked) -> Iterator[str]:
    calls = 0
    for number, message in _with_tools(asked):
        if message.role == "user" and len(message.tool_results()) > calls:
            yield (
                f"The number of toolResult blocks at messages.{number}.content exceeds "
                "the number of toolUse blocks of previous turn."
            )
        calls = len(message.tool_uses())


@rule("https://github.com/vercel/ai/pull/19023")
def the_input_of_a_call_is_an_object(asked: Asked) -> Iterator[str]:
    for placed, use in asked.uses():
        if not isinstance(use.input, dict):
            yield _NO_OBJECT.format(f"{placed.place}.toolUse.input")


@rule("https://github.com/aws/aws-sdk-js-v3/issues/7330")
def a_json_result_is_an_object(asked: Asked) -> Iterator[str]:
    for placed, result in asked.results():
        for index, said in enumerate(result.content):
            if "json_value" in said.model_fields_set and not isinstance(said.json_value, dict):
                yield _NO_OBJECT.format(f"{placed.place}.toolResult.content.{index}.json")


@rule("Anthropic: platform.claude.com/docs, tool use")
def results_come_before_other_content(asked: Asked) -> Iterator[str]:
    for number, message in _with_tools(asked):
        said = [block for block in message.content if block.cache_point is None]
        late = [block.tool_result for block in said[len(message.tool_results()) :] if block.tool_result]
        if asked.family.anthropic and message.role == "user" and late:
            yield by_model(
                asked.family,
                f"messages.{number - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(result.tool_use_id for result in late)}. Each `tool_use` block must have a corresponding "
                "`tool_result` block in the next message.",
            )


@rule("https://github.com/strands-agents/harness-sdk/issues/1223")
def results_stand_alone_where_the_model_wants_it(asked: Asked) -> Iterator[str]:
    for number, message in _with_tools(asked):
        others = any(block.tool_result is None and block.cache_point is None for block in message.content)
        if message.tool_results() and others and not asked.family.text_beside_results:
            yield (
                f"messages.{number}.content: Conversation blocks and tool result blocks "
                "cannot be provided in the same turn."
            )


@rule(ANALOGY.format("https://docs.aws.amazon.com/bedrock/latest/userguide/model-card-openai-gpt-6-luna.html"))
def results_have_no_images_where_the_model_takes_none(asked: Asked) -> Iterator[str]:
    for placed, result in asked.results():
        for index, said in enumerate(result.content):
            if said.image is not None and not asked.family.images_in_results:
                yield f"This model doesn't support images at {placed.place}.toolResult.content.{index}."


@rule("https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html")
def tools_are_offered_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    if asked.request.tool_config and not asked.family.tools:
        yield "This model doesn't support tool use."


@rule("https://github.com/earendil-works/pi/issues/3739")
def tools_are_streamed_only_where_the_model_can(asked: Asked) -> Iterator[str]:
    if asked.request.tool_config and asked.streamed and asked.family.tools and not asked.family.tools_in_stream:
        yield "This model doesn't support tool use in streaming mode."


@rule("Anthropic: platform.claude.com/docs, tool use")
def a_chosen_tool_is_declared(asked: Asked) -> Iterator[str]:
    choice = asked.request.tool_config.tool_choice if asked.request.tool_config else None
    if choice and choice.tool and choice.tool.name not in asked.request.tool_names():
        yield by_model(asked.family, f"Tool '{choice.tool.name}' not found in provided tools")


@rule("https://github.com/ax-llm/ax/issues/667")
def a_tool_is_forced_only_where_the_model_can(asked: Asked) -> Iterator[str]:
    choice = asked.request.tool_config.tool_choice if asked.request.tool_config else None
    if choice and choice.auto is None and not asked.family.forced_tools:
        yield by_model(asked.family, 'tool_choice: type "tool" and "any" are not supported for this model.')
