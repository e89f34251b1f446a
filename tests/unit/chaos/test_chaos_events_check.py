"""What an outage of the bus may not swallow."""

import json
from typing import Any

from tests.chaos.cases.models import reported_after
from tests.chaos.cases.zombies import zombie_frames
from tests.chaos.events_check import count_repeated, missing_events
from tests.chaos.observation import Frame, ObservedTurn, ReceivedFrame
from tests.chaos.recorder import RecordedEvent


def ended(event: str = "turn.completed") -> ObservedTurn:
    frames = [Frame(1, "turn.started", "{}"), Frame(2, event, "{}")]
    return ObservedTurn(
        "conv_1", "m", "Why?", turn_id="turn_1", seen=[ReceivedFrame(each, 1.0, 1, "endpoint") for each in frames]
    )


def heard(number: int, name: str, **data: Any) -> RecordedEvent:
    return RecordedEvent(f"evt_{number}", name, "turn_1", {"turn_id": "turn_1", **data}, 1.0, 2.0)


CALLED = {"invocation_id": "inv_1"}
ALL = [
    heard(1, "chat.turn.started"),
    heard(2, "chat.model.invoked", state="opened", **CALLED),
    heard(3, "chat.model.invoked", state="settled", **CALLED),
    heard(4, "chat.turn.completed"),
]


def test_a_turn_that_was_told_whole_is_no_matter_in_which_order() -> None:
    assert not missing_events([ended()], ALL[::-1])


def test_each_event_that_is_missing_is_told() -> None:
    for place in range(len(ALL)):
        assert missing_events([ended()], [*ALL[:place], *ALL[place + 1 :]]), ALL[place].type


def test_an_event_told_again_is_counted_and_allowed() -> None:
    assert not missing_events([ended()], [*ALL, ALL[0]])
    assert count_repeated([*ALL, ALL[0]]) == 1


def test_two_events_that_tell_the_same_end_are_wrong() -> None:
    assert missing_events([ended()], [*ALL, heard(5, "chat.turn.completed")])


def test_a_turn_that_failed_tells_its_failure() -> None:
    assert missing_events([ended("turn.failed")], ALL) == ["turn_1: 0 times chat.turn.failed"]


def delta(place: int, text: str, attempt: int = 1) -> Frame:
    return Frame(place, "message.delta", json.dumps({"text": text}), attempt)


def test_a_frame_that_only_the_zombie_has_is_shown_by_it() -> None:
    log = [Frame(1, "turn.started", "{}", 1), delta(2, "a"), Frame(3, "turn.resumed", "{}", 2), delta(4, "b", 2)]
    told = [*log[:2], delta(3, "ghost")]
    reader = ObservedTurn("c", "m", "?", seen=[ReceivedFrame(each, float(each.id), 1, "endpoint") for each in told])
    watcher = ObservedTurn("c", "m", "?", seen=[ReceivedFrame(each, float(each.id), 1, "endpoint") for each in log])
    assert zombie_frames(reader, watcher, log, woken_at=2.0) == {"shown": 1, "late": 1, "took_over": 1}


def request(**changed: Any) -> dict[str, Any]:
    return {"started_at": 10.0, "ended_at": 12.0, **changed}


def failed(at: float, words_at: float | None = None) -> ObservedTurn:
    seen = [ReceivedFrame(Frame(1, "turn.started", "{}"), 10.0, 1, "endpoint")]
    seen += [ReceivedFrame(delta(2, "a"), words_at, 1, "endpoint")] if words_at else []
    return ObservedTurn("c", "m", "?", seen=[*seen, ReceivedFrame(Frame(3, "turn.failed", "{}"), at, 1, "endpoint")])


def test_a_fault_can_be_seen_when_the_last_request_ends() -> None:
    assert reported_after(failed(13.0), [request(ended_at=11.0), request()], 0) == 1.0


def test_a_silence_can_be_seen_so_long_after_the_last_word() -> None:
    assert reported_after(failed(73.0, words_at=12.0), [request(ended_at=None)], 60) == 1.0


def test_a_silence_from_the_start_is_counted_from_the_request() -> None:
    assert reported_after(failed(101.0), [request(ended_at=None)], 90) == 1.0
