"""Templates as data: as they are written, and as SAM's own translator hands them to CloudFormation."""

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from infra.local.aws.templates import load
from tests.stack import PYTHON

SERVICES = ("chat", "bots", "ingest", "agents", "analytics")
STACKS = ("platform", *SERVICES)


@cache
def template(name: str) -> dict[str, Any]:
    return load(name)


# SAM's translator wants an older pydantic than ours; it lives with the embedded AWS, in an environment of its own.
_TRANSLATE = """
import json, os, sys
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
given = json.load(sys.stdin)
parameters = {name: str(each.get("Default", "x")) for name, each in given["Parameters"].items()}
json.dump(Translator({}, Parser()).translate(given, parameters), sys.stdout)
"""


@cache
def translated(name: str) -> dict[str, Any]:
    packaged = copy.deepcopy(template(name))
    for function in of_type(packaged, "AWS::Serverless::Function").values():
        if "CodeUri" in function["Properties"]:
            function["Properties"]["CodeUri"] = "s3://packages/package.zip"
    packaged["Globals"]["Function"].pop("CodeUri", None)
    done = subprocess.run(
        [str(PYTHON), "-c", _TRANSLATE], input=json.dumps(packaged), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def of_type(stack: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in stack["Resources"].items() if each["Type"] == kind}


def functions(name: str) -> dict[str, dict[str, Any]]:
    """Properties of a service's functions, with what `Globals` gives to all."""
    stack = template(name)
    common = stack["Globals"]["Function"]
    found = {}
    for function, each in of_type(stack, "AWS::Serverless::Function").items():
        own = each["Properties"]
        variables = {
            **common.get("Environment", {}).get("Variables", {}), **own.get("Environment", {}).get("Variables", {})
        }  # fmt: skip
        found[function] = {**common, **own, "Environment": {"Variables": variables}}
    return found


def statements(properties: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of every policy of a function; what stands under a condition counts as if it held."""
    for policy in properties.get("Policies", ()):
        for statement in policy["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def in_lambda(part: Any) -> Any:
    """With every condition decided as where functions do the work."""
    match part:
        case {"Fn::If": ["Lambda", then, _]}:
            return in_lambda(then)
        case dict():
            return {name: in_lambda(each) for name, each in part.items()}
        case list():
            return [in_lambda(each) for each in part]
        case _:
            return part


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def references(part: Any) -> Iterator[str]:
    """Names that a piece of a template refers to, in whatever form."""
    match part:
        case {"Ref": name}:
            yield name
        case {"Fn::Sub": str() as text}:
            yield from _names(text)
        case {"Fn::Sub": [text, values]}:
            yield from _names(text)
            yield from references(values)
        case dict():
            for each in part.values():
                yield from references(each)
        case list():
            for each in part:
                yield from references(each)


def _names(text: str) -> Iterator[str]:
    for piece in text.split("${")[1:]:
        yield piece.partition("}")[0].partition(".")[0]
