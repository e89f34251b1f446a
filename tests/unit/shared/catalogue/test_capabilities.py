"""Capabilities: what is derived from the fields of an entry."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.catalogue.capabilities import Capabilities, Effort, Thinking

EFFORT: dict[str, Any] = {"levels": ["low", "medium", "high"], "default": "medium", "field": "effort"}


def test_an_entry_that_says_nothing_reads_and_writes_text_only() -> None:
    plain = Capabilities()
    assert plain.thinking.thinks == "never"
    assert plain.system_prompt
    flags = (plain.tools, plain.images, plain.documents, plain.video, plain.prompt_caching, plain.prefill)
    assert not any((*flags, plain.token_counting, plain.strict_tools))


def test_a_misspelt_capability_is_refused() -> None:
    with pytest.raises(ValidationError):
        Capabilities.model_validate({"tokencounting": True})


@pytest.mark.parametrize(("calls", "usable"), [("in_stream", True), ("not_in_stream", False), ("none", False)])
def test_only_tools_that_work_in_a_stream_are_usable(calls: str, usable: bool) -> None:
    assert Capabilities.model_validate({"tool_calls": calls}).tools is usable


@pytest.mark.parametrize(
    ("mode", "thinks", "reasoning"),
    [
        ("none", "never", "none"),
        ("budget", "optional", "budget"),
        ("adaptive", "optional", "adaptive"),
        ("effort", "optional", "adaptive"),
        ("always", "always", "always"),
    ],
)
def test_the_mode_says_whether_a_person_can_choose_to_let_it_think(mode: str, thinks: str, reasoning: str) -> None:
    capabilities = Capabilities.model_validate({"thinking": {"mode": mode}})
    assert (capabilities.thinking.thinks, capabilities.reasoning) == (thinks, reasoning)


def test_a_model_that_caches_by_itself_takes_no_cache_points() -> None:
    assert not Capabilities.model_validate({"caching": {"sections": [], "implicit": True}}).prompt_caching


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [("low", "low"), ("high", "high"), ("max", "high"), ("minimal", "low"), ("none", "low"), ("extreme", "medium")],
)
def test_an_effort_becomes_the_nearest_level_of_the_model(wanted: str, sent: str) -> None:
    assert Effort.model_validate(EFFORT).nearest(wanted) == sent


def test_efforts_are_empty_without_levels() -> None:
    assert (Thinking().efforts, Thinking().default_effort) == ((), None)
    with_levels = Thinking.model_validate({"mode": "always", "effort": EFFORT})
    assert (with_levels.efforts, with_levels.default_effort) == (("low", "medium", "high"), "medium")
