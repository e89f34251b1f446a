"""The checkers of `make chaos` must see what they are there to see: each is shown a sound turn and a broken one."""

import json

import pytest

from tests.chaos import checks
from tests.chaos.observation import Frame, ObservedTurn, ReceivedFrame


def frame(place: int, event: str, attempt: int = 1, **content: object) -> Frame:
    return Frame(place, event, json.dumps(content), attempt)


LOG = [
    frame(1, "turn.started", turn_id="turn_1"),
    frame(2, "message.delta", text="Ships "),
    frame(3, "message.delta", text="sail."),
    frame(4, "turn.completed", message_id="msg_2"),
]


def observed(frames: list[Frame], text: str = "Why?") -> ObservedTurn:
    seen = [ReceivedFrame(each, float(each.id), 1, "endpoint") for each in frames]
    return ObservedTurn("conv_1", "scripted.lorem", text, turn_id="turn_1", seen=seen)


def message(role: str, text: str, turn_id: str | None = None) -> dict[str, object]:
    return {"role": role, "turn_id": turn_id, "content": [{"type": "text", "text": text}]}


def test_a_sound_story_has_no_complaint() -> None:
    whole = observed(LOG)
    assert not checks.order_errors(whole)
    assert not checks.log_differences(whole, LOG)
    assert not checks.log_errors("turn_1", LOG)


@pytest.mark.parametrize(
    "places", [[0, 2, 3], [0, 1, 1, 2, 3], [0, 2, 1, 3], [1, 2, 3]], ids=["a gap", "twice", "swapped", "no beginning"]
)
def test_a_reader_sees_every_id_once_and_in_order(places: list[int]) -> None:
    assert checks.order_errors(observed([LOG[place] for place in places]))


def test_a_frame_that_the_log_has_not_is_a_stranger() -> None:
    told = [*LOG[:3], frame(4, "message.delta", text=" Zombie")]
    (stranger,) = checks.unlogged_frames(observed(told).seen, LOG)
    assert stranger.frame.content == {"text": " Zombie"}


def test_the_same_id_with_other_words_is_a_stranger() -> None:
    told = [LOG[0], frame(2, "message.delta", text="Boats "), *LOG[2:]]
    assert [each.frame.id for each in checks.unlogged_frames(observed(told).seen, LOG)] == [2]


def test_what_the_log_has_and_nobody_saw_is_lost() -> None:
    (complaint,) = checks.log_differences(observed(LOG[:3]), LOG)
    assert "[4]" in complaint


def test_the_attempt_is_no_part_of_what_a_reader_sees() -> None:
    log = [Frame(each.id, each.event, each.data, attempt=2) for each in LOG]
    assert not checks.unlogged_frames(observed(LOG).seen, log)


def test_a_log_with_a_hole_is_broken() -> None:
    assert checks.log_errors("turn_1", [LOG[0], *LOG[2:]])


def test_a_log_that_goes_back_to_an_earlier_attempt_is_broken() -> None:
    back = [LOG[0], frame(2, "turn.resumed", 2), LOG[2], LOG[3]]
    assert any("go back" in complaint for complaint in checks.log_errors("turn_1", back))


@pytest.mark.parametrize("log", [LOG[:3], [*LOG, frame(5, "turn.failed")], [*LOG, frame(5, "message.delta", text="x")]])
def test_a_log_has_one_ending_and_it_is_the_last(log: list[Frame]) -> None:
    assert any("endings" in complaint for complaint in checks.log_errors("turn_1", log))


def test_a_tool_answers_once() -> None:
    result = {"call_id": "call_1", "status": "success", "output": 4}
    log = [LOG[0], frame(2, "tool.result", **result), frame(3, "tool.result", **result), LOG[3]]
    assert checks.log_errors("turn_1", log) == ["turn_1: 2 times tool.result of call_1"]


def test_the_stored_answer_says_what_the_log_adds_up_to() -> None:
    assert not checks.message_differences("turn_1", LOG, [message("assistant", "Ships sail.", "turn_1")])
    assert checks.message_differences("turn_1", LOG, [message("assistant", "Ships", "turn_1")])


def test_an_answer_is_stored_once() -> None:
    answer = message("assistant", "Ships sail.", "turn_1")
    assert checks.message_differences("turn_1", LOG, [answer, answer]) == ["turn_1: 2 answers are stored"]
    assert checks.message_differences("turn_1", LOG, []) == ["turn_1: 0 answers are stored"]


@pytest.mark.parametrize(("times", "fine"), [(0, False), (1, True), (2, False)])
def test_a_question_is_asked_once(times: int, fine: bool) -> None:
    assert (not checks.duplicate_messages(observed(LOG), [message("user", "Why?")] * times)) is fine


def test_a_completed_answer_says_the_expected_words() -> None:
    assert not checks.text_differences(observed(LOG), "Ships sail.")
    (complaint,) = checks.text_differences(observed(LOG), "Ships sink.")
    assert "other words from 7" in complaint


def test_words_that_are_missing_at_the_end_are_seen() -> None:
    (complaint,) = checks.text_differences(observed(LOG), "Ships sail. Always.")
    assert "other words from 11" in complaint


def test_an_answer_that_failed_may_say_less() -> None:
    failed = [*LOG[:2], frame(3, "turn.failed", type="/problems/model-silent")]
    assert not checks.text_differences(observed(failed), "Ships sail.")
    assert observed(failed).outcome == "failed:model-silent"


def test_a_scripted_model_that_had_said_all_before_it_was_resumed_may_add_its_full_stop() -> None:
    resumed = [
        *LOG[:3],
        frame(4, "turn.resumed", 2),
        frame(5, "message.delta", 2, text="."),
        frame(6, "turn.completed", 2),
    ]
    assert not checks.text_differences(observed(resumed), "Ships sail.")
    assert checks.text_differences(observed(resumed), "Ships sail. Al")


def test_nobody_else_may_add_a_full_stop() -> None:
    assert checks.text_differences(
        observed([*LOG[:3], frame(4, "message.delta", text="."), frame(5, "turn.completed")]), "Ships sail."
    )
