"""What is read from the cache and written to it. A prompt of 1 000 words has 1 000 tokens."""

from typing import Any

import pytest

from infra.local.bedrock import families, prompt_parts
from infra.local.bedrock.families import BOUND, CLAUDE, GPT, NOVA, CacheBehaviour
from infra.local.bedrock.scripted.prompt_cache import CacheBill, PromptCache
from tests.fakes.clock import FakeClock
from tests.fakes.converse import CALCULATOR, assistant, request, user

POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


FIRST = user(words(2_000), POINT)
PLAIN = user(words(2_000))
ANSWER = assistant("Yes.")  # two tokens


class Model:
    def __init__(self, caching: CacheBehaviour | None = CLAUDE.caching) -> None:
        assert caching is not None
        self.caching = caching
        self.clock = FakeClock()
        self.cache = PromptCache(self.clock)

    def bill(self, *messages: dict[str, Any], model: str = "scripted.claude", **more: Any) -> CacheBill:
        return self.cache.bill(model, request(*messages, **more), self.caching)


def test_a_prefix_is_written_once_and_then_read() -> None:
    model = Model()
    assert model.bill(FIRST) == CacheBill(0, {"5m": 2_000})
    assert model.bill(FIRST) == CacheBill(2_000, {})


def test_a_conversation_reads_what_its_last_turn_has_written() -> None:
    model = Model()
    model.bill(FIRST)
    assert model.bill(PLAIN, ANSWER, user(words(500), POINT)) == CacheBill(2_000, {"5m": 502})
    longer = (PLAIN, ANSWER, user(words(500)), ANSWER, user(words(100), POINT))
    assert model.bill(*longer) == CacheBill(2_502, {"5m": 102})


def test_without_a_cache_point_nothing_is_cached() -> None:
    model = Model()
    model.bill(FIRST)
    assert model.bill(PLAIN) == CacheBill(0, {})


def test_what_comes_after_the_last_cache_point_is_input() -> None:
    model = Model()
    assert model.bill(user(words(2_000), POINT, "and more")).written == 2_000


def test_any_change_before_it_makes_a_prefix_unknown() -> None:
    model = Model()
    model.bill(FIRST, system=[{"text": "Be kind."}], toolConfig=CALCULATOR)
    assert model.bill(FIRST, system=[{"text": "Be kind."}], toolConfig=CALCULATOR).read > 2_000
    assert model.bill(FIRST, system=[{"text": "Be rude."}], toolConfig=CALCULATOR).read == 0
    assert model.bill(FIRST, system=[{"text": "Be kind."}]).read == 0
    assert model.bill(FIRST, model="scripted.bound").read == 0


@pytest.mark.parametrize(("caching", "least"), [(CLAUDE.caching, 1_024), (BOUND.caching, 512), (NOVA.caching, 1_024)])
def test_a_prefix_below_the_minimum_of_its_model_is_not_cached(caching: CacheBehaviour, least: int) -> None:
    assert Model(caching).bill(user(words(least - 1), POINT)) == CacheBill(0, {})
    assert Model(caching).bill(user(words(least), POINT)).written == least


def test_the_life_of_an_entry_begins_anew_with_each_use() -> None:
    model = Model()
    model.bill(FIRST)
    for _ in range(3):
        model.clock.advance(299)
        assert model.bill(FIRST).read == 2_000
    model.clock.advance(301)
    assert model.bill(FIRST) == CacheBill(0, {"5m": 2_000})


def test_an_hour_is_billed_apart() -> None:
    model = Model()
    system = [{"text": words(1_500)}, HOUR]
    assert model.bill(user(words(600), POINT), system=system) == CacheBill(0, {"1h": 1_500, "5m": 600})
    model.cache.age(301)
    assert model.bill(user(words(600), POINT), system=system) == CacheBill(1_500, {"5m": 600})
    model.cache.age(3_601)
    assert model.bill(user(words(600), POINT), system=system).read == 0


def test_an_end_of_a_block_is_found_only_within_the_look_back() -> None:
    for blocks, read in ((20, 2_000), (21, 0)):
        model = Model()
        model.bill(FIRST)
        assert model.bill(user(words(2_000), *["more"] * blocks, POINT)).read == read


def test_nova_finds_only_what_ends_at_a_cache_point() -> None:
    model = Model(NOVA.caching)
    model.bill(FIRST)
    assert model.bill(PLAIN, ANSWER, user("more", POINT)).read == 0
    assert model.bill(FIRST, ANSWER, user("other", POINT)).read == 2_000


def test_gpt_caches_by_itself() -> None:
    model = Model(GPT.caching)
    assert model.bill(PLAIN).written == 2_000
    bill = model.bill(PLAIN, ANSWER, user("more"))
    assert (bill.read, bill.written, bill.details()) == (2_000, 3, ())
    model.clock.advance(1_801)
    assert model.bill(PLAIN, ANSWER, user("more")).read == 0


def test_other_thinking_makes_messages_unknown_but_not_the_system_prompt() -> None:
    model = Model()
    system = [{"text": words(1_500)}, POINT]
    thinking = [
        {"thinking": {"type": kind, "display": display}} for kind in ("adaptive", "disabled") for display in "ab"
    ]
    bills = [model.bill(FIRST, system=system, additionalModelRequestFields=fields) for fields in thinking]
    assert [bill.read for bill in bills] == [0, 3_500, 1_500, 3_500]


def test_a_cleared_cache_knows_nothing() -> None:
    model = Model()
    model.bill(FIRST)
    model.cache.clear()
    assert model.bill(FIRST).read == 0


def test_the_bill_never_exceeds_the_prompt() -> None:
    model = Model(families.OPEN.caching)
    asked = request(user(words(1_200), POINT, words(5), POINT), system=[{"text": words(1_100)}, HOUR])
    for _ in range(2):
        bill = model.cache.bill("scripted.lorem", asked, model.caching)
        assert bill.read + bill.written == prompt_parts.input_tokens(asked)
