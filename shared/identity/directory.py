"""The user pool as the directory of people: which groups somebody is in now, not when the token was made."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from shared.aws.errors import AWS_ERRORS, is_not_found
from shared.clock import Clock, SystemClock
from shared.identity.errors import DirectoryUnavailable

MAX_AGE_S: Final = 60.0
_PEOPLE_MAX: Final = 10_000  # remembered
_PAGE: Final = 60  # the most groups that Cognito lists at once


class UserPoolClient(Protocol):
    """The one call of aiobotocore's `cognito-idp` client that is used here."""

    async def admin_list_groups_for_user(self, **parameters: Any) -> Any: ...


class UserPoolDirectory:
    """`open_client` is asked for each call: the client is 2 MB, and most processes never look anybody up."""

    def __init__(
        self, open_client: Callable[[], Awaitable[UserPoolClient]], user_pool_id: str, *, clock: Clock | None = None
    ) -> None:
        self._open_client = open_client
        self._user_pool_id = user_pool_id
        self._clock = clock or SystemClock()
        self._known: OrderedDict[str, tuple[float, frozenset[str]]] = OrderedDict()

    async def groups_of(self, subject: str) -> frozenset[str]:
        """The groups, at most 60 s old; none for who is not in the pool. Raises DirectoryUnavailable, never guesses."""
        known = self._known.get(subject)
        if known is not None and self._clock.monotonic() - known[0] < MAX_AGE_S:
            return known[1]
        asked_at = self._clock.monotonic()
        groups = await self._ask(subject)
        self._known[subject] = (asked_at, groups)
        self._known.move_to_end(subject)
        if len(self._known) > _PEOPLE_MAX:
            self._known.popitem(last=False)
        return groups

    async def _ask(self, subject: str) -> frozenset[str]:
        groups: set[str] = set()
        page: dict[str, Any] = {}
        try:
            client = await self._open_client()
            while True:
                answer = await client.admin_list_groups_for_user(
                    UserPoolId=self._user_pool_id, Username=subject, Limit=_PAGE, **page
                )
                groups |= {group["GroupName"] for group in answer["Groups"]}
                if not answer.get("NextToken"):
                    return frozenset(groups)
                page = {"NextToken": answer["NextToken"]}
        except AWS_ERRORS as error:
            if is_not_found(error):
                return frozenset()
            raise DirectoryUnavailable from error
