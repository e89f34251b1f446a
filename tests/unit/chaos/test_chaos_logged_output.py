"""How many tokens a turn log has of each call of a model, and which row of the ledger is of which call."""

import json
from typing import Any

import pytest

from tests.chaos.logged_output import logged_tokens, tokens_of_calls
from tests.chaos.observation import Frame

Entry = tuple[str, dict[str, object]]


def entry(event: str, **content: object) -> Entry:
    return (event, content)


STARTED, RESUMED, RESTARTED, COMPLETED = map(
    entry, ("turn.started", "turn.resumed", "turn.restarted", "turn.completed")
)
TOOL_CALL, TOOL_RESULT = entry("tool.call"), entry("tool.result")


def log(*entries: Entry) -> list[Frame]:
    return [Frame(place, event, json.dumps(data)) for place, (event, data) in enumerate(entries, 1)]


def words(count: int, event: str = "message.delta") -> Entry:
    return entry(event, text=" ship" * count)


def rows(*counts: int) -> list[dict[str, Any]]:
    """Rows of one turn, in the order of their calls: the newest first here, as a table may give them."""
    return [
        {"invocation_id": f"inv_{number}", "started_at": f"2026-12-01T00:00:0{number}Z", "output_tokens": count}
        for number, count in enumerate(counts, 1)
    ][::-1]


@pytest.mark.parametrize("again", [RESUMED, RESTARTED], ids=["resumed", "restarted"])
def test_each_attempt_is_a_call_of_its_own(again: Entry) -> None:
    assert tokens_of_calls(log(STARTED, words(3), words(4), again, words(5), COMPLETED)) == [7, 5]


def test_text_reasoning_and_the_input_of_tools_are_output() -> None:
    asked = entry("tool.delta", index=0, text='{"n":'), entry("tool.delta", index=0, text="1}")
    thought = words(2, "reasoning.delta")
    assert tokens_of_calls(log(STARTED, thought, words(3), *asked, TOOL_CALL)) == [
        2 + 3 + len(["{", '"', "n", '"', ":", "1", "}"]),
        0,
    ]


def test_the_name_of_a_tool_and_other_frames_are_no_output() -> None:
    asked = entry("tool.delta", index=0, name="calculator", text="")
    assert tokens_of_calls(log(STARTED, entry("conversation.renamed", title="Ships"), asked, COMPLETED)) == [0]


def test_a_word_that_two_frames_share_is_counted_once() -> None:
    halves = entry("message.delta", text="sh"), entry("message.delta", text="ip")
    assert tokens_of_calls(log(STARTED, *halves, COMPLETED)) == [1]


def test_blocks_are_counted_apart() -> None:
    inputs = entry("tool.delta", index=0, text="1"), entry("tool.delta", index=1, text="2")
    assert tokens_of_calls(log(STARTED, *inputs, TOOL_CALL, TOOL_CALL)) == [2, 0, 0]


def test_rows_and_calls_are_paired_in_order() -> None:
    frames = log(STARTED, words(60), RESUMED, words(70), COMPLETED)
    assert logged_tokens(rows(70, 60), frames) == {"inv_1": 60, "inv_2": 70}


def test_a_round_of_tools_has_no_call_between_its_frames() -> None:
    frames = log(STARTED, words(6), TOOL_CALL, TOOL_CALL, TOOL_RESULT, TOOL_RESULT, words(7), COMPLETED)
    assert logged_tokens(rows(6, 7), frames) == {"inv_1": 6, "inv_2": 7}


def test_an_attempt_may_have_died_before_it_opened_an_invocation() -> None:
    frames = log(STARTED, words(6), RESUMED, RESUMED, words(7), COMPLETED)
    assert logged_tokens(rows(6, 7), frames) == {"inv_1": 6, "inv_2": 7}


def test_an_invocation_may_have_died_before_its_first_delta() -> None:
    frames = log(STARTED, words(6), RESUMED, RESUMED, words(7), COMPLETED)
    assert logged_tokens(rows(6, 0, 7), frames) == {"inv_1": 6, "inv_2": 0, "inv_3": 7}


def test_of_several_pairings_the_best_one_counts() -> None:
    """The last answer was reported whole, and its process was killed before it wrote a word of it."""
    frames = log(STARTED, RESUMED, words(6), RESUMED)
    assert logged_tokens(rows(6, 1), frames) == {"inv_1": 6, "inv_2": 0}
    assert logged_tokens(rows(0, 6), frames) == {"inv_1": 0, "inv_2": 6}


@pytest.mark.parametrize(
    "entries", [(STARTED, words(6), RESUMED, words(7)), ()], ids=["a call without a row", "no log"]
)
def test_a_log_that_does_not_fit_the_rows_is_refused(entries: tuple[Entry, ...]) -> None:
    assert logged_tokens(rows(13), log(*entries)) is None
