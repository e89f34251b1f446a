"""The audit of the ledger against the provider's bill and the turn log."""

import json
from typing import Any

import pytest

from tests.chaos.ledger_check import Estimate, audit, turns_with_estimates
from tests.chaos.observation import Frame

USAGE = {"inputTokens": 12, "outputTokens": 40}


def row(**changed: Any) -> dict[str, Any]:
    told = {"input_tokens": 12, "output_tokens": 40, "cache_read_tokens": 0, "cache_write_tokens": 0}
    made = {"turn_id": "turn_1", "purpose": "answer", "started_at": "2026-12-01T00:00:01Z"}
    return {"invocation_id": "inv_1", "state": "settled", "basis": "reported", **made, **told, **changed}


def estimated(output_tokens: int, **changed: Any) -> dict[str, Any]:
    return row(basis="estimated", output_tokens=output_tokens, **changed)


def entry(**changed: Any) -> dict[str, Any]:
    served = {"model": "scripted.lorem", "outcome": "completed", "output_tokens": 40, "usage": USAGE}
    return {"metadata": {"invocation_id": "inv_1"}, **served, **changed}


def broken_off(sent: int, invocation_id: str = "inv_1") -> dict[str, Any]:
    metadata = {"invocation_id": invocation_id}
    return entry(metadata=metadata, output_tokens=sent, usage=None, outcome="client_closed")


def log(*calls: int) -> dict[str, list[Frame]]:
    """The log of `turn_1`, with as many words of each call; each call but the last broke off."""
    frames = [Frame(1, "turn.started", "{}")]
    for count in calls:
        text = json.dumps({"text": " ship" * count})
        frames += [Frame(len(frames) + 1, "message.delta", text), Frame(len(frames) + 2, "turn.resumed", "{}")]
    return {"turn_1": [*frames[:-1], Frame(len(frames), "turn.completed", "{}")]}


def test_one_reported_row_equal_to_the_bill_is_right() -> None:
    found = audit([row()], [entry()])
    assert (found.complaints, found.reported, found.invocations) == ([], 1, 1)


@pytest.mark.parametrize("rows", [[], [row(), row()]], ids=["none", "two"])
def test_an_invocation_has_exactly_one_row(rows: list[dict[str, Any]]) -> None:
    assert audit(rows, [entry()]).complaints


def test_a_row_that_nobody_settled_is_told() -> None:
    assert "still opened" in audit([row(state="opened", basis=None)], [entry()]).complaints[0]


