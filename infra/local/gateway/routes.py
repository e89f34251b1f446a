"""Decides which service answers a path. It reads the decoded path, so that no encoding slips past."""

import re
from urllib.parse import unquote

_SERVICE_PATH = re.compile(r"^/api/(?P<service>[a-z]+)(?:/|$)")
_FIRST_SEGMENT_OF_CHAT = ("v1", "problems")


def is_ambiguous(raw_path: str) -> bool:
    """True for a path that could mean another path after decoding or normalising behind the gateway."""
    path = unquote(raw_path)
    if "\\" in path or any(ord(character) < 0x20 for character in path):  # noqa: PLR2004 - the control characters
        return True
    return "//" in path or any(segment in {".", ".."} for segment in path.split("/"))


def is_internal(raw_path: str) -> bool:
    """True for service-to-service paths, which no gateway forwards."""
    return unquote(raw_path).lstrip("/").split("/", 1)[0].lower() == "internal"


def service_of(raw_path: str) -> str | None:
    """The service that owns the path, known or not; None when the path belongs to the pages."""
    path = unquote(raw_path)
    if match := _SERVICE_PATH.match(path):
        return match["service"]
    return "chat" if path.lstrip("/").split("/", 1)[0] in _FIRST_SEGMENT_OF_CHAT else None


def is_api(raw_path: str) -> bool:
    """True for paths of APIs: an unknown one is answered by a problem document, not by the SPA's page."""
    return unquote(raw_path).lstrip("/").split("/", 1)[0] in {"api", *_FIRST_SEGMENT_OF_CHAT}
