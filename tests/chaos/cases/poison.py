"""Poison among a thousand messages: it goes to the dead letters with a reason and holds up nobody."""

import asyncio
import os
import time
from asyncio.subprocess import PIPE, STDOUT
from collections import Counter
from typing import Any, Final

from infra.deploy.stack_names import PLATFORM
from shared.events.envelope import Envelope
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.inspector import wait_until
from tests.chaos.process_specs import ANALYTICS
from tests.chaos.sample_events import as_delivered, model_invoked, poison
from tests.chaos.system import ChaosSystem
from tests.stack import ROOT
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import percentile, spread

_PER_S: Final = 50
_EVERY: Final = 50  # one message in so many is poison
_SLACK_S: Final = 0.05
_DEADLINE_S: Final = 60.0


async def run(context: CaseContext) -> Result:
    async with chaos_environment(context, [ANALYTICS]) as env:
        queue, dead = (env.system.outputs("analytics")[name] for name in ("EventsQueueUrl", "EventsDeadLetterQueueUrl"))
        await asyncio.to_thread(env.system.client("sqs").purge_queue, QueueUrl=dead)
        await _deliver(env, 100, [])  # warm
        clean = await _deliver(env, context.settings.messages, [])
        context.say("without poison", **spread(clean, 3))
        bodies = [poison(context.rng) for _ in range(context.settings.messages // _EVERY)]
        mixed = await _deliver(env, context.settings.messages, bodies)
        context.say("with poison", **spread(mixed, 3))
        complaints = await _look_at_dead(env, dead, len(bodies))
        figures: dict[str, Any] = {"latency without": spread(clean, 3), "latency with": spread(mixed, 3)}
        complaints += _compare(clean, mixed, context.settings.messages)
        figures["reasons"] = dict(await asyncio.to_thread(_reasons, env, dead))
        complaints += await _look_at_redrive(env, queue, dead, len(bodies))
    return Result(not complaints, figures | {"poison": len(bodies)}, complaints)


def _compare(clean: list[float], mixed: list[float], messages: int) -> list[str]:
    wrong = [] if len(mixed) == messages else [f"only {len(mixed)} of {messages} good messages had their effect"]
    for share in (0.5, 0.95):
        without, beside = percentile(clean, share), percentile(mixed, share)
        if beside > 1.5 * without + _SLACK_S:
            wrong.append(
                f"neighbours of poison were slower: p{share * 100:.0f} {beside:.3f} s instead of {without:.3f} s"
            )
    return wrong


async def _deliver(env: ChaosEnvironment, count: int, poisonous: list[str]) -> list[float]:
    """Seconds from bus to ledger of each good message that arrived, the bad ones strewn among them."""
    sent: dict[str, float] = {}
    arrived: dict[str, float] = {}
    over = asyncio.Event()
    watching = asyncio.create_task(_watch(env, sent, arrived, over))
    began = time.monotonic()
    for number in range(count):
        if poisonous and number % _EVERY == _EVERY // 2 and number // _EVERY < len(poisonous):
            queue = env.system.outputs("analytics")["EventsQueueUrl"]
            body = poisonous[number // _EVERY]
            await asyncio.to_thread(env.system.client("sqs").send_message, QueueUrl=queue, MessageBody=body)
        envelope = model_invoked()
        sent[envelope.subject] = time.monotonic()
        await asyncio.to_thread(_publish, env, envelope)
        await asyncio.sleep(max(0.0, began + (number + 1) / _PER_S - time.monotonic()))
    over.set()
    await watching
    return [arrived[each] - sent[each] for each in arrived]


def _publish(env: ChaosEnvironment, envelope: Envelope) -> None:
    entry = {
        "EventBusName": env.system.outputs(PLATFORM)["EventBus"],
        "Source": envelope.source,
        "DetailType": envelope.type,
        "Detail": envelope.model_dump_json(),
    }
    answer = env.system.client("events").put_events(Entries=[entry])
    assert not answer["FailedEntryCount"], answer


async def _watch(env: ChaosEnvironment, sent: dict[str, float], arrived: dict[str, float], over: asyncio.Event) -> None:
    """Notes when each has its row, until all have, or a minute after the last was sent."""
    give_up: float | None = None
    while True:
        waiting = [each for each in sent if each not in arrived][:100]
        if over.is_set():
            give_up = give_up or time.monotonic() + _DEADLINE_S
            if not waiting or time.monotonic() > give_up:
                return
        for each in await asyncio.to_thread(_in_ledger, env, waiting) if waiting else ():
            arrived[each] = time.monotonic()
        await asyncio.sleep(0.005)


def _in_ledger(env: ChaosEnvironment, invocations: list[str]) -> list[str]:
    table = env.system.outputs("analytics")["Table"]
    keys = [{"pk": {"S": f"INV#{each}"}, "sk": {"S": "LEDGER"}} for each in invocations]
    answer = env.system.client("dynamodb").batch_get_item(RequestItems={table: {"Keys": keys}})
    return [item["pk"]["S"].removeprefix("INV#") for item in answer["Responses"].get(table, [])]


async def _look_at_dead(env: ChaosEnvironment, dead: str, count: int) -> list[str]:
    await wait_until(lambda: env.inspector.messages_in(dead) >= count, _DEADLINE_S)
    found = await asyncio.to_thread(env.inspector.messages_in, dead)
    return [] if found == count else [f"{found} dead letters of {count} poisonous messages"]


def _reasons(env: ChaosEnvironment, dead: str) -> Counter[str]:
    """Why they are dead. They stay where they are."""
    sqs, reasons, seen = env.system.client("sqs"), Counter[str](), set[str]()
    for _ in range(50):
        answer = sqs.receive_message(
            QueueUrl=dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=2
        )
        for message in answer.get("Messages", []):
            if message["MessageId"] not in seen:
                seen.add(message["MessageId"])
                told = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
                reasons[told or "none given"] += 1
        if not answer.get("Messages"):
            break
    return reasons


async def _look_at_redrive(env: ChaosEnvironment, queue: str, dead: str, count: int) -> list[str]:
    """What was dead by mistake has its effect; what is poison comes back to the dead letters."""
    healed = model_invoked()
    attributes = {
        "reason": {"DataType": "String", "StringValue": "dead by mistake"},
        "origin": {"DataType": "String", "StringValue": "queue"},
    }
    sqs = env.system.client("sqs")
    await asyncio.to_thread(
        sqs.send_message, QueueUrl=dead, MessageBody=as_delivered(healed), MessageAttributes=attributes
    )
    await asyncio.sleep(3)  # the look at the reasons has hidden them for two seconds
    trouble = await redrive(env.system, "analytics-events")
    arrived = await wait_until(lambda: _in_ledger(env, [healed.subject]), _DEADLINE_S)
    wrong = [trouble] if trouble else []
    wrong += ["a good message that was redriven had no effect"] if arrived is None else []
    wrong += await _look_at_dead(env, dead, count)
    left = await asyncio.to_thread(env.inspector.messages_in, queue)
    return wrong + ([f"{left} messages are still in the queue"] if left else [])


async def redrive(system: ChaosSystem, queue: str) -> str:
    """What it complained about; empty when it did its work."""
    environment = {**os.environ, **system.settings("analytics"), "STATE": str(system.state.folder)}
    command = ["make", "-s", "redrive", f"QUEUE={queue}"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    return "" if process.returncode == 0 else f"make redrive: {told.decode().strip()[-300:]}"


CASE: Final = Case(
    "poison",
    "poison among 1 000 messages: dead-lettered with reason, neighbours' latency unchanged, redrive works",
    lambda settings: 40 + 2 * settings.messages / _PER_S,
    run,
)
