"""W3C trace context: continued if well-formed, otherwise a new trace."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import NonRecordingSpan

from shared.events.data import TRACEPARENT_PATTERN
from shared.telemetry import current_traceparent
from shared.telemetry.spans import trace_context
from shared.telemetry.traces import context_of, new_span_context, traceparent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


def understood(header: str | None) -> str | None:
    """The trace context that goes on from a header."""
    with trace_context(header):
        return current_traceparent()


def child_of(header: str | None) -> str:
    return traceparent_of(NonRecordingSpan(new_span_context(context_of(header))))


@pytest.mark.parametrize("header", [GIVEN, f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-03"])
def test_a_traceparent_is_trace_span_and_flags_and_goes_on_unchanged(header: str) -> None:
    assert understood(header) == header


@pytest.mark.parametrize("header", [f"01-{TRACE}-{SPAN}-01", f"01-{TRACE}-{SPAN}-01-more", f" {GIVEN} "])
def test_a_later_version_and_spaces_around_it_are_understood_and_go_on_as_ours(header: str) -> None:
    """As https://www.w3.org/TR/trace-context/#versioning-of-traceparent asks."""
    assert understood(header) == GIVEN


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "garbage",
        GIVEN.upper(),
        GIVEN + "-extra",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        "00-" + "0" * 100_000,
    ],
)
def test_a_malformed_traceparent_is_not_parsed(header: str | None) -> None:
    assert understood(header) is None


def test_a_child_keeps_trace_and_flags_and_has_a_span_of_its_own() -> None:
    _, trace, span, flags = child_of(f"00-{TRACE}-{SPAN}-00").split("-")
    assert (trace, flags) == (TRACE, "00")
    assert span != SPAN


@given(st.text() | st.none())
def test_a_new_traceparent_is_well_formed_for_any_header(header: str | None) -> None:
    created = child_of(header)
    assert understood(created) == created
    assert re.search(TRACEPARENT_PATTERN, created)


def test_two_new_traces_differ() -> None:
    assert child_of(None)[:35] != child_of(None)[:35]


def test_the_current_traceparent_is_that_of_the_context() -> None:
    assert current_traceparent() is None
    with trace_context(GIVEN):
        assert current_traceparent() == GIVEN
        with trace_context(None):
            assert current_traceparent() is None
    assert current_traceparent() is None
