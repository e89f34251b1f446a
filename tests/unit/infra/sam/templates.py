"""The templates as data: functions with their inherited properties, statements of roles, and conditions."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.deploy.stack_names import PLATFORM, SERVICES
from infra.deploy.templates import load
from infra.security import checkov

STACKS: Final = (PLATFORM, *SERVICES)
ROOT: Final = Path(__file__).parents[4]
Resource = Mapping[str, Any]


@cache
def template(stack: str) -> dict[str, Any]:
    return load(stack)


def resources(stack: str, *kinds: str) -> dict[str, Resource]:
    found: dict[str, Resource] = template(stack)["Resources"]
    return {name: each for name, each in found.items() if not kinds or each["Type"] in kinds}


def functions(stack: str) -> dict[str, Resource]:
    """Properties of each function, merged with the template's globals."""
    shared = template(stack).get("Globals", {}).get("Function", {})
    return {
        name: _merged(shared, each["Properties"])
        for name, each in resources(stack, "AWS::Serverless::Function").items()
    }


def _merged(shared: Any, own: Any) -> Any:
    if isinstance(shared, Mapping) and isinstance(own, Mapping):
        return {**shared, **own} | {key: _merged(shared[key], own[key]) for key in shared.keys() & own.keys()}
    return own


def environment(function: Resource) -> dict[str, Any]:
    return dict(function["Environment"]["Variables"])


def statements(role: Resource) -> list[Mapping[str, Any]]:
    """All statements of a role or a policy, for any parameters."""
    return [each for each in _walk(role["Properties"]) if "Effect" in each and "Principal" not in each]


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each)


def nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    return _walk(value)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def mentioned(stack: str) -> set[str]:
    """Names that the template refers to, in `!Ref`, `!Sub` and conditions."""
    found: set[str] = set()
    for node in _walk(template(stack)):
        if isinstance(node.get("Ref"), str):
            found.add(node["Ref"])
        if "Fn::Sub" in node:
            text = as_list(node["Fn::Sub"])[0]
            found |= set(re.findall(r"\$\{([A-Za-z0-9]+)", text))
        if "Fn::If" in node:
            found.add(node["Fn::If"][0])
        if isinstance(node.get("Condition"), str):
            found.add(node["Condition"])
    return found


@cache
def translate(stack: str) -> dict[str, Any]:
    return checkov.translate(stack)
