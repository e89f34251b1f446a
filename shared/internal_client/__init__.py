"""How one service asks another: token, address, timeout, retry and size limit in one client, and a cache over it."""

from shared.internal_client.cache import CachedAnswer
from shared.internal_client.client import InternalClient, NotDeployedError, ServiceUnavailableError

__all__ = ["CachedAnswer", "InternalClient", "NotDeployedError", "ServiceUnavailableError"]
