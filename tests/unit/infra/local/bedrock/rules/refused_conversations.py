"""For each rule about messages and tools a request that only it refuses, on which model, and words of the refusal."""

from typing import Any, NamedTuple

from infra.local.bedrock.rules import role_rules, text_rules, tool_rules
from infra.local.bedrock.rules.rule import RefusalRule
from tests.fakes.converse import CALCULATOR, assistant, tool_result, tool_use, user

CALL = (user("2+2?"), assistant(tool_use("t1", expression="2+2")))
RESULT = user(tool_result("t1", "4"))
PNG = {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}}


class Refused(NamedTuple):
    """`body`: everything but the messages. `model`: without `scripted.`."""

    rule: RefusalRule
    words: str
    messages: tuple[dict[str, Any], ...]
    model: str = "lorem"
    streamed: bool = False
    body: dict[str, Any] = {}  # noqa: RUF012 - never changed


def result(*content: dict[str, Any], status: str = "success") -> dict[str, Any]:
    return user({"toolResult": {"toolUseId": "t1", "content": list(content), "status": status}})


def tool(**changed: Any) -> dict[str, Any]:
    described = {"name": "calculator", "inputSchema": {"json": {"type": "object"}}, **changed}
    return {"toolConfig": {"tools": [{"toolSpec": described}]}}


def chosen(**choice: Any) -> dict[str, Any]:
    return {"toolConfig": {**CALCULATOR, "toolChoice": choice}}


