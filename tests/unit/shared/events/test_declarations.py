"""Declarations of queues: each has handlers, and exactly for the types that it declares."""

import pytest

from shared.events.catalogue.chat import TurnCancelled, TurnCompleted
from shared.events.commands import AnswerToolCall, CallTool
from shared.events.consumer.dispatch import CommandHandlers, EventHandlers
from shared.events.declarations import QueueDeclaration

EVENTS = QueueDeclaration("events", (TurnCancelled,))


async def nothing(*_given: object) -> None:
    return


def test_a_queue_whose_messages_nothing_handles_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="nothing handles the messages of queue tasks"):
        QueueDeclaration("tasks", ())
    with pytest.raises(ValueError, match="nothing handles"):
        QueueDeclaration("tasks", (), everything=True)


def test_types_are_those_of_events_and_commands() -> None:
    assert QueueDeclaration("calls", (CallTool, TurnCancelled)).types == {
        "agents.tool_call.execute",
        "chat.turn.cancelled",
    }


def test_its_name_leads_to_its_settings_and_its_resources() -> None:
    assert EVENTS.settings == ("events_queue_url", "events_dead_letter_queue_url")
    assert EVENTS.resource == "Events"


def test_handlers_of_all_that_is_declared_pass() -> None:
    handlers = EventHandlers({TurnCancelled: nothing})
    assert EVENTS.handled_by(handlers) is handlers


def test_a_declared_type_without_a_handler_is_refused() -> None:
    with pytest.raises(ValueError, match=r"queue events: no handler for \['chat\.turn\.cancelled'\]"):
        EVENTS.handled_by(EventHandlers({}))


def test_a_handler_of_what_is_not_declared_is_refused() -> None:
    more = EventHandlers({TurnCancelled: nothing, TurnCompleted: nothing})
    with pytest.raises(ValueError, match=r"not declared: \['chat\.turn\.completed'\]"):
        EVENTS.handled_by(more)
    with pytest.raises(ValueError, match=r"not declared: \['chat\.tool_call\.answer'\]"):
        QueueDeclaration("calls", (CallTool,)).handled_by(CommandHandlers({CallTool: nothing, AnswerToolCall: nothing}))
