"""What chat's queues bring: one short function per command."""

from pydantic import ConfigDict, RootModel

from services.chat.adapters.turn_queue import CheckTurn, EraseConversation, RunTurn
from services.chat.conversations.erase import ConversationErasure
from services.chat.turns.supervisor import TurnSupervisor
from services.chat.watchdog import Watchdog
from shared.events.commands import AnswerToolCall, Command
from shared.events.consumer.dispatch import CommandHandlers
from shared.events.consumer.messages import Message


def turns_handlers(watching: TurnSupervisor, erasing: ConversationErasure) -> CommandHandlers:
    return CommandHandlers(
        {
            RunTurn: watching.look,
            EraseConversation: erasing.erase,
            AnswerToolCall: watching.answered,
        },
        untyped=_untyped,
    )


def watchdogs_handlers(watchdog: Watchdog) -> CommandHandlers:
    return CommandHandlers({CheckTurn: watchdog.check})


class _UntypedTurn(RunTurn):
    model_config = ConfigDict(extra="forbid")


class _UntypedErasure(EraseConversation):
    model_config = ConfigDict(extra="forbid")


class _Untyped(RootModel[_UntypedErasure | AnswerToolCall | _UntypedTurn]):
    """Commands of the release before types, told apart by their fields. It goes with the next release.

    To run a turn and to check it were one command on one queue, so that either reads as the first.
    """


def _untyped(message: Message) -> Command:
    return message.parse(_Untyped).root
