"""The capacity that one turn consumes when its conversation has 10, 100 and 1 000 messages.

It is the mean of several turns: the number of calls varies by one, as a turn ends just before or after a poll.
"""

import asyncio
import json
import math
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import sleep
from typing import Any, Final

from tests.bench.aims import Aim, evaluate
from tests.bench.call_recorder import Call
from tests.bench.settings import BenchSettings
from tests.bench.system import fresh
from tests.clients import Person, messages
from tests.ports import free_port
from tests.stack import running_stack
from tests.system import Process, System, running_system
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

LENGTHS: Final = (10, 100, 1000)
FLAT: Final = 1.1
_TURNS: Final = 8
_SETTLE_S: Final = 0.5
_FILLING: Final = "Tell me of the harbour. " * 40 + "[[ttft=0 gap=0 tokens=200]]"  # about 1 KB each way
_SHORT: Final = "And now? [[ttft=0 gap=0 tokens=1]]"  # one delta, so that the number of frames is constant
_MB: Final = 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """The mean cost of one turn after a branch of `branch_mb`; `calls` counts the calls of all `turns`."""

    messages: int
    branch_mb: float
    turns: int
    calls: Counter[str]
    written: float
    written_bytes: float
    read: float
    pages: float

    @property
    def calls_each(self) -> float:
        return self.calls.total() / self.turns


async def run(context: CaseContext[BenchSettings]) -> Result:
    return await asyncio.to_thread(_measure, context)


def _measure(context: CaseContext[BenchSettings]) -> Result:
    costs: list[Cost] = []
    with _chat_with_recorder(context) as (built, chat, recorder):
        person = Person(chat.url, built.token("admin@example.com"))
        conversation = person.open_conversation(title="Bench")
        message_count = 0
        for length in LENGTHS:
            while message_count < length:
                list(person.ask(conversation, _FILLING))
                message_count += 2
            costs.append(_cost(person, conversation, recorder, message_count))
            message_count += 2 * _TURNS
            context.say(f"{length} messages", calls=costs[-1].calls_each, written=costs[-1].written)
    return judge(costs)


@contextmanager
def _chat_with_recorder(context: CaseContext[BenchSettings]) -> Iterator[tuple[System, Process, Process]]:
    """Chat without its relay and poller, so that every counted call belongs to the turn."""
    folder = context.record.folder
    with running_stack(fresh(folder), free_port()) as stack, running_system(stack, folder / "system") as built:
        recorder = built.start_module("tests.bench.call_recorder", "--aws", stack.aws.endpoint)
        built.stack = replace(stack, aws=replace(stack.aws, endpoint=recorder.url))
        chat = built.start("chat", "--roles", "http")
        built.stack = stack
        yield built, chat, recorder


def _cost(person: Person, conversation: str, recorder: Process, message_count: int) -> Cost:
    branch = _branch_bytes(person, conversation)
    calls: list[Call] = []
    for _ in range(_TURNS):
        sleep(_SETTLE_S)
        _calls(recorder, "DELETE")
        list(person.ask(conversation, _SHORT))
        sleep(_SETTLE_S)
        calls += [Call(**each) for each in json.loads(_calls(recorder, "GET"))]
    assert calls
    return Cost(
        messages=message_count,
        branch_mb=branch / _MB,
        turns=_TURNS,
        calls=Counter(f"{each.service} {each.operation}" for each in calls),
        written=sum(each.capacity for each in calls if each.writes) / _TURNS,
        written_bytes=sum(each.sent for each in calls if each.writes) / _TURNS,
        read=sum(each.capacity for each in calls if not each.writes) / _TURNS,
        pages=sum(each.operation == "Query" for each in calls) / _TURNS,
    )


def _branch_bytes(person: Person, conversation: str) -> int:
    size, cursor = 0, ""
    while True:
        answer = person.call("GET", f"{messages(conversation)}?limit=200{cursor}")
        size += sum(len(json.dumps(item)) for item in answer.json["items"])
        if not answer.json["next_cursor"]:
            return size
        cursor = f"&cursor={answer.json['next_cursor']}"


def _calls(recorder: Process, method: str) -> bytes:
    request = urllib.request.Request(f"{recorder.url}/_calls", method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        results: bytes = answer.read()
        return results


def judge(costs: list[Cost]) -> Result:
    """Writes and calls stay constant, except for the pages of the branch: one page for each MB."""
    first = costs[0]
    aims = []
    for each in costs[1:]:
        others, first_others = _without_pages(each), _without_pages(first)
        aims += [
            Aim(f"written at {each.messages} messages against 10", each.written / first.written, FLAT, "times"),
            Aim(
                f"bytes written at {each.messages} messages against 10",
                each.written_bytes / first.written_bytes,
                FLAT,
                "times",
            ),
            Aim(f"calls at {each.messages} messages against 10, pages apart", others / first_others, FLAT, "times"),
        ]
    aims += [
        Aim(f"pages read at {each.messages} messages", each.pages, math.ceil(each.branch_mb), "pages") for each in costs
    ]
    more: dict[str, Any] = {
        f"at {each.messages} messages ({each.branch_mb:.2f} MB)": f"{each.calls_each:g} calls a turn, "
        f"{each.written:g} units written, {each.read:g} read; in {each.turns} turns: {dict(sorted(each.calls.items()))}"
        for each in costs
    }
    return evaluate(aims, more, [])


def _without_pages(cost: Cost) -> float:
    return cost.calls_each - cost.pages


CASE: Final = Case(
    "history",
    "writes and calls of one turn at 10 / 100 / 1 000 messages: flat; reads <= 1 page per MB of the branch",
    lambda _: 120,
    run,
)
