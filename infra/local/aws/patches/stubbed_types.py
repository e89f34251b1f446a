"""Fault: a stack with certain resource types is refused. `infra.local.aws.stubs` lists these types."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.local.aws.patches.deferred import when_cloudformation_loads
from infra.local.aws.stubs import METRIC_MATH_ALARM, STUBBED_TYPES, StubbedType

_NO_ADDRESS: Final = "https://not-here.invalid"


def apply() -> None:
    when_cloudformation_loads(_accept)


def _accept() -> None:
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    for kind, stub in STUBBED_TYPES.items():
        handlers.setdefault(kind, _handler(kind, stub))
    alarm = handlers["AWS::CloudWatch::Alarm"]
    several = _handler("AWS::CloudWatch::Alarm", METRIC_MATH_ALARM)
    alarm.update({act: _stub_if_metric_math(several[act], alarm[act]) for act in ("create", "update")})


def _handler(kind: str, stub: StubbedType) -> dict[str, Any]:
    def create(logical_id: str, _: Mapping[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        return _named(f"{stack}-{logical_id}")

    def _named(name: str) -> tuple[str, dict[str, str]]:
        arn = f"arn:aws:inert:us-east-1:000000000000:{kind}/{name}"
        return name, {each: _NO_ADDRESS if each.endswith("Endpoint") else arn for each in stub.attributes}

    return {
        "create": create,
        "update": lambda physical_id, *_, **__: _named(physical_id),
        "delete": lambda *_, **__: None,
    }


def _stub_if_metric_math(stub: Callable[..., Any], act: Callable[..., Any]) -> Callable[..., Any]:
    """Use the stub for an alarm over several metrics. The properties are the last mapping among the arguments."""

    def stub_or_act(*arguments: Any, **named: Any) -> Any:
        properties = next(each for each in reversed(arguments) if isinstance(each, Mapping))
        return (stub if "Metrics" in properties else act)(*arguments, **named)

    return stub_or_act
