"""Counts the input tokens of a request before it is sent: CountTokens of the Bedrock Runtime.

https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html. Only some models can count; the catalogue says
which. A request of more than 200,000 tokens is refused as too long, whatever the model's context
(https://github.com/boto/botocore/issues/3707).
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog
from botocore.exceptions import ClientError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_before_delay

from shared.clock import Clock
from shared.llm.bedrock.errors import TRANSPORT_ERRORS, from_client_error, from_transport
from shared.llm.bedrock.request import count_arguments
from shared.llm.bedrock.retry import is_retryable, pause
from shared.llm.port import ModelFailedError, ModelRequest

if TYPE_CHECKING:
    from types_aiobotocore_bedrock_runtime import BedrockRuntimeClient

_log: Final = structlog.get_logger()
_ATTEMPTS: Final = 2


async def count_tokens(
    client: "BedrockRuntimeClient", request: ModelRequest, clock: Clock, *, within_s: float
) -> int | None:
    """Return the request's input tokens; None when the provider refuses, fails, or takes longer than `within_s`.

    One retry, of a failure that may pass. An answer waits for this count, so an estimate at once is better than an
    exact number late.
    """
    retrying = AsyncRetrying(
        retry=retry_if_exception(is_retryable),
        stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(within_s),
        wait=pause,
        sleep=clock.sleep,
        reraise=True,
    )
    try:
        async with asyncio.timeout(within_s):
            return await retrying(_count, client, count_arguments(request))
    except TimeoutError:
        problem = "model-silent"
    except ModelFailedError as error:
        problem = error.slug
    _log.warning("model.count_failed", problem=problem, model=request.model.id)
    return None


async def _count(client: "BedrockRuntimeClient", arguments: dict[str, Any]) -> int:
    try:
        response = await client.count_tokens(**arguments)
    except ClientError as error:
        raise from_client_error(error) from None
    except TRANSPORT_ERRORS as error:
        raise from_transport(error) from None
    if "inputTokens" not in response:
        raise ModelFailedError("model-unavailable")
    return response["inputTokens"]
