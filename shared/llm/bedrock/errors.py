"""Maps failures of the provider to problems, and says which of them another request may avoid."""

from typing import Final

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from shared.llm.bedrock.event_stream import BrokenFrameError, StreamExceptionError
from shared.llm.port import ModelFailedError

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
"""Problems that may pass: the same request to the same candidate may succeed a moment later."""
FINAL: Final = frozenset({"context-too-long", "model-silent"})
"""Problems for which no other candidate is tried: it would fail in the same way, or no time is left for it."""
TRANSPORT_ERRORS: Final = (BotoCoreError, aiohttp.ClientError, TimeoutError)


class ProviderFailedError(ModelFailedError):
    """A failure of the provider. `pause_s`: the pause in seconds that it asks for before the next request."""

    def __init__(self, slug: str, detail: str = "", pause_s: float = 0.0) -> None:
        super().__init__(slug, detail)
        self.pause_s = pause_s


def from_client_error(error: ClientError) -> ProviderFailedError:
    """Map botocore's ClientError (the request was rejected)."""
    details = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return from_code(details.get("Code", ""), details.get("Message", ""), _seconds(headers.get("retry-after", "")))


def from_transport(error: BaseException) -> ProviderFailedError:
    """Map one of TRANSPORT_ERRORS: `model-silent` if the provider did not answer in time, else `model-unavailable`."""
    if isinstance(error, ReadTimeoutError) or type(error) is TimeoutError:
        return ProviderFailedError("model-silent")
    return ProviderFailedError("model-unavailable", f"{type(error).__name__} before the answer began.")


def from_stream(error: BrokenFrameError | StreamExceptionError | ModelFailedError) -> ModelFailedError:
    """Map what interrupted an answer after its head had arrived."""
    match error:
        case StreamExceptionError(code=code, message=message):
            return from_code(code, message)
        case ModelFailedError():
            return error
        case _:
            return ProviderFailedError("model-stream-broken")


def from_code(code: str, message: str, pause_s: float = 0.0) -> ProviderFailedError:
    """Map an error code of Bedrock. The message is not passed on: it may quote the prompt."""
    slug = _SLUGS.get(code.rpartition("#")[2].lower(), "model-unavailable")
    if slug == "model-refused-request" and any(phrase in message.lower() for phrase in _TOO_LONG):
        return ProviderFailedError("context-too-long")
    return ProviderFailedError(slug, pause_s=pause_s)


def _seconds(header: str) -> float:
    """Read `Retry-After`; 0 if it is a date or malformed, so that the retry's own back-off decides."""
    return float(header) if header.isdecimal() else 0.0
