"""The user pool as a directory: the groups that a person is in now, not those of the time when the token was issued."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from shared.aws.errors import AWS_ERRORS, is_not_found
from shared.clock import Clock, SystemClock
from shared.identity.errors import DirectoryUnavailable

MAX_AGE_S: Final = 60.0
_CACHED_MAX: Final = 10_000  # in the cache
_PAGE: Final = 60  # the most groups that Cognito lists in one answer


class UserPoolClient(Protocol):
    """The one call of aiobotocore's `cognito-idp` client that is used here."""

    async def admin_list_groups_for_user(self, **parameters: Any) -> Any: ...


class UserPoolDirectory:
    """`open_client` is called at each look-up: the client takes 2 MB, and most processes never need it."""

    def __init__(
        self, open_client: Callable[[], Awaitable[UserPoolClient]], user_pool_id: str, *, clock: Clock | None = None
    ) -> None:
        self._open_client = open_client
        self._user_pool_id = user_pool_id
        self._clock = clock or SystemClock()
        self._cache: OrderedDict[str, tuple[float, frozenset[str]]] = OrderedDict()

    async def groups_of(self, subject: str) -> frozenset[str]:
        """The person's groups, at most 60 s old; none for a person not in the pool. Raises DirectoryUnavailable."""
        cached = self._cache.get(subject)
        if cached is not None and self._clock.monotonic() - cached[0] < MAX_AGE_S:
            return cached[1]
        requested_at = self._clock.monotonic()
        groups = await self._list_groups(subject)
        self._cache[subject] = (requested_at, groups)
        self._cache.move_to_end(subject)
        if len(self._cache) > _CACHED_MAX:
            self._cache.popitem(last=False)
        return groups

    async def _list_groups(self, subject: str) -> frozenset[str]:
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
