"""Two tabs of one person send, retry and delete in the same conversations, through two processes."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos import checks
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.inspector import wait_until
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.chaos.reader import Reader
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

_CONVERSATIONS: Final = 3  # alive at a time
_ERASED_S: Final = 90.0
_QUICK: Final = "[[ttft=20 gap=10 tokens=25]]"
_MAY: Final = frozenset({202, 404, 409, 429})
_DELETED_EVERY: Final = 25  # on average, so many acts


@dataclass
class _Shared:
    """What both tabs have been told. `said`: text → turn, of each conversation."""

    living: list[str] = field(default_factory=list)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    again: dict[str, list[str]] = field(default_factory=dict)
    deleted: dict[str, float] = field(default_factory=dict)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    acts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


class _Tab:
    def __init__(self, context: CaseContext, name: str, reader: Reader, shared: _Shared) -> None:
        self._name, self._reader, self._shared = name, reader, shared
        self._rng = context.rng
        self._count = 0

    async def act(self) -> None:
        """One thing that a person may do; what it came to is checked at once as far as it can be."""
        conversation = self._rng.choice(self._shared.living)
        if self._rng.random() < 1 / _DELETED_EVERY:
            await self._delete(conversation)
        elif self._rng.random() < 0.4:
            await self._retry(conversation)
        else:
            await self._send(conversation)

    async def _send(self, conversation: str) -> None:
        self._count += 1
        text = f"{self._name} {self._count} {_QUICK}"
        body: dict[str, Any] = {"content": [{"type": "text", "text": text}], "model": "scripted.lorem"}
        if self._rng.random() < 0.5:
            body["parent_id"] = None  # beside everything else: never in progress
        asked_at = time.time()
        status, answer = await self._call("POST", f"/api/chat/conversations/{conversation}/messages", body)
        if status == 202:
            self._shared.said[conversation][text] = answer["turn_id"]
            self._refuse_resurrection(conversation, asked_at, "a message was taken")
        self._count_act("send", status)

    async def _retry(self, conversation: str) -> None:
        messages = await self._messages(conversation)
        asked = [each["id"] for each in messages if each["role"] == "user"]
        if not asked:
            return
        path = f"/api/chat/conversations/{conversation}/messages/{self._rng.choice(asked)}/turns"
        asked_at = time.time()
        status, answer = await self._call("POST", path, {"model": "scripted.lorem"})
        if status == 202:
            self._shared.again[conversation].append(answer["turn_id"])
            self._refuse_resurrection(conversation, asked_at, "a retry was taken")
        self._count_act("retry", status)

    async def _delete(self, conversation: str) -> None:
        if conversation not in self._shared.living:
            return
        status, _ = await self._call("DELETE", f"/api/chat/conversations/{conversation}", None)
        if status == 204:
            self._shared.deleted.setdefault(conversation, time.time())
            if conversation in self._shared.living:
                self._shared.living.remove(conversation)
                await begin(self._reader, self._shared)
            if await self._messages(conversation):
                self._shared.complaints.append(f"{conversation}: readable after its deletion")
        self._count_act("delete", status)

    async def _messages(self, conversation: str) -> list[dict[str, Any]]:
        path = f"/api/chat/conversations/{conversation}/messages?limit=200"
        status, answer = await self._call("GET", path, None)
        return list(answer["items"]) if status == 200 else []

    async def _call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        return await self._reader.call(method, path, body)

    def _count_act(self, act: str, status: int) -> None:
        self._shared.acts[f"{act} {status}"] += 1
        if status >= 400 and status not in _MAY:
            self._shared.complaints.append(f"{act}: status {status}")

    def _refuse_resurrection(self, conversation: str, asked_at: float, what: str) -> None:
        deleted_at = self._shared.deleted.get(conversation)
        if deleted_at is not None and deleted_at < asked_at:
            self._shared.complaints.append(f"{conversation}: {what} after its deletion")


async def begin(reader: Reader, shared: _Shared) -> None:
    conversation = await reader.open_conversation()
    shared.said[conversation], shared.again[conversation] = {}, []
    shared.living.append(conversation)


async def run(context: CaseContext) -> Result:
    async with chaos_environment(context, [*chat_processes(2), AGENTS, ANALYTICS]) as env:
        shared = _Shared()
        for _ in range(_CONVERSATIONS):
            await begin(env.reader, shared)
        until_at = time.monotonic() + context.settings.tabs_s
        tabs = [_Tab(context, f"tab{place}", env.reader_at(f"chat{place % 2 + 1}"), shared) for place in range(2)]
        await asyncio.gather(*(_live(tab, until_at) for tab in tabs))
        context.say("the tabs are closed", **shared.acts)
        context.say("looks for what is missing", living=len(shared.living), deleted=len(shared.deleted))
        complaints = shared.complaints + await _lost(env, shared)
        erased_s = await wait_until(lambda: not any(_remains(env, shared)), _ERASED_S)
        complaints += [] if erased_s is not None else list(await asyncio.to_thread(lambda: [*_remains(env, shared)]))
        complaints += await _readable(env, shared)
    figures = {
        "acts": dict(shared.acts),
        "conversations deleted": len(shared.deleted),
        "messages checked": sum(len(shared.said[each]) for each in shared.living),
        "retries checked": sum(len(shared.again[each]) for each in shared.living),
        "erased after (s)": erased_s and round(erased_s, 1),
    }
    return Result(not complaints, figures, complaints)


async def _live(tab: _Tab, until_at: float) -> None:
    while time.monotonic() < until_at:
        await tab.act()
        await asyncio.sleep(0.05)


async def _lost(env: ChaosEnvironment, shared: _Shared) -> list[str]:
    """Everything that was taken in a living conversation is there: message, answer, and one tree."""
    wrong: list[str] = []
    for conversation in shared.living:
        turns = [*shared.said[conversation].values(), *shared.again[conversation]]
        watched = await asyncio.gather(*(env.reader.watch(turn, 60) for turn in turns))
        wrong += [f"{each.turn_id}: {each.outcome}" for each in watched if each.outcome != "completed"]
        messages = await env.reader.messages(conversation)
        ids = {message["id"] for message in messages}
        wrong += [
            f"{message['id']}: its parent is gone" for message in messages if message["parent_id"] not in {None, *ids}
        ]
        texts = Counter(
            "".join(block.get("text", "") for block in each["content"]) for each in messages if each["role"] == "user"
        )
        wrong += [
            f"{conversation}: {text!r} is there {texts[text]} times"
            for text in shared.said[conversation]
            if texts[text] != 1
        ]
        for observed in watched:
            log = await asyncio.to_thread(env.inspector.log, observed.turn_id)
            wrong += checks.log_errors(observed.turn_id, log) + checks.message_differences(
                observed.turn_id, log, messages
            )
        status, head = await env.reader.call_with_retry("GET", f"/api/chat/conversations/{conversation}")
        if status != 200 or head["running_turns"]:
            wrong.append(f"{conversation}: {status}, still running {head.get('running_turns')}")
    return wrong


def _remains(env: ChaosEnvironment, shared: _Shared) -> Iterator[str]:
    """Items of the tables in which a deleted conversation is still to be found, the outbox and the ledger aside."""
    gone = set(shared.deleted)
    gone |= {turn for each in gone for turn in [*shared.said[each].values(), *shared.again[each]]}
    for name in ("Table", "TurnLogTable"):
        for item in env.inspector.scan(env.system.outputs("chat")[name]):
            if not item["pk"].startswith("OUTBOX#"):
                found = [each for each in gone if each in str(item)]
                if found:
                    yield f"{item['pk']}/{item['sk']} still tells of {found[0]}"


async def _readable(env: ChaosEnvironment, shared: _Shared) -> list[str]:
    """Nothing of a deleted conversation can be read by its address."""
    wrong: list[str] = []
    for conversation in shared.deleted:
        paths = [f"/api/chat/conversations/{conversation}", f"/api/chat/conversations/{conversation}/messages"]
        for turn in [*shared.said[conversation].values(), *shared.again[conversation]]:
            paths += [f"/api/chat/turns/{turn}", f"/api/chat/turns/{turn}/events"]
        for path in paths:
            status, _ = await env.reader.call_with_retry("GET", path)
            wrong += [] if status == 404 else [f"{path}: {status}"]
    return wrong


CASE: Final = Case(
    "tabs",
    "two tabs send, retry and delete in the same conversations for 60 s: no lost update, no resurrection",
    lambda settings: 60 + settings.tabs_s,
    run,
)
