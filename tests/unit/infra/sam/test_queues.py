"""A queue exists if and only if a service declares it, and its rule delivers the handled events."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from shared.events.data import EventData
from shared.events.declarations import QueueDeclaration
from shared.events.envelope import SOURCE_PREFIX
from shared.settings import PublisherSettings
from tests.unit.infra.sam.templates import functions, resources, template
from tests.unit.infra.sam.test_settings_of_functions import CLASSES

OF_NO_QUEUE: Final = {
    "Doorbell": "notifications that the pipe could not deliver to the relay",
    "Lake": "events for the lake",
}
"""Dead-letter queues that belong neither to a queue nor to a relay."""
OF_NO_CONSUMER: Final = {"LakeRule": "its target is a stream into the lake"}


def declared(service: str) -> tuple[QueueDeclaration, ...]:
    """The queues of a service; empty if it consumes none."""
    module = f"services.{service}.consumers"
    queues: tuple[QueueDeclaration, ...] = import_module(module).QUEUES if find_spec(module) else ()
    return queues


DECLARED: Final = [(service, queue) for service in SERVICES for queue in declared(service)]


def name(given: Any) -> str:
    return given.name if isinstance(given, QueueDeclaration) else str(given)


@pytest.mark.parametrize("service", SERVICES)
def test_a_template_has_exactly_the_declared_queues(service: str) -> None:
    queues = {each for each in resources(service, "AWS::SQS::Queue") if not each.endswith("DeadLetterQueue")}
    assert queues == {f"{queue.resource}Queue" for queue in declared(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_dead_letter_queues_belong_to_a_queue_or_the_relay(service: str) -> None:
    kinds = {
        each.removesuffix("DeadLetterQueue")
        for each in resources(service, "AWS::SQS::Queue")
        if each.endswith("DeadLetterQueue")
    }
    of_the_relay = {"Relay"} if issubclass(CLASSES[service], PublisherSettings) else set()
    assert kinds - OF_NO_QUEUE.keys() == {queue.resource for queue in declared(service)} | of_the_relay
    assert bool(of_the_relay) == ("Relay" in functions(service))


@pytest.mark.parametrize(("service", "queue"), DECLARED, ids=name)
def test_a_rule_delivers_exactly_the_handled_events(service: str, queue: QueueDeclaration) -> None:
    patterns = [
        rule["Properties"]["EventPattern"]
        for rule in resources(service, "AWS::Events::Rule").values()
        if {"Fn::GetAtt": [f"{queue.resource}Queue", "Arn"]} in [each["Arn"] for each in rule["Properties"]["Targets"]]
    ]
    types = sorted(each.event_type for each in queue.handled if issubclass(each, EventData))
    if queue.everything:
        assert patterns == [{"source": [{"prefix": SOURCE_PREFIX}]}]
    elif not types:
        assert patterns == []
    else:
        (pattern,) = patterns
        assert {key: sorted(value, key=str) for key, value in pattern.items()} == {
            "source": sorted({f"{SOURCE_PREFIX}{each.partition('.')[0]}" for each in types}),
            "detail-type": types,
        }


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_belongs_to_a_declared_queue(service: str) -> None:
    rules = resources(service, "AWS::Events::Rule").keys() - OF_NO_CONSUMER.keys()
    assert rules <= {f"{queue.resource}Rule" for queue in declared(service)}


@pytest.mark.parametrize(("service", "queue"), DECLARED, ids=name)
def test_a_queue_is_consumed_by_the_function_of_its_name(service: str, queue: QueueDeclaration) -> None:
    function = functions(service)[queue.resource]
    assert function["Handler"] == f"services.{service}.lambda_handlers.{queue.name}"
    (event,) = function["Events"].values()
    assert (event["Type"], event["Properties"]["Queue"]) == (
        "SQS",
        {"Fn::GetAtt": [f"{queue.resource}Queue", "Arn"]},
    )


@pytest.mark.parametrize(("service", "queue"), DECLARED, ids=name)
def test_the_urls_of_a_queue_and_its_dead_letters_are_settings_of_the_service(
    service: str, queue: QueueDeclaration
) -> None:
    assert set(queue.settings) <= CLASSES[service].model_fields.keys()
    outputs = template(service)["Outputs"]
    assert outputs[f"{queue.resource}QueueUrl"]["Value"] == {"Ref": f"{queue.resource}Queue"}
    assert outputs[f"{queue.resource}DeadLetterQueueUrl"]["Value"] == {"Ref": f"{queue.resource}DeadLetterQueue"}
