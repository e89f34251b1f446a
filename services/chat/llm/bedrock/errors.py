"""How a provider fails, as one of our problems, and whether it helps to ask somebody else, or again."""

from typing import Final

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from services.chat.llm.bedrock.event_stream import BrokenFrameError, StreamExceptionError
from services.chat.llm.port import ModelFailedError

_SLUGS: Final = {
    "throttlingexception": "model-throttled",
    "servicequotaexceededexception": "model-throttled",
    "modelnotreadyexception": "model-throttled",
    "accessdeniedexception": "model-access-denied",
    "unrecognizedclientexception": "model-access-denied",
    "expiredtokenexception": "model-access-denied",
    "resourcenotfoundexception": "model-access-denied",
    "validationexception": "model-refused-request",
    "modeltimeoutexception": "model-silent",
    "modelerrorexception": "model-unavailable",
    "serviceunavailableexception": "model-unavailable",
    "internalserverexception": "model-unavailable",
    "modelstreamerrorexception": "model-stream-broken",
}
_TOO_LONG: Final = ("too long", "context window", "maximum context", "exceeds the maximum")
RETRYABLE: Final = frozenset({"model-throttled", "model-unavailable", "model-stream-broken"})
"""The same request may well succeed in a moment."""
FINAL: Final = frozenset({"context-too-long", "model-silent"})
"""Nobody else would do better, or there is no time left for them."""
TRANSPORT_ERRORS: Final = (BotoCoreError, aiohttp.ClientError, TimeoutError)


class ProviderFailedError(ModelFailedError):
    """`pause_s`: how long the provider wants to be left alone."""

    def __init__(self, slug: str, detail: str = "", pause_s: float = 0.0) -> None:
        super().__init__(slug, detail)
        self.pause_s = pause_s


def from_client_error(error: ClientError) -> ProviderFailedError:
    """From the answer that was none."""
    told = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return from_code(told.get("Code", ""), told.get("Message", ""), _seconds(headers.get("retry-after", "")))


def from_transport(error: BaseException) -> ProviderFailedError:
    """There was no answer, one of UNREACHED instead. Whether a connection could be made decides what it is called."""
    if isinstance(error, ReadTimeoutError) or type(error) is TimeoutError:
        return ProviderFailedError("model-silent")
    return ProviderFailedError("model-unavailable", f"{type(error).__name__} before the answer began.")


def from_stream(error: BrokenFrameError | StreamExceptionError | ModelFailedError) -> ModelFailedError:
    """What ended an answer that had begun."""
    match error:
        case StreamExceptionError(code=code, message=message):
            return from_code(code, message)
        case ModelFailedError():
            return error
        case _:
            return ProviderFailedError("model-stream-broken")


def from_code(code: str, message: str, pause_s: float = 0.0) -> ProviderFailedError:
    """The provider's own words stay here: they may quote what was asked."""
    slug = _SLUGS.get(code.rpartition("#")[2].lower(), "model-unavailable")
    if slug == "model-refused-request" and any(words in message.lower() for words in _TOO_LONG):
        return ProviderFailedError("context-too-long")
    return ProviderFailedError(slug, pause_s=pause_s)


def _seconds(header: str) -> float:
    """A date instead of seconds is not worth a parser: the pause is ours then."""
    return float(header) if header.isdecimal() else 0.0
