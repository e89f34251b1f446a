"""A dead letter as operators see it: id, type and reason, without its content."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SAFE_TO_SHOW: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")
_IDS_OF_COMMANDS: Final = ("call_id", "turn_id", "conversation_id")
RECEIVED_TOO_OFTEN: Final = "delivered too often"


@dataclass(frozen=True)
class DeadLetter:
    id: str
    type: str
    reason: str
    origin: str
    age_s: int

    @classmethod
    def of(cls, received: Mapping[str, Any], now_s: float) -> "DeadLetter":
        """From a message of ReceiveMessage's response."""
        named = attributes(received)
        subject, kind = _id_and_type(received["Body"], named.get("type"))
        sent_s = int(received["Attributes"]["SentTimestamp"]) / 1000
        return cls(
            id=subject or received["MessageId"],
            type=kind,
            reason=_line(named.get("reason") or named.get("ERROR_CODE") or RECEIVED_TOO_OFTEN),
            origin=origin(received),
            age_s=max(0, round(now_s - sent_s)),
        )


def attributes(received: Mapping[str, Any]) -> dict[str, str]:
    named = received.get("MessageAttributes", {})
    return {name: each["StringValue"] for name, each in named.items() if "StringValue" in each}


def origin(received: Mapping[str, Any]) -> str:
    """`bus`: an event that was never published. `queue`: all others, also those that SQS or a rule moved."""
    return "bus" if attributes(received).get("origin") == "bus" else "queue"


def _id_and_type(body: str, command_type: str | None) -> tuple[str, str]:
    """Id and type of the event or command. The id is empty if there is none that may be shown."""
    try:
        parsed = json.loads(body)
    except json.JSONDecodeError:
        return "", "unreadable"
    if not isinstance(parsed, dict):
        return "", "unreadable"
    event = parsed["detail"] if isinstance(parsed.get("detail"), dict) else parsed
    if "type" in event:
        return _safe_to_show(event.get("id")), _safe_to_show(event["type"]) or "unreadable"
    return next((_safe_to_show(parsed[name]) for name in _IDS_OF_COMMANDS if name in parsed), ""), _safe_to_show(
        command_type
    ) or "command"


def _safe_to_show(value: Any) -> str:
    return value if isinstance(value, str) and _SAFE_TO_SHOW.fullmatch(value) else ""


def _line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
