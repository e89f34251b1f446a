"""The text of a scripted answer: from directives, tool results or the model's name, otherwise prose."""

import json
from collections.abc import Iterator

from infra.local.bedrock import tokens
from infra.local.bedrock.scripted import prose
from infra.local.bedrock.scripted.behaviours import ECHO, TITLE, Behaviour
from infra.local.bedrock.scripted.prompt import Prompt

_TITLE_WORDS = 6


def seed(read: Prompt) -> int:
    return int.from_bytes(read.digest[:6]) + read.directives.seed


def words(model: str, behaviour: Behaviour, read: Prompt) -> list[str]:
    """The answer in tokens. If the answer begins with the prefill, only the rest."""
    said = _whole(model, behaviour, read)
    if not read.prefill:
        return said
    text = "".join(said)
    return tokens.split(text[len(read.prefill) :]) or ["."] if text.startswith(read.prefill) else said


def _whole(model: str, behaviour: Behaviour, read: Prompt) -> list[str]:
    directives_of_round = read.directives
    opening = _opening(model, read)
    if opening is None:
        length = directives_of_round.tokens or (None if directives_of_round.kind else behaviour.tokens)
        return prose.write(directives_of_round.kind or "prose", seed(read), length)
    if directives_of_round.text or not directives_of_round.tokens:
        return opening
    return [*opening, " ", *prose.write(directives_of_round.kind or "prose", seed(read), directives_of_round.tokens)][
        : directives_of_round.tokens
    ]


def _opening(model: str, read: Prompt) -> list[str] | None:
    if read.directives.text:
        return tokens.split(read.directives.text)
    if read.results:
        return tokens.split(" ".join(_results(read)))
    if model == TITLE:
        return tokens.split(_title(read.words))
    return tokens.split(read.words or "Nothing was said.") if model == ECHO else None


def _results(read: Prompt) -> Iterator[str]:
    for name, result in read.results:
        parts = [part.text if part.text is not None else json.dumps(part.json_value) for part in result.content]
        said = " ".join(parts)
        yield f"The {name} says {said}." if result.status == "success" else f"The {name} failed: {said}."


def _title(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    title = " ".join(lines[-1].split()[:_TITLE_WORDS]) if lines else "New conversation"
    return title[:1].upper() + title[1:].rstrip(".,:;!?")
