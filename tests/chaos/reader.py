"""Somebody at the page: asks, follows the answer over any number of connections, and writes down what came.

Goes on as the web client does: on a broken stream again behind the last id seen, at whatever endpoint is open.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientConnectionError, ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from tests.chaos.observation import Frame, ObservedTurn, ReceivedFrame

FIRST_WAIT_S: Final = 0.3
LONGEST_WAIT_S: Final = 2.0
SILENCE_S: Final = 35.0
"""A stream gives a sign of life every 15 s; who hears none for twice that and some asks elsewhere."""
_FOR_GOOD: Final = frozenset({400, 401, 403, 404, 409, 410, 422})
_OK, _ACCEPTED = 200, 202


@dataclass
class Reader:
    """`endpoints`: addresses, the first one asked first. `silence_s` None: never gives a connection up by itself."""

    session: ClientSession
    token: str
    endpoints: Sequence[str]
    silence_s: float | None = SILENCE_S
    rng: random.Random = field(default_factory=random.Random)

    def at(self, *endpoints: str) -> "Reader":
        return Reader(self.session, self.token, endpoints, self.silence_s, self.rng)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of one request at the first endpoint. Raises what aiohttp raises."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, self.endpoints[0] + path, json=body, headers={**self._headers(), **named},
            timeout=ClientTimeout(total=60),
        ) as answer:  # fmt: skip
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def open_conversation(self) -> str:
        while True:
            status, answer = await self.call_with_retry("POST", "/api/chat/conversations", {})
            if status == 201:
                return str(answer["id"])
            await asyncio.sleep(FIRST_WAIT_S)

    async def call_with_retry(
        self, method: str, path: str, body: Any = None, deadline_s: float = 60.0
    ) -> tuple[int, Any]:
        """`call`, repeated at the next endpoint while nothing answers or the answer is a 429 or 5xx."""
        give_up = time.monotonic() + deadline_s
        endpoints = list(self.endpoints)
        while True:
            try:
                status, answer = await self.at(*endpoints).call(method, path, body)
                if status < 500 and status != 429:
                    return status, answer
            except (ClientError, OSError, TimeoutError):
                status, answer = 0, None
            if time.monotonic() > give_up:
                return status, answer
            endpoints.append(endpoints.pop(0))
            await asyncio.sleep(FIRST_WAIT_S)

    async def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        """The whole tree, oldest first."""
        found: list[dict[str, Any]] = []
        path, cursor = f"/api/chat/conversations/{conversation_id}/messages?limit=200", ""
        while True:
            status, page = await self.call_with_retry("GET", path + cursor)
            assert status == _OK, (status, page)
            found += page["items"]
            if not page["next_cursor"]:
                return found[::-1]
            cursor = f"&cursor={page['next_cursor']}"

    def ask(self, conversation_id: str, text: str, model: str = "scripted.lorem", **more: Any) -> ObservedTurn:
        """An observed turn that has not begun; `follow` it. Its idempotency key makes sure that it is asked once."""
        key = f"{conversation_id}-{self.rng.getrandbits(48):x}"
        body = {"content": [{"type": "text", "text": text}], "model": model, **more}
        return ObservedTurn(conversation_id, model, text, key, body)

    async def follow(self, observed: ObservedTurn, deadline_s: float = 120.0) -> ObservedTurn:
        """Until its end, a refusal for good, or the deadline."""
        observed.began_at = observed.began_at or time.time()
        give_up, failures = time.monotonic() + deadline_s, 0
        endpoints = list(self.endpoints)
        while not (observed.ended or observed.refused_for_good) and (left := give_up - time.monotonic()) > 0:
            before = observed.last_id
            try:
                async with asyncio.timeout(left):
                    await self._connect(observed, endpoints[0])
            except (ClientError, ClientConnectionError, OSError, TimeoutError) as error:
                observed.refusals[type(error).__name__] += 1
            if observed.ended or observed.refused_for_good:
                break
            failures = failures + 1 if before == observed.last_id else 1
            endpoints.append(endpoints.pop(0))
            await asyncio.sleep(self._pause(failures))
        return observed

    async def watch(self, turn_id: str, deadline_s: float = 120.0) -> ObservedTurn:
        """A second reader of an existing turn, from its start."""
        return await self.follow(ObservedTurn("", "", "", turn_id=turn_id), deadline_s)

    async def _connect(self, observed: ObservedTurn, endpoint: str) -> None:
        headers = {**self._headers(), "Accept": "text/event-stream"}
        timeout = ClientTimeout(total=None, sock_connect=5, sock_read=self.silence_s)
        if observed.turn_id:
            url = f"{endpoint}/api/chat/turns/{observed.turn_id}/events"
            headers |= {"Last-Event-ID": str(observed.last_id)} if observed.last_id else {}
            opening = self.session.get(url, headers=headers, timeout=timeout)
        else:
            url = f"{endpoint}/api/chat/conversations/{observed.conversation_id}/messages"
            headers["Idempotency-Key"] = observed.key
            opening = self.session.post(url, json=observed.body, headers=headers, timeout=timeout)
        observed.connections += 1
        async with opening as answer:
            if answer.status != _OK:
                await self._refused(observed, answer)
                return
            async for frame in frames(answer):
                observed.seen.append(ReceivedFrame(frame, time.time(), observed.connections, endpoint))
                if frame.event == "turn.started":
                    observed.turn_id = frame.content["turn_id"]
                if observed.ended:
                    return

    async def _refused(self, observed: ObservedTurn, answer: ClientResponse) -> None:
        problem = await answer.text()
        slug = json.loads(problem).get("type", "").rpartition("/")[2] if problem.startswith("{") else answer.reason
        observed.refusals[f"{answer.status} {slug}"] += 1
        if answer.status in _FOR_GOOD and slug != "turn-in-progress":
            observed.refused_for_good = slug or str(answer.status)

    def _pause(self, failures: int) -> float:
        longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (failures - 1))
        return longest / 2 + self.rng.random() * longest / 2

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def frames(answer: ClientResponse) -> AsyncIterator[Frame]:
    """The events of a stream as they come; comments are dropped, half an event too."""
    fields: dict[str, str] = {}
    async for raw in answer.content:
        line = raw.decode().rstrip("\n")
        if not line:
            if "event" in fields:
                yield Frame(int(fields["id"]), fields["event"], fields["data"])
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def open_session() -> ClientSession:
    return ClientSession(connector=TCPConnector(limit=0), read_bufsize=2**20)
