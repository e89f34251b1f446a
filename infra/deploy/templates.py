"""Packages the SAM templates as `sam package` does: uploads the code and writes its address into the template."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from infra.deploy.artifacts import Artifacts
from infra.packaging import zips

FOLDER: Final = Path(__file__).parents[1] / "sam"
NOT_UPLOADED: Final = "s3://colloquy/not-uploaded.zip"
MAX_INLINE_TEMPLATE_BYTES: Final = 51_200
"""CloudFormation's limit for a template within a request; a larger one must be uploaded to a bucket."""
_CODE_URI: Final = re.compile(r"^(?P<indent>\s+)CodeUri: (?P<place>\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """`parameters`: name → declaration."""

    name: str
    body: str
    parameters: Mapping[str, Mapping[str, Any]]


def package(name: str, artifacts: Artifacts, *, with_functions: bool = False) -> Template:
    """Upload every local `CodeUri` under the hash of its content, and return the template with the new addresses.

    Without functions, the zips of `make build` need not exist and a placeholder is used: the stack will have no
    functions, but the SAM translator ignores conditions and requires an address.
    """
    text = (FOLDER / f"{name}.yaml").read_text()

    def uploaded(match: re.Match[str]) -> str:
        place = (FOLDER / match["place"]).resolve()
        is_built = place.suffix == ".zip"
        address = NOT_UPLOADED if is_built and not with_functions else _upload(place, artifacts)
        return f"{match['indent']}CodeUri: {address}"

    return Template(name, _CODE_URI.sub(uploaded, text), load(name)["Parameters"])


@cache
def load(name: str) -> dict[str, Any]:
    """The template as plain data; `!Ref x` becomes `{"Ref": x}` and the other short forms likewise."""
    return dict(yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader=_Loader))  # noqa: S506 - a SafeLoader


def _upload(place: Path, artifacts: Artifacts) -> str:
    code = place.read_bytes() if place.suffix == ".zip" else zipped(place)
    return f"s3://{artifacts.bucket}/{artifacts.put(code, 'zip')}"


def zipped(folder: Path) -> bytes:
    """The folder's Python files; the same content gives the same bytes."""
    return zips.zipped({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")})


class _Loader(yaml.CSafeLoader):
    """Understands CloudFormation's short forms."""


def _short_form(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any = None
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".")
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
