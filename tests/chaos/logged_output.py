"""Counts the output that a turn log has of each call of a model, and finds the ledger row of each call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby
from typing import Any, Final

from infra.local.bedrock import tokens
from tests.chaos.observation import Frame

_CALL_STARTS: Final = frozenset({"turn.started", "tool.call", "tool.result", "turn.resumed", "turn.restarted"})
_DELTAS: Final = frozenset({"message.delta", "reasoning.delta", "tool.delta"})


def tokens_of_calls(log: Iterable[Frame]) -> list[int]:
    """The tokens between one start of a call and the next, in order, counted as the scripted models count them.

    Where no call was made, between two results of tools for example, they are 0.
    """
    calls: list[list[Frame]] = []
    for frame in log:
        if frame.event in _CALL_STARTS:
            calls.append([])
        elif frame.event in _DELTAS:
            calls[-1].append(frame)
    return [sum(tokens.count(text) for text in _texts(call)) for call in calls]


def _texts(call: Iterable[Frame]) -> Iterator[str]:
    """The text of each content block. A name of a tool is no text: the scripted models do not count it."""
    for _, deltas in groupby(call, lambda frame: (frame.event, frame.content.get("index"))):
        yield "".join(frame.content["text"] for frame in deltas)


def logged_tokens(rows: Iterable[Mapping[str, Any]], log: Iterable[Frame]) -> dict[str, int] | None:
    """What the log has of each invocation, by id; None when it has output of more calls than there are rows.

    `rows`: all rows for the answer of this turn. They say when they began, and not which attempt they were, and an
    attempt may have died before it opened an invocation. So rows and calls are paired in order, each call with output
    has a row, and of the pairings that are left the one with the smallest differences counts.
    """
    ordered = sorted(rows, key=lambda row: (row["started_at"], row["invocation_id"]))
    calls = tokens_of_calls(log)
    pairings = [chosen for chosen in combinations(calls, len(ordered)) if sum(chosen) == sum(calls)]
    if not pairings:
        return None

    def difference(chosen: Sequence[int]) -> int:
        return sum(abs(row["output_tokens"] - logged) for row, logged in zip(ordered, chosen, strict=True))

    best = min(pairings, key=difference)
    return {row["invocation_id"]: logged for row, logged in zip(ordered, best, strict=True)}
