"""Client for calls between services: token, address, timeout, retry and size limit, and a cache of responses."""

from shared.internal_client.cache import CachedAnswer
from shared.internal_client.client import InternalClient, NotDeployedError, ServiceUnavailableError

__all__ = ["CachedAnswer", "InternalClient", "NotDeployedError", "ServiceUnavailableError"]