TOOLS = {"toolConfig": CALCULATOR}
TEXT = [
    Refused(text_rules.a_message_has_content, "messages.0 is empty", (user(),)),
    Refused(text_rules.text_is_not_blank, "messages.0.content.0 is blank", (user("   "),)),
    Refused(
        text_rules.text_is_not_blank, "messages.1.content.1 is blank", (user("a"), assistant("b", "\n"), user("c"))
    ),
    Refused(
        text_rules.the_system_prompt_is_not_blank, "system.0 is blank", (user("a"),), body={"system": [{"text": "\n "}]}
    ),
    Refused(
        text_rules.the_description_of_a_tool_is_not_blank,
        "toolSpec is blank",
        (user("a"),),
        body=tool(description=" "),
    ),
    Refused(
        text_rules.a_failed_tool_says_why,
        "messages.2.content.0.toolResult cannot be empty when status value is error",
        (*CALL, result(status="error")),
        "claude",
        body=TOOLS,
    ),
    Refused(
        text_rules.a_failed_tool_says_why,
        "is error",
        (*CALL, result({"text": " "}, status="error")),
        "claude",
        body=TOOLS,
    ),
    Refused(text_rules.a_tool_result_has_content, "toolResult is empty", (*CALL, result()), "nova", body=TOOLS),
    Refused(text_rules.a_tool_result_has_content, "toolResult is empty", (*CALL, result()), body=TOOLS),
    Refused(
        text_rules.the_text_of_a_tool_result_is_not_blank,
        "messages.2.content.0.toolResult.content.0 is blank",
        (*CALL, result({"text": ""})),
        body=TOOLS,
    ),
]
ROLES = [
    Refused(role_rules.the_user_speaks_first, "must start with a user message", (assistant("hello"),)),
    Refused(role_rules.roles_alternate, "alternate between user and assistant", (user("a"), user("b"))),
    Refused(
        role_rules.a_begun_answer_does_not_end_in_white_space,
        "cannot end with trailing whitespace",
        (user("a"), assistant("so far ")),
    ),
    *(
        Refused(
            role_rules.an_answer_is_begun_only_where_the_model_can_go_on,
            "does not support assistant message prefill",
            (user("a"), assistant("so far")),
            model,
        )
        for model in ("think", "strict", "claude", "bound", "gpt", "llama")
    ),
    Refused(
        role_rules.a_system_prompt_is_sent_only_where_the_model_takes_one,
        "doesn't support system messages",
        (user("a"),),
        "mistral",
        body={"system": [{"text": "Be kind."}]},
    ),
    Refused(
        role_rules.the_service_tier_is_one_of_the_model,
        "the flex service tier",
        (user("a"),),
        "claude",
        body={"serviceTier": {"type": "flex"}},
    ),
]
TOOL_USE = [
    Refused(tool_rules.tool_blocks_need_declared_tools, "toolConfig field must be defined", (*CALL, RESULT)),
    Refused(
        tool_rules.only_the_model_calls_tools, "cannot contain tool uses", (user("a", tool_use("t1")),), body=TOOLS
    ),
    Refused(
        tool_rules.only_the_user_gives_results,
        "cannot contain tool results",
        (user("a"), assistant(tool_result("t1", "4")), user("b")),
        body=TOOLS,
    ),
    Refused(
        tool_rules.ids_of_a_message_are_different,
        "The toolUse blocks at messages.1.content contain duplicate Ids: t1",
        (user("a"), assistant(tool_use("t1"), tool_use("t1")), RESULT),
        body=TOOLS,
    ),
    Refused(
        tool_rules.ids_of_a_message_are_different,
        "The toolResult blocks at messages.2.content contain duplicate Ids: t1",
        (*CALL, user(tool_result("t1", "4"), tool_result("t1", "4"))),
        body=TOOLS,
    ),
    Refused(
        tool_rules.ids_of_calls_are_different,
        "messages.3.content.0: `tool_use` ids must be unique",
        (*CALL, RESULT, assistant(tool_use("t1")), RESULT),
        "claude",
        body=TOOLS,
    ),
    Refused(
        tool_rules.every_call_has_a_result,
        "Expected toolResult blocks at messages.2.content for the following Ids: t1",
        (*CALL, user("and?")),
        body=TOOLS,
    ),
    Refused(tool_rules.every_call_has_a_result, "for the following Ids: t1", CALL, body=TOOLS),
    Refused(
        tool_rules.every_result_has_a_call,
        "messages.0.content exceeds the number of toolUse blocks",
        (user("a", tool_result("t1", "4")),),
        body=TOOLS,
    ),
    Refused(
        tool_rules.the_input_of_a_call_is_an_object,
        "messages.1.content.0.toolUse.input is invalid. Provide a json object",
        (
            user("a"),
            assistant({"toolUse": {"toolUseId": "t1", "name": "calculator", "input": '{"half'}}),
            RESULT,
        ),
        body=TOOLS,
    ),
    Refused(
        tool_rules.a_json_result_is_an_object,
        "messages.2.content.0.toolResult.content.0.json is invalid. Provide a json object",
        (*CALL, result({"json": [4]})),
        body=TOOLS,
    ),
    Refused(tool_rules.a_json_result_is_an_object, "json is invalid", (*CALL, result({"json": None})), body=TOOLS),
    Refused(
        tool_rules.a_tools_schema_is_an_object,
        "toolConfig.tools.0.toolSpec.inputSchema.json is invalid. Provide a json object",
        (user("a"),),
        body=tool(inputSchema={"json": "object"}),
    ),
    Refused(
        tool_rules.a_tools_schema_describes_an_object,
        "inputSchema.json.type must be one of the following: object",
        (user("a"),),
        body=tool(inputSchema={"json": {"oneOf": []}}),
    ),
    Refused(
        tool_rules.tools_have_different_names,
        "Tool names must be unique",
        (user("a"),),
        body={"toolConfig": {"tools": CALCULATOR["tools"] * 2}},
    ),
    Refused(
        tool_rules.results_come_before_other_content,
        "ids were found without `tool_result` blocks immediately after: t1",
        (*CALL, user("Here:", tool_result("t1", "4"))),
        "claude",
        body=TOOLS,
    ),
    Refused(
        tool_rules.results_stand_alone_where_the_model_wants_it,
        "cannot be provided in the same turn",
        (*CALL, user(tool_result("t1", "4"), "And now?")),
        "llama",
        body=TOOLS,
    ),
    Refused(
        tool_rules.results_have_no_images_where_the_model_takes_none,
        "doesn't support images at messages.2.content.0.toolResult.content.0",
        (*CALL, result(PNG)),
        "gpt",
        body=TOOLS,
    ),
    Refused(
        tool_rules.tools_are_offered_only_where_the_model_takes_them,
        "doesn't support tool use.",
        (user("a"),),
        "mistral",
        body=TOOLS,
    ),
    Refused(
        tool_rules.tools_are_streamed_only_where_the_model_can,
        "doesn't support tool use in streaming mode",
        (user("a"),),
        "llama",
        streamed=True,
        body=TOOLS,
    ),
    Refused(
        tool_rules.a_chosen_tool_is_declared, "'search' not found", (user("a"),), body=chosen(tool={"name": "search"})
    ),
    Refused(
        tool_rules.a_tool_is_forced_only_where_the_model_can, "tool_choice", (user("a"),), "bound", body=chosen(any={})
    ),
]
REFUSED = [*TEXT, *ROLES, *TOOL_USE]
