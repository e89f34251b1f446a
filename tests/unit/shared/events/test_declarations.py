"""Declarations of queues: each has handlers, and exactly for the types that it declares."""

import pytest

from shared.events.catalogue.chat import TurnCancelled, TurnCompleted
from shared.events.commands import AnswerToolCall, CallTool
from shared.events.consumer.dispatch import CommandHandlers, EventHandlers
from shared.events.declarations import QueueDeclaration

EVENTS = QueueDeclaration("events", (TurnCancelled,))


async def nothing(*_given: object) -> None:
    return


def test_a_queue_without_message_types_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="nothing handles the messages of queue tasks"):
        QueueDeclaration("tasks", ())
    with pytest.raises(ValueError, match="nothing handles"):
        QueueDeclaration("tasks", (), everything=True)


def test_types_are_those_of_events_and_commands() -> None:
    assert QueueDeclaration("calls", (CallTool, TurnCancelled)).types == {
        "agents.tool_call.execute",
        "chat.turn.cancelled",
    }


def test_settings_and_resource_are_named_after_the_queue() -> None:
    assert EVENTS.settings == ("events_queue_url", "events_dead_letter_queue_url")
    assert EVENTS.resource == "Events"


def test_handlers_for_all_declared_types_are_accepted() -> None:
    handlers = EventHandlers({TurnCancelled: nothing})
    assert EVENTS.handled_by(handlers) is handlers


def test_a_declared_type_without_a_handler_is_refused() -> None:
    with pytest.raises(ValueError, match=r"queue events: no handler for \['chat\.turn\.cancelled'\]"):
        EVENTS.handled_by(EventHandlers({}))


def test_a_handler_for_an_undeclared_type_is_refused() -> None:
    more = EventHandlers({TurnCancelled: nothing, TurnCompleted: nothing})
    with pytest.raises(ValueError, match=r"not declared: \['chat\.turn\.completed'\]"):
        EVENTS.handled_by(more)
    with pytest.raises(ValueError, match=r"not declared: \['chat\.tool_call\.answer'\]"):
        QueueDeclaration("calls", (CallTool,)).handled_by(CommandHandlers({CallTool: nothing, AnswerToolCall: nothing}))
