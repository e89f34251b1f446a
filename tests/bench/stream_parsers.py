"""Parsers of the two kinds of streams, with little work per frame, so that many streams can be read at once."""

import json
from struct import unpack_from

ReceivedText = list[tuple[float, str]]
"""Times of arrival, and the texts."""
_DELTA = b"contentBlockDelta"


class SseParser:
    """Parses chat's stream: each frame is one SSE event. The first frame gives the `turn_id`."""

    def __init__(self) -> None:
        self.received: ReceivedText = []
        self.frames = 0
        self.turn_id: str | None = None
        self.consecutive = True
        self._ended: str | None = None
        self._rest = b""

    def feed(self, at: float, data: bytes) -> None:
        *frames, self._rest = (self._rest + data).split(b"\n\n")
        for frame in frames:
            if not frame.startswith(b":"):
                self._read_frame(at, frame)

    def _read_frame(self, at: float, frame: bytes) -> None:
        position, event, data = (line.partition(b": ")[2] for line in frame.split(b"\n"))
        self.frames += 1
        self.consecutive = self.consecutive and int(position) == self.frames
        match event:
            case b"message.delta":
                self.received.append((at, json.loads(data)["text"]))
            case b"turn.started":
                self.turn_id = json.loads(data)["turn_id"]
            case b"turn.completed" | b"turn.failed" | b"turn.cancelled":
                self._ended = event.decode() if event == b"turn.completed" else f"{event.decode()} {data.decode()}"

    def problem(self) -> str | None:
        if not self.consecutive:
            return "ids are not consecutive"
        return None if self._ended == "turn.completed" else f"ended with {self._ended}"


class EventStreamParser:
    """Parses Bedrock's event stream, which the bare relay forwards unchanged."""

    turn_id: str | None = None
    consecutive = True

    def __init__(self) -> None:
        self.received: ReceivedText = []
        self.frames = 0
        self._stopped = False
        self._rest = b""

    def feed(self, at: float, data: bytes) -> None:
        data, position = self._rest + data, 0
        while len(data) - position >= 12:
            size, headers = unpack_from("!II", data, position)
            if len(data) - position < size:
                break
            start = position + 12
            self.frames += 1
            if data.find(_DELTA, start, start + headers) > 0:
                self.received.append(
                    (at, json.loads(data[start + headers : position + size - 4])["delta"].get("text", ""))
                )
            elif data.find(b"messageStop", start, start + headers) > 0:
                self._stopped = True
            position += size
        self._rest = data[position:]

    def problem(self) -> str | None:
        return None if self._stopped else "ended before messageStop"
