"""For each rule about reasoning a request that only it refuses: a real answer of a scripted model, altered."""

from typing import Any

from infra.local.bedrock.rules import reasoning_rules, role_rules
from tests.fakes.converse import CALCULATOR, assistant, tool_result, tool_use, user
from tests.unit.infra.local.bedrock.rules.refused_conversations import Refused
from tests.unit.infra.local.bedrock.scripted_answers import answer

TOOLS = {"toolConfig": CALCULATOR}
HI = user("hi")
MORE = user("Go on.")
UNSIGNED = {"reasoningContent": {"reasoningText": {"text": "Hm."}}}
REDACTED = {"reasoningContent": {"redactedContent": "aGVsbG8="}}
THINK = {"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2_000}}}
SHOWN = {"additionalModelRequestFields": {"thinking": {"type": "adaptive", "display": "summarized"}}}
CLAUDE = answer(HI, model="scripted.claude", **SHOWN)
BOUND = answer(HI, model="scripted.bound")
SECOND = answer(HI, BOUND, MORE, model="scripted.bound")
THIRD = answer(HI, BOUND, MORE, SECOND, MORE, model="scripted.bound")
ROUND = user("[[tool=calculator:{}]] 2+2?")
CALL = answer(ROUND, model="scripted.bound", **TOOLS)
CALL_ID = CALL["content"][-1]["toolUse"]["toolUseId"]
AFTER = answer(ROUND, CALL, user(tool_result(CALL_ID, "4")), model="scripted.bound", **TOOLS)


def altered(message: dict[str, Any], **changed: str) -> dict[str, Any]:
    """The message with another text or signature of its reasoning."""
    first, *others = message["content"]
    text = {**first["reasoningContent"]["reasoningText"], **changed}
    return {**message, "content": [{"reasoningContent": {"reasoningText": text}}, *others]}


def without_reasoning(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": [block for block in message["content"] if "reasoningContent" not in block]}


def only_reasoning(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": [block for block in message["content"] if "reasoningContent" in block]}


_OTHER = "is bound to a different conversation"
REFUSED = [
    Refused(reasoning_rules.only_the_model_reasons, "cannot contain reasoning", (user("a", UNSIGNED),)),
    *(
        Refused(
            reasoning_rules.reasoning_is_sent_back_only_where_the_model_takes_it,
            "cannot contain reasoning content",
            (HI, assistant(UNSIGNED, "b"), MORE),
            model,
        )
        for model in ("nova", "llama")
    ),
    Refused(
        reasoning_rules.signatures_are_sent_only_where_the_model_takes_them,
        "doesn't support the reasoningContent.reasoningText.signature field",
        (HI, CLAUDE, MORE),
        "gpt",
    ),
    Refused(
        reasoning_rules.redacted_reasoning_is_sent_only_where_the_model_takes_it,
        "doesn't support the reasoningContent.redactedContent field",
        (HI, assistant(REDACTED, "b"), MORE),
        "gpt",
    ),
    Refused(
        reasoning_rules.reasoning_is_signed,
        "messages.1.content.0.thinking.signature: Field required",
        (HI, assistant(UNSIGNED, "b"), MORE),
        "claude",
    ),
    *(
        Refused(
            reasoning_rules.a_signature_is_unaltered,
            "messages.1.content.0: Invalid `signature` in `thinking` block",
            (HI, message, MORE),
            model,
        )
        for model, message in (
            ("claude", altered(CLAUDE, text="I have never thought that.")),
            ("claude", altered(CLAUDE, signature="AAAA")),
            ("bound", altered(CLAUDE, text="Nor this.")),
            ("budget", altered(CLAUDE, signature="c2lnbmVk")),
        )
    ),
    Refused(
        reasoning_rules.redacted_reasoning_is_unaltered,
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
        (HI, assistant(REDACTED, "b"), MORE),
        "claude",
    ),
    Refused(
        reasoning_rules.reasoning_of_the_latest_answer_is_complete,
        "in the latest assistant message cannot be modified",
        (HI, {**CLAUDE, "content": [*CLAUDE["content"], CLAUDE["content"][0]]}, MORE),
        "claude",
    ),
    *(
        Refused(
            reasoning_rules.an_answer_with_calls_begins_with_its_reasoning,
            f"Expected `thinking` or `redacted_thinking`, but found `{found}`",
            (HI, assistant(*said, tool_use("t1")), user(tool_result("t1", "4"))),
            "budget",
            body={**TOOLS, **THINK},
        )
        for said, found in (((), "tool_use"), (("Let me see.",), "text"))
    ),
    *(
        Refused(reasoning_rules.reasoning_belongs_to_this_conversation, _OTHER, messages, "bound", body=body)
        for messages, body in (
            ((user("hello"), BOUND, MORE), {}),
            ((HI, BOUND, MORE), {"system": [{"text": "Today is Monday."}]}),
            ((HI, BOUND, MORE), TOOLS),
            ((ROUND, CALL, user(tool_result(CALL_ID, "5")), AFTER, MORE), TOOLS),
            ((HI, BOUND, MORE, without_reasoning(SECOND), MORE, THIRD, MORE), {}),
        )
    ),
    Refused(
        role_rules.an_answer_is_more_than_reasoning,
        "does not support assistant message prefill",
        (HI, only_reasoning(CLAUDE), MORE),
        "claude",
    ),
]
