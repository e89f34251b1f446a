"""Rules about blank text and empty content."""

from collections.abc import Iterator

from infra.local.bedrock.rules.rule import ANALOGY, Asked, rule


@rule("https://github.com/archestra-ai/archestra/pull/4220")
def a_message_has_content(asked: Asked) -> Iterator[str]:
    for number, message in enumerate(asked.request.messages):
        if not message.content:
            yield (
                f"The content field in the Message object at messages.{number} is empty. "
                "Add a ContentBlock object to the content field and try again."
            )


@rule("https://github.com/aws-samples/bedrock-engineer/issues/8")
def text_is_not_blank(asked: Asked) -> Iterator[str]:
    for placed in asked.blocks["text"]:
        if not (placed.block.text or "").strip():
            yield (
                f"The text field in the ContentBlock object at {placed.place} is blank. "
                "Add text to the text field, and try again."
            )


@rule(ANALOGY.format("https://github.com/aws-samples/generative-ai-use-cases/issues/1685"))
def the_system_prompt_is_not_blank(asked: Asked) -> Iterator[str]:
    for index, block in enumerate(asked.request.system):
        if block.text is not None and not block.text.strip():
            yield (
                f"The text field in the SystemContentBlock object at system.{index} is blank. "
                "Add text to the text field, and try again."
            )


@rule(ANALOGY.format("https://github.com/BerriAI/litellm/issues/24668, of an empty one"))
def the_description_of_a_tool_is_not_blank(asked: Asked) -> Iterator[str]:
    for index, tool in enumerate(asked.tools):
        if tool.description is not None and not tool.description.strip():
            yield (
                f"The description field in the ToolSpecification object at toolConfig.tools.{index}.toolSpec is blank. "
                "Add text to the description field, and try again."
            )


@rule("https://github.com/aws-samples/sample-multi-agent-orchestration-chat-on-agentcore/issues/15")
def a_failed_tool_says_why(asked: Asked) -> Iterator[str]:
    for placed, result in asked.results():
        said = any(each.text is None or each.text.strip() for each in result.content)
        if result.status == "error" and not said:
            yield f"The content field at {placed.place}.toolResult cannot be empty when status value is error."


@rule("Claude takes it, Nova and Nemotron do not: https://github.com/strands-agents/harness-sdk/pull/2123")
def a_tool_result_has_content(asked: Asked) -> Iterator[str]:
    for placed, result in asked.results():
        if not result.content and not asked.family.empty_results:
            yield (
                f"The content field in the ToolResultBlock object at {placed.place}.toolResult is empty. "
                "Add a ToolResultContentBlock object to the content field and try again."
            )


@rule(ANALOGY.format("disputed, https://github.com/NousResearch/hermes-agent/issues/55092; Claude and Nova take it"))
def the_text_of_a_tool_result_is_not_blank(asked: Asked) -> Iterator[str]:
    for placed, result in asked.results():
        for index, said in enumerate(result.content):
            if said.text is not None and not said.text.strip() and not asked.family.blank_results:
                yield (
                    f"The text field in the ContentBlock object at {placed.place}.toolResult.content.{index} is blank. "
                    "Add text to the text field, and try again."
                )
