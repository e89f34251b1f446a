"""Whatever happened in a conversation, a plain "hi" in it is answered."""

import asyncio
import os
from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chat.domain import Conversation, Turn
from services.chat.domain.request_level import REFUSALS
from shared.llm.port import (
    BrokenToolUse,
    ModelFailedError,
    ReasoningDelta,
    ReasoningSignature,
    RedactedReasoning,
    Stopped,
    TextDelta,
    ToolUse,
    UsageReported,
)
from tests.fakes.chat_models import USAGE, Step, answer
from tests.fakes.chat_service import LEASE_S, FakeChat, World, until
from tests.fakes.strict_models import POISON, StrictModels

EXAMPLES: Final = int(os.environ.get("COLLOQUY_HISTORIES", "60"))
STOP_REASONS: Final = (
    "end_turn", "tool_use", "max_tokens", "stop_sequence", "guardrail_intervened", "content_filtered", "refusal",
    "malformed_model_output", "malformed_tool_use", "model_context_window_exceeded", "something_new",
)  # fmt: skip
FAULTS: Final = (*REFUSALS, "model-throttled", "model-stream-broken", "model-silent", "model-access-denied")
MODELS: Final = ("scripted.echo", "scripted.strict", "scripted.think")
TEXTS: Final = st.sampled_from(["Hello", "", " ", "\n", "\u2028", "\ufffd", "1\x00\x1f", "안녕", f"a {POISON}"])
SAID: Final = st.sampled_from(["Hello?", "안녕?", "x\u2028y", f"{POISON}?"])
NAMES: Final = st.sampled_from(["calculator", "shell", "", "a b:c", "x" * 99, POISON])
INPUTS: Final = st.sampled_from([{}, {"expression": "1"}, {"expression": POISON}, {"a": [None, {"b": ""}]}])
RESULTS: Final = st.sampled_from([{"result": "1"}, {}, [], "", " ", None, 0, {"error": ""}, {"result": POISON}])


@st.composite
def outputs(draw: st.DrawFn) -> list[Step]:
    """What a model streams: any blocks, then a stop reason or a fault."""
    steps: list[Step] = []
    for block in range(draw(st.integers(0, 4))):
        match draw(st.sampled_from(["text", "text", "reasoning", "signature", "redacted", "tool", "tool", "broken"])):
            case "text":
                steps.append(TextDelta(draw(TEXTS), block))
            case "reasoning":
                steps += [ReasoningDelta(draw(TEXTS), block), ReasoningSignature("sig", block)]
            case "signature":
                steps.append(ReasoningSignature("sig", block))
            case "redacted":
                steps.append(RedactedReasoning("c2VjcmV0", block))
            case "tool":
                steps += [ToolUse(draw(NAMES), draw(INPUTS), block)] * draw(st.sampled_from([1, 1, 2, 40]))
            case _:
                steps.append(BrokenToolUse(draw(NAMES), block))
    if draw(st.integers(0, 3)) == 0:
        return [*steps, ModelFailedError(draw(st.sampled_from(FAULTS)))]
    return [*steps, Stopped(draw(st.sampled_from(STOP_REASONS))), UsageReported(USAGE)]


@dataclass(frozen=True)
class Happening:
    """One turn: what the person said, what the model streams, call by call, and whether it is stopped or killed."""

    said: str
    outputs: list[list[Step]]
    end: str
    status: str
    result: Any
    options: dict[str, Any]


HAPPENINGS: Final = st.builds(
    Happening,
    SAID,
    st.lists(outputs(), max_size=3),
    st.sampled_from(["", "", "", "cancel", "kill", "cancel in tools"]),
    st.sampled_from(["success", "error"]),
    RESULTS,
    st.fixed_dictionaries(
        {"model": st.sampled_from(MODELS), "tools": st.sampled_from([(), ("calculator",)]), "reasoning": st.booleans()}
    ),
)


@given(
    st.lists(HAPPENINGS, min_size=1, max_size=4),
    st.sampled_from(sorted(REFUSALS)),
    st.sampled_from(MODELS),
    st.booleans(),
    st.booleans(),
)
@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
def test_a_plain_hi_is_answered_after_anything(
    happenings: list[Happening], refusal: str, model: str, tools: bool, reasoning: bool
) -> None:
    options = {"model": model, "tools": ("calculator",) if tools else (), "reasoning": reasoning}
    asyncio.run(_play(happenings, refusal, options))


async def _play(happenings: list[Happening], refusal: str, options: dict[str, Any]) -> None:
    models = StrictModels(refusal)
    chat = FakeChat(World(models))
    head = await chat.open()
    for happening in happenings:
        await _happen(chat, head, happening)
    models.next_answers, models.answers = [], answer("Hi", " there")
    turn = await chat.ended_turn(head, "hi", **options)
    assert turn.state == "completed", turn.error
    assert (await chat.message(turn)).content[-1].model_dump()["text"].endswith("Hi there")
    assert models.broken_rules == []


async def _happen(chat: FakeChat, head: Conversation, happening: Happening) -> None:
    models = chat.models
    models.next_answers, models.answers = [*happening.outputs], answer("Well")
    if happening.end in {"cancel", "kill"}:
        models.next_answers[:1] = [[TextDelta("So"), asyncio.Event()]]
    turn, task = await chat.running_turn(head, happening.said, **happening.options)
    if happening.end in {"cancel", "kill"}:
        await until(lambda: task.done() or models.open_calls)
        if happening.end == "cancel":
            chat.leases.notify_cancelled(turn.id)
        else:
            task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await _end(chat, await chat.turn(turn.id), happening)


async def _end(chat: FakeChat, turn: Turn, happening: Happening) -> None:
    """Answer the turn's tool calls, or cancel it, until it has ended."""
    for _ in range(30):
        turn = await chat.turn(turn.id)
        if turn.ended:
            return
        if turn.state == "awaiting_tools" and happening.end == "cancel in tools":
            await chat.cancel_turn.cancel(turn)
            continue
        pending = [call for each in await chat.store.rounds.of_turn(turn.id) for call, _ in each.unanswered()]
        for call in chat.sent_calls():
            if call.call_id in {each.id for each in pending}:
                await chat.receive_tool_result(call, happening.result, happening.status)
        if not pending:
            chat.clock.advance(LEASE_S + 1)
            await chat.receive_run_turn(turn.id)
    pytest.fail("the turn has not ended")
