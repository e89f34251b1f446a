"""Entity tags (RFC 9110, 8.8.3 and 13.1.1), so that a change applies only to the version that the caller has read."""

import re
from typing import Final

from shared.http.wire.validation import header_problem
from shared.persistence.requests import VersionCondition

_TAG: Final = re.compile(r'"[\x21\x23-\x7e]{0,64}"')
_LIST: Final = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern}){{0,15}}")


def etag(version: int | str) -> str:
    """The strong entity tag of a version, as the value of the header ETag."""
    return f'"{version}"'


def parse_if_match(header: str) -> VersionCondition:
    """The condition of an If-Match header. Raises `invalid-request`, also for weak tags, which never match."""
    text = header.strip()
    if text == "*":
        return VersionCondition(any_version=True)
    if not _LIST.fullmatch(text):
        raise header_problem("If-Match", 'One or more entity tags as "…", or *.')
    return VersionCondition(versions=frozenset(tag.strip('"') for tag in _TAG.findall(text)))
