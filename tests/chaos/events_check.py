"""Checks that the bus got every event that must have been published."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.observation import ObservedTurn
from tests.chaos.recorder import RecordedEvent


def missing_events(observed_turns: Iterable[ObservedTurn], events: Sequence[RecordedEvent]) -> list[str]:
    """Each ended turn must have its start, its end, and each model call twice: opened and settled."""
    told: Mapping[str, Counter[str]] = defaultdict(Counter)
    calls: Mapping[str, set[str]] = defaultdict(set)
    for event in {each.id: each for each in events}.values():
        if event.type == "chat.model.invoked":
            calls[event.data["invocation_id"]].add(event.data["state"])
            told[event.data.get("turn_id") or ""][event.type] += 1
        elif event.type.startswith("chat.turn."):
            told[event.data["turn_id"]][event.type] += 1
    wrong = [f"{call}: only {states} was told" for call, states in calls.items() if states != {"opened", "settled"}]
    for observed in observed_turns:
        if observed.ended:
            ending = f"chat.{observed.frames[-1].event}"
            missing = [name for name in ("chat.turn.started", ending) if told[observed.turn_id][name] != 1]
            wrong += [f"{observed.turn_id}: {told[observed.turn_id][name]} times {name}" for name in missing]
            if not told[observed.turn_id]["chat.model.invoked"] and ending == "chat.turn.completed":
                wrong.append(f"{observed.turn_id}: no model call was told")
    return wrong


def count_repeated(events: Sequence[RecordedEvent]) -> int:
    """Events that were published more than once: allowed, as consumers are idempotent."""
    return len(events) - len({each.id for each in events})
