"""What the answer of a turn used: the total of its invocations."""

from collections.abc import Iterable

from shared.catalogue import Usage
from shared.llm.invocation import Basis, Invocation


class TurnUsage(Usage):
    """Tokens of a turn's answer and what they cost."""

    cost_nano_usd: int
    basis: Basis


def total(invocations: Iterable[Invocation]) -> TurnUsage | None:
    """Add up settled invocations; None when there is none. `reported` if the usage of each was reported."""
    settled = list(invocations)
    if not settled:
        return None
    return TurnUsage(
        input_tokens=sum(each.usage.input_tokens for each in settled),
        output_tokens=sum(each.usage.output_tokens for each in settled),
        cache_read_tokens=sum(each.usage.cache_read_tokens for each in settled),
        cache_write_tokens=sum(each.usage.cache_write_tokens for each in settled),
        cache_write_1h_tokens=sum(each.usage.cache_write_1h_tokens for each in settled),
        cost_nano_usd=sum(each.cost_nano_usd for each in settled),
        basis="reported" if all(each.basis == "reported" for each in settled) else "estimated",
    )
