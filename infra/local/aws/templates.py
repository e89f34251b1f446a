"""The SAM templates, packaged as `sam package` would: code goes to a bucket, its place into the template."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from infra.packaging import zips

FOLDER: Final = Path(__file__).parents[2] / "sam"
CODE_BUCKET: Final = "colloquy-packages"
NOT_UPLOADED: Final = f"s3://{CODE_BUCKET}/not-uploaded.zip"
_CODE_URI: Final = re.compile(r"^(?P<indent>\s+)CodeUri: (?P<place>\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    body: str
    parameters: frozenset[str]


def package(name: str, s3: Any, *, with_functions: bool = False) -> Template:
    """The template with every local `CodeUri` uploaded under the hash of its content.

    Without functions, what `make build` makes need not be there: no resource of the stack will use it, and only the
    SAM translator, which heeds no conditions, wants to see an address.
    """
    text = (FOLDER / f"{name}.yaml").read_text()

    def uploaded(match: re.Match[str]) -> str:
        place = (FOLDER / match["place"]).resolve()
        is_built = place.suffix == ".zip"
        address = NOT_UPLOADED if is_built and not with_functions else _upload(place, s3)
        return f"{match['indent']}CodeUri: {address}"

    return Template(_CODE_URI.sub(uploaded, text), frozenset(load(name)["Parameters"]))


def load(name: str) -> dict[str, Any]:
    """The template as plain data; `!Ref x` becomes `{"Ref": x}` and the other short forms likewise."""
    return dict(yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader=_Loader))  # noqa: S506 - a SafeLoader


def laid_down(body: str, s3: Any) -> str:
    """The path of the body in the bucket, as a template's address ends."""
    return f"{CODE_BUCKET}/{_put(body.encode(), 'yaml', s3)}"


def _upload(place: Path, s3: Any) -> str:
    code = place.read_bytes() if place.suffix == ".zip" else zipped(place)
    return f"s3://{CODE_BUCKET}/{_put(code, 'zip', s3)}"


def _put(content: bytes, ending: str, s3: Any) -> str:
    key = f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
    s3.create_bucket(Bucket=CODE_BUCKET)
    s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=content)
    return key


def zipped(folder: Path) -> bytes:
    """The folder's Python files; the same content gives the same bytes."""
    return zips.zipped({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")})


class _Loader(yaml.SafeLoader):
    """Understands CloudFormation's short forms."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
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
