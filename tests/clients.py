"""A person who uses the system over HTTP, as a browser or curl does."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Event = tuple[int, str, dict[str, Any]]
"""(id, event, data) of a frame."""
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def problem(self) -> str:
        """The slug of the problem in this answer."""
        assert self.headers["content-type"].startswith("application/problem+json"), self
        return str(self.json["type"]).removeprefix("/problems/")


@dataclass(frozen=True)
class Person:
    url: str
    token: str

    def at(self, url: str) -> "Person":
        """The same person at another process."""
        return Person(url, self.token)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self._headers(headers, data), method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return Answer(answer.status, _lower(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read().decode())

    def stream(self, method: str, path: str, body: Any = None, **headers: str) -> Iterator[Event]:
        """Yield the frames as they arrive. Close the iterator to disconnect."""
        data = None if body is None else json.dumps(body).encode()
        where = urlsplit(self.url)
        with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=TIMEOUT_S)) as connection:
            connection.request(method, path, data, self._headers({"Accept": "text/event-stream", **headers}, data))
            answer = connection.getresponse()
            if answer.status != 200:
                raise AssertionError(f"{answer.status}: {answer.read().decode()}")
            yield from _frames(answer)

    def open_conversation(self, **body: Any) -> str:
        answer = self.call("POST", "/api/chat/conversations", body)
        assert answer.status == 201, answer
        return str(answer.json["id"])

    def ask(self, conversation_id: str, text: str, **options: Any) -> Iterator[Event]:
        """Send `text` and stream the turn. `key`: the Idempotency-Key."""
        headers = {"Idempotency-Key": options.pop("key")} if "key" in options else {}
        return self.stream("POST", messages(conversation_id), message_body(text, **options), **headers)

    def begin(self, conversation_id: str, text: str, **options: Any) -> str:
        """Send `text` without streaming, so that the turn is queued; return the id of the turn."""
        headers = {"Idempotency-Key": options.pop("key")} if "key" in options else {}
        answer = self.call("POST", messages(conversation_id), message_body(text, **options), **headers)
        assert answer.status == 202, answer
        return str(answer.json["turn_id"])

    def follow(self, turn_id: str, after: int = 0) -> Iterator[Event]:
        headers = {"Last-Event-ID": str(after)} if after else {}
        return self.stream("GET", f"/api/chat/turns/{turn_id}/events", **headers)

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        """All messages of the conversation, oldest first."""
        answer = self.call("GET", messages(conversation_id) + "?limit=200")
        assert answer.status == 200, answer
        return list(reversed(answer.json["items"]))

    def turn(self, turn_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/api/chat/turns/{turn_id}")
        assert answer.status == 200, answer
        return dict(answer.json)

    def _headers(self, headers: dict[str, str], data: bytes | None) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if data is None else {"Content-Type": "application/json"}
        return {"Authorization": f"Bearer {self.token}", **content, **named}


def messages(conversation_id: str) -> str:
    return f"/api/chat/conversations/{conversation_id}/messages"


def message_body(text: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], **more}


def text_of(events: list[Event]) -> str:
    """The text of the answer that the frames build."""
    parts: list[str] = []
    for _, event, data in events:
        if event == "turn.restarted":
            parts.clear()
        elif event == "message.delta":
            parts.append(data["text"])
    return "".join(parts)


def _frames(answer: http.client.HTTPResponse) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for raw in answer:
        line = raw.decode().rstrip("\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
