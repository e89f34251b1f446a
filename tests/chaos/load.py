"""A steady load: several readers ask one question after another until told to stop."""

import asyncio
from collections.abc import Sequence
from typing import Self

from tests.chaos.observation import ObservedTurn
from tests.chaos.questions import Question
from tests.chaos.reader import Reader


class Load:
    """Use as `async with Load(reader, questions, side_by_side=4) as load`; leaving it waits for the last answers."""

    def __init__(
        self, reader: Reader, questions: Sequence[Question], *, side_by_side: int, pause_s: float = 0.0
    ) -> None:
        self.observed_turns: list[ObservedTurn] = []
        self._reader = reader
        self._questions = questions
        self._side_by_side = side_by_side
        self._pause_s = pause_s
        self._over = asyncio.Event()
        self._asking: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._asking = [asyncio.create_task(self._ask(place)) for place in range(self._side_by_side)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await asyncio.gather(*self._asking)

    async def _ask(self, place: int) -> None:
        number = place
        while not self._over.is_set():
            question = self._questions[number % len(self._questions)]
            number += self._side_by_side
            await ask(self._reader, question, self.observed_turns)
            if self._pause_s:
                await asyncio.sleep(self._pause_s)


async def ask(
    reader: Reader, question: Question, observed_turns: list[ObservedTurn], deadline_s: float = 120.0
) -> ObservedTurn:
    """The question in a conversation of its own, followed to its end."""
    conversation = await reader.open_conversation()
    observed = reader.ask(conversation, question.text, question.model, **question.more)
    observed_turns.append(observed)
    return await reader.follow(observed, deadline_s)
