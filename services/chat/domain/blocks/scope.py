"""Prompt scope: for which place in which prompt a content block is asked for its part."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PromptScope:
    """`is_history`: the block is of an earlier turn. `tools`: the request offers tools; models reject calls without.

    `results`: ids of the tool calls of the same message that have their results.
    """

    is_history: bool
    tools: bool
    results: frozenset[str] = frozenset()

    def has_result(self, call_id: str) -> bool:
        """Whether the call may be part of the prompt, together with its result."""
        return self.tools and call_id in self.results
