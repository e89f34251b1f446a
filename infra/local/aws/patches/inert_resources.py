"""Fault: some kinds of resources are refused, and with them the whole stack. `infra.local.aws.inert` lists them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.local.aws.inert import ALARMS_OVER_SEVERAL_METRICS, KINDS, Inert
from infra.local.aws.patches.late import when_cloudformation_is_there

_NO_ADDRESS: Final = "https://not-here.invalid"


def apply() -> None:
    when_cloudformation_is_there(_accept)


def _accept() -> None:
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    for kind, inert in KINDS.items():
        handlers.setdefault(kind, _handler(kind, inert))
    alarm = handlers["AWS::CloudWatch::Alarm"]
    several = _handler("AWS::CloudWatch::Alarm", ALARMS_OVER_SEVERAL_METRICS)
    alarm.update({act: _if_over_several(several[act], alarm[act]) for act in ("create", "update")})


def _handler(kind: str, inert: Inert) -> dict[str, Any]:
    def create(logical_id: str, _: Mapping[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        return _named(f"{stack}-{logical_id}")

    def _named(name: str) -> tuple[str, dict[str, str]]:
        arn = f"arn:aws:inert:us-east-1:000000000000:{kind}/{name}"
        return name, {each: _NO_ADDRESS if each.endswith("Endpoint") else arn for each in inert.attributes}

    return {
        "create": create,
        "update": lambda physical_id, *_, **__: _named(physical_id),
        "delete": lambda *_, **__: None,
    }


def _if_over_several(inert: Callable[..., Any], act: Callable[..., Any]) -> Callable[..., Any]:
    """Both acts are told the properties last but for the stack's name."""

    def chosen(*told: Any, **named: Any) -> Any:
        wanted = next(each for each in reversed(told) if isinstance(each, Mapping))
        return (inert if "Metrics" in wanted else act)(*told, **named)

    return chosen
