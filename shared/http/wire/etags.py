"""Entity tags (RFC 9110, 8.8.3 and 13.1.1): a change is made to the version that was read, or not at all."""

import re
from dataclasses import dataclass
from typing import Final

from shared.http.problems.details import problem
from shared.http.wire.validation import header_problem

_TAG: Final = re.compile(r'"[\x21\x23-\x7e]{0,64}"')
_LIST: Final = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern}){{0,15}}")


def etag(version: int | str) -> str:
    """The strong entity tag of a thing's version, as the header ETag has it."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that the caller's change is for; `any_version` is `If-Match: *`."""

    tags: frozenset[str] = frozenset()
    any_version: bool = False

    @classmethod
    def parse(cls, header: str) -> "IfMatch":
        """Raises `invalid-request`. Weak tags never match a change and are refused."""
        text = header.strip()
        if text == "*":
            return cls(any_version=True)
        if not _LIST.fullmatch(text):
            raise header_problem("If-Match", 'One or more entity tags as "…", or *.')
        return cls(tags=frozenset(_TAG.findall(text)))

    def require(self, version: int | str) -> None:
        """Raises `precondition-failed` (412) unless the thing is at a version that the caller has read."""
        if not self.any_version and etag(version) not in self.tags:
            raise problem("precondition-failed", headers={"ETag": etag(version)})
