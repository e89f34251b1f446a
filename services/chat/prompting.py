"""From the message tree to what a model is asked: the branch up to the user's message, cut to what it can read."""

from collections.abc import Mapping, Sequence

from services.chat import tokens
from services.chat.domain import Message, plain_text
from services.chat.model_events import Said
from shared.catalogue import Model


def branch(messages: Mapping[str, Message], leaf: Message) -> list[Message]:
    """From the first message to `leaf`. A parent that is missing, or comes round again, ends the walk."""
    path: list[Message] = []
    seen: set[str] = set()
    at: Message | None = leaf
    while at is not None and at.id not in seen:
        seen.add(at.id)
        path.append(at)
        at = messages.get(at.parent_id) if at.parent_id else None
    return path[::-1]


def prompt(path: Sequence[Message], model: Model, max_output_tokens: int) -> list[Said]:
    """What was said along the branch, oldest first: roles alternate, the user begins, the newest part that fits.

    Failed answers without a word leave two user messages side by side; they are joined. What does not fit beside the
    output is left out from the oldest end; the last message is never left out.
    """
    room = model.limits.context_tokens - min(max_output_tokens, model.limits.context_tokens // 2)
    said = _joined(path)
    kept: list[Said] = []
    for each in reversed(said):
        room -= tokens.estimate(each.text)
        if kept and room < 0:
            break
        kept.append(each)
    kept.reverse()
    while kept[0].role != "user":
        kept.pop(0)
    return kept


def counted(said: Sequence[Said]) -> int:
    """The estimate of the prompt's tokens, before the provider has counted them."""
    return sum(tokens.estimate(each.text) for each in said)


def _joined(path: Sequence[Message]) -> list[Said]:
    said: list[Said] = []
    for message in path:
        text = plain_text(message.content).strip()
        if not text:
            continue
        if said and said[-1].role == message.role:
            text = f"{said.pop().text}\n\n{text}"
        said.append(Said.words(message.role, text))
    return said
