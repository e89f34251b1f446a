"""Compares what readers saw with the log and the stored messages. Each check returns its complaints."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.chaos.observation import ENDINGS, Frame, ObservedTurn, ReceivedFrame
from tests.chaos.reduce import read_message, reduce_frames

NOTHING_LEFT: Final = "."
"""What a scripted model says when it is given its whole answer to continue, for it must say something."""


def order_errors(observed: ObservedTurn) -> list[str]:
    """Every id that a reader saw must follow the last one: no gap, no duplicate."""
    wrong, before = [], 0
    for seen in observed.seen:
        if seen.frame.id != before + 1:
            wrong.append(
                f"{observed.turn_id}: frame {seen.frame.id} came after {before} (connection {seen.connection})"
            )
        before = seen.frame.id
    return wrong


def unlogged_frames(seen: Iterable[ReceivedFrame], log: Sequence[Frame]) -> list[ReceivedFrame]:
    """Frames that a reader saw and the log does not have, or has with other content."""
    kept = {frame.id: frame for frame in log}
    return [each for each in seen if each.frame.id not in kept or not each.frame.same_as(kept[each.frame.id])]


def log_differences(observed: ObservedTurn, log: Sequence[Frame]) -> list[str]:
    """Everything seen is in the log, and the whole log was seen."""
    wrong = [
        f"{observed.turn_id}: saw frame {each.frame.id} ({each.frame.event}), which the log has not"
        for each in unlogged_frames(observed.seen, log)
    ]
    ids = {frame.id for frame in observed.frames}
    lost = [frame.id for frame in log if frame.id not in ids]
    return wrong + ([f"{observed.turn_id}: frames {lost} of the log were never seen"] if lost else [])


def log_errors(turn_id: str, log: Sequence[Frame]) -> list[str]:
    """Consecutive ids from 1, attempts that never decrease, and exactly one ending, the last frame."""
    wrong = []
    if [frame.id for frame in log] != list(range(1, len(log) + 1)):
        wrong.append(f"{turn_id}: the log has ids {[frame.id for frame in log]}")
    attempts = [frame.attempt for frame in log]
    if attempts != sorted(attempts):
        wrong.append(f"{turn_id}: attempts go back in the log: {attempts}")
    endings = [frame.id for frame in log if frame.event in ENDINGS]
    if endings != [len(log)]:
        wrong.append(f"{turn_id}: endings at {endings} of {len(log)} frames")
    for event in ("tool.call", "tool.result"):
        told = Counter(frame.content["call_id"] for frame in log if frame.event == event)
        wrong += [f"{turn_id}: {count} times {event} of {call_id}" for call_id, count in told.items() if count > 1]
    return wrong


def message_differences(turn_id: str, log: Sequence[Frame], messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The answer is stored once, and equals the reduced log."""
    answers = [message for message in messages if message["turn_id"] == turn_id and message["role"] == "assistant"]
    if len(answers) != 1:
        return [f"{turn_id}: {len(answers)} answers are stored"]
    says, adds_up = read_message(answers[0]), reduce_frames(log)
    if says != adds_up:
        return [f"{turn_id}: the message says {_brief(says)}, the log {_brief(adds_up)}"]
    return []


def duplicate_messages(observed: ObservedTurn, messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The user's message is in the conversation exactly once."""
    texts = ["".join(block.get("text", "") for block in each["content"]) for each in messages if each["role"] == "user"]
    count = texts.count(observed.text)
    return [] if count == 1 else [f"{observed.turn_id or observed.key}: the user's message is there {count} times"]


def text_differences(observed: ObservedTurn, expected: str) -> list[str]:
    """A completed answer has exactly the text of an undisturbed one."""
    if observed.outcome != "completed":
        return []
    text = reduce_frames(observed.frames).text
    if text == expected or (text == expected + NOTHING_LEFT and _text_before_last_attempt(observed) == expected):
        return []
    place = next((at for at, (one, other) in enumerate(zip(text, expected, strict=False)) if one != other), None)
    where = min(len(text), len(expected)) if place is None else place
    return [
        f"{observed.turn_id}: other words from {where}: {_around(text, where)} instead of {_around(expected, where)}"
    ]


def _around(text: str, place: int) -> str:
    return f"{text[max(0, place - 20) : place + 20]!r} ({len(text)})"


def _text_before_last_attempt(observed: ObservedTurn) -> str:
    """The words before the last attempt began; empty when there was one attempt."""
    resumed = [place for place, frame in enumerate(observed.frames) if frame.event == "turn.resumed"]
    return reduce_frames(observed.frames[: resumed[-1]]).text if resumed else ""


def _brief(said: object) -> str:
    text = repr(said)
    return text if len(text) < 160 else f"{text[:80]} … {text[-80:]}"
