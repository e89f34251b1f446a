"""Each service wires exactly the queues of `consumers.QUEUES`, with a handler for each of their types."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from services.agents.settings import AgentsSettings
from services.analytics.settings import AnalyticsSettings
from services.chat.settings import ChatSettings
from services.ingest.settings import IngestSettings
from shared.events.commands import TYPE
from shared.events.consumer.messages import PoisonMessageError, QueueMessage
from shared.events.data import EventData
from shared.events.declarations import QueueDeclaration
from shared.host.service_app import ServiceApp
from shared.settings import PublisherSettings, ServiceSettings
from tests.fakes.runtime import fake_runtime, fake_settings

SETTINGS: Final[dict[str, type[ServiceSettings]]] = {
    "chat": ChatSettings,
    "bots": PublisherSettings,
    "ingest": IngestSettings,
    "agents": AgentsSettings,
    "analytics": AnalyticsSettings,
}


def declared(service: str) -> tuple[QueueDeclaration, ...]:
    module = f"services.{service}.consumers"
    queues: tuple[QueueDeclaration, ...] = import_module(module).QUEUES if find_spec(module) else ()
    return queues


DECLARED: Final = [(service, queue) for service in SERVICES for queue in declared(service)]


def name(given: Any) -> str:
    return given.name if isinstance(given, QueueDeclaration) else str(given)


@pytest.fixture
async def app(service: str) -> AsyncIterator[ServiceApp]:
    """The service, wired over clients in memory."""
    async with AsyncExitStack() as stack:
        settings = fake_settings(SETTINGS[service])
        built: ServiceApp = await import_module(f"services.{service}.app").build(fake_runtime(stack=stack), settings)
        yield built


def unreadable(queue: QueueDeclaration, message_type: str) -> QueueMessage:
    """An invalid message of this type. An event has its type in its body, a command in an attribute."""
    if all(issubclass(each, EventData) for each in queue.handled):
        return QueueMessage("m", json.dumps({"detail": {"type": message_type}}), "r")
    return QueueMessage("m", "{", "r", attributes={TYPE: message_type})


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_consumes_the_queues_that_it_declares(service: str, app: ServiceApp) -> None:
    assert sorted(queue.name for queue in app.queues) == sorted(queue.name for queue in declared(service))


@pytest.mark.parametrize(("service", "queue"), DECLARED, ids=name)
def test_a_queue_has_the_addresses_of_its_settings(queue: QueueDeclaration, app: ServiceApp) -> None:
    consumed = app.queue(queue.name)
    found = (consumed.url, consumed.dead_letter_url)
    assert found == tuple(setting.removesuffix("_url").replace("_", "-") for setting in queue.settings)


@pytest.mark.parametrize(("service", "queue"), DECLARED, ids=name)
async def test_each_declared_type_has_a_handler(queue: QueueDeclaration, app: ServiceApp) -> None:
    for message_type in queue.types:
        with pytest.raises(PoisonMessageError) as poison:
            await app.queue(queue.name).handle(unreadable(queue, message_type))
        assert not poison.value.reason.startswith("unknown")
