"""W3C trace context: continued if well-formed, otherwise a new trace."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.data import TRACEPARENT_PATTERN
from shared.telemetry import TRACEPARENT, current_traceparent, new_traceparent, parse_traceparent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


def test_a_traceparent_is_trace_span_and_flags() -> None:
    assert parse_traceparent(GIVEN) == (TRACE, SPAN, "01")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "garbage",
        GIVEN.upper(),
        GIVEN + "-extra",
        " " + GIVEN,
        GIVEN + "\n",
        f"01-{TRACE}-{SPAN}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
    ],
)
def test_a_malformed_traceparent_or_another_version_is_not_parsed(header: str | None) -> None:
    assert parse_traceparent(header) is None


def test_a_child_keeps_trace_and_flags_and_has_a_span_of_its_own() -> None:
    child = parse_traceparent(new_traceparent(f"00-{TRACE}-{SPAN}-00"))
    assert child is not None
    assert (child[0], child[2]) == (TRACE, "00")
    assert child[1] != SPAN


@given(st.text() | st.none())
def test_a_new_traceparent_is_well_formed_for_any_header(header: str | None) -> None:
    created = new_traceparent(header)
    assert parse_traceparent(created)
    assert re.search(TRACEPARENT_PATTERN, created)


def test_two_new_traces_differ() -> None:
    assert new_traceparent()[:35] != new_traceparent()[:35]


def test_the_current_traceparent_is_that_of_the_context() -> None:
    assert current_traceparent() is None
    token = TRACEPARENT.set(GIVEN)
    assert current_traceparent() == GIVEN
    TRACEPARENT.reset(token)
