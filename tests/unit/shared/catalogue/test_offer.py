"""The catalogue of a deployment: models of the served sources, allowed ones only, and none that has ended."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from shared.catalogue import Catalogue, Source, UnknownModelError
from shared.catalogue.data import catalogue_data
from tests.fakes.clock import FakeClock

SOURCES: tuple[Source, ...] = get_args(Source)
MODELS = catalogue_data().models


def offered(*sources: Source, allowed: tuple[str, ...] = (), clock: FakeClock | None = None) -> Catalogue:
    return Catalogue.offered(sources, allowed, clock or FakeClock())


@pytest.mark.parametrize("source", SOURCES)
def test_the_offered_models_are_those_of_the_served_source(source: Source) -> None:
    found = list(offered(source))
    assert found
    assert {model.source for model in found} == {source}


def test_an_empty_allow_list_allows_all() -> None:
    assert [model.id for model in offered("scripted")] == [model.id for model in MODELS if model.source == "scripted"]


def test_an_allow_list_keeps_the_order_of_the_catalogue() -> None:
    found = offered("scripted", allowed=("scripted.fast", "scripted.echo"))
    assert [model.id for model in found] == ["scripted.echo", "scripted.fast"]
    assert "scripted.slow" not in found
    with pytest.raises(UnknownModelError):
        found.get("scripted.slow")


def test_a_typo_in_the_allow_list_is_refused() -> None:
    with pytest.raises(UnknownModelError, match="claude-opus-47"):
        offered("bedrock", allowed=("claude-opus-4-7", "claude-opus-47"))


def test_an_allowed_model_of_another_source_is_not_offered() -> None:
    assert list(offered("scripted", allowed=("claude-opus-4-7",))) == []


def test_a_model_that_is_not_offered_still_has_its_price() -> None:
    narrow = offered("scripted", allowed=("scripted.echo",))
    assert narrow.priced("claude-opus-4-7").id == "claude-opus-4-7"
    with pytest.raises(UnknownModelError):
        narrow.priced("never.was")


def test_a_model_vanishes_on_the_day_of_its_end_while_the_process_runs() -> None:
    clock = FakeClock(datetime(2027, 4, 7, 23, 59, 59, tzinfo=UTC))
    catalogue = offered("bedrock", clock=clock)
    assert catalogue.get("claude-sonnet-4-5") in list(catalogue)
    clock.advance(1)
    assert "claude-sonnet-4-5" not in catalogue
    assert "claude-sonnet-4-5" not in [model.id for model in catalogue]
    assert catalogue.find("claude-sonnet-4-5") is None
    with pytest.raises(UnknownModelError):
        catalogue.get("claude-sonnet-4-5")


def test_a_model_that_has_ended_still_has_its_price() -> None:
    assert offered("bedrock").priced("claude-3-haiku").prices.output > 0


def test_an_allow_list_may_name_a_model_that_has_ended() -> None:
    """A deployment must not stop working on the day on which one of its models ends."""
    found = offered("bedrock", allowed=("claude-3-haiku", "claude-haiku-4-5"))
    assert [model.id for model in found] == ["claude-haiku-4-5"]


def test_models_that_had_ended_by_november_2026_are_not_offered() -> None:
    ended = {model.id for model in MODELS if model.source == "bedrock"} - {model.id for model in offered("bedrock")}
    assert ended == {
        "claude-3-5-haiku", "claude-3-5-sonnet-v2", "claude-3-7-sonnet", "claude-3-haiku", "claude-opus-4",
        "claude-sonnet-4", "llama3-2-11b-instruct", "llama3-2-1b-instruct", "llama3-2-3b-instruct",
        "llama3-2-90b-instruct",
    }  # fmt: skip


def test_without_a_clock_the_catalogue_follows_the_time_of_the_system() -> None:
    assert "claude-3-haiku" not in Catalogue.offered(("bedrock",))


def test_an_empty_catalogue_offers_nothing() -> None:
    assert list(Catalogue([], "v")) == []
