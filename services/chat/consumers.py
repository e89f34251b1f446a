"""Consumers of chat's queues: which use case handles which command."""

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


def turn_handlers(supervisor: TurnSupervisor, erasure: ConversationErasure) -> CommandHandlers:
    return _TURNS.handled_by(
        CommandHandlers(
            {
                RunTurn: supervisor.handle,
                EraseConversation: erasure.erase,
                AnswerToolCall: supervisor.record_tool_result,
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
    """Commands of the release before command types, recognised by their fields. Goes with the next release.

    That release had one command on one queue for running and for checking a turn; it is read as `RunTurn`.
    """


def _untyped(message: QueueMessage) -> Command:
    return message.parse(_Untyped).root
