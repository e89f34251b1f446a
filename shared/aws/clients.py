"""One client per AWS service and process; each is opened at its first use, and all are closed together."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from shared.aws.call_limits import CALL_LIMITS, ClientName

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiobotocore.config import AioConfig
    from types_aiobotocore_bedrock_runtime import BedrockRuntimeClient
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_sqs import SQSClient


class Aws:
    """Use as `async with Aws.open() as aws`. Endpoints, region and credentials are botocore's own settings.

    Operations that are called many times a second bypass botocore (`shared/aws/fast_client`), with the same interface.

    `bedrock_profile` names a profile of botocore's configuration with credentials of its own, so that the models can
    be real while everything else is local. An API key of Bedrock needs no setting: botocore takes it from
    AWS_BEARER_TOKEN_BEDROCK, for the clients of Bedrock only, and prefers it to all other credentials.
    """

    def __init__(self, stack: AsyncExitStack, *, pool: int, bedrock_profile: str | None) -> None:
        self._stack = stack
        self._pool = pool
        self._bedrock_profile = bedrock_profile
        self._sessions: dict[str | None, Any] = {}
        self._clients: dict[str, Any] = {}
        self._lock = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, *, pool: int = 64, bedrock_profile: str | None = None) -> "AsyncIterator[Aws]":
        async with AsyncExitStack() as stack:
            yield cls(stack, pool=pool, bedrock_profile=bedrock_profile)

    async def client(self, name: ClientName, region: str | None = None) -> Any:
        """The process's client of this service (and region, when not the default one)."""
        key = f"{name}/{region}"
        async with self._lock:
            if key not in self._clients:
                self._clients[key] = await self._open_client(name, region)
        return self._clients[key]

    async def _open_client(self, name: ClientName, region: str | None) -> Any:
        from shared.aws.fast_client import FAST_CLIENTS, open_fast_client  # noqa: PLC0415 - botocore comes with the first client

        session = self._session(self._bedrock_profile if name == "bedrock-runtime" else None)
        opening = session.create_client(name, region_name=region, config=self._config(name))
        client = await self._stack.enter_async_context(opening)
        if name not in FAST_CLIENTS:
            return client
        credentials = await session.get_credentials()
        return await self._stack.enter_async_context(open_fast_client(name, client, credentials, pool=self._pool))

    def _session(self, profile: str | None) -> Any:
        from shared.aws.service_models import new_session  # noqa: PLC0415 - as above

        if profile not in self._sessions:
            self._sessions[profile] = new_session(profile)
        return self._sessions[profile]

    def _config(self, name: ClientName) -> "AioConfig":
        from aiobotocore.config import AioConfig  # noqa: PLC0415 - as above

        limits = CALL_LIMITS[name]
        return AioConfig(
            connect_timeout=limits.connect_s,
            read_timeout=limits.read_s,
            max_pool_connections=limits.sockets or self._pool,
            retries={"mode": "standard", "total_max_attempts": limits.attempts},
            parameter_validation=False,
            # The session of a profile ignores them, but only for the clients that it opens to get credentials.
            ignore_configured_endpoint_urls=False,
        )

    async def dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", await self.client("dynamodb"))

    async def sqs(self) -> "SQSClient":
        return cast("SQSClient", await self.client("sqs"))

    async def events(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", await self.client("events"))

    async def s3(self) -> "S3Client":
        return cast("S3Client", await self.client("s3"))

    async def bedrock_runtime(self, region: str | None = None) -> "BedrockRuntimeClient":
        return cast("BedrockRuntimeClient", await self.client("bedrock-runtime", region))
