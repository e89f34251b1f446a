"""Who may call a route. Each route names exactly one rule; a route without one does not start."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.http.problems.details import problem
from shared.identity import DirectoryUnavailable, GroupDirectory, Principal

Audience = Literal["anyone", "people", "services"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`audience` decides which token counts; `group` is one that the caller must be in at this moment."""

    name: str
    audience: Audience
    group: str | None = None

    async def check(self, principal: Principal, directory: GroupDirectory | None) -> None:
        """Raises `forbidden`. A token's groups may be half an hour old, so a directory, where there is one, decides."""
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
