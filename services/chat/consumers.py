"""What chat's queues bring: one short function per command."""

from pydantic import BaseModel, RootModel

from services.chat.erasing import Erasing
from services.chat.summons import SummonedToErase, SummonedToTurn
from services.chat.watching import Watching
from shared.events.commands import ToolAnswered
from shared.events.messages import Message


class _Summoned(RootModel[SummonedToErase | ToolAnswered | SummonedToTurn]):
    pass


class TurnsConsumer:
    """Of the queue *turns*."""

    def __init__(self, watching: Watching, erasing: Erasing) -> None:
        self._watching = watching
        self._erasing = erasing

    async def __call__(self, message: Message) -> None:
        summoned: BaseModel = message.parse(_Summoned).root
        if isinstance(summoned, SummonedToTurn):
            await self._watching.look(summoned)
        elif isinstance(summoned, ToolAnswered):
            await self._watching.answered(summoned)
        elif isinstance(summoned, SummonedToErase):
            await self._erasing.erase(summoned)
