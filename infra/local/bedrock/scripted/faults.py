"""Faults that a scripted model can produce, and the exceptions that Bedrock has for them."""

from enum import StrEnum
from typing import NamedTuple

from infra.local.bedrock.errors import TOO_LONG


class Fault(StrEnum):
    """Three groups: instead of the answer, within the stream, on the connection."""

    THROTTLED = "throttled"
    DENIED = "denied"
    INVALID = "invalid"
    TOO_LONG = "too-long"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    TIMEOUT = "timeout"
    NOT_READY = "not-ready"
    NOT_FOUND = "not-found"
    ENDED = "ended"
    MODEL_ERROR = "model-error"

    STREAM_THROTTLED = "stream-throttled"
    STREAM_INTERNAL = "stream-internal"
    STREAM_ERROR = "stream-error"
    STREAM_INVALID = "stream-invalid"
    STREAM_UNAVAILABLE = "stream-unavailable"

    HANG = "hang"
    RESET = "reset"
    SILENCE = "silence"
    MALFORMED = "malformed"
    CUT = "cut"


class ExceptionText(NamedTuple):
    """Bedrock's name and message of an exception."""

    kind: str
    message: str


REFUSALS = {
    Fault.THROTTLED: ExceptionText("ThrottlingException", "Too many requests, please wait before trying again."),
    Fault.DENIED: ExceptionText(
        "AccessDeniedException", "You don't have access to the model with the specified model ID."
    ),
    Fault.INVALID: ExceptionText("ValidationException", "The model returned the following errors: scripted"),
    Fault.TOO_LONG: ExceptionText("ValidationException", TOO_LONG),
    Fault.UNAVAILABLE: ExceptionText(
        "ServiceUnavailableException", "Bedrock is unable to process your request. Please try again later."
    ),
    Fault.INTERNAL: ExceptionText(
        "InternalServerException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    Fault.TIMEOUT: ExceptionText("ModelTimeoutException", "Model has timed out in processing the request."),
    Fault.NOT_READY: ExceptionText("ModelNotReadyException", "Model is not ready for inference. Try again."),
    Fault.NOT_FOUND: ExceptionText("ResourceNotFoundException", "Could not resolve the foundation model."),
    Fault.ENDED: ExceptionText("ResourceNotFoundException", "This model version has reached the end of its life."),
    Fault.MODEL_ERROR: ExceptionText("ModelErrorException", "The model had an error while processing the request."),
}

STREAM_EXCEPTIONS = {
    Fault.STREAM_THROTTLED: ExceptionText("ThrottlingException", "Too many tokens, please wait before trying again."),
    Fault.STREAM_INTERNAL: ExceptionText("InternalServerException", "The system encountered an unexpected error."),
    Fault.STREAM_ERROR: ExceptionText("ModelStreamErrorException", "The model produced an invalid response."),
    Fault.STREAM_INVALID: ExceptionText("ValidationException", "The model stopped on invalid input."),
    Fault.STREAM_UNAVAILABLE: ExceptionText("ServiceUnavailableException", "Bedrock is unable to go on."),
}


class FaultCounter:
    """Counts how often a fault has happened for each prompt, so that with `times=1` the retry succeeds."""

    def __init__(self) -> None:
        self._struck: dict[bytes, int] = {}

    def strikes(self, prompt: bytes, times: int | None) -> bool:
        """Count this call. Returns whether the fault happens in it."""
        if times is None:
            return True
        struck = self._struck.get(prompt, 0)
        if struck >= times:
            return False
        self._struck[prompt] = struck + 1
        return True

    def clear(self) -> None:
        self._struck.clear()
