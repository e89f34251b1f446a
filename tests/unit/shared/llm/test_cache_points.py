"""Cache points: where the model takes them, where a later request has the same prefix, and nowhere else."""

from typing import Any

import pytest

from shared.catalogue import Catalogue, Model
from shared.catalogue.capabilities import Caching
from shared.llm.bedrock.request import converse_arguments
from shared.llm.cache_points import CachePoints, cache_points
from shared.llm.port import ModelRequest, PromptMessage, ToolSpec

ECHO = Catalogue.offered(("scripted",)).get("scripted.echo")
LONG = "word " * 1000  # 5000 characters, more than 1024 tokens of 4
SHORT = "hi"


def model(**caching: Any) -> Model:
    found = Caching(**{"sections": {"tools", "system", "messages"}, "least_tokens": 1024} | caching)
    return ECHO.model_copy(update={"capabilities": ECHO.capabilities.model_copy(update={"caching": found})})


def request(*texts: str, of: Model | None = None, **more: Any) -> ModelRequest:
    """Messages of the user and the assistant in turns, the user's first."""
    roles = ("user", "assistant")
    messages = [PromptMessage.of_text(roles[number % 2], text) for number, text in enumerate(texts)]
    return ModelRequest("inv_1", of or model(), messages, **{"cached": True} | more)


def tool(description: str) -> ToolSpec:
    return ToolSpec("now", description, {"type": "object"})


def test_the_two_latest_messages_of_the_user_have_points() -> None:
    found = cache_points(request(LONG, SHORT, SHORT, SHORT, SHORT))
    assert found == CachePoints(messages=frozenset({2, 4}))


def test_a_prefix_shorter_than_the_model_keeps_has_no_point() -> None:
    assert cache_points(request(SHORT, SHORT, SHORT)) == CachePoints()
    assert cache_points(request(SHORT, LONG, SHORT)) == CachePoints(messages=frozenset({2}))
    assert cache_points(request(LONG, SHORT, SHORT, of=model(least_tokens=4096))) == CachePoints()


def test_tools_and_system_prompt_have_points_if_they_are_long_enough() -> None:
    assert cache_points(request(SHORT, tools=[tool(LONG)])).tools
    assert cache_points(request(SHORT, system=LONG)).system
    found = cache_points(request(SHORT, tools=[tool(SHORT)], system=SHORT))
    assert (found.tools, found.system) == (False, False)


@pytest.mark.parametrize("section", ["tools", "system", "messages"])
def test_a_section_in_which_the_model_takes_no_points_has_none(section: str) -> None:
    of = model(sections={"tools", "system", "messages"} - {section})
    found = cache_points(request(LONG, SHORT, SHORT, of=of, tools=[tool(LONG)], system=LONG))
    assert not getattr(found, section)
    assert all(getattr(found, each) for each in ("tools", "system", "messages") if each != section)


def test_there_are_never_more_points_than_the_model_takes() -> None:
    texts = (LONG, SHORT, SHORT, SHORT, SHORT)
    found = cache_points(request(*texts, of=model(most_points=3), tools=[tool(LONG)], system=LONG))
    assert (found.tools, found.system, found.messages) == (True, True, frozenset({4}))


def test_a_request_that_nothing_follows_has_no_points() -> None:
    assert cache_points(request(LONG, SHORT, SHORT, cached=False)) == CachePoints()


def test_a_model_without_caching_gets_no_points() -> None:
    plain = ECHO.model_copy(update={"capabilities": ECHO.capabilities.model_copy(update={"caching": None})})
    assert cache_points(request(LONG, SHORT, SHORT, of=plain)) == CachePoints()


def test_the_points_are_sent_at_the_end_of_their_parts() -> None:
    sent = converse_arguments(request(LONG, SHORT, SHORT, tools=[tool(LONG)], system=LONG), "the-model")
    point = {"cachePoint": {"type": "default"}}
    assert sent["toolConfig"]["tools"][-1] == sent["system"][-1] == point
    assert [message["content"][-1] == point for message in sent["messages"]] == [True, False, True]
