"""The audit of the ledger against the provider's bill."""

from typing import Any

import pytest

from tests.chaos.ledger_check import audit

USAGE = {"inputTokens": 12, "outputTokens": 40}


def row(**changed: Any) -> dict[str, Any]:
    told = {"input_tokens": 12, "output_tokens": 40, "cache_read_tokens": 0, "cache_write_tokens": 0}
    return {"invocation_id": "inv_1", "state": "settled", "basis": "reported", **told, **changed}


def entry(**changed: Any) -> dict[str, Any]:
    served = {"model": "scripted.lorem", "outcome": "completed", "output_tokens": 40, "usage": USAGE}
    return {"metadata": {"invocation_id": "inv_1"}, **served, **changed}


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


@pytest.mark.parametrize(("told", "near"), [(34, 1), (46, 1), (33, 0), (47, 0)])
def test_an_estimate_is_near_within_fifteen_per_cent(told: int, near: int) -> None:
    found = audit([row(basis="estimated", output_tokens=told)], [entry(usage=None, outcome="client_closed")])
    assert (found.estimates, found.near, not found.complaints) == ([(told, 40)], near, bool(near))


@pytest.mark.parametrize(
    ("told", "sent", "complains"), [(0, 5, False), (0, 6, True), (7, 12, False), (6, 4, False), (7, 4, True)]
)
def test_an_estimate_of_few_words_may_lack_what_was_on_its_way_but_not_claim_what_was_not_sent(
    told: int, sent: int, complains: bool
) -> None:
    found = audit([row(basis="estimated", output_tokens=told)], [entry(usage=None, output_tokens=sent)])
    assert bool(found.complaints) == complains


def test_estimates_together_are_compared_with_all_that_was_sent() -> None:
    rows = [row(basis="estimated", output_tokens=30), row(invocation_id="inv_2", basis="estimated", output_tokens=50)]
    bill = [entry(usage=None), entry(usage=None, metadata={"invocation_id": "inv_2"})]
    assert audit(rows, bill).estimated_share == 1.0


def test_what_a_server_sent_before_it_was_killed_is_unknown() -> None:
    found = audit([row(basis="estimated")], [entry(usage=None, outcome="server_died", output_tokens=0)])
    assert (found.estimates, found.complaints) == ([], [])


def test_a_row_without_a_request_is_counted_apart() -> None:
    found = audit([row(basis="estimated", output_tokens=0)], [])
    assert (found.unserved, found.invocations, found.complaints) == (1, 0, [])


def test_two_rows_without_a_request_are_wrong_too() -> None:
    assert audit([row(), row()], []).complaints == ["inv_1: 2 rows"]


def test_requests_that_name_no_invocation_are_not_ours() -> None:
    assert audit([], [entry(metadata={})]).invocations == 0
