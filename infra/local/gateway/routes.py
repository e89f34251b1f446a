"""Decides which service a path belongs to. It uses the decoded path, so that an encoding cannot bypass the rules."""

import re
from urllib.parse import unquote

_SERVICE_PATH = re.compile(r"^/api/(?P<service>[a-z]+)(?:/|$)")
_FIRST_SEGMENT_OF_CHAT = ("v1", "problems")


def is_ambiguous(raw_path: str) -> bool:
    """True if a service could decode or normalise the path to another path."""
    path = unquote(raw_path)
    if "\\" in path or any(ord(character) < 0x20 for character in path):  # noqa: PLR2004 - the control characters
        return True
    return "//" in path or any(segment in {".", ".."} for segment in path.split("/"))


def is_internal(raw_path: str) -> bool:
    """True for paths of calls between services. The gateway does not forward them."""
    return unquote(raw_path).lstrip("/").split("/", 1)[0].lower() == "internal"


def service_of(raw_path: str) -> str | None:
    """The service's name in the path, also if there is no such service; None if the path belongs to the pages."""
    path = unquote(raw_path)
    if match := _SERVICE_PATH.match(path):
        return match["service"]
    return "chat" if path.lstrip("/").split("/", 1)[0] in _FIRST_SEGMENT_OF_CHAT else None


def is_api(raw_path: str) -> bool:
    """True for paths of APIs. An unknown one gets problem details instead of the SPA's page."""
    return unquote(raw_path).lstrip("/").split("/", 1)[0] in {"api", *_FIRST_SEGMENT_OF_CHAT}
