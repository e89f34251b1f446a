"""The usage of a turn: the total of its invocations."""

from datetime import UTC, datetime

from services.chat.domain.usage import total
from shared.catalogue import Usage
from shared.llm.invocation import Invocation

USAGE = Usage(input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4, cache_write_1h_tokens=1)


def invocation(usage: Usage, cost: int) -> Invocation:
    return Invocation(
        id="inv_1", owner_id="ann", model="scripted.echo", purpose="answer", usage=usage, cost_nano_usd=cost,
        price_version="2026-11-30", basis="reported", started_at=datetime(2026, 11, 30, tzinfo=UTC),
    )  # fmt: skip


def test_every_kind_of_token_is_added_up() -> None:
    found = total([invocation(USAGE, 5), invocation(USAGE, 6)])
    assert found
    for name, count in USAGE:
        assert getattr(found, name) == 2 * count
    assert (found.cost_nano_usd, found.basis) == (11, "reported")


def test_no_invocation_is_no_usage() -> None:
    assert total([]) is None
