"""Rules: who may call a route. Each route names exactly one; `build_app` refuses a route without one."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.identity import DirectoryUnavailable, GroupDirectory, Principal
from shared.problems import problem

Audience = Literal["anyone", "people", "services"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`audience` decides which kind of token is accepted; `group` is one that the caller must be in now."""

    name: str
    audience: Audience
    group: str | None = None

    async def check(self, principal: Principal, directory: GroupDirectory | None) -> None:
        """Raises `forbidden`, and `service-unavailable` when the directory does not answer.

        A token's groups may be half an hour old, so the directory decides where there is one.
        """
        if self.group is None:
            return
        groups = principal.groups
        if directory is not None and principal.kind != "machine":
            try:
                groups = await directory.groups_of(principal.subject)
            except DirectoryUnavailable as error:
                raise problem("service-unavailable", "The user directory does not answer.") from error
        if self.group not in groups:
            raise problem("forbidden", f"This needs the group {self.group}.")


public: Final = Rule("public", "anyone")
signed_in: Final = Rule("signed_in", "people")
internal_service: Final = Rule("internal_service", "services")


def in_group(group: str) -> Rule:
    """A signed-in person who is in this group of the user pool now."""
    return Rule(f"in_group({group})", "people", group)
