"""Parameters of the templates: converts values to CloudFormation's text, and checks them before a deployment."""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from infra.deploy.templates import Template

ParameterValue = str | int | float | bool | list[str]
_AS_JSON: Final = {"DefaultStopSequences"}
"""Lists that are passed as JSON, because their items may contain commas."""
_RELEASE: Final = "Release"


class InvalidParameterError(Exception):
    """The message names the parameter and says which values it accepts."""


def as_text(name: str, value: ParameterValue) -> str:
    """`True` → `true`, a list → its items separated by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps(value) if name in _AS_JSON else ",".join(value)
    return str(value)


def check(values: Mapping[str, str], templates: Iterable[Template]) -> None:
    """Raises InvalidParameterError for an unknown parameter, or for a value that a template does not accept."""
    known: dict[str, list[Mapping[str, Any]]] = {}
    for template in templates:
        for name, declared in template.parameters.items():
            known.setdefault(name, []).append(declared)
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise InvalidParameterError(
                f"no template has a parameter {name}" + (f"; did you mean {near[0]}?" if near else "")
            )
        for declared in known[name]:
            if problem := _problem(value, declared):
                raise InvalidParameterError(f"{name}: {value!r} {problem}")


def _problem(value: str, declared: Mapping[str, Any]) -> str:
    allowed = [as_text("", each) for each in declared.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"is none of {', '.join(allowed)}"
    if (pattern := declared.get("AllowedPattern")) and not re.fullmatch(pattern, value):
        return f"is not of the form {pattern}"
    return _problem_of_number(value, declared) if declared["Type"] == "Number" else ""


def _problem_of_number(value: str, declared: Mapping[str, Any]) -> str:
    try:
        number = float(value)
    except ValueError:
        return "is not a number"
    if number < float(declared.get("MinValue", number)):
        return f"is less than {declared['MinValue']}"
    if number > float(declared.get("MaxValue", number)):
        return f"is more than {declared['MaxValue']}"
    return ""


def declared_only(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Only the values whose parameters the template declares."""
    return {name: value for name, value in values.items() if name in template.parameters}


def with_release(
    template: Template, parameters: Mapping[str, str], dependency_outputs: Mapping[str, str]
) -> dict[str, str]:
    """Add a `Release` that changes whenever anything else changes. Lambda publishes no version without a change.

    `Release` is a hash of the template, the parameters and the platform's outputs, so deploying twice changes nothing.
    """
    if _RELEASE not in template.parameters or _RELEASE in parameters:
        return dict(parameters)
    content = json.dumps([template.body, dict(parameters), dict(dependency_outputs)], sort_keys=True)
    return {**parameters, _RELEASE: hashlib.sha256(content.encode()).hexdigest()[:12]}
