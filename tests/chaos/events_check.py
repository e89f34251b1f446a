"""What must have been told on the bus, given what happened."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.story import Story
from tests.chaos.tap import Heard


def never_told(stories: Iterable[Story], heard: Sequence[Heard]) -> list[str]:
    """Of each ended turn: its start, its end, and each of its model calls twice, opened and settled."""
    told: Mapping[str, Counter[str]] = defaultdict(Counter)
    calls: Mapping[str, set[str]] = defaultdict(set)
    for event in {each.id: each for each in heard}.values():
        if event.type == "chat.model.invoked":
            calls[event.data["invocation_id"]].add(event.data["state"])
            told[event.data.get("turn_id") or ""][event.type] += 1
        elif event.type.startswith("chat.turn."):
            told[event.data["turn_id"]][event.type] += 1
    wrong = [f"{call}: only {states} was told" for call, states in calls.items() if states != {"opened", "settled"}]
    for story in stories:
        if story.ended:
            ending = f"chat.{story.frames[-1].event}"
            missing = [name for name in ("chat.turn.started", ending) if told[story.turn_id][name] != 1]
            wrong += [f"{story.turn_id}: {told[story.turn_id][name]} times {name}" for name in missing]
            if not told[story.turn_id]["chat.model.invoked"] and ending == "chat.turn.completed":
                wrong.append(f"{story.turn_id}: no model call was told")
    return wrong


def repeated(heard: Sequence[Heard]) -> int:
    """Events that were told more than once: allowed, consumers are idempotent."""
    return len(heard) - len({each.id for each in heard})