@pytest.mark.parametrize("name", ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"])
def test_a_reported_row_is_equal_to_the_token(name: str) -> None:
    assert audit([row(**{name: 41})], [entry()]).complaints


def test_a_reported_row_needs_a_usage_that_was_reported() -> None:
    assert audit([row()], [entry(usage=None, outcome="client_closed")]).complaints


def test_requests_of_one_invocation_are_one_row() -> None:
    refused = entry(usage=None, outcome="fault:throttled", output_tokens=0)
    assert not audit([row()], [refused, entry()]).complaints


@pytest.mark.parametrize(
    ("counted", "logged", "complains"),
    [(40, 40, False), (34, 40, False), (33, 40, True), (0, 2, False), (0, 3, True), (1, 3, False), (4, 7, True)],
)
def test_what_is_in_the_log_is_billed(counted: int, logged: int, complains: bool) -> None:
    """Within 15 % or two tokens."""
    found = audit([estimated(counted)], [broken_off(logged)], log(logged))
    assert found.estimates == [Estimate("inv_1", counted, logged, sent=logged)]
    assert [complaint.endswith("less than the log has") for complaint in found.complaints] == [True] * complains


@pytest.mark.parametrize("sent", [12, 20, 49])
def test_what_was_on_its_way_is_no_complaint(sent: int) -> None:
    found = audit([estimated(12)], [broken_off(sent)], log(12))
    assert (found.complaints, found.on_their_way) == ([], [sent - 12])


def test_what_was_on_its_way_is_a_figure() -> None:
    rows = [estimated(10, invocation_id=f"inv_{number}", started_at=f"{number}") for number in (1, 2, 3)]
    bill = [broken_off(10 + number, f"inv_{number}") for number in (1, 2, 3)]
    figures = audit(rows, bill, log(10, 10, 10)).figures()
    assert figures["sent, not in the log (tokens)"] == {"p50": 2.0, "p95": 2.9, "max": 3.0}
    assert figures["estimate - log (tokens)"] == "+0 to +0"


@pytest.mark.parametrize(
    ("counted", "sent", "complains"), [(6, 4, False), (7, 4, True), (46, 40, False), (47, 40, True), (3, 0, True)]
)
def test_no_estimate_claims_more_than_was_sent(counted: int, sent: int, complains: bool) -> None:
    """Not beyond rounding; also when the log cannot be read."""
    found = audit([estimated(counted)], [broken_off(sent)])
    assert [complaint.endswith("more than was sent") for complaint in found.complaints] == [True] * complains


def test_a_resumed_answer_is_not_billed_twice() -> None:
    """The second attempt continued 60 tokens with 70; its row must not count the 60 again."""
    rows = [estimated(60), estimated(130, invocation_id="inv_2", started_at="2026-12-01T00:00:02Z")]
    found = audit(rows, [broken_off(60), broken_off(70, "inv_2")], log(60, 70))
    assert found.complaints == ["inv_2: estimated 130 tokens, logged 70, sent 70: more than was sent"]


def test_the_attempt_that_completed_was_reported() -> None:
    rows = [estimated(60), row(invocation_id="inv_2", started_at="2026-12-01T00:00:02Z")]
    found = audit(rows, [broken_off(61), entry(metadata={"invocation_id": "inv_2"})], log(60, 40))
    assert (found.complaints, found.reported, found.on_their_way) == ([], 1, [1])


@pytest.mark.parametrize(("counted", "complains"), [(43, False), (42, True)])
def test_a_long_estimate_is_near_what_was_sent(counted: int, complains: bool) -> None:
    found = audit([estimated(counted)], [broken_off(50)], log(counted))
    assert [complaint.endswith("not within 15 % of what was sent") for complaint in found.complaints] == (
        [True] * complains
    )


def test_output_in_the_log_needs_a_row() -> None:
    found = audit([estimated(60)], [broken_off(60)], log(60, 40))
    assert found.complaints == ["turn_1: its rows [('estimated', 60)] do not fit the calls in its log"]


def test_only_logs_of_turns_with_estimated_answers_are_needed() -> None:
    title = estimated(0, purpose="title", turn_id="turn_2")
    rows = [row(turn_id="turn_3"), title, estimated(1)]
    assert turns_with_estimates(rows) == {"turn_1"}


def test_a_title_is_not_in_the_log() -> None:
    """Its words are lost with its process; they are not compared, whatever was sent of it."""
    found = audit([estimated(0, purpose="title")], [broken_off(6)], {})
    assert (found.complaints, found.on_their_way) == ([], [])


@pytest.mark.parametrize(("counted", "complains"), [(12, False), (14, False), (15, True)])
def test_of_a_killed_process_nothing_but_the_log_is_known(counted: int, complains: bool) -> None:
    """A process that lives has received more than it could write: then that is billed, too."""
    many = estimated(1000, invocation_id="inv_2", started_at="2026-12-01T00:00:02Z")
    found = audit([estimated(counted), many], [broken_off(15), broken_off(1000, "inv_2")], log(12, 1000))
    assert not found.complaints
    assert [complaint.endswith("more than the log has") for complaint in found.complaints_after_kills()] == (
        [True] * complains
    )


@pytest.mark.parametrize(("sent", "complains"), [(100, False), (105, False), (106, True), (95, True)])
def test_after_kills_all_estimates_together_are_within_five_per_cent(sent: int, complains: bool) -> None:
    found = audit([estimated(100)], [broken_off(sent)], log(100))
    assert not found.complaints
    assert found.complaints_after_kills() == (
        [f"all estimates together are {100 / sent:.3f} of what was sent"] if complains else []
    )


def test_complaints_after_kills_include_the_others() -> None:
    assert audit([], [entry()]).complaints_after_kills() == audit([], [entry()]).complaints


def test_estimates_together_are_compared_with_all_that_was_sent() -> None:
    found = audit([estimated(30), estimated(50, invocation_id="inv_2")], [broken_off(40), broken_off(40, "inv_2")])
    assert found.estimated_share == 1.0


def test_what_a_server_sent_before_it_was_killed_is_unknown_but_the_log_is_not() -> None:
    died = entry(usage=None, outcome="server_died", output_tokens=0)
    assert audit([estimated(40)], [died], log(40)).complaints_after_kills() == []
    assert audit([estimated(0)], [died], log(40)).complaints == [
        "inv_1: estimated 0 tokens, logged 40, sent None: less than the log has"
    ]


def test_a_row_without_a_request_is_counted_apart() -> None:
    found = audit([estimated(0)], [])
    assert (found.unserved, found.invocations, found.complaints) == (1, 0, [])


def test_two_rows_without_a_request_are_wrong_too() -> None:
    assert audit([row(), row()], []).complaints == ["inv_1: 2 rows"]


def test_requests_that_name_no_invocation_are_not_ours() -> None:
    assert audit([], [entry(metadata={})]).invocations == 0
