"""Generates readable text of any length. The same seed gives the same text."""

import itertools
import random
from collections.abc import Callable, Iterator
from functools import lru_cache

from infra.local.bedrock import tokens
from infra.local.bedrock.scripted import sample_texts
from infra.local.bedrock.scripted.directives import Kind

_split = lru_cache(maxsize=512)(tokens.split)


def write(kind: Kind, seed: int, length: int | None) -> list[str]:
    """Exactly `length` tokens, or one complete piece if `length` is None."""
    pieces = _KINDS[kind](random.Random(seed))  # noqa: S311 - repeatable on purpose
    if length is None:
        return _split(next(pieces).rstrip())
    flowing = itertools.chain.from_iterable(map(_split, pieces))
    return list(itertools.islice(flowing, length))


def _paragraphs(dice: random.Random, sentences: tuple[str, ...]) -> Iterator[str]:
    while True:
        paragraph = " ".join(dice.sample(sentences, dice.randint(3, 5)))
        yield paragraph + "\n\n"


def _prose(dice: random.Random) -> Iterator[str]:
    return _paragraphs(dice, sample_texts.ENGLISH)


def _korean(dice: random.Random) -> Iterator[str]:
    return _paragraphs(dice, sample_texts.KOREAN)


def _documents(dice: random.Random, documents: tuple[str, ...]) -> Iterator[str]:
    while True:
        yield dice.choice(documents) + "\n\n"


def _markdown(dice: random.Random) -> Iterator[str]:
    return _documents(dice, sample_texts.MARKDOWN)


def _code(dice: random.Random) -> Iterator[str]:
    return _documents(dice, sample_texts.CODE)


def _table(dice: random.Random) -> Iterator[str]:
    return _documents(dice, sample_texts.TABLES)


_KINDS: dict[Kind, Callable[[random.Random], Iterator[str]]] = {
    "prose": _prose,
    "korean": _korean,
    "markdown": _markdown,
    "code": _code,
    "table": _table,
}
