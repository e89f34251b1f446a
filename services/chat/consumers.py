"""What chat's queues bring: one short function per command."""

from typing import Final

from pydantic import ConfigDict, RootModel

from services.chat.adapters.turn_queue import CheckTurn, EraseConversation, RunTurn
from services.chat.conversations.erase import ConversationErasure
from services.chat.turns.supervisor import TurnSupervisor
from services.chat.turns.watchdog import Watchdog
from shared.events.commands import AnswerToolCall, Command
from shared.events.consumer.dispatch import CommandHandlers
from shared.events.consumer.messages import QueueMessage
from shared.events.declarations import QueueDeclaration

_TURNS: Final = QueueDeclaration("turns", (RunTurn, EraseConversation, AnswerToolCall))
_WATCHDOGS: Final = QueueDeclaration("watchdogs", (CheckTurn,))
QUEUES: Final = (_TURNS, _WATCHDOGS)


def turn_handlers(watching: TurnSupervisor, erasing: ConversationErasure) -> CommandHandlers:
    return _TURNS.handled_by(
        CommandHandlers(
            {
                RunTurn: watching.look,
                EraseConversation: erasing.erase,
                AnswerToolCall: watching.answered,
            },
            untyped=_untyped,
        )
    )


def watchdog_handlers(watchdog: Watchdog) -> CommandHandlers:
    return _WATCHDOGS.handled_by(CommandHandlers({CheckTurn: watchdog.check}))


class _UntypedTurn(RunTurn):
    model_config = ConfigDict(extra="forbid")


class _UntypedErasure(EraseConversation):
    model_config = ConfigDict(extra="forbid")


class _Untyped(RootModel[_UntypedErasure | AnswerToolCall | _UntypedTurn]):
    """Commands of the release before types, told apart by their fields. It goes with the next release.

    To run a turn and to check it were one command on one queue, so that either reads as the first.
    """


def _untyped(message: QueueMessage) -> Command:
    return message.parse(_Untyped).root
