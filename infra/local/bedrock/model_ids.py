"""Parses the model in a request's path: a bare id, an id with an inference profile's prefix, or an ARN of either."""

from typing import NamedTuple
from urllib.parse import unquote

PROFILES = frozenset({"us", "us-gov", "eu", "apac", "jp", "au", "ca", "sa", "global"})


class ModelId(NamedTuple):
    """`profile` is empty when the model was called directly."""

    profile: str
    name: str

    def __str__(self) -> str:
        return f"{self.profile}.{self.name}" if self.profile else self.name


def parse(path_segment: str) -> ModelId:
    """Parse a percent-encoded path segment."""
    text = unquote(path_segment).rsplit("/", 1)[-1]
    profile, dot, name = text.partition(".")
    return ModelId(profile, name) if dot and profile in PROFILES else ModelId("", text)
